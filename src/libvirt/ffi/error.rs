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

    /// Refused by this program because the connection is read-only, with the code that libvirt refuses with.
    pub fn read_only() -> Self {
        Self {
            code: i32::try_from(virt_sys::VIR_ERR_OPERATION_DENIED).unwrap_or(0),
            domain: 0,
            message: "the connection is read-only".to_owned(),
        }
    }

    fn is(&self, code: virt_sys::virErrorNumber) -> bool {
        u32::try_from(self.code) == Ok(code)
    }

    /// The domain does not exist (any more): `VIR_ERR_NO_DOMAIN`.
    pub fn is_no_domain(&self) -> bool {
        self.is(virt_sys::VIR_ERR_NO_DOMAIN)
    }

    /// No agent is there, or it does not answer: `VIR_ERR_AGENT_UNRESPONSIVE`, `VIR_ERR_AGENT_COMMAND_TIMEOUT`, that its
    /// lock cannot be had, or that it is not configured or connected.
    pub fn is_of_silent_agent(&self) -> bool {
        self.is(virt_sys::VIR_ERR_AGENT_UNRESPONSIVE)
            || self.is(virt_sys::VIR_ERR_AGENT_COMMAND_TIMEOUT)
            || self.is(virt_sys::VIR_ERR_AGENT_UNSYNCED)
            || self.is(virt_sys::VIR_ERR_OPERATION_TIMEOUT)
            || self.is(virt_sys::VIR_ERR_OPERATION_INVALID)
            || self.is(virt_sys::VIR_ERR_OPERATION_DENIED)
            || self.is(virt_sys::VIR_ERR_RPC)
            || self.is(virt_sys::VIR_ERR_SYSTEM_ERROR)
            || self.is_no_domain()
            || self.message.contains("agent is not configured")
            || self.message.contains("agent is not connected")
            || self.message.contains("agent is not available")
    }

    /// The domain has no such snapshot, or no current one: `VIR_ERR_NO_DOMAIN_SNAPSHOT`.
    pub fn is_no_snapshot(&self) -> bool {
        self.is(virt_sys::VIR_ERR_NO_DOMAIN_SNAPSHOT)
    }

    /// The object of whatever kind does not exist (any more).
    pub fn is_gone(&self) -> bool {
        self.is_no_domain()
            || self.is(virt_sys::VIR_ERR_NO_NETWORK)
            || self.is(virt_sys::VIR_ERR_NO_STORAGE_POOL)
            || self.is(virt_sys::VIR_ERR_NO_SECRET)
            || self.is(virt_sys::VIR_ERR_NO_NWFILTER)
            || self.is(virt_sys::VIR_ERR_NO_DOMAIN_SNAPSHOT)
    }

    /// There is no such object: an error of this program for kinds that libvirt cannot look up so.
    pub fn no_secret() -> Self {
        Self {
            code: i32::try_from(virt_sys::VIR_ERR_NO_SECRET).unwrap_or(0),
            domain: 0,
            message: "there is no such secret".to_owned(),
        }
    }

    /// A secret has no value. libvirt has no code of its own for that.
    pub fn is_no_value(&self) -> bool {
        self.is(virt_sys::VIR_ERR_NO_SECRET)
    }

    /// There is no such pool or volume.
    pub fn is_no_storage(&self) -> bool {
        self.is(virt_sys::VIR_ERR_NO_STORAGE_POOL) || self.is(virt_sys::VIR_ERR_NO_STORAGE_VOL)
    }

    /// A volume is still being made, so that nothing can be done to it: `VIR_ERR_OPERATION_INVALID` of the storage driver ("volume
    /// 'x' is still being allocated.").
    pub fn is_being_built(&self) -> bool {
        self.is(virt_sys::VIR_ERR_OPERATION_INVALID)
            && u32::try_from(self.domain) == Ok(virt_sys::VIR_FROM_STORAGE)
            && self.message.contains("being allocated")
    }

    /// The driver does not know the call itself.
    pub fn is_unsupported_call(&self) -> bool {
        self.is(virt_sys::VIR_ERR_NO_SUPPORT)
    }

    /// The driver knows the call, but not one of its flags, or not the call with flags.
    pub fn is_unsupported_flag(&self) -> bool {
        let flags =
            self.is(virt_sys::VIR_ERR_INVALID_ARG) && self.message.contains("unsupported flags");
        flags || self.is_unsupported_call()
    }

    /// The guest has not let go of a device yet: `VIR_ERR_OPERATION_TIMEOUT` ("vcpu unplug request timed out"), or QEMU's own
    /// "already in the process of unplug".
    pub fn is_of_unplugging(&self) -> bool {
        self.message.contains("unplug")
    }

    /// The driver knows the call, but not for what it was asked: `VIR_ERR_OPERATION_UNSUPPORTED`.
    pub fn is_unsupported_operation(&self) -> bool {
        self.is(virt_sys::VIR_ERR_OPERATION_UNSUPPORTED)
    }

    /// A document does not fit libvirt's schema: `VIR_ERR_XML_INVALID_SCHEMA`.
    pub fn is_of_schema(&self) -> bool {
        self.is(virt_sys::VIR_ERR_XML_INVALID_SCHEMA)
    }

    /// A document cannot be read or lacks something.
    pub fn is_of_document(&self) -> bool {
        [
            virt_sys::VIR_ERR_XML_ERROR,
            virt_sys::VIR_ERR_XML_DETAIL,
            virt_sys::VIR_ERR_XML_INVALID_SCHEMA,
            virt_sys::VIR_ERR_NO_NAME,
            virt_sys::VIR_ERR_NO_OS,
            virt_sys::VIR_ERR_NO_ROOT,
            virt_sys::VIR_ERR_NO_SOURCE,
            virt_sys::VIR_ERR_NO_TARGET,
            virt_sys::VIR_ERR_OS_TYPE,
        ]
        .iter()
        .any(|code| self.is(*code))
    }

    /// A document asks for what cannot be: said by the code that reads domains (`VIR_FROM_DOMAIN`), or by QEMU's of what it
    /// does not support.
    pub fn is_of_domain_rules(&self) -> bool {
        let domain = u32::try_from(self.domain).unwrap_or(0);
        let reader = domain == virt_sys::VIR_FROM_DOMAIN;
        let unsupported = self.is(virt_sys::VIR_ERR_CONFIG_UNSUPPORTED);
        (unsupported && (reader || domain == virt_sys::VIR_FROM_QEMU))
            || (self.is(virt_sys::VIR_ERR_INTERNAL_ERROR) && reader)
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

    /// The domain does not run: `VIR_ERR_OPERATION_INVALID`.
    pub fn is_not_running(&self) -> bool {
        self.is(virt_sys::VIR_ERR_OPERATION_INVALID)
    }

    /// Somebody else has the console. The code is one of many meanings, and the message is the daemon's.
    pub fn is_in_use(&self) -> bool {
        self.is(virt_sys::VIR_ERR_OPERATION_FAILED)
    }

    /// Something went wrong inside libvirt, which may go better another time.
    pub fn is_internal(&self) -> bool {
        self.is(virt_sys::VIR_ERR_INTERNAL_ERROR) || self.is(virt_sys::VIR_ERR_SYSTEM_ERROR)
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
