//! Virtual networks, network filters and interfaces of a host.

use std::ptr;
use std::time::{Duration, SystemTime};

use virt::network::Network;

use super::events::text as copied;
use super::verbs::{done, text};
use super::{Connection, Error, Result};
use crate::model::{Lease, Uuid};
use crate::protocol::{Affect, NetworkUpdate};

/// A network as libvirt gives it.
pub struct NetworkRecord {
    /// Its name.
    pub name: String,
    /// Its UUID.
    pub uuid: Uuid,
    /// It is started.
    pub active: bool,
    /// It is defined on disk.
    pub persistent: bool,
    /// Started with the host; `None` where that cannot be told.
    pub autostart: Option<bool>,
    /// Its XML, live where it is active.
    pub xml: Result<String>,
    /// The XML of its next start, where it is active and persistent.
    pub next: Option<String>,
    /// Leases of its DHCP server.
    pub leases: Result<Vec<Lease>>,
}

/// A filter as libvirt gives it.
pub struct FilterRecord {
    /// Its name.
    pub name: String,
    /// Its UUID.
    pub uuid: Uuid,
    /// Its XML.
    pub xml: String,
}

impl Connection {
    /// Every virtual network: a list, and at most six round trips for each. What vanishes meanwhile is left out.
    ///
    /// # Errors
    /// libvirt's own, of the list.
    pub fn networks(&self) -> Result<Vec<NetworkRecord>> {
        let (handle, meter) = (self.handle()?, self.meter());
        let networks = meter.call("virConnectListAllNetworks", || handle.list_all_networks(0))?;
        let read = |network: &Network| {
            let active = meter.call("virNetworkIsActive", || network.is_active());
            let persistent = meter.call("virNetworkIsPersistent", || network.is_persistent());
            let (active, persistent) = (active.ok()?, persistent.ok()?);
            let autostart = meter.call("virNetworkGetAutostart", || network.autostart());
            let xml = |flags| meter.call("virNetworkGetXMLDesc", || network.xml_desc(flags));
            Some(NetworkRecord {
                name: network.name().ok()?,
                uuid: network.uuid_string().ok()?.parse().ok()?,
                active,
                persistent,
                autostart: autostart.ok().filter(|_| persistent),
                xml: xml(0).map_err(Error::from),
                next: (active && persistent)
                    .then(|| xml(virt_sys::VIR_NETWORK_XML_INACTIVE).ok())
                    .flatten(),
                leases: match active {
                    true => self.leases(network),
                    false => Ok(Vec::new()),
                },
            })
        };
        Ok(networks.iter().filter_map(read).collect())
    }

    fn leases(&self, network: &Network) -> Result<Vec<Lease>> {
        let mut leases: *mut virt_sys::virNetworkDHCPLeasePtr = ptr::null_mut();
        // SAFETY: the handle is valid, without a hardware address all are meant, `leases` is a place for the list.
        let count = self.meter().call("virNetworkGetDHCPLeases", || unsafe {
            virt_sys::virNetworkGetDHCPLeases(network.as_ptr(), ptr::null(), &raw mut leases, 0)
        });
        let Ok(count) = usize::try_from(count) else {
            return Err(Error::last());
        };
        let mut found = Vec::with_capacity(count);
        for index in 0..count {
            // SAFETY: libvirt filled `count` pointers to leases, each read once and freed at once.
            unsafe {
                let lease = *leases.add(index);
                found.extend(lease.as_ref().and_then(|lease| copy(lease)));
                virt_sys::virNetworkDHCPLeaseFree(lease);
            }
        }
        // SAFETY: the array came from libvirt's allocator, which is the C library's.
        unsafe { libc::free(leases.cast()) };
        Ok(found)
    }

    /// Every network filter with its XML. What vanishes meanwhile is left out.
    ///
    /// # Errors
    /// libvirt's own, such as that the driver has none.
    pub fn filters(&self) -> Result<Vec<FilterRecord>> {
        let (handle, meter) = (self.handle()?, self.meter());
        let filters = meter.call("virConnectListAllNWFilters", || {
            handle.list_all_nw_filters(0)
        })?;
        let read = filters.iter().filter_map(|filter| {
            let xml = meter.call("virNWFilterGetXMLDesc", || filter.xml_desc(0));
            Some(FilterRecord {
                name: filter.name().ok()?,
                uuid: filter.uuid_string().ok()?.parse().ok()?,
                xml: xml.ok()?,
            })
        });
        Ok(read.collect())
    }

    /// The XML of every filter at work on a tap.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn filter_bindings(&self) -> Result<Vec<String>> {
        let mut list: *mut virt_sys::virNWFilterBindingPtr = ptr::null_mut();
        // SAFETY: the handle is valid, `list` is a place for the list.
        let count = self
            .meter()
            .call("virConnectListAllNWFilterBindings", || unsafe {
                virt_sys::virConnectListAllNWFilterBindings(self.raw(), &raw mut list, 0)
            });
        let Ok(count) = usize::try_from(count) else {
            return Err(Error::last());
        };
        let mut found = Vec::with_capacity(count);
        for index in 0..count {
            // SAFETY: libvirt filled `count` pointers, each a reference of our own that is given back at once; the text
            // is allocated for us, copied and freed.
            unsafe {
                let binding = *list.add(index);
                let xml = self.meter().call("virNWFilterBindingGetXMLDesc", || {
                    virt_sys::virNWFilterBindingGetXMLDesc(binding, 0)
                });
                if !xml.is_null() {
                    found.push(copied(xml));
                    libc::free(xml.cast());
                }
                virt_sys::virNWFilterBindingFree(binding);
            }
        }
        // SAFETY: the array came from libvirt's allocator, which is the C library's.
        unsafe { libc::free(list.cast()) };
        Ok(found)
    }

    /// The XML of every interface of the host, and whether it is up. What vanishes meanwhile is left out.
    ///
    /// # Errors
    /// libvirt's own, such as that the driver has none.
    pub fn interfaces(&self) -> Result<Vec<(String, Option<bool>)>> {
        let (handle, meter) = (self.handle()?, self.meter());
        let interfaces = meter.call("virConnectListAllInterfaces", || {
            handle.list_all_interfaces(0)
        })?;
        let read = interfaces.iter().filter_map(|interface| {
            let xml = meter.call("virInterfaceGetXMLDesc", || interface.xml_desc(0));
            let active = meter.call("virInterfaceIsActive", || interface.is_active());
            Some((xml.ok()?, active.ok()))
        });
        Ok(read.collect())
    }

    fn network(&self, uuid: Uuid) -> Result<Network> {
        // SAFETY: the handle is valid, libvirt reads the 16 bytes and keeps nothing.
        let raw = self.meter().call("virNetworkLookupByUUID", || unsafe {
            virt_sys::virNetworkLookupByUUID(self.raw(), uuid.0.as_ptr())
        });
        if raw.is_null() {
            return Err(Error::last());
        }
        // SAFETY: a fresh reference, owned from here on.
        Ok(unsafe { Network::from_ptr(raw) })
    }

    /// Name of a network, whether it is active, and whether it is persistent.
    ///
    /// # Errors
    /// libvirt's own, such as that there is none.
    pub fn network_state(&self, uuid: Uuid) -> Result<(String, bool, bool)> {
        let network = self.network(uuid)?;
        let meter = self.meter();
        let active = meter.call("virNetworkIsActive", || network.is_active())?;
        let persistent = meter.call("virNetworkIsPersistent", || network.is_persistent())?;
        Ok((network.name()?, active, persistent))
    }

    /// The XML of a network: live, or of its next start.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn network_xml(&self, uuid: Uuid, inactive: bool) -> Result<String> {
        let network = self.network(uuid)?;
        let xml = |flags| {
            self.meter()
                .call("virNetworkGetXMLDesc", || network.xml_desc(flags))
        };
        // A driver without the flag has but one definition.
        match inactive {
            true => Ok(xml(virt_sys::VIR_NETWORK_XML_INACTIVE).or_else(|_| xml(0))?),
            false => Ok(xml(0)?),
        }
    }

    /// The XML of an interface.
    ///
    /// # Errors
    /// libvirt's own; a NUL in the name.
    pub fn interface_xml(&self, name: &str) -> Result<String> {
        let (handle, meter) = (self.handle()?, self.meter());
        text(name)?;
        let interface = meter.call("virInterfaceLookupByName", || {
            handle.lookup_interface_by_name(name)
        })?;
        Ok(meter.call("virInterfaceGetXMLDesc", || interface.xml_desc(0))?)
    }

    /// `virNetworkCreate`.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn start_network(&self, uuid: Uuid) -> Result<()> {
        let network = self.network(uuid)?;
        Ok(self.meter().call("virNetworkCreate", || network.create())?)
    }

    /// `virNetworkDestroy`: stops it.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn stop_network(&self, uuid: Uuid) -> Result<()> {
        let network = self.network(uuid)?;
        Ok(self
            .meter()
            .call("virNetworkDestroy", || network.destroy())?)
    }

    /// `virNetworkSetAutostart`.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn autostart_network(&self, uuid: Uuid, on: bool) -> Result<()> {
        let network = self.network(uuid)?;
        Ok(self
            .meter()
            .call("virNetworkSetAutostart", || network.set_autostart(on))?)
    }

    /// `virNetworkUndefine`.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn undefine_network(&self, uuid: Uuid) -> Result<()> {
        let network = self.network(uuid)?;
        Ok(self
            .meter()
            .call("virNetworkUndefine", || network.undefine())?)
    }

    /// `virNetworkUpdate`.
    ///
    /// # Errors
    /// libvirt's own; a NUL in the text.
    pub fn update_network(&self, uuid: Uuid, update: &NetworkUpdate) -> Result<()> {
        let network = self.network(uuid)?;
        let flags = match update.affect {
            Affect::Current => virt_sys::VIR_NETWORK_UPDATE_AFFECT_CURRENT,
            Affect::Live => virt_sys::VIR_NETWORK_UPDATE_AFFECT_LIVE,
            Affect::Config => virt_sys::VIR_NETWORK_UPDATE_AFFECT_CONFIG,
            Affect::Both => {
                virt_sys::VIR_NETWORK_UPDATE_AFFECT_LIVE
                    | virt_sys::VIR_NETWORK_UPDATE_AFFECT_CONFIG
            }
        };
        Ok(self.meter().call("virNetworkUpdate", || {
            network.update(
                update.command.raw(),
                update.section.raw(),
                update.parent.unwrap_or(-1),
                &update.xml,
                flags,
            )
        })?)
    }

    /// `virNetworkDefineXML`; gives its UUID.
    ///
    /// # Errors
    /// libvirt's own; a NUL in the text.
    pub fn define_network(&self, xml: &str) -> Result<Uuid> {
        let handle = self.handle()?;
        let network = self
            .meter()
            .call("virNetworkDefineXML", || handle.define_network_xml(xml))?;
        let uuid = network.uuid_string()?;
        uuid.parse()
            .map_err(|_| Error::own(format!("libvirt gave '{uuid}' as a UUID")))
    }

    /// `virNetworkCreateXML`: starts one that is gone when it is stopped.
    ///
    /// # Errors
    /// libvirt's own; a NUL in the text.
    pub fn create_network(&self, xml: &str) -> Result<()> {
        let handle = self.handle()?;
        self.meter().call("virNetworkCreateXML", || {
            handle.create_network_xml(xml).map(drop)
        })?;
        Ok(())
    }

    /// `virNWFilterUndefine`.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn undefine_filter(&self, uuid: Uuid) -> Result<()> {
        let (handle, meter) = (self.handle()?, self.meter());
        let filter = meter.call("virNWFilterLookupByUUIDString", || {
            handle.lookup_nwfilter_by_uuid_string(&uuid.to_string())
        })?;
        Ok(meter.call("virNWFilterUndefine", || filter.undefine())?)
    }

    /// `virInterfaceChangeBegin`, `-Commit` or `-Rollback`.
    ///
    /// # Errors
    /// libvirt's own, such as that the driver has none of it.
    pub fn interface_change(&self, step: InterfaceStep) -> Result<()> {
        // SAFETY: the handle is valid; nothing else is handed over.
        let result = self.meter().call(step.call(), || unsafe {
            match step {
                InterfaceStep::Begin => virt_sys::virInterfaceChangeBegin(self.raw(), 0),
                InterfaceStep::Commit => virt_sys::virInterfaceChangeCommit(self.raw(), 0),
                InterfaceStep::Rollback => virt_sys::virInterfaceChangeRollback(self.raw(), 0),
            }
        });
        done(result)
    }

    /// `virInterfaceDefineXML`: what an interface of the host is from its next start on.
    ///
    /// # Errors
    /// libvirt's own, such as that the driver only reads.
    pub fn define_interface(&self, xml: &str) -> Result<()> {
        text(xml)?;
        let (handle, meter) = (self.handle()?, self.meter());
        meter.call("virInterfaceDefineXML", || {
            handle.define_interface_xml(xml, 0).map(drop)
        })?;
        Ok(())
    }

    /// `virInterfaceUndefine`.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn undefine_interface(&self, name: &str) -> Result<()> {
        text(name)?;
        let (handle, meter) = (self.handle()?, self.meter());
        let interface = meter.call("virInterfaceLookupByName", || {
            handle.lookup_interface_by_name(name)
        })?;
        meter.call("virInterfaceUndefine", || interface.undefine())?;
        Ok(())
    }

    /// Starts or stops an interface (`virInterfaceCreate`, `virInterfaceDestroy`).
    ///
    /// # Errors
    /// libvirt's own.
    pub fn switch_interface(&self, name: &str, on: bool) -> Result<()> {
        // A NUL would panic in the crate.
        text(name)?;
        let (handle, meter) = (self.handle()?, self.meter());
        let interface = meter.call("virInterfaceLookupByName", || {
            handle.lookup_interface_by_name(name)
        })?;
        match on {
            true => meter.call("virInterfaceCreate", || interface.create(0).map(drop))?,
            false => meter.call("virInterfaceDestroy", || interface.destroy(0).map(drop))?,
        }
        Ok(())
    }
}

/// A step of a change of the host's interfaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InterfaceStep {
    /// Remember how they are.
    Begin,
    /// Keep what was changed since.
    Commit,
    /// Go back to how they were.
    Rollback,
}

impl InterfaceStep {
    fn call(self) -> &'static str {
        match self {
            Self::Begin => "virInterfaceChangeBegin",
            Self::Commit => "virInterfaceChangeCommit",
            Self::Rollback => "virInterfaceChangeRollback",
        }
    }
}

/// A lease as a value; `None` for one whose address is none.
///
/// # Safety
/// The texts of the lease are null or NUL-terminated.
unsafe fn copy(lease: &virt_sys::virNetworkDHCPLease) -> Option<Lease> {
    let some = |raw| Some(copied(raw)).filter(|text: &String| !text.is_empty());
    Some(Lease {
        interface: some(lease.iface),
        // One without an end has zero.
        expires: u64::try_from(lease.expirytime)
            .ok()
            .filter(|seconds| *seconds > 0)
            .and_then(|seconds| SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))),
        mac: some(lease.mac).map(|mac| mac.to_ascii_lowercase()),
        address: some(lease.ipaddr)?.parse().ok()?,
        prefix: lease.prefix,
        hostname: some(lease.hostname),
        client_id: some(lease.clientid),
    })
}
