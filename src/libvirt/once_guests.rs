//! What commands without a screen ask of one domain, or of a host.

use super::addresses;
use super::ffi::Control;
use super::once::Session;
use crate::model::{AddressSource, GuestAddress, HostVersions, NodeInfo, Uuid};
use crate::protocol::Failure;

/// Virtual CPUs of a domain; `None` where libvirt has no such figure, as of a domain that is off or transient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct VcpuCounts {
    /// At most, from the next start on.
    pub maximum_config: Option<u32>,
    /// At most, as it runs.
    pub maximum_live: Option<u32>,
    /// From the next start on.
    pub config: Option<u32>,
    /// As it runs.
    pub live: Option<u32>,
}

impl Session {
    /// Addresses of a guest: from one source, or the best first from all that answer.
    ///
    /// # Errors
    /// libvirt's own; of all sources the best's, when none answers.
    pub fn addresses(
        &self,
        uuid: Uuid,
        source: Option<AddressSource>,
    ) -> Result<Vec<GuestAddress>, Failure> {
        let read = || {
            let domain = self.connection.domain(uuid)?;
            match source {
                Some(source) => domain.addresses(source),
                None => addresses::read(&domain, true),
            }
        };
        read().map_err(|error| self.failure("read the addresses", &error))
    }

    /// All that libvirt counts of a domain, by its own names.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn all_stats(&self, uuid: Uuid) -> Result<Vec<(String, String)>, Failure> {
        let read = || self.connection.domain(uuid)?.all_stats();
        read().map_err(|error| self.failure("read the figures", &error))
    }

    /// Whether the monitor of a running domain answers, in virsh's words.
    ///
    /// # Errors
    /// libvirt's own; for a domain that does not run.
    pub fn control(&self, uuid: Uuid) -> Result<String, Failure> {
        let read = || self.connection.domain(uuid)?.control();
        let control = read().map_err(|error| self.failure("ask for its monitor", &error))?;
        Ok(match control {
            Control::Free => "ok".to_owned(),
            Control::Job => "background job".to_owned(),
            Control::Occupied(since) => format!("occupied ({:.3}s)", since.as_secs_f64()),
            Control::Broken => "error".to_owned(),
        })
    }

    /// On which CPU of the host each virtual CPU of a running domain was last.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn placed(&self, uuid: Uuid, vcpus: u32) -> Result<Vec<(u32, u32)>, Failure> {
        let read = || self.connection.domain(uuid)?.placed(vcpus);
        read().map_err(|error| self.failure("see where it runs", &error))
    }

    /// The virtual CPUs of a domain.
    ///
    /// # Errors
    /// libvirt's own, when it tells none of the figures.
    pub fn vcpu_counts(&self, uuid: Uuid) -> Result<VcpuCounts, Failure> {
        let read = || {
            let domain = self.connection.domain(uuid)?;
            let count = |maximum, live| domain.vcpu_count(maximum, live).ok();
            let counts = VcpuCounts {
                maximum_config: count(true, false),
                maximum_live: count(true, true),
                config: count(false, false),
                live: count(false, true),
            };
            match counts {
                VcpuCounts {
                    config: None,
                    live: None,
                    ..
                } => {
                    // Its reason is what is told.
                    domain.vcpu_count(false, false).map(|_| counts)
                }
                counts => Ok(counts),
            }
        };
        read().map_err(|error| self.failure("count the virtual CPUs", &error))
    }

    /// CPUs, memory and name of the host.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn node(&self) -> Result<NodeInfo, Failure> {
        self.connection
            .node_info()
            .map_err(|error| self.failure("read the host", &error))
    }

    /// What runs on the host: the name of the driver, and versions.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn versions(&self) -> Result<(String, HostVersions), Failure> {
        self.connection
            .driver()
            .map(|driver| (driver, self.connection.versions()))
            .map_err(|error| self.failure("read the versions", &error))
    }

    /// What the hypervisor can do, as XML.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn capabilities(&self) -> Result<String, Failure> {
        self.connection
            .capabilities()
            .map_err(|error| self.failure("read the capabilities", &error))
    }

    /// What domains of one kind may have, as XML; the driver chooses what is left out.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn domain_capabilities(
        &self,
        kind: Option<&str>,
        arch: Option<&str>,
        machine: Option<&str>,
    ) -> Result<String, Failure> {
        self.connection
            .domain_capabilities(None, arch, machine, kind)
            .map_err(|error| self.failure("read what domains may have", &error))
    }
}
