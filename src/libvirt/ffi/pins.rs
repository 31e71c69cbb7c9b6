//! Where threads of a domain run, and where they may.

use std::collections::BTreeSet;

use super::params::{Value, field, slice, value};
use super::{Domain, Error, Result};
use crate::protocol::Affect;

/// Most virtual CPUs and host CPUs that are asked for.
const MOST: usize = 4096;

impl Domain {
    /// `virDomainGetVcpus`: (virtual CPU, host CPU it was last on) of a running domain.
    ///
    /// # Errors
    /// libvirt's own, such as that it does not run.
    pub fn placed(&self, vcpus: u32) -> Result<Vec<(u32, u32)>> {
        let room = (vcpus as usize).min(MOST);
        // SAFETY: zeroes are a valid virVcpuInfo.
        let mut found: Vec<virt_sys::virVcpuInfo> =
            (0..room).map(|_| unsafe { std::mem::zeroed() }).collect();
        let room = i32::try_from(room).unwrap_or(0);
        // SAFETY: the handle is valid and `found` has room for that many; no maps are asked for.
        let count = self.meter().call("virDomainGetVcpus", || unsafe {
            virt_sys::virDomainGetVcpus(
                self.raw(),
                found.as_mut_ptr(),
                room,
                std::ptr::null_mut(),
                0,
            )
        });
        let Ok(count) = usize::try_from(count) else {
            return Err(Error::last());
        };
        Ok(found
            .iter()
            .take(count)
            .filter_map(|info| Some((info.number, u32::try_from(info.cpu).ok()?)))
            .collect())
    }

    /// `virDomainPinVcpuFlags`.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn pin_vcpu(&self, vcpu: u32, cpus: &BTreeSet<u32>, affect: Affect) -> Result<()> {
        let (mut map, length) = map_of(cpus)?;
        // SAFETY: the handle is valid, `map` has `length` bytes.
        done(self.meter().call("virDomainPinVcpuFlags", || unsafe {
            virt_sys::virDomainPinVcpuFlags(
                self.raw(),
                vcpu,
                map.as_mut_ptr(),
                length,
                bits(affect),
            )
        }))
    }

    /// `virDomainPinEmulator`.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn pin_emulator(&self, cpus: &BTreeSet<u32>, affect: Affect) -> Result<()> {
        let (mut map, length) = map_of(cpus)?;
        // SAFETY: the handle is valid, `map` has `length` bytes.
        done(self.meter().call("virDomainPinEmulator", || unsafe {
            virt_sys::virDomainPinEmulator(self.raw(), map.as_mut_ptr(), length, bits(affect))
        }))
    }

    /// `virDomainPinIOThread`.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn pin_iothread(&self, thread: u32, cpus: &BTreeSet<u32>, affect: Affect) -> Result<()> {
        let (mut map, length) = map_of(cpus)?;
        // SAFETY: the handle is valid, `map` has `length` bytes.
        done(self.meter().call("virDomainPinIOThread", || unsafe {
            virt_sys::virDomainPinIOThread(
                self.raw(),
                thread,
                map.as_mut_ptr(),
                length,
                bits(affect),
            )
        }))
    }
}

impl Domain {
    /// `virDomainGetGuestVcpus`: fields in libvirt's words.
    ///
    /// # Errors
    /// libvirt's own, such as that no agent is connected.
    pub fn guest_vcpus(&self) -> Result<Vec<(String, Value)>> {
        let (mut params, mut count) = (std::ptr::null_mut(), 0_u32);
        // SAFETY: the handle is valid; libvirt allocates the parameters on success.
        let result = self.meter().call("virDomainGetGuestVcpus", || unsafe {
            virt_sys::virDomainGetGuestVcpus(self.raw(), &raw mut params, &raw mut count, 0)
        });
        done(result)?;
        let count = i32::try_from(count).unwrap_or(0);
        // SAFETY: libvirt filled `params` with `count` parameters, which stay until they are freed below.
        let found = unsafe { slice(params, count) }
            .iter()
            .filter_map(|param| {
                let name = String::from_utf8_lossy(field(param)).into_owned();
                Some((name, value(param)?))
            })
            .collect();
        // SAFETY: the list is libvirt's own and not used again.
        unsafe { virt_sys::virTypedParamsFree(params, count) };
        Ok(found)
    }

    /// `virDomainSetGuestVcpus`.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn set_guest_vcpus(&self, cpus: &BTreeSet<u32>, enable: bool) -> Result<()> {
        let list: Vec<String> = cpus.iter().map(u32::to_string).collect();
        let list = std::ffi::CString::new(list.join(","))
            .map_err(|_| Error::own("a value contains a NUL byte"))?;
        // SAFETY: the handle is valid, the list is NUL-terminated and copied.
        done(self.meter().call("virDomainSetGuestVcpus", || unsafe {
            virt_sys::virDomainSetGuestVcpus(self.raw(), list.as_ptr(), i32::from(enable), 0)
        }))
    }
}

pub(super) fn done(result: i32) -> Result<()> {
    if result < 0 {
        Err(Error::last())
    } else {
        Ok(())
    }
}

pub(super) fn bits(affect: Affect) -> u32 {
    match affect {
        Affect::Current => virt_sys::VIR_DOMAIN_AFFECT_CURRENT,
        Affect::Live => virt_sys::VIR_DOMAIN_AFFECT_LIVE,
        Affect::Config => virt_sys::VIR_DOMAIN_AFFECT_CONFIG,
        Affect::Both => virt_sys::VIR_DOMAIN_AFFECT_LIVE | virt_sys::VIR_DOMAIN_AFFECT_CONFIG,
    }
}

/// libvirt's bitmap: CPU 0 is the lowest bit of the first byte.
fn map_of(cpus: &BTreeSet<u32>) -> Result<(Vec<u8>, i32)> {
    let last = *cpus.last().ok_or_else(|| Error::own("no CPU is chosen"))? as usize;
    if last >= MOST {
        return Err(Error::own(format!("there is no CPU {last}")));
    }
    let mut map = vec![0_u8; last / 8 + 1];
    for cpu in cpus {
        map[*cpu as usize / 8] |= 1 << (cpu % 8);
    }
    let length = i32::try_from(map.len()).unwrap_or(0);
    Ok((map, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_have_a_bit_for_each_cpu() {
        let map = |cpus: &[u32]| map_of(&cpus.iter().copied().collect()).unwrap().0;
        assert_eq!(map(&[0]), [1]);
        assert_eq!(map(&[1, 9]), [2, 2]);
        assert!(map_of(&BTreeSet::new()).is_err());
        assert!(map_of(&BTreeSet::from([5000])).is_err());
    }
}
