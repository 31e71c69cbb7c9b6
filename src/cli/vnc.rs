//! `virtty vnc NAME`: the address of the VNC display.

use std::io::Write as _;

use super::args::{Cli, Vnc};
use super::failure::complain;
use super::here::here;
use super::hosts::Hosts;
use super::output::Output;
use super::{Error, Exit, Problem};
use crate::model::{Endpoint, EndpointKind};
use crate::ports;

pub(super) fn run(cli: &Cli, arguments: &Vnc, out: &mut Output) -> Result<(), Problem> {
    let hosts = Hosts::open(cli)?;
    let (host, domain) = hosts.find(&arguments.name)?;
    let name = &domain.name;
    let not_running = |state| {
        Error::new(
            Exit::NotRunning,
            format!("domain '{name}' is not running ({state})"),
        )
    };
    if !domain.state.is_active() {
        return Err(not_running(domain.state.virsh_word()).into());
    }
    let Some(definition) = host.session.definition(domain.id.uuid)? else {
        return Err(Error::new(Exit::NoDomain, format!("domain '{name}' is gone")).into());
    };
    let displays: Vec<_> = definition
        .endpoints
        .iter()
        .filter(|endpoint| endpoint.kind == EndpointKind::Vnc)
        .collect();
    let usable = displays
        .iter()
        .find_map(|endpoint| Some((*endpoint, ports::target(endpoint, &host.uri)?)));
    let Some((endpoint, target)) = usable else {
        return Err(unusable(name, &displays, &definition.endpoint_errors).into());
    };
    writeln!(out, "{target}")?;
    if ports::tunnel_needed(endpoint, &host.uri)
        && let Some(tunnel) = ports::ssh_forward(endpoint, &host.uri, &here())
    {
        complain(&format!(
            "reachable on its own host only; from here: {tunnel}"
        ));
    }
    Ok(())
}

/// Why none of the displays has an address.
fn unusable(name: &str, displays: &[&Endpoint], refused: &[String]) -> Error {
    if let Some(first) = refused.first() {
        return Error::new(Exit::Failed, format!("domain '{name}': {first}"));
    }
    let why = match displays.first() {
        None => "has no VNC display",
        Some(display) if display.port.is_some() => {
            "has a VNC display on a network whose address is not known"
        }
        Some(display) if display.listen == Some(crate::model::ListenKind::None) => {
            "has a VNC display that listens on nothing"
        }
        Some(_) => "has a VNC display without a port (not allocated)",
    };
    Error::new(Exit::NoVnc, format!("domain '{name}' {why}"))
}
