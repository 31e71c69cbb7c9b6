//! Devices of the host.

use super::{Connection, Result};

impl Connection {
    /// The XML of every device of the host: a list, and a round trip for each. What vanishes meanwhile is left out.
    ///
    /// # Errors
    /// libvirt's own, of the list (`virConnectListAllNodeDevices`).
    pub fn node_devices(&self) -> Result<Vec<String>> {
        self.node_devices_of(0)
    }

    /// The same of those that are network interfaces.
    ///
    /// # Errors
    /// libvirt's own, of the list.
    pub fn net_devices(&self) -> Result<Vec<String>> {
        self.node_devices_of(virt_sys::VIR_CONNECT_LIST_NODE_DEVICES_CAP_NET)
    }

    fn node_devices_of(&self, capabilities: u32) -> Result<Vec<String>> {
        let (handle, meter) = (self.handle()?, self.meter());
        let devices = meter.call("virConnectListAllNodeDevices", || {
            handle.list_all_node_devices(capabilities)
        })?;
        let read = |device: &virt::nodedev::NodeDevice| {
            meter
                .call("virNodeDeviceGetXMLDesc", || device.xml_desc(0))
                .ok()
        };
        Ok(devices.iter().filter_map(read).collect())
    }
}
