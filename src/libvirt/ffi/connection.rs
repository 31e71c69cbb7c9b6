//! A connection to a libvirt daemon or in-process driver.

use std::collections::HashSet;
use std::ffi::{CString, c_int, c_void};
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use virt::connect::Connect;

use super::{Ask, Domain, Error, Result, Value, auth, params};
use crate::libvirt::meter::{Kind, Meter};
use crate::model::{DomainState, EventObject, HostVersions, NodeInfo, StateReason, Uuid};

/// A connection of one kind. Clones share the handle; the last one closes it on a thread of its own, because closing
/// waits for a daemon that may never answer.
#[derive(Clone)]
pub struct Connection {
    inner: Arc<Inner>,
    meter: Meter,
    /// What a person calls it, where libvirt was given something else.
    shown: Option<Arc<str>>,
}

struct Inner {
    /// `None` only while it is being dropped.
    handle: Option<Connect>,
    /// Keepalive is on.
    keepalive: AtomicBool,
    /// Registered event callbacks, to be deregistered before the close: each holds a reference of the connection.
    pub(super) callbacks: Mutex<Callbacks>,
}

#[derive(Default)]
pub(super) struct Callbacks {
    pub(super) events: Vec<c_int>,
    pub(super) objects: Vec<(EventObject, c_int)>,
    pub(super) close: bool,
}

/// Which domains a list is asked for: bits of `virConnectListAllDomainsFlags`, of which the lower eight mean the
/// same in `virConnectGetAllDomainStatsFlags`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filter(u32);

impl Filter {
    /// Every domain.
    pub const ALL: Self = Self(0);
    /// Running, paused, ...: with a hypervisor behind them.
    pub const ACTIVE: Self = Self(virt_sys::VIR_CONNECT_LIST_DOMAINS_ACTIVE);
    /// Shut off.
    pub const INACTIVE: Self = Self(virt_sys::VIR_CONNECT_LIST_DOMAINS_INACTIVE);
    /// Not defined on disk.
    pub const TRANSIENT: Self = Self(virt_sys::VIR_CONNECT_LIST_DOMAINS_TRANSIENT);
    /// Started with the host.
    pub const AUTOSTART: Self = Self(virt_sys::VIR_CONNECT_LIST_DOMAINS_AUTOSTART);
    /// Not started with the host.
    pub const NO_AUTOSTART: Self = Self(virt_sys::VIR_CONNECT_LIST_DOMAINS_NO_AUTOSTART);
    /// With a managed save image.
    pub const MANAGED_SAVE: Self = Self(virt_sys::VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE);
    /// Without a managed save image.
    pub const NO_MANAGED_SAVE: Self = Self(virt_sys::VIR_CONNECT_LIST_DOMAINS_NO_MANAGEDSAVE);
    /// With a snapshot.
    pub const SNAPSHOT: Self = Self(virt_sys::VIR_CONNECT_LIST_DOMAINS_HAS_SNAPSHOT);
    /// Without a snapshot.
    pub const NO_SNAPSHOT: Self = Self(virt_sys::VIR_CONNECT_LIST_DOMAINS_NO_SNAPSHOT);

    /// The domains of both filters at once.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn bits(self) -> u32 {
        self.0
    }
}

/// One domain of a bulk call.
pub struct Record {
    /// Its handle, with name, UUID and id as of this call.
    pub domain: Domain,
    /// `state.state` and `state.reason`; `None` when the driver left them out.
    pub state: Option<(DomainState, StateReason)>,
    /// `vcpu.current`.
    pub vcpus: Option<u32>,
    /// `balloon.current`, KiB.
    pub memory_kib: Option<u64>,
    /// `balloon.maximum`, KiB.
    pub max_memory_kib: Option<u64>,
}

/// `virDomainStatsTypes` that a list is made of.
const STATE: u32 = virt_sys::VIR_DOMAIN_STATS_STATE;
const SIZES: u32 = virt_sys::VIR_DOMAIN_STATS_VCPU | virt_sys::VIR_DOMAIN_STATS_BALLOON;

impl Connection {
    /// Opens a connection (`virConnectOpenAuth`). Blocks as long as the daemon likes: call it on a thread that nobody
    /// waits for without a limit. `ask` answers what the daemon asks for (SASL, libssh).
    ///
    /// # Errors
    /// libvirt's own, or a NUL in the URI.
    pub fn open(uri: Option<&str>, readonly: bool, ask: Ask, meter: Meter) -> Result<Self> {
        let uri = uri
            .map(|uri| CString::new(uri).map_err(|_| Error::own("the URI contains a NUL byte")))
            .transpose()?;
        let flags = if readonly {
            virt_sys::VIR_CONNECT_RO
        } else {
            0
        };
        let raw = meter.call("virConnectOpenAuth", || {
            auth::with_callback(ask, |auth| {
                // SAFETY: the URI is null or NUL-terminated, `auth` is valid for the call, and libvirt keeps neither.
                let raw = unsafe {
                    virt_sys::virConnectOpenAuth(
                        uri.as_ref().map_or(ptr::null(), |uri| uri.as_ptr()),
                        auth,
                        flags,
                    )
                };
                if raw.is_null() {
                    Err(Error::last())
                } else {
                    Ok(raw)
                }
            })
        })?;
        // SAFETY: the pointer is a fresh reference, owned from here on.
        let handle = unsafe { Connect::from_ptr(raw) };
        Ok(Self {
            inner: Arc::new(Inner {
                handle: Some(handle),
                keepalive: AtomicBool::new(false),
                callbacks: Mutex::default(),
            }),
            meter,
            shown: None,
        })
    }

    /// The same handle counted as another kind: an in-process driver has one state per handle, so all kinds share it.
    #[must_use]
    pub fn as_kind(&self, kind: Kind) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            meter: self.meter.as_kind(kind),
            shown: self.shown.clone(),
        }
    }

    /// Whether anybody but the caller holds it, or a domain, pool or the like of it.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        Arc::strong_count(&self.inner) > 1
    }

    /// The same connection under the URI that a person gave.
    #[must_use]
    pub fn shown_as(self, uri: &str) -> Self {
        Self {
            shown: Some(uri.into()),
            ..self
        }
    }

    /// Its meter.
    #[must_use]
    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    pub(super) fn callbacks(&self) -> &Mutex<Callbacks> {
        &self.inner.callbacks
    }

    pub(super) fn raw(&self) -> virt_sys::virConnectPtr {
        // SAFETY: as_ptr only copies the pointer, which lives as long as `inner`.
        self.inner
            .handle
            .as_ref()
            .map_or(ptr::null_mut(), |handle| unsafe { handle.as_ptr() })
    }

    pub(super) fn handle(&self) -> Result<&Connect> {
        self.inner
            .handle
            .as_ref()
            .ok_or_else(|| Error::own("the connection is closed"))
    }

    /// Whether libvirt still believes in the connection (`virConnectIsAlive`, no round trip).
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.handle()
            .and_then(|handle| Ok(handle.is_alive()?))
            .unwrap_or(false)
    }

    /// Sends keepalive messages each `interval` seconds and gives the connection up after `count` unanswered ones.
    /// Does nothing when the driver or the daemon has none.
    pub fn keepalive(&self, interval: i32, count: u32) {
        // SAFETY: the handle is valid. The result is 1 where the other side does not support it.
        let result = self.meter.call("virConnectSetKeepAlive", || unsafe {
            virt_sys::virConnectSetKeepAlive(self.raw(), interval, count)
        });
        self.inner.keepalive.store(result == 0, Ordering::Relaxed);
    }

    /// Whether keepalive is on.
    #[must_use]
    pub fn has_keepalive(&self) -> bool {
        self.inner.keepalive.load(Ordering::Relaxed)
    }

    /// `virConnectGetURI`, or what a person calls it, see [`Self::shown_as`].
    ///
    /// # Errors
    /// libvirt's own.
    pub fn uri(&self) -> Result<String> {
        if let Some(shown) = &self.shown {
            return Ok(shown.to_string());
        }
        let handle = self.handle()?;
        Ok(self.meter.call("virConnectGetURI", || handle.uri())?)
    }

    /// `virConnectGetType`: the driver's name.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn driver(&self) -> Result<String> {
        let handle = self.handle()?;
        Ok(self
            .meter
            .call("virConnectGetType", || handle.driver_type())?)
    }

    /// Versions of the daemon's libvirt and of its hypervisor; what the driver does not tell is `None`.
    #[must_use]
    pub fn versions(&self) -> HostVersions {
        let Ok(handle) = self.handle() else {
            return HostVersions::default();
        };
        HostVersions {
            libvirt: self
                .meter
                .call("virConnectGetLibVersion", || handle.lib_version())
                .ok()
                .map(u64::from),
            hypervisor: self
                .meter
                .call("virConnectGetVersion", || handle.hyp_version())
                .ok()
                .map(u64::from),
        }
    }

    /// `virNodeGetInfo` and `virConnectGetHostname`.
    ///
    /// # Errors
    /// libvirt's own; drivers without a host of their own have none.
    pub fn node_info(&self) -> Result<NodeInfo> {
        let handle = self.handle()?;
        let info = self.meter.call("virNodeGetInfo", || handle.node_info())?;
        let hostname = self
            .meter
            .call("virConnectGetHostname", || handle.hostname())
            .ok();
        Ok(NodeInfo {
            model: info.model,
            memory_kib: info.memory,
            cpus: info.cpus,
            mhz: info.mhz,
            nodes: info.nodes,
            sockets: info.sockets,
            cores: info.cores,
            threads: info.threads,
            hostname,
        })
    }

    /// Domains with their states in one round trip (`virConnectGetAllDomainStats`, state group only, which needs no
    /// monitor). `filter` may only use its lower eight bits.
    ///
    /// # Errors
    /// libvirt's own; unsupported where the driver has no bulk statistics.
    pub fn states(&self, filter: Filter) -> Result<Vec<Record>> {
        self.bulk("virConnectGetAllDomainStats(state)", STATE, filter)
    }

    /// vCPUs and memory of the domains that are off, in one round trip. Those that run would need their monitor:
    /// see [`Domain::info`].
    ///
    /// # Errors
    /// libvirt's own; unsupported where the driver has no bulk statistics.
    pub fn inactive_sizes(&self) -> Result<Vec<Record>> {
        self.bulk(
            "virConnectGetAllDomainStats(inactive sizes)",
            SIZES,
            Filter(Filter::INACTIVE.0 | virt_sys::VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT),
        )
    }

    fn bulk(&self, name: &'static str, groups: u32, filter: Filter) -> Result<Vec<Record>> {
        let mut records: *mut virt_sys::virDomainStatsRecordPtr = ptr::null_mut();
        // SAFETY: the handle is valid, `records` is a place for the list.
        let count = self.meter.call(name, || unsafe {
            virt_sys::virConnectGetAllDomainStats(
                self.raw(),
                groups,
                &raw mut records,
                filter.bits(),
            )
        });
        let Ok(count) = usize::try_from(count) else {
            return Err(Error::last());
        };
        // SAFETY: libvirt filled `count` pointers to valid records; each domain is referenced anew before the list,
        // which owns one reference, is freed.
        let found = unsafe {
            (0..count)
                .map(|index| &**records.add(index))
                .map(|record| self.record(record))
                .collect()
        };
        // SAFETY: the list came from libvirt and is not used below.
        unsafe { virt_sys::virDomainStatsRecordListFree(records) };
        Ok(found)
    }

    /// # Safety
    /// `record` is valid and holds a valid domain of this connection.
    unsafe fn record(&self, record: &virt_sys::virDomainStatsRecord) -> Record {
        // SAFETY: by the contract of this function.
        let domain = unsafe { Domain::reference(record.dom, self) };
        let mut found = Record {
            domain,
            state: None,
            vcpus: None,
            memory_kib: None,
            max_memory_kib: None,
        };
        let (mut state, mut reason) = (None, 0);
        // SAFETY: the record owns `nparams` parameters.
        for param in unsafe { params::slice(record.params, record.nparams) } {
            let number = || params::value(param).as_ref().and_then(Value::as_u64);
            match params::field(param) {
                b"state.state" => state = number(),
                b"state.reason" => reason = number().unwrap_or(0),
                b"vcpu.current" => {
                    found.vcpus = number().and_then(|count| u32::try_from(count).ok())
                }
                b"balloon.current" => found.memory_kib = number(),
                b"balloon.maximum" => found.max_memory_kib = number(),
                _ => {}
            }
        }
        found.state = state
            .and_then(|state| i32::try_from(state).ok())
            .map(|state| {
                let reason = i32::try_from(reason).unwrap_or(0);
                (DomainState::from_raw(state), StateReason(reason))
            });
        found
    }

    /// `virConnectListAllDomains`, one round trip.
    ///
    /// # Errors
    /// libvirt's own; more than 16,384 domains are refused by the protocol.
    pub fn list(&self, filter: Filter) -> Result<Vec<Domain>> {
        let handle = self.handle()?;
        let domains = self.meter.call("virConnectListAllDomains", || {
            handle.list_all_domains(filter.bits())
        })?;
        Ok(domains
            .into_iter()
            .map(|domain| Domain::new(domain, self))
            .collect())
    }

    /// UUIDs of the domains a filter leaves.
    ///
    /// # Errors
    /// As [`Self::list`].
    pub fn uuids(&self, filter: Filter) -> Result<HashSet<Uuid>> {
        self.list(filter)?.iter().map(Domain::uuid).collect()
    }

    /// `virDomainLookupByUUID`.
    ///
    /// # Errors
    /// libvirt's own, such as that there is none.
    pub fn domain(&self, uuid: Uuid) -> Result<Domain> {
        // SAFETY: the handle is valid, libvirt reads the 16 bytes and keeps nothing.
        let raw = self.meter.call("virDomainLookupByUUID", || unsafe {
            virt_sys::virDomainLookupByUUID(self.raw(), uuid.0.as_ptr())
        });
        if raw.is_null() {
            return Err(Error::last());
        }
        // SAFETY: a fresh reference, owned from here on.
        Ok(Domain::new(
            unsafe { virt::domain::Domain::from_ptr(raw) },
            self,
        ))
    }

    /// `virDomainLookupByName`.
    ///
    /// # Errors
    /// libvirt's own, such as that there is none; a NUL in the name.
    pub fn domain_by_name(&self, name: &str) -> Result<Domain> {
        let handle = self.handle()?;
        let domain = self.meter.call("virDomainLookupByName", || {
            handle.lookup_domain_by_name(name)
        })?;
        Ok(Domain::new(domain, self))
    }

    /// `virDomainLookupByID`.
    ///
    /// # Errors
    /// libvirt's own, such as that there is none.
    pub fn domain_by_id(&self, id: u32) -> Result<Domain> {
        let handle = self.handle()?;
        let domain = self
            .meter
            .call("virDomainLookupByID", || handle.lookup_domain_by_id(id))?;
        Ok(Domain::new(domain, self))
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let Some(handle) = self.handle.take() else {
            return;
        };
        let callbacks = std::mem::take(
            &mut *self
                .callbacks
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        );
        let close = Closing { handle, callbacks };
        // Not joined: deregistering and closing are round trips to a daemon that may be stopped.
        let spawned = thread::Builder::new()
            .name("libvirt-close".to_owned())
            .spawn(move || close.run());
        if let Err(error) = spawned {
            tracing::warn!("a connection is not closed: {error}");
        }
    }
}

struct Closing {
    handle: Connect,
    callbacks: Callbacks,
}

impl Closing {
    fn run(self) {
        // SAFETY: the handle is valid until the end of this function, the ids are those of its registrations, and
        // libvirt frees what the callbacks own through their free callbacks.
        unsafe {
            let raw = self.handle.as_ptr();
            if self.callbacks.close {
                super::events::unregister_close(raw);
            }
            for id in self.callbacks.events {
                virt_sys::virConnectDomainEventDeregisterAny(raw, id);
            }
            for (object, id) in self.callbacks.objects {
                super::object_events::deregister(raw, object, id);
            }
        }
    }
}

/// For callbacks that carry an owned closure: frees it when libvirt lets go of it.
///
/// # Safety
/// `opaque` came from `Box::into_raw` of a `Box<T>` and is freed by this call alone.
pub(super) unsafe extern "C" fn free_box<T>(opaque: *mut c_void) {
    // SAFETY: by the contract of this function.
    drop(unsafe { Box::from_raw(opaque.cast::<T>()) });
}
