//! What is known of a host's domains, shared by the threads around one connection.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::ffi;
use crate::model::{Domain, Uuid};
use crate::protocol::Interest;

/// The domains of one incarnation of a host. Cheap to clone; locked only for moments, never over a libvirt call.
#[derive(Clone, Default)]
pub struct Roster {
    entries: Arc<Mutex<HashMap<Uuid, Entry>>>,
    interest: Arc<Mutex<Interest>>,
    hints: Arc<Mutex<BTreeSet<Uuid>>>,
}

/// One domain.
pub struct Entry {
    /// As last reported.
    pub domain: Domain,
    /// Its handle on the control connection.
    pub handle: ffi::Domain,
}

impl Roster {
    /// The entries, for a moment.
    pub fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the screen looks at, for a moment.
    pub fn interest(&self) -> MutexGuard<'_, Interest> {
        self.interest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says that a domain may have a job that takes long.
    pub fn hint(&self, uuid: Uuid) {
        self.hints
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(uuid);
    }

    /// Domains that were hinted at since it was asked last.
    pub fn take_hints(&self) -> BTreeSet<Uuid> {
        std::mem::take(&mut *self.hints.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Says what the screen looks at.
    pub fn set_interest(&self, interest: Interest) {
        *self.interest.lock().unwrap_or_else(PoisonError::into_inner) = interest;
    }
}
