//! Storage for commands without a screen.

use super::ffi::{Error, Result};
use super::once::Session;
use super::storage_reads;
use super::storage_verbs::{self, Beside};
use super::volume_transfers;
use crate::model::{Leftover, Pool, StorageVolume, Uuid};
use crate::protocol::{Drive, Failure, PoolName, SecretUse, SecretValue, StorageVerb, VolumeName};
use crate::storage;

impl Session {
    /// Does something to the storage, by the same code as the screen, and waits for it. `progress` is told how many bytes
    /// of how many a transfer has done; `false` gives it up.
    ///
    /// # Errors
    /// What failed, naming the thing, with libvirt's reason and the way out.
    pub fn store(
        &self,
        verb: &StorageVerb,
        progress: &dyn Fn(u64, Option<u64>) -> bool,
    ) -> std::result::Result<(), Failure> {
        if self.spec.readonly {
            return Err(self.failure(storage_verbs::label(verb), &Error::read_only()));
        }
        let beside = Beside {
            uri: self.spec.uri.as_ref(),
            pausing: &|| {},
            progress,
            aside: &|| {
                let other = super::once::open(self.spec.uri.clone(), true);
                other
                    .map(|session| session.connection)
                    .map_err(|failure| Error::own(failure.reason))
            },
        };
        storage_verbs::perform(&self.connection, verb, &beside)
            .map_err(|(what, error)| self.failure(what, &error))
    }

    fn storage<T>(
        &self,
        what: &str,
        read: impl FnOnce() -> Result<T>,
    ) -> std::result::Result<T, Failure> {
        read().map_err(|error| self.failure(what, &error))
    }

    /// All storage pools.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn pools(&self) -> std::result::Result<Vec<Pool>, Failure> {
        self.storage("list the storage pools", || self.connection.pools())
    }

    /// The XML of a pool.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn pool_xml(
        &self,
        name: &PoolName,
        inactive: bool,
    ) -> std::result::Result<String, Failure> {
        self.storage("read the pool", || {
            self.connection.pool_of(name)?.xml(inactive)
        })
    }

    /// The volumes of a pool.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn volumes(&self, pool: Uuid) -> std::result::Result<Vec<StorageVolume>, Failure> {
        self.storage("list the volumes", || {
            let names = self.connection.volume_names(pool)?;
            self.connection.volumes(pool, &names)
        })
    }

    /// A volume: the name of its pool, what is known of it, its XML.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn volume(
        &self,
        name: &VolumeName,
    ) -> std::result::Result<(String, StorageVolume, String), Failure> {
        self.storage("read the volume", || {
            let volume = self.connection.volume_of(name)?;
            let xml = volume.xml()?;
            let facts = storage::volume(&xml)
                .ok_or_else(|| Error::own("libvirt's XML of the volume cannot be read"))?;
            Ok((volume.pool()?.name()?, facts, xml))
        })
    }

    /// All secrets, and who uses them.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn secrets(&self) -> std::result::Result<Vec<SecretUse>, Failure> {
        self.storage("list the secrets", || {
            storage_reads::secrets(&self.connection)
        })
    }

    /// The XML of a secret.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn secret_xml(&self, uuid: Uuid) -> std::result::Result<String, Failure> {
        self.storage("read the secret", || self.connection.secret_xml(uuid))
    }

    /// The value of a secret; `None` for one without.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn secret_value(&self, uuid: Uuid) -> std::result::Result<Option<SecretValue>, Failure> {
        self.storage("read the value of the secret", || {
            self.connection.secret_value(uuid)
        })
    }

    /// Block devices of the host, where that is this machine.
    ///
    /// # Errors
    /// libvirt's own; that the host is another machine.
    pub fn drives(&self) -> std::result::Result<Vec<Drive>, Failure> {
        self.storage("read the drives of the host", || {
            volume_transfers::drives(&self.connection, self.spec.uri.as_ref())
        })
    }

    /// Files that nobody needs.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn leftovers(&self) -> std::result::Result<Vec<Leftover>, Failure> {
        self.storage("look for leftovers", || {
            storage_reads::leftovers(&self.connection, self.spec.uri.as_ref())
        })
    }
}
