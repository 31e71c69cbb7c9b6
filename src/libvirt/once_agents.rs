//! What commands without a screen ask of the agent in a guest, and of QEMU's monitor.

use super::ffi::{Error, Result};
use super::once::Session;
use super::{agent, hardware};
use crate::model::{GuestFileSystem, Uuid};
use crate::protocol::{AgentReport, Failure, GuestVcpus, RawCommand};

impl Session {
    /// All that the agent of a guest tells.
    ///
    /// # Errors
    /// libvirt's own, such as that no agent is connected.
    pub fn agent_report(&self, uuid: Uuid) -> std::result::Result<AgentReport, Failure> {
        self.asked(|| agent::read(&self.connection.domain(uuid)?))
    }

    /// Fields of `virDomainGetGuestInfo` with their values, in libvirt's words and order.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn guest_info(&self, uuid: Uuid) -> std::result::Result<Vec<(String, String)>, Failure> {
        self.asked(|| {
            let fields = self.connection.domain(uuid)?.guest_info()?.into_iter();
            Ok(fields
                .map(|(field, value)| (field, value.into_text()))
                .collect())
        })
    }

    /// The file systems that are mounted in a guest, with the disks they lie on.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn mounted(&self, uuid: Uuid) -> std::result::Result<Vec<GuestFileSystem>, Failure> {
        self.asked(|| self.connection.domain(uuid)?.mounted())
    }

    /// What the guest says of its virtual CPUs.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn guest_vcpus(&self, uuid: Uuid) -> std::result::Result<GuestVcpus, Failure> {
        self.asked(|| hardware::guest_vcpus(&self.connection.domain(uuid)?))
    }

    /// The authorized ssh keys of a user of a guest.
    ///
    /// # Errors
    /// libvirt's own, such as that there is no such user.
    pub fn ssh_keys(&self, uuid: Uuid, user: &str) -> std::result::Result<Vec<String>, Failure> {
        self.asked(|| agent::ssh_keys(&self.connection.domain(uuid)?, user))
    }

    /// Passes a command on to QEMU's monitor or to the agent, and gives what it said.
    ///
    /// # Errors
    /// libvirt's own, or that the connection is read-only.
    pub fn raw(&self, uuid: Uuid, command: &RawCommand) -> std::result::Result<String, Failure> {
        let pass = || {
            if self.spec.readonly {
                return Err(Error::read_only());
            }
            agent::raw(&self.connection.domain(uuid)?, command)
        };
        pass().map_err(|error| self.failure("pass the command on", &error))
    }

    fn asked<T>(&self, ask: impl FnOnce() -> Result<T>) -> std::result::Result<T, Failure> {
        ask().map_err(|error| self.failure("ask the guest agent", &error))
    }
}
