//! What commands without a screen ask of the networks of a host.

use std::net::IpAddr;

use super::once::Session;
use super::{net_verbs, networks, remedies};
use crate::libvirt::ffi::Error;
use crate::model::{HostNetworks, Uuid};
use crate::network::{BridgePlan, BridgeWish};
use crate::protocol::{Failure, HostFiles, NetVerb};

impl Session {
    /// Networks, links and filters of the host.
    ///
    /// # Errors
    /// libvirt's own, when the connection is gone; what else it does not tell says so in its place.
    pub fn networks(&self, which: HostFiles) -> Result<HostNetworks, Failure> {
        let way = self.way(which);
        networks::read(&self.connection, self.spec.uri.as_ref(), &way)
            .map_err(|error| self.failure("read the networks", &error))
    }

    /// The XML of a network: live, or of its next start.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn network_xml(&self, uuid: Uuid, inactive: bool) -> Result<String, Failure> {
        self.connection
            .network_xml(uuid, inactive)
            .map_err(|error| self.failure("read the XML of the network", &error))
    }

    /// The XML of an interface of the host.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn interface_xml(&self, name: &str) -> Result<String, Failure> {
        self.connection
            .interface_xml(name)
            .map_err(|error| self.failure(format!("read the XML of interface '{name}'"), &error))
    }

    /// Does something to networks, filters or interfaces, and waits for it.
    ///
    /// # Errors
    /// What failed, with libvirt's reason and the way out.
    pub fn act_on_networks(&self, verb: &NetVerb) -> Result<(), Failure> {
        let uri = self.spec.uri.as_ref();
        if self.spec.readonly {
            let what = net_verbs::label(verb);
            return Err(remedies::failure(what, &Error::read_only(), uri));
        }
        net_verbs::perform(&self.connection, verb)
            .map_err(|(what, error)| remedies::failure(what, &error, uri))
    }

    /// The host as it is, and what a change of a bridge would do to it, or why it cannot be done. `ssh` is the address by
    /// which somebody who must not be cut off came.
    ///
    /// # Errors
    /// libvirt's own, when the connection is gone.
    #[allow(
        clippy::type_complexity,
        reason = "what it cannot do is an answer, not a failure"
    )]
    pub fn bridge_plan(
        &self,
        which: HostFiles,
        wish: &BridgeWish,
        ssh: Option<IpAddr>,
    ) -> Result<(HostNetworks, Result<BridgePlan, String>), Failure> {
        let way = self.way(which);
        networks::plan(&self.connection, self.spec.uri.as_ref(), &way, wish, ssh)
            .map_err(|error| self.failure("read the links of the host", &error))
    }
}
