//! What libvirt passes on to QEMU without a guarantee, by a library of its own: `libvirt-qemu.so.0` is looked for when it is
//! wanted, because virtty must start where there is none.

use std::ffi::{CStr, CString, c_char, c_int, c_uint, c_void};
use std::ptr;
use std::sync::OnceLock;

use super::pins::done;
use super::{Domain, Error, Result};

/// Larger answers are cut: nobody reads them, and they are a guest's in part.
const LARGEST: usize = 4 * 1024 * 1024;

/// `virDomainQemuMonitorCommand`, since libvirt 0.8.3.
type MonitorCommand =
    unsafe extern "C" fn(virt_sys::virDomainPtr, *const c_char, *mut *mut c_char, c_uint) -> c_int;
/// `virDomainQemuAgentCommand`, since libvirt 0.10.0.
type AgentCommand =
    unsafe extern "C" fn(virt_sys::virDomainPtr, *const c_char, c_int, c_uint) -> *mut c_char;

/// `VIR_DOMAIN_QEMU_MONITOR_COMMAND_HMP`.
const HMP: c_uint = 1;

struct Library {
    monitor: MonitorCommand,
    agent: AgentCommand,
}

/// The library, once it was found.
fn library() -> Result<&'static Library> {
    static FOUND: OnceLock<Option<Library>> = OnceLock::new();
    FOUND.get_or_init(load).as_ref().ok_or_else(|| {
        Error::own(
            "libvirt-qemu.so.0 is not on this machine: install libvirt's client library whole (Debian: libvirt0, Fedora: \
             libvirt-libs)",
        )
    })
}

fn load() -> Option<Library> {
    // SAFETY: the name is NUL-terminated. The library has no constructor of its own, belongs to the libvirt that is loaded
    // already, and is never unloaded.
    let handle = unsafe { libc::dlopen(c"libvirt-qemu.so.0".as_ptr(), libc::RTLD_NOW) };
    if handle.is_null() {
        return None;
    }
    let symbol = |name: &CStr| -> Option<*mut c_void> {
        // SAFETY: the handle is valid, the name is NUL-terminated.
        let found = unsafe { libc::dlsym(handle, name.as_ptr()) };
        (!found.is_null()).then_some(found)
    };
    let monitor = symbol(c"virDomainQemuMonitorCommand")?;
    let agent = symbol(c"virDomainQemuAgentCommand")?;
    // SAFETY: both have had these types since they are there (libvirt/libvirt-qemu.h).
    Some(unsafe {
        Library {
            monitor: std::mem::transmute::<*mut c_void, MonitorCommand>(monitor),
            agent: std::mem::transmute::<*mut c_void, AgentCommand>(agent),
        }
    })
}

impl Domain {
    /// `virDomainQemuMonitorCommand`: QEMU's own answer, untrusted. libvirt notes that the domain was meddled with.
    ///
    /// # Errors
    /// libvirt's own, or that its library for this is missing.
    pub fn monitor_command(&self, command: &str, hmp: bool) -> Result<String> {
        let library = library()?;
        let command = text(command)?;
        let mut answer: *mut c_char = ptr::null_mut();
        let flags = if hmp { HMP } else { 0 };
        // SAFETY: the handle is valid, the command is NUL-terminated, `answer` is a place for the text.
        done(self.meter().call("virDomainQemuMonitorCommand", || unsafe {
            (library.monitor)(self.raw(), command.as_ptr(), &raw mut answer, flags)
        }))?;
        Ok(taken(answer))
    }

    /// `virDomainQemuAgentCommand`: the agent's own answer, untrusted; `seconds` bounds the wait, -2 is for ever, -1 what
    /// libvirt thinks right, 0 no wait at all.
    ///
    /// # Errors
    /// libvirt's own, or that its library for this is missing.
    pub fn agent_command(&self, command: &str, seconds: i32) -> Result<String> {
        let library = library()?;
        let command = text(command)?;
        // SAFETY: the handle is valid, the command is NUL-terminated.
        let answer = self.meter().call("virDomainQemuAgentCommand", || unsafe {
            (library.agent)(self.raw(), command.as_ptr(), seconds, 0)
        });
        if answer.is_null() {
            return Err(Error::last());
        }
        Ok(taken(answer))
    }
}

fn text(text: &str) -> Result<CString> {
    CString::new(text).map_err(|_| Error::own("the command contains a NUL byte"))
}

/// Copies what libvirt gave and frees it.
fn taken(answer: *mut c_char) -> String {
    if answer.is_null() {
        return String::new();
    }
    // SAFETY: libvirt gave a NUL-terminated text that is ours: copied, and freed once.
    unsafe {
        let bytes = CStr::from_ptr(answer).to_bytes();
        let text = String::from_utf8_lossy(&bytes[..bytes.len().min(LARGEST)]).into_owned();
        libc::free(answer.cast());
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libvirts_library_for_qemu_is_found_where_libvirt_is_whole() {
        // A machine that builds virtty has it: libvirt-dev depends on it.
        assert!(library().is_ok());
    }
}
