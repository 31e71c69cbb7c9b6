//! A domain's screen and keyboard.

use std::os::fd::{FromRawFd as _, OwnedFd};

use super::{Domain, Error, Result};

/// Keys of one `virDomainSendKey` (`VIR_DOMAIN_SEND_KEY_MAX_KEYS`).
const MOST_KEYS: usize = 16;

impl Domain {
    /// `virDomainOpenGraphicsFD`: a stream to the display of this number, counted from 0 among the domain's `<graphics>`.
    /// The display asks for no password: who may open it may also read that.
    ///
    /// # Errors
    /// libvirt's own: not running, not over a connection that passes no descriptors, not supported.
    pub fn open_graphics(&self, index: u32) -> Result<OwnedFd> {
        // SAFETY: the handle is valid.
        let raw = self.meter().call("virDomainOpenGraphicsFD", || unsafe {
            virt_sys::virDomainOpenGraphicsFD(
                self.raw(),
                index,
                virt_sys::VIR_DOMAIN_OPEN_GRAPHICS_SKIPAUTH,
            )
        });
        if raw < 0 {
            return Err(Error::last());
        }
        // SAFETY: libvirt hands out a fresh descriptor, which is ours from here on.
        Ok(unsafe { OwnedFd::from_raw_fd(raw) })
    }

    /// `virDomainMemoryPeek`: bytes of the guest's physical memory.
    ///
    /// # Errors
    /// libvirt's own: not running, not supported, read-only connection.
    pub fn peek(&self, address: u64, count: usize) -> Result<Vec<u8>> {
        let mut bytes = vec![0_u8; count];
        // SAFETY: the handle is valid, and libvirt writes `count` bytes at most.
        let result = self.meter().call("virDomainMemoryPeek", || unsafe {
            virt_sys::virDomainMemoryPeek(
                self.raw(),
                address,
                count,
                bytes.as_mut_ptr().cast(),
                virt_sys::VIR_MEMORY_PHYSICAL,
            )
        });
        if result < 0 {
            return Err(Error::last());
        }
        Ok(bytes)
    }

    /// `virDomainSendKey`: presses these keys together, by Linux' numbers, and lets them go after `hold_ms`.
    ///
    /// # Errors
    /// libvirt's own: not running, not supported, read-only connection; or more keys than it takes.
    pub fn send_keys(&self, keys: &[u16], hold_ms: u32) -> Result<()> {
        if keys.is_empty() || keys.len() > MOST_KEYS {
            return Err(Error::own(format!("{} keys at once", keys.len())));
        }
        let mut codes: Vec<u32> = keys.iter().map(|key| u32::from(*key)).collect();
        let count = i32::try_from(codes.len()).unwrap_or(0);
        // SAFETY: the handle is valid, and libvirt reads `count` numbers.
        let result = self.meter().call("virDomainSendKey", || unsafe {
            virt_sys::virDomainSendKey(
                self.raw(),
                virt_sys::VIR_KEYCODE_SET_LINUX,
                hold_ms,
                codes.as_mut_ptr(),
                count,
                0,
            )
        });
        if result < 0 {
            return Err(Error::last());
        }
        Ok(())
    }
}
