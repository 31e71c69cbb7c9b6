//! Devices of the host.

use super::{Connection, Result};

impl Connection {
    /// The XML of every device of the host: a list, and a round trip for each. What vanishes meanwhile is left out.
    ///
    /// # Errors
    /// libvirt's own, of the list (`virConnectListAllNodeDevices`).
    pub fn node_devices(&self) -> Result<Vec<String>> {
        let (handle, meter) = (self.handle()?, self.meter());
        let devices = meter.call("virConnectListAllNodeDevices", || {
            handle.list_all_node_devices(0)
        })?;
        let read = |device: &virt::nodedev::NodeDevice| {
            meter
                .call("virNodeDeviceGetXMLDesc", || device.xml_desc(0))
                .ok()
        };
        Ok(devices.iter().filter_map(read).collect())
    }
}
