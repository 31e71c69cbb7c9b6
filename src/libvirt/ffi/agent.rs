//! What is asked of the agent in a guest. Each of these calls waits for it, as long as [`Domain::limit_agent`] lets it.

use std::ffi::{CString, c_char, c_int, c_longlong};
use std::ptr;

use super::events::text;
use super::pins::done;
use super::{Domain, Error, Result};
use crate::model::GuestFileSystem;
use crate::protocol::KeysChange;

/// More file systems, disks of one, or keys are not believed: their number is the guest's.
const MOST: usize = 1024;

impl Domain {
    /// `virDomainAgentSetResponseTimeout`: how long calls to the agent wait for its answer, whoever makes them; `None` is
    /// libvirt's own choice, which is for ever.
    ///
    /// # Errors
    /// libvirt's own, such as that the driver does not know it.
    pub fn limit_agent(&self, seconds: Option<u16>) -> Result<()> {
        let seconds = seconds.map_or(
            virt_sys::VIR_DOMAIN_AGENT_RESPONSE_TIMEOUT_BLOCK,
            c_int::from,
        );
        // SAFETY: the handle is valid.
        done(
            self.meter()
                .call("virDomainAgentSetResponseTimeout", || unsafe {
                    virt_sys::virDomainAgentSetResponseTimeout(self.raw(), seconds, 0)
                }),
        )
    }

    /// `virDomainGetTime`: seconds and nanoseconds since 1970, by the guest's clock.
    ///
    /// # Errors
    /// libvirt's own, such as that no agent is connected.
    pub fn guest_time(&self) -> Result<(i64, u32)> {
        let (mut seconds, mut nanoseconds): (c_longlong, _) = (0, 0);
        // SAFETY: the handle is valid, both places are written by libvirt.
        done(self.meter().call("virDomainGetTime", || unsafe {
            virt_sys::virDomainGetTime(self.raw(), &raw mut seconds, &raw mut nanoseconds, 0)
        }))?;
        Ok((seconds, nanoseconds))
    }

    /// `virDomainSetTime`; `None` lets the guest read its hardware clock.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn set_guest_time(&self, to: Option<(i64, u32)>) -> Result<()> {
        let flags = match to {
            None => virt_sys::VIR_DOMAIN_TIME_SYNC,
            Some(_) => 0,
        };
        let (seconds, nanoseconds) = to.unwrap_or_default();
        // SAFETY: the handle is valid.
        done(self.meter().call("virDomainSetTime", || unsafe {
            virt_sys::virDomainSetTime(self.raw(), seconds, nanoseconds, flags)
        }))
    }

    /// `virDomainFSFreeze`: of these mount points, of all where none is named. How many were frozen.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn freeze(&self, mountpoints: &[String]) -> Result<u32> {
        let texts = Texts::new(mountpoints)?;
        let (mut list, count) = texts.raw();
        // SAFETY: the handle is valid, the list has `count` NUL-terminated texts that outlive the call.
        let frozen = self.meter().call("virDomainFSFreeze", || unsafe {
            virt_sys::virDomainFSFreeze(self.raw(), pointer(&mut list), count, 0)
        });
        u32::try_from(frozen).map_err(|_| Error::last())
    }

    /// `virDomainFSThaw`: of these mount points, of all where none is named. How many were thawed.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn thaw(&self, mountpoints: &[String]) -> Result<u32> {
        let texts = Texts::new(mountpoints)?;
        let (mut list, count) = texts.raw();
        // SAFETY: the handle is valid, the list has `count` NUL-terminated texts that outlive the call.
        let thawed = self.meter().call("virDomainFSThaw", || unsafe {
            virt_sys::virDomainFSThaw(self.raw(), pointer(&mut list), count, 0)
        });
        u32::try_from(thawed).map_err(|_| Error::last())
    }

    /// `virDomainFSTrim`: of one mount point or all; free stretches shorter than `minimum_bytes` are left alone.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn trim(&self, mountpoint: Option<&str>, minimum_bytes: u64) -> Result<()> {
        let mountpoint = mountpoint.map(owned).transpose()?;
        let place = mountpoint
            .as_ref()
            .map_or(ptr::null(), |text| text.as_ptr());
        // SAFETY: the handle is valid, the place is null or NUL-terminated.
        done(self.meter().call("virDomainFSTrim", || unsafe {
            virt_sys::virDomainFSTrim(self.raw(), place, minimum_bytes, 0)
        }))
    }

    /// `virDomainSetUserPassword`; an encrypted one is what `crypt` makes of it.
    ///
    /// # Errors
    /// libvirt's own. The password is in none of them.
    pub fn set_user_password(&self, user: &str, password: &str, encrypted: bool) -> Result<()> {
        let (user, password) = (owned(user)?, owned(password)?);
        let flags = if encrypted {
            virt_sys::VIR_DOMAIN_PASSWORD_ENCRYPTED
        } else {
            0
        };
        // SAFETY: the handle is valid, both texts are NUL-terminated.
        done(self.meter().call("virDomainSetUserPassword", || unsafe {
            virt_sys::virDomainSetUserPassword(self.raw(), user.as_ptr(), password.as_ptr(), flags)
        }))
    }

    /// `virDomainAuthorizedSSHKeysGet`; untrusted texts.
    ///
    /// # Errors
    /// libvirt's own, such as that there is no such user.
    pub fn ssh_keys(&self, user: &str) -> Result<Vec<String>> {
        let user = owned(user)?;
        let mut keys: *mut *mut c_char = ptr::null_mut();
        // SAFETY: the handle is valid, `keys` is a place for the list.
        let count = self
            .meter()
            .call("virDomainAuthorizedSSHKeysGet", || unsafe {
                virt_sys::virDomainAuthorizedSSHKeysGet(self.raw(), user.as_ptr(), &raw mut keys, 0)
            });
        let Ok(count) = usize::try_from(count) else {
            return Err(Error::last());
        };
        let mut found = Vec::new();
        for index in 0..count {
            // SAFETY: libvirt filled `count` NUL-terminated texts, each freed once after it was copied.
            unsafe {
                let key = *keys.add(index);
                if index < MOST {
                    found.push(text(key));
                }
                libc::free(key.cast());
            }
        }
        // SAFETY: the array was allocated by libvirt with malloc, or is null.
        unsafe { libc::free(keys.cast()) };
        Ok(found)
    }

    /// `virDomainAuthorizedSSHKeysSet`.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn set_ssh_keys(&self, user: &str, keys: &[String], change: KeysChange) -> Result<()> {
        let user = owned(user)?;
        let texts = Texts::new(keys)?;
        let (mut list, count) = texts.raw();
        let flags = match change {
            KeysChange::Add => virt_sys::VIR_DOMAIN_AUTHORIZED_SSH_KEYS_SET_APPEND,
            KeysChange::Remove => virt_sys::VIR_DOMAIN_AUTHORIZED_SSH_KEYS_SET_REMOVE,
            KeysChange::Replace => 0,
        };
        // SAFETY: the handle is valid, the list has `count` NUL-terminated texts that outlive the call.
        done(
            self.meter()
                .call("virDomainAuthorizedSSHKeysSet", || unsafe {
                    virt_sys::virDomainAuthorizedSSHKeysSet(
                        self.raw(),
                        user.as_ptr(),
                        pointer(&mut list),
                        count,
                        flags,
                    )
                }),
        )
    }

    /// `virDomainGetFSInfo`: mounted file systems with the targets of the disks they lie on, without their sizes.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn mounted(&self) -> Result<Vec<GuestFileSystem>> {
        let mut list: *mut virt_sys::virDomainFSInfoPtr = ptr::null_mut();
        // SAFETY: the handle is valid, `list` is a place for the list.
        let count = self.meter().call("virDomainGetFSInfo", || unsafe {
            virt_sys::virDomainGetFSInfo(self.raw(), &raw mut list, 0)
        });
        let Ok(count) = usize::try_from(count) else {
            return Err(Error::last());
        };
        let mut found = Vec::new();
        for index in 0..count {
            // SAFETY: libvirt filled `count` pointers to valid entries, each with `ndevAlias` texts; each entry is freed
            // once, after it was copied.
            unsafe {
                let entry = *list.add(index);
                if index < MOST {
                    found.push(copied(&*entry));
                }
                virt_sys::virDomainFSInfoFree(entry);
            }
        }
        // SAFETY: the array was allocated by libvirt with malloc, or is null.
        unsafe { libc::free(list.cast()) };
        Ok(found)
    }
}

/// # Safety
/// `entry` is valid with its `ndevAlias` aliases.
unsafe fn copied(entry: &virt_sys::virDomainFSInfo) -> GuestFileSystem {
    let disks = (0..entry.ndevAlias.min(MOST))
        // SAFETY: by the contract of this function.
        .map(|at| text(unsafe { *entry.devAlias.add(at) }))
        .collect();
    GuestFileSystem {
        mountpoint: text(entry.mountpoint),
        name: text(entry.name),
        kind: text(entry.fstype),
        disks,
        ..GuestFileSystem::default()
    }
}

fn owned(text: &str) -> Result<CString> {
    CString::new(text).map_err(|_| Error::own("a value contains a NUL byte"))
}

/// Texts as C takes them in a list.
struct Texts(Vec<CString>);

impl Texts {
    fn new(texts: &[String]) -> Result<Self> {
        Ok(Self(
            texts
                .iter()
                .map(|text| owned(text))
                .collect::<Result<_>>()?,
        ))
    }

    /// Pointers that live as long as the texts, and how many there are.
    fn raw(&self) -> (Vec<*const c_char>, u32) {
        let list: Vec<_> = self.0.iter().map(|text| text.as_ptr()).collect();
        let count = u32::try_from(list.len()).unwrap_or(u32::MAX);
        (list, count)
    }
}

/// libvirt wants no list at all where nothing is named.
fn pointer(list: &mut Vec<*const c_char>) -> *mut *const c_char {
    if list.is_empty() {
        ptr::null_mut()
    } else {
        list.as_mut_ptr()
    }
}
