//! Event and close callbacks. They run on the event thread: copy, send, return.

use std::ffi::{CStr, c_char, c_int, c_longlong, c_uint, c_ulonglong, c_void};
use std::ptr;
use std::sync::{Arc, PoisonError};
use std::time::SystemTime;

use virt_sys::{virConnectPtr, virDomainPtr, virTypedParameterPtr};

use super::connection::free_box;
use super::domain::{name_of, uuid_of};
use super::{Connection, Error, Result, close_reason};
use crate::model::{DomainEvent, EventKind};

/// Where a connection's events go. Called on the event thread: must not block and must not call libvirt.
pub type EventSink = Arc<dyn Fn(DomainEvent) + Send + Sync>;

/// Where the end of a connection goes, with the reason in words. Same rules as [`EventSink`].
pub type CloseSink = Box<dyn Fn(&'static str) + Send + Sync>;

/// A text of libvirt, copied; empty for null.
pub(super) fn text(raw: *const c_char) -> String {
    if raw.is_null() {
        return String::new();
    }
    // SAFETY: every text libvirt hands to this room is NUL-terminated and valid during the call.
    unsafe { CStr::from_ptr(raw) }
        .to_string_lossy()
        .into_owned()
}

impl Connection {
    /// Registers for lifecycle events, without which states must be polled: `false` when the driver has none.
    ///
    /// # Errors
    /// libvirt's own, for events that exist but cannot be had.
    pub fn watch_lifecycle(&self, sink: &EventSink) -> Result<bool> {
        self.watch(sink, |id| id == LIFECYCLE)
    }

    /// Registers for every other domain event this program has a use for; those a driver lacks do not come.
    pub fn watch_others(&self, sink: &EventSink) {
        let _ = self.watch(sink, |id| id != LIFECYCLE && !RARE.contains(&id));
    }

    /// Registers for what seldom comes: a round trip each that nobody need wait for.
    pub fn watch_rare(&self, sink: &EventSink) {
        let _ = self.watch(sink, |id| RARE.contains(&id));
    }

    fn watch(&self, sink: &EventSink, wanted: impl Fn(c_int) -> bool) -> Result<bool> {
        let mut lifecycle = false;
        for (id, callback) in callbacks().into_iter().filter(|(id, _)| wanted(*id)) {
            let opaque = Box::into_raw(Box::new(Arc::clone(sink)));
            // SAFETY: the handle is valid; `callback` has the signature of `id` (see `callbacks`); `opaque` is freed
            // by libvirt through `free_box`, or right below when the registration fails.
            let result = self
                .meter()
                .call("virConnectDomainEventRegisterAny", || unsafe {
                    virt_sys::virConnectDomainEventRegisterAny(
                        self.raw(),
                        ptr::null_mut(),
                        id,
                        Some(callback),
                        opaque.cast(),
                        Some(free_box::<EventSink>),
                    )
                });
            if result >= 0 {
                self.callbacks()
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .events
                    .push(result);
                lifecycle |= id == LIFECYCLE;
                continue;
            }
            let error = Error::last();
            // SAFETY: libvirt did not take it.
            unsafe { free_box::<EventSink>(opaque.cast()) };
            if id == LIFECYCLE && !error.is_unsupported() {
                return Err(error);
            }
        }
        Ok(lifecycle)
    }

    /// Calls `sink` once when the connection ends. `false` when the driver cannot tell.
    #[must_use]
    pub fn on_close(&self, sink: CloseSink) -> bool {
        let opaque = Box::into_raw(Box::new(sink));
        // SAFETY: the handle is valid; `opaque` is freed by libvirt through `free_box`, or right below.
        let result = self
            .meter()
            .call("virConnectRegisterCloseCallback", || unsafe {
                virt_sys::virConnectRegisterCloseCallback(
                    self.raw(),
                    Some(on_close),
                    opaque.cast(),
                    Some(free_box::<CloseSink>),
                )
            });
        if result < 0 {
            // SAFETY: libvirt did not take it.
            unsafe { free_box::<CloseSink>(opaque.cast()) };
            return false;
        }
        self.callbacks()
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .close = true;
        true
    }
}

/// Takes the close callback back, which holds a reference of the connection.
///
/// # Safety
/// `raw` is a valid connection with [`Connection::on_close`] registered.
pub(super) unsafe fn unregister_close(raw: virConnectPtr) {
    // SAFETY: by the contract of this function.
    unsafe { virt_sys::virConnectUnregisterCloseCallback(raw, Some(on_close)) };
}

unsafe extern "C" fn on_close(_: virConnectPtr, reason: c_int, opaque: *mut c_void) {
    // SAFETY: `opaque` is the box registered with this callback; libvirt frees it only after the last call.
    let sink = unsafe { &*opaque.cast::<CloseSink>() };
    sink(close_reason(reason));
}

/// Sends what a callback was given.
///
/// # Safety
/// `domain` is valid for the call, `opaque` is the box registered with the callback.
unsafe fn send(domain: virDomainPtr, opaque: *mut c_void, kind: EventKind) {
    let Ok(uuid) = uuid_of(domain) else { return };
    // SAFETY: by the contract of this function; libvirt frees the box only after the last call.
    let sink = unsafe { &*opaque.cast::<EventSink>() };
    sink(DomainEvent {
        uuid,
        name: name_of(domain),
        time: SystemTime::now(),
        kind,
    });
}

type Generic = unsafe extern "C" fn(virConnectPtr, virDomainPtr, *mut c_void);

#[allow(clippy::cast_possible_wrap, reason = "ids are small")]
const LIFECYCLE: c_int = virt_sys::VIR_DOMAIN_EVENT_ID_LIFECYCLE as c_int;

/// Those that no row depends on; the last two are younger than what is required, and older libraries refuse them.
#[allow(clippy::cast_possible_wrap, reason = "ids are small")]
const RARE: [c_int; 4] = [
    virt_sys::VIR_DOMAIN_EVENT_ID_CONTROL_ERROR as c_int,
    virt_sys::VIR_DOMAIN_EVENT_ID_MIGRATION_ITERATION as c_int,
    virt_sys::VIR_DOMAIN_EVENT_ID_MEMORY_DEVICE_SIZE_CHANGE as c_int,
    virt_sys::VIR_DOMAIN_EVENT_ID_NIC_MAC_CHANGE as c_int,
];

/// One callback for each event, cast to the generic type as `virConnectDomainEventRegisterAny` wants it.
fn callbacks() -> Vec<(c_int, Generic)> {
    macro_rules! table {
        ($($id:ident => $callback:path as fn($($argument:ty),*) -> $result:ty;)*) => {
            vec![$((
                {
                    #[allow(clippy::cast_possible_wrap, reason = "ids are small")]
                    let id = virt_sys::$id as c_int;
                    id
                },
                #[allow(clippy::useless_transmute, reason = "one callback is of the generic type already")]
                // SAFETY: libvirt calls it with the arguments of this id, which are those written here: the
                // annotated type makes the compiler check the callback against them.
                unsafe {
                    std::mem::transmute::<
                        unsafe extern "C" fn(virConnectPtr, virDomainPtr, $($argument,)* *mut c_void) -> $result,
                        Generic,
                    >($callback)
                },
            )),*]
        };
    }
    table! {
        VIR_DOMAIN_EVENT_ID_LIFECYCLE => on_lifecycle as fn(c_int, c_int) -> c_int;
        VIR_DOMAIN_EVENT_ID_REBOOT => on_reboot as fn() -> ();
        VIR_DOMAIN_EVENT_ID_RTC_CHANGE => on_rtc_change as fn(c_longlong) -> ();
        VIR_DOMAIN_EVENT_ID_WATCHDOG => on_watchdog as fn(c_int) -> ();
        VIR_DOMAIN_EVENT_ID_IO_ERROR_REASON => on_io_error as fn(*const c_char, *const c_char, c_int, *const c_char) -> ();
        VIR_DOMAIN_EVENT_ID_GRAPHICS => on_graphics as fn(c_int, *const virt_sys::virDomainEventGraphicsAddress, *const virt_sys::virDomainEventGraphicsAddress, *const c_char, *const virt_sys::virDomainEventGraphicsSubject) -> ();
        VIR_DOMAIN_EVENT_ID_DISK_CHANGE => on_disk_change as fn(*const c_char, *const c_char, *const c_char, c_int) -> ();
        VIR_DOMAIN_EVENT_ID_TRAY_CHANGE => on_tray_change as fn(*const c_char, c_int) -> ();
        VIR_DOMAIN_EVENT_ID_PMWAKEUP => on_pm_wakeup as fn(c_int) -> ();
        VIR_DOMAIN_EVENT_ID_PMSUSPEND => on_pm_suspend as fn(c_int) -> ();
        VIR_DOMAIN_EVENT_ID_PMSUSPEND_DISK => on_pm_suspend_disk as fn(c_int) -> ();
        VIR_DOMAIN_EVENT_ID_BALLOON_CHANGE => on_balloon_change as fn(c_ulonglong) -> ();
        VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED => on_device_removed as fn(*const c_char) -> ();
        VIR_DOMAIN_EVENT_ID_DEVICE_ADDED => on_device_added as fn(*const c_char) -> ();
        VIR_DOMAIN_EVENT_ID_DEVICE_REMOVAL_FAILED => on_device_removal_failed as fn(*const c_char) -> ();
        VIR_DOMAIN_EVENT_ID_BLOCK_JOB_2 => on_block_job as fn(*const c_char, c_int, c_int) -> ();
        VIR_DOMAIN_EVENT_ID_TUNABLE => on_tunable as fn(virTypedParameterPtr, c_int) -> ();
        VIR_DOMAIN_EVENT_ID_AGENT_LIFECYCLE => on_agent as fn(c_int, c_int) -> ();
        VIR_DOMAIN_EVENT_ID_JOB_COMPLETED => on_job_completed as fn(virTypedParameterPtr, c_int) -> ();
        VIR_DOMAIN_EVENT_ID_METADATA_CHANGE => on_metadata as fn(c_int, *const c_char) -> ();
        VIR_DOMAIN_EVENT_ID_BLOCK_THRESHOLD => on_block_threshold as fn(*const c_char, *const c_char, c_ulonglong, c_ulonglong) -> ();
        VIR_DOMAIN_EVENT_ID_MEMORY_FAILURE => on_memory_failure as fn(c_int, c_int, c_uint) -> ();
        VIR_DOMAIN_EVENT_ID_CONTROL_ERROR => on_control_error as fn() -> ();
        VIR_DOMAIN_EVENT_ID_MIGRATION_ITERATION => on_migration_iteration as fn(c_int) -> ();
        VIR_DOMAIN_EVENT_ID_MEMORY_DEVICE_SIZE_CHANGE => on_memory_device_size as fn(*const c_char, c_ulonglong) -> ();
        VIR_DOMAIN_EVENT_ID_NIC_MAC_CHANGE => on_nic_mac_change as fn(*const c_char, *const c_char, *const c_char) -> ();
    }
}

/// Defines a callback that sends one [`EventKind`] made of its arguments.
macro_rules! callback {
    ($name:ident($($argument:ident: $kind:ty),*) => $event:expr) => {
        unsafe extern "C" fn $name(_: virConnectPtr, domain: virDomainPtr, $($argument: $kind,)* opaque: *mut c_void) {
            // SAFETY: libvirt passes a valid domain and the box registered with this callback.
            unsafe { send(domain, opaque, $event) };
        }
    };
}

unsafe extern "C" fn on_lifecycle(
    _: virConnectPtr,
    domain: virDomainPtr,
    event: c_int,
    detail: c_int,
    opaque: *mut c_void,
) -> c_int {
    // SAFETY: libvirt passes a valid domain and the box registered with this callback.
    unsafe { send(domain, opaque, EventKind::Lifecycle { event, detail }) };
    0
}

unsafe extern "C" fn on_graphics(
    _: virConnectPtr,
    domain: virDomainPtr,
    phase: c_int,
    _local: *const virt_sys::virDomainEventGraphicsAddress,
    remote: *const virt_sys::virDomainEventGraphicsAddress,
    _scheme: *const c_char,
    _subject: *const virt_sys::virDomainEventGraphicsSubject,
    opaque: *mut c_void,
) {
    // SAFETY: libvirt passes null or a valid address.
    let remote = unsafe { remote.as_ref() }.map_or_else(String::new, |address| {
        let (node, service) = (text(address.node), text(address.service));
        match (node.contains(':'), service.is_empty()) {
            // A socket of the host, or a descriptor that libvirt passed.
            (_, true) if node.is_empty() => "a program on the host".to_owned(),
            (_, true) => node,
            (true, false) => format!("[{node}]:{service}"),
            (false, false) => format!("{node}:{service}"),
        }
    });
    // SAFETY: libvirt passes a valid domain and the box registered with this callback.
    unsafe { send(domain, opaque, EventKind::Graphics { phase, remote }) };
}

unsafe extern "C" fn on_io_error(
    _: virConnectPtr,
    domain: virDomainPtr,
    path: *const c_char,
    alias: *const c_char,
    action: c_int,
    reason: *const c_char,
    opaque: *mut c_void,
) {
    let path = text(path);
    let kind = EventKind::IoError {
        disk: if path.is_empty() { text(alias) } else { path },
        action,
        reason: text(reason),
    };
    // SAFETY: libvirt passes a valid domain and the box registered with this callback.
    unsafe { send(domain, opaque, kind) };
}

callback!(on_reboot() => EventKind::Reboot);
callback!(on_rtc_change(offset: c_longlong) => EventKind::RtcChange(offset));
callback!(on_watchdog(action: c_int) => EventKind::Watchdog(action));
callback!(on_disk_change(_old: *const c_char, new: *const c_char, alias: *const c_char, _reason: c_int)
    => EventKind::Other("disk-change", joined(&[text(alias), text(new)])));
callback!(on_tray_change(alias: *const c_char, reason: c_int)
    => EventKind::Other("tray-change", joined(&[text(alias), (if reason == 0 { "opened" } else { "closed" }).to_owned()])));
callback!(on_pm_wakeup(_reason: c_int) => EventKind::Other("pm-wakeup", String::new()));
callback!(on_pm_suspend(_reason: c_int) => EventKind::Other("pm-suspend", String::new()));
callback!(on_pm_suspend_disk(_reason: c_int) => EventKind::Other("pm-suspend-disk", String::new()));
callback!(on_balloon_change(actual: c_ulonglong) => EventKind::BalloonChange(actual));
callback!(on_device_removed(alias: *const c_char) => EventKind::DeviceRemoved(text(alias)));
callback!(on_device_added(alias: *const c_char) => EventKind::DeviceAdded(text(alias)));
callback!(on_device_removal_failed(alias: *const c_char) => EventKind::Other("device-removal-failed", text(alias)));
callback!(on_block_job(disk: *const c_char, kind: c_int, status: c_int)
    => EventKind::BlockJob { disk: text(disk), kind, status });
callback!(on_tunable(_params: virTypedParameterPtr, _count: c_int) => EventKind::Tunable);
callback!(on_agent(state: c_int, _reason: c_int) => EventKind::AgentLifecycle { connected: state == 1 });
callback!(on_job_completed(_params: virTypedParameterPtr, _count: c_int) => EventKind::JobCompleted);
callback!(on_metadata(_kind: c_int, _uri: *const c_char) => EventKind::MetadataChange);
callback!(on_block_threshold(dev: *const c_char, path: *const c_char, _threshold: c_ulonglong, _excess: c_ulonglong)
    => EventKind::Other("block-threshold", joined(&[text(dev), text(path)])));
callback!(on_memory_failure(_recipient: c_int, _action: c_int, _flags: c_uint) => EventKind::Other("memory-failure", String::new()));
callback!(on_control_error() => EventKind::Other("control-error", String::new()));
callback!(on_migration_iteration(iteration: c_int) => EventKind::Other("migration-iteration", iteration.to_string()));
callback!(on_memory_device_size(alias: *const c_char, size_kib: c_ulonglong)
    => EventKind::Other("memory-device-size-change", joined(&[text(alias), format!("{size_kib} KiB")])));
callback!(on_nic_mac_change(alias: *const c_char, _old: *const c_char, new: *const c_char)
    => EventKind::Other("nic-mac-change", joined(&[text(alias), text(new)])));

/// What is there of these, with a blank between.
fn joined(pieces: &[String]) -> String {
    let there: Vec<_> = pieces
        .iter()
        .map(String::as_str)
        .filter(|piece| !piece.is_empty())
        .collect();
    there.join(" ")
}
