//! What commands without a screen ask of disks and of what takes long.

use super::long_jobs;
use super::once::Session;
use crate::model::Uuid;
use crate::protocol::{DomainDisks, Failure, LongJob};

impl Session {
    /// The disks of a domain with their chains, errors and jobs.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn disks(&self, uuid: Uuid) -> Result<DomainDisks, Failure> {
        let read = || super::disks::read(&self.connection.domain(uuid)?, true, self.spec.readonly);
        read().map_err(|error| self.failure("read the disks", &error))
    }

    /// What a domain is busy with; `None` when with nothing.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn long_job(&self, uuid: Uuid) -> Result<Option<LongJob>, Failure> {
        let read = || {
            let domain = self.connection.domain(uuid)?;
            if !domain.has_job()? {
                return Ok(None);
            }
            Ok(Some(long_jobs::of_domain(uuid, &domain.job_stats()?)))
        };
        read().map_err(|error| self.failure("ask for its job", &error))
    }
}
