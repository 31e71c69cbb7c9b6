//! What must happen once, before the first connection is opened.

use std::ffi::c_void;
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use super::{Error, Result};
use crate::text::visible;

static INITIALISED: OnceLock<Result<()>> = OnceLock::new();

/// Silences libvirt's own printing, registers its event loop and starts the one thread that runs it. Further calls
/// give the first one's result.
///
/// # Errors
/// When libvirt cannot be initialised or the thread cannot be started.
pub fn initialise() -> Result<()> {
    INITIALISED.get_or_init(first_time).clone()
}

/// Lets all threads allocate from one arena, which gives large blocks back as soon as they are free.
///
/// libvirt's client reads answers on whichever thread waits, and many short-lived threads wait: by default the C
/// library would give each an arena of its own, and each arena would keep what its largest answer once needed, with ten
/// thousand domains 10 MB of 50. To be called before other threads are started.
pub fn one_arena() {
    #[cfg(target_env = "gnu")]
    for (parameter, value) in [
        (libc::M_ARENA_MAX, 1),
        // Said once, this no longer rises with the blocks that are freed.
        (libc::M_MMAP_THRESHOLD, 128 * 1024),
    ] {
        // SAFETY: mallopt may be called at any time; both parameters exist since glibc 2.10. A refusal changes nothing.
        unsafe { libc::mallopt(parameter, value) };
    }
}

/// Variables by which a user asks for libvirt's log.
const LOG_VARIABLES: [&str; 3] = [
    "LIBVIRT_DEBUG",
    "LIBVIRT_LOG_FILTERS",
    "LIBVIRT_LOG_OUTPUTS",
];

fn first_time() -> Result<()> {
    if LOG_VARIABLES
        .iter()
        .all(|name| std::env::var_os(name).is_none())
    {
        // Its warnings, as of a certificate, would go to standard error: 4 is for errors, which go there only when a
        // user asks for a log. There is no call for this.
        // SAFETY: libvirt has not begun yet, and the other threads of this program read the environment through std
        // alone, which takes turns with this.
        unsafe { std::env::set_var("LIBVIRT_DEBUG", "4") };
    }
    // SAFETY: the handler is a plain function without data; libvirt prints errors to stderr until one is set.
    unsafe { virt_sys::virSetErrorFunc(std::ptr::null_mut(), Some(on_error)) };
    // SAFETY: virInitialize may be called from any thread and more than once.
    if unsafe { virt_sys::virInitialize() } < 0 {
        return Err(Error::last());
    }
    // SAFETY: called once (OnceLock), before any connection is opened.
    if unsafe { virt_sys::virEventRegisterDefaultImpl() } < 0 {
        return Err(Error::last());
    }
    thread::Builder::new()
        .name("libvirt-events".to_owned())
        .spawn(|| {
            loop {
                // SAFETY: the default implementation is registered, and this is the only thread that runs it.
                if unsafe { virt_sys::virEventRunDefaultImpl() } < 0 {
                    tracing::warn!("libvirt's event loop failed: {}", Error::last());
                    // An error that stays must not become a busy loop.
                    thread::sleep(Duration::from_millis(100));
                }
            }
        })
        .map_err(|error| Error::own(format!("cannot start the event thread: {error}")))?;
    Ok(())
}

/// libvirt's errors go to the log: each of them is also the result of a call, which says it to the user.
unsafe extern "C" fn on_error(_: *mut c_void, error: virt_sys::virErrorPtr) {
    // SAFETY: libvirt passes a valid error for the duration of the callback.
    let error = unsafe { Error::from_raw(error) };
    tracing::debug!(
        code = error.code,
        domain = error.domain,
        "libvirt: {}",
        visible(&error.message)
    );
}
