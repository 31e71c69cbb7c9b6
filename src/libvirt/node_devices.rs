//! Devices of the host, and which domains have them.

use super::ffi::{Connection, Filter, Result};
use super::once::Session;
use crate::hardware::HostDevice;
use crate::protocol::{Failure, XmlKind};

/// All devices of the host, by name.
///
/// # Errors
/// libvirt's own.
pub fn read(connection: &Connection) -> Result<Vec<HostDevice>> {
    let texts = connection.node_devices()?;
    let mut devices: Vec<HostDevice> = texts
        .iter()
        .filter_map(|xml| HostDevice::read(xml))
        .collect();
    let mut domains = Vec::new();
    for domain in connection.list(Filter::ALL)? {
        let Ok(name) = domain.name() else { continue };
        let runs = domain.state().is_ok_and(|(state, _)| state.is_active());
        for kind in [XmlKind::Live, XmlKind::Inactive] {
            domains.extend(domain.xml(kind).map(|xml| (name.clone(), runs, xml)));
        }
    }
    // Most have none at all.
    domains.retain(|(_, _, xml)| xml.contains("hostdev"));
    for device in &mut devices {
        let domains = domains.iter();
        device.find_users(domains.map(|(name, runs, xml)| (name.as_str(), *runs, xml.as_str())));
    }
    devices.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(devices)
}

impl Session {
    /// All devices of the host.
    ///
    /// # Errors
    /// What failed, with libvirt's reason and the way out.
    pub fn node_devices(&self) -> std::result::Result<Vec<HostDevice>, Failure> {
        read(&self.connection).map_err(|error| self.failure("read the devices of the host", &error))
    }
}
