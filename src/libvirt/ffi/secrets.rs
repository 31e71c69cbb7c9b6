//! Secrets and their values.

use virt::secret::Secret as Handle;

use super::{Connection, Error, Result};
use crate::model::{Secret, Uuid};
use crate::protocol::SecretValue;
use crate::storage;

impl Connection {
    /// All secrets, without their values. What vanishes meanwhile is left out.
    ///
    /// # Errors
    /// libvirt's own, such as that the driver has no secrets.
    pub fn secrets(&self) -> Result<Vec<Secret>> {
        let handle = self.handle()?;
        let meter = self.meter();
        let secrets = meter.call("virConnectListAllSecrets", || handle.list_all_secrets(0))?;
        let read = secrets.iter().filter_map(|secret| {
            let xml = meter.call("virSecretGetXMLDesc", || secret.xml_desc(0));
            storage::secret(&xml.ok()?)
        });
        Ok(read.collect())
    }

    fn secret(&self, uuid: Uuid) -> Result<Handle> {
        let handle = self.handle()?;
        Ok(self.meter().call("virSecretLookupByUUIDString", || {
            handle.lookup_secret_by_uuid_string(&uuid.to_string())
        })?)
    }

    /// The XML of a secret, which holds no value.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn secret_xml(&self, uuid: Uuid) -> Result<String> {
        let secret = self.secret(uuid)?;
        Ok(self
            .meter()
            .call("virSecretGetXMLDesc", || secret.xml_desc(0))?)
    }

    /// `virSecretSetValue`; an empty value is forgotten.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn set_secret(&self, uuid: Uuid, value: &[u8]) -> Result<()> {
        let secret = self.secret(uuid)?;
        self.meter()
            .call("virSecretSetValue", || secret.set_value(value, 0))?;
        Ok(())
    }

    /// `virSecretGetValue`; `None` for one without a value.
    ///
    /// # Errors
    /// libvirt's own, such as that it is private.
    pub fn secret_value(&self, uuid: Uuid) -> Result<Option<SecretValue>> {
        let secret = self.secret(uuid)?;
        let mut size = 0;
        // SAFETY: the secret is valid, and the size is written before the value is used.
        let value = self.meter().call("virSecretGetValue", || unsafe {
            virt_sys::virSecretGetValue(secret.as_ptr(), &raw mut size, 0)
        });
        if value.is_null() {
            let error = Error::last();
            return if error.is_no_value() {
                Ok(None)
            } else {
                Err(error)
            };
        }
        // SAFETY: libvirt gives `size` bytes that are ours: copied, overwritten and freed here.
        let bytes = unsafe {
            let bytes = std::slice::from_raw_parts(value, size).to_vec();
            std::ptr::write_bytes(value, 0, size);
            libc::free(value.cast());
            bytes
        };
        Ok(Some(SecretValue::new(bytes)))
    }

    /// `virSecretUndefine`.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn undefine_secret(&self, uuid: Uuid) -> Result<()> {
        let secret = self.secret(uuid)?;
        self.meter()
            .call("virSecretUndefine", || secret.undefine())?;
        Ok(())
    }
}
