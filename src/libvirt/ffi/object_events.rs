//! Events of networks, pools, secrets and devices of the host. Callbacks follow the rules of [`super::events`].

use std::ffi::{c_int, c_void};
use std::ptr;
use std::sync::{Arc, PoisonError};
use std::time::SystemTime;

use virt_sys::{virConnectPtr, virNetworkPtr, virNodeDevicePtr, virSecretPtr, virStoragePoolPtr};

use super::connection::free_box;
use super::events::text;
use super::{Connection, Error};
use crate::model::{EventObject, ObjectChange, ObjectEvent, Uuid};

/// Where they go. Called on the event thread: must not block and must not call libvirt.
pub type ObjectSink = Arc<dyn Fn(ObjectEvent) + Send + Sync>;

/// The first event of each kind is the lifecycle; the second is what else happens.
const LIFECYCLE: c_int = 0;
const OTHER: c_int = 1;

/// Sends what a callback was given.
///
/// # Safety
/// `opaque` is the box registered with the callback.
unsafe fn send(
    opaque: *mut c_void,
    object: EventObject,
    name: String,
    uuid: Option<Uuid>,
    change: ObjectChange,
) {
    // SAFETY: by the contract of this function; libvirt frees the box only after the last call.
    let sink = unsafe { &*opaque.cast::<ObjectSink>() };
    sink(ObjectEvent {
        object,
        name,
        uuid,
        time: SystemTime::now(),
        change,
    });
}

/// Defines a module with the two callbacks of a kind of object, their registration and its end.
macro_rules! object {
    ($module:ident: $pointer:ty, $object:expr, $other:expr, $register:ident, $deregister:ident, $name:path, $uuid:expr) => {
        mod $module {
            use super::*;

            unsafe extern "C" fn on_lifecycle(
                _: virConnectPtr,
                object: $pointer,
                event: c_int,
                detail: c_int,
                opaque: *mut c_void,
            ) {
                let change = ObjectChange::Lifecycle { event, detail };
                // SAFETY: libvirt passes a valid object and the box registered with this callback; name and UUID are local.
                unsafe { send(opaque, $object, text($name(object)), $uuid(object), change) };
            }

            unsafe extern "C" fn on_other(_: virConnectPtr, object: $pointer, opaque: *mut c_void) {
                // SAFETY: as above.
                unsafe { send(opaque, $object, text($name(object)), $uuid(object), $other) };
            }

            /// Registers one callback; the id is below 0 when the driver has no such event.
            pub(super) fn register(
                connection: &Connection,
                id: c_int,
                opaque: *mut c_void,
            ) -> c_int {
                type Generic = unsafe extern "C" fn(virConnectPtr, $pointer, *mut c_void);
                type Lifecycle =
                    unsafe extern "C" fn(virConnectPtr, $pointer, c_int, c_int, *mut c_void);
                let callback: Generic = if id == LIFECYCLE {
                    let lifecycle: Lifecycle = on_lifecycle;
                    // SAFETY: libvirt calls it with the arguments of this id, which are those of `Lifecycle`.
                    unsafe { std::mem::transmute::<Lifecycle, Generic>(lifecycle) }
                } else {
                    on_other
                };
                // SAFETY: the handle is valid; `opaque` is freed by libvirt through `free_box`, or by the caller.
                connection.meter().call(stringify!($register), || unsafe {
                    virt_sys::$register(
                        connection.raw(),
                        ptr::null_mut(),
                        id,
                        Some(callback),
                        opaque,
                        Some(free_box::<ObjectSink>),
                    )
                })
            }

            /// Takes a callback back.
            ///
            /// # Safety
            /// `raw` is a valid connection with this registration.
            pub(super) unsafe fn deregister(raw: virConnectPtr, id: c_int) {
                // SAFETY: by the contract of this function.
                unsafe { virt_sys::$deregister(raw, id) };
            }
        }
    };
}

/// The UUID that a libvirt call writes; local.
///
/// # Safety
/// `read` writes 16 bytes or answers below 0.
unsafe fn uuid(read: impl FnOnce(*mut u8) -> c_int) -> Option<Uuid> {
    let mut bytes = [0_u8; 16];
    (read(bytes.as_mut_ptr()) >= 0).then_some(Uuid(bytes))
}

unsafe fn network_uuid(raw: virNetworkPtr) -> Option<Uuid> {
    // SAFETY: the callbacks hold a valid network; libvirt writes VIR_UUID_BUFLEN (16) bytes.
    unsafe { uuid(|bytes| virt_sys::virNetworkGetUUID(raw, bytes)) }
}

unsafe fn pool_uuid(raw: virStoragePoolPtr) -> Option<Uuid> {
    // SAFETY: as above, of a pool.
    unsafe { uuid(|bytes| virt_sys::virStoragePoolGetUUID(raw, bytes)) }
}

unsafe fn secret_uuid(raw: virSecretPtr) -> Option<Uuid> {
    // SAFETY: as above, of a secret.
    unsafe { uuid(|bytes| virt_sys::virSecretGetUUID(raw, bytes)) }
}

/// Devices have none.
unsafe fn no_uuid(_: virNodeDevicePtr) -> Option<Uuid> {
    None
}

object!(network: virNetworkPtr, EventObject::Network, ObjectChange::Updated,
    virConnectNetworkEventRegisterAny, virConnectNetworkEventDeregisterAny,
    virt_sys::virNetworkGetName, network_uuid);
object!(pool: virStoragePoolPtr, EventObject::Pool, ObjectChange::Refreshed,
    virConnectStoragePoolEventRegisterAny, virConnectStoragePoolEventDeregisterAny,
    virt_sys::virStoragePoolGetName, pool_uuid);
object!(secret: virSecretPtr, EventObject::Secret, ObjectChange::ValueChanged,
    virConnectSecretEventRegisterAny, virConnectSecretEventDeregisterAny,
    virt_sys::virSecretGetUsageID, secret_uuid);
object!(node_device: virNodeDevicePtr, EventObject::NodeDevice, ObjectChange::Updated,
    virConnectNodeDeviceEventRegisterAny, virConnectNodeDeviceEventDeregisterAny,
    virt_sys::virNodeDeviceGetName, no_uuid);

impl Connection {
    /// Registers for the events of everything that is no domain; those a driver lacks do not come. A round trip each.
    pub fn watch_objects(&self, sink: &ObjectSink) {
        for object in EventObject::ALL {
            for id in [LIFECYCLE, OTHER] {
                let opaque: *mut c_void = Box::into_raw(Box::new(Arc::clone(sink))).cast();
                let registered = match (object, id) {
                    (EventObject::Network, LIFECYCLE) => network::register(self, id, opaque),
                    (EventObject::Pool, _) => pool::register(self, id, opaque),
                    (EventObject::Secret, _) => secret::register(self, id, opaque),
                    (EventObject::NodeDevice, _) => node_device::register(self, id, opaque),
                    // Domains are registered elsewhere; a network's other event is younger than what is required.
                    (EventObject::Domain | EventObject::Network, _) => -1,
                };
                if registered < 0 {
                    // SAFETY: libvirt did not take it.
                    unsafe { free_box::<ObjectSink>(opaque) };
                    tracing::debug!("no events of {}: {}", object.word(), Error::last());
                    continue;
                }
                let mut callbacks = self
                    .callbacks()
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner);
                callbacks.objects.push((object, registered));
            }
        }
    }
}

/// Takes a callback back.
///
/// # Safety
/// `raw` is a valid connection with this registration of [`Connection::watch_objects`].
pub(super) unsafe fn deregister(raw: virConnectPtr, object: EventObject, id: c_int) {
    // SAFETY: by the contract of this function.
    unsafe {
        match object {
            EventObject::Network => network::deregister(raw, id),
            EventObject::Pool => pool::deregister(raw, id),
            EventObject::Secret => secret::deregister(raw, id),
            EventObject::NodeDevice => node_device::deregister(raw, id),
            EventObject::Domain => {}
        }
    }
}
