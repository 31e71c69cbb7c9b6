//! What the guest says: addresses and agent facts. These calls may need the guest's agent and wait for it.

use std::ptr;

use super::events::text;
use super::{Domain, Error, Result, Value, params};
use crate::model::{AddressSource, GuestAddress};

/// Groups of facts of a guest that can be asked for alone, and what they are (`VIR_DOMAIN_GUEST_INFO_*`).
pub const GUEST_GROUPS: [(u32, &str); 5] = [
    (virt_sys::VIR_DOMAIN_GUEST_INFO_HOSTNAME, "its host name"),
    (virt_sys::VIR_DOMAIN_GUEST_INFO_OS, "its OS"),
    (virt_sys::VIR_DOMAIN_GUEST_INFO_TIMEZONE, "its time zone"),
    (virt_sys::VIR_DOMAIN_GUEST_INFO_USERS, "its users"),
    (
        virt_sys::VIR_DOMAIN_GUEST_INFO_FILESYSTEM,
        "its file systems",
    ),
];

impl Domain {
    /// `virDomainInterfaceAddresses` from one source. The agent may hang; leases and ARP do not need the guest.
    ///
    /// # Errors
    /// libvirt's own, such as that no agent is connected.
    pub fn addresses(&self, source: AddressSource) -> Result<Vec<GuestAddress>> {
        let (raw_source, name) = match source {
            AddressSource::Lease => (
                virt_sys::VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_LEASE,
                "virDomainInterfaceAddresses(lease)",
            ),
            AddressSource::Agent => (
                virt_sys::VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT,
                "virDomainInterfaceAddresses(agent)",
            ),
            AddressSource::Arp => (
                virt_sys::VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_ARP,
                "virDomainInterfaceAddresses(arp)",
            ),
        };
        let mut interfaces: *mut virt_sys::virDomainInterfacePtr = ptr::null_mut();
        // SAFETY: the handle is valid, `interfaces` is a place for the list.
        let count = self.meter().call(name, || unsafe {
            virt_sys::virDomainInterfaceAddresses(self.raw(), &raw mut interfaces, raw_source, 0)
        });
        let Ok(count) = usize::try_from(count) else {
            return Err(Error::last());
        };
        let mut found = Vec::new();
        for index in 0..count {
            // SAFETY: libvirt filled `count` pointers to valid interfaces, each with `naddrs` addresses; each
            // interface is freed once, after it was copied.
            unsafe {
                let interface = *interfaces.add(index);
                copy_interface(&*interface, source, &mut found);
                virt_sys::virDomainInterfaceFree(interface);
            }
        }
        // SAFETY: the array itself was allocated by libvirt with malloc, or is null.
        unsafe { libc::free(interfaces.cast()) };
        Ok(found)
    }

    /// `virDomainGetGuestInfo`: (field, value) as libvirt names them, such as `os.pretty-name`. Needs the agent.
    ///
    /// # Errors
    /// libvirt's own, such as that no agent is connected.
    pub fn guest_info(&self) -> Result<Vec<(String, Value)>> {
        // None is named: whatever this libvirt and this agent know, without an error for what they do not.
        self.guest_group(0)
    }

    /// The same of one of [`GUEST_GROUPS`].
    ///
    /// # Errors
    /// libvirt's own, such as that the agent does not know it.
    pub fn guest_group(&self, group: u32) -> Result<Vec<(String, Value)>> {
        let mut list: virt_sys::virTypedParameterPtr = ptr::null_mut();
        let mut count = 0;
        // SAFETY: the handle is valid, both places are written by libvirt.
        let result = self.meter().call("virDomainGetGuestInfo", || unsafe {
            virt_sys::virDomainGetGuestInfo(self.raw(), group, &raw mut list, &raw mut count, 0)
        });
        if result < 0 {
            return Err(Error::last());
        }
        // SAFETY: libvirt filled `count` parameters, freed right after they were copied.
        let found = unsafe { params::slice(list, count) }
            .iter()
            .filter_map(|param| {
                let field = String::from_utf8_lossy(params::field(param)).into_owned();
                Some((field, params::value(param)?))
            })
            .collect();
        // SAFETY: the list came from libvirt with this count and is not used below.
        unsafe { virt_sys::virTypedParamsFree(list, count) };
        Ok(found)
    }
}

/// # Safety
/// `interface` is valid with its `naddrs` addresses.
unsafe fn copy_interface(
    interface: &virt_sys::virDomainInterface,
    source: AddressSource,
    found: &mut Vec<GuestAddress>,
) {
    let name = text(interface.name);
    let mac = Some(text(interface.hwaddr).to_lowercase()).filter(|mac| !mac.is_empty());
    for index in 0..interface.naddrs as usize {
        // SAFETY: by the contract of this function.
        let raw = unsafe { &*interface.addrs.add(index) };
        let Ok(address) = text(raw.addr).parse() else {
            continue;
        };
        found.push(GuestAddress {
            interface: name.clone(),
            mac: mac.clone(),
            address,
            prefix: raw.prefix,
            source,
        });
    }
}
