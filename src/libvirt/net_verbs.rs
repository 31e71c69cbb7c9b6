//! Doing something to networks, filters and interfaces of a host, for the screen and for commands alike.

use super::ffi::{Connection, Error, InterfaceStep};
use super::verbs::Failed;
use crate::model::StoredKind;
use crate::protocol::{NetVerb, NetworkVerb};

/// virt-manager's word for a verb.
#[must_use]
pub fn label(verb: &NetVerb) -> &'static str {
    match verb {
        NetVerb::Network(_, NetworkVerb::Start) => "Start the network",
        NetVerb::Network(_, NetworkVerb::Stop) => "Stop the network",
        NetVerb::Network(_, NetworkVerb::SetAutostart(true)) => "Autostart the network",
        NetVerb::Network(_, NetworkVerb::SetAutostart(false)) => "Do not autostart the network",
        NetVerb::Network(_, NetworkVerb::Undefine) => "Delete the network",
        NetVerb::Network(_, NetworkVerb::Update(_)) => "Change the network",
        NetVerb::DefineNetwork { .. } => "Define the network",
        NetVerb::CreateNetwork(_) => "Create the network",
        NetVerb::DefineFilter(_) => "Define the filter",
        NetVerb::UndefineFilter(_) => "Delete the filter",
        NetVerb::DefineInterface(_) => "Define the interface",
        NetVerb::UndefineInterface(_) => "Delete the interface's definition",
        NetVerb::BeginInterfaces => "Begin to change interfaces",
        NetVerb::CommitInterfaces => "Keep the changed interfaces",
        NetVerb::RollbackInterfaces => "Take the changed interfaces back",
        NetVerb::SwitchInterface(_, true) => "Start the interface",
        NetVerb::SwitchInterface(_, false) => "Stop the interface",
    }
}

/// Does it.
///
/// # Errors
/// What failed, and why in libvirt's words or ours.
pub fn perform(connection: &Connection, verb: &NetVerb) -> Result<(), Failed> {
    let what = label(verb);
    let fail = |error: Error| (what.to_owned(), error);
    match verb {
        NetVerb::Network(uuid, wanted) => {
            let (name, active, persistent) = connection.network_state(*uuid).map_err(fail)?;
            let fail = |error: Error| (format!("{what} '{name}'"), error);
            if let Some(why) = illegal(wanted, active, persistent) {
                return Err(fail(Error::own(why)));
            }
            let done = match wanted {
                NetworkVerb::Start => connection.start_network(*uuid),
                NetworkVerb::Stop => connection.stop_network(*uuid),
                NetworkVerb::SetAutostart(on) => connection.autostart_network(*uuid, *on),
                NetworkVerb::Undefine => connection.undefine_network(*uuid),
                NetworkVerb::Update(update) => connection.update_network(*uuid, update),
            };
            done.map_err(fail)
        }
        NetVerb::DefineNetwork {
            xml,
            start,
            autostart,
        } => define(connection, xml, *start, *autostart).map_err(fail),
        NetVerb::CreateNetwork(xml) => connection.create_network(xml).map_err(fail),
        NetVerb::DefineFilter(xml) => connection
            .define(StoredKind::NwFilter, xml, false)
            .map_err(fail),
        NetVerb::UndefineFilter(uuid) => connection.undefine_filter(*uuid).map_err(fail),
        NetVerb::DefineInterface(xml) => connection.define_interface(xml).map_err(fail),
        NetVerb::UndefineInterface(name) => connection
            .undefine_interface(name)
            .map_err(|error| (format!("{what} '{name}'"), error)),
        NetVerb::BeginInterfaces => connection
            .interface_change(InterfaceStep::Begin)
            .map_err(fail),
        NetVerb::CommitInterfaces => connection
            .interface_change(InterfaceStep::Commit)
            .map_err(fail),
        NetVerb::RollbackInterfaces => connection
            .interface_change(InterfaceStep::Rollback)
            .map_err(fail),
        NetVerb::SwitchInterface(name, on) => connection
            .switch_interface(name, *on)
            .map_err(|error| (format!("{what} '{name}'"), error)),
    }
}

/// Defines a network and does what is wished with it. One that was not there before and cannot be started is taken back.
fn define(connection: &Connection, xml: &str, start: bool, autostart: bool) -> Result<(), Error> {
    let before: Vec<_> = connection
        .networks()?
        .into_iter()
        .map(|network| network.uuid)
        .collect();
    let uuid = connection.define_network(xml)?;
    let new = !before.contains(&uuid);
    let then = || {
        if autostart {
            connection.autostart_network(uuid, true)?;
        }
        if start && !connection.network_state(uuid)?.1 {
            connection.start_network(uuid)?;
        }
        Ok(())
    };
    then().map_err(|error: Error| {
        if !new {
            return error;
        }
        match connection.undefine_network(uuid) {
            Ok(()) => Error {
                message: format!("{}; the new definition was taken back", error.message),
                ..error
            },
            Err(left) => Error {
                message: format!("{}; its definition stays: {left}", error.message),
                ..error
            },
        }
    })
}

/// Why a verb makes no sense for a network; `None` where it does.
#[must_use]
pub fn illegal(verb: &NetworkVerb, active: bool, persistent: bool) -> Option<&'static str> {
    match verb {
        NetworkVerb::Start if active => Some("the network is already active"),
        NetworkVerb::Stop if !active => Some("the network is not active"),
        NetworkVerb::SetAutostart(_) | NetworkVerb::Undefine if !persistent => {
            Some("the network is transient: it has no definition and is gone when it stops")
        }
        _ => None,
    }
}
