//! libvirt's errors as values.

use std::ffi::CStr;
use std::fmt;

use crate::libvirt::remedies::cut;

/// What `virGetLastError` said right after a call, on the thread of the call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// `virErrorNumber`; 0 when libvirt gave none.
    pub code: i32,
    /// `virErrorDomain`: which part of libvirt it came from.
    pub domain: i32,
    /// libvirt's message, at most 4 KiB; untrusted text.
    pub message: String,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

impl Error {
    /// The last error of this thread. Only meaningful right after a call that failed.
    pub(super) fn last() -> Self {
        // SAFETY: virGetLastError has no preconditions; the pointer stays valid until the next call of this thread.
        unsafe { Self::from_raw(virt_sys::virGetLastError()) }
    }

    /// Copies a libvirt error.
    ///
    /// # Safety
    /// `raw` is null or points to a valid `virError`.
    pub(super) unsafe fn from_raw(raw: virt_sys::virErrorPtr) -> Self {
        // SAFETY: by the contract of this function.
        let Some(error) = (unsafe { raw.as_ref() }) else {
            return Self::unknown();
        };
        let message = if error.message.is_null() {
            String::new()
        } else {
            // SAFETY: libvirt's messages are NUL-terminated.
            unsafe { CStr::from_ptr(error.message) }
                .to_string_lossy()
                .into_owned()
        };
        if message.is_empty() {
            return Self {
                code: error.code,
                domain: error.domain,
                ..Self::unknown()
            };
        }
        Self {
            code: error.code,
            domain: error.domain,
            message: cut(message),
        }
    }

    fn unknown() -> Self {
        Self {
            code: 0,
            domain: 0,
            message: "libvirt gave no reason".to_owned(),
        }
    }

    /// An error of this program, not of libvirt.
    pub fn own(message: impl Into<String>) -> Self {
        Self {
            code: 0,
            domain: 0,
            message: message.into(),
        }
    }

    fn is(&self, code: virt_sys::virErrorNumber) -> bool {
        u32::try_from(self.code) == Ok(code)
    }

    /// The domain does not exist (any more): `VIR_ERR_NO_DOMAIN`.
    pub fn is_no_domain(&self) -> bool {
        self.is(virt_sys::VIR_ERR_NO_DOMAIN)
    }

    /// The driver does not know the call or the flag.
    pub fn is_unsupported(&self) -> bool {
        self.is(virt_sys::VIR_ERR_NO_SUPPORT)
            || self.is(virt_sys::VIR_ERR_ARGUMENT_UNSUPPORTED)
            || self.is(virt_sys::VIR_ERR_OPERATION_UNSUPPORTED)
            || self.is(virt_sys::VIR_ERR_CONFIG_UNSUPPORTED)
    }

    /// Refused for want of rights: a read-only connection or an access control list.
    pub fn is_denied(&self) -> bool {
        self.is(virt_sys::VIR_ERR_OPERATION_DENIED) || self.is(virt_sys::VIR_ERR_ACCESS_DENIED)
    }

    /// It speaks of the transport (`VIR_FROM_RPC`, `VIR_FROM_REMOTE`): the connection may be gone, which only
    /// `virConnectIsAlive` can tell, since one vanished daemon shows itself with many codes.
    pub fn is_of_transport(&self) -> bool {
        let domain = u32::try_from(self.domain).unwrap_or(0);
        domain == virt_sys::VIR_FROM_RPC || domain == virt_sys::VIR_FROM_REMOTE
    }

    /// A list or message is larger than the protocol allows ("Too many domains '17000' for limit '16384'").
    pub fn is_over_limit(&self) -> bool {
        self.is(virt_sys::VIR_ERR_RPC) && self.message.contains("limit")
    }
}

impl From<virt::error::Error> for Error {
    fn from(error: virt::error::Error) -> Self {
        Self {
            code: i32::try_from(error.code().to_raw()).unwrap_or(0),
            domain: i32::try_from(error.domain().to_raw()).unwrap_or(0),
            message: cut(error.message().to_owned()),
        }
    }
}
