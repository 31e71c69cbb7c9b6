//! Commands that read: they open the page or the section that shows it, or answer in the message line.

use super::targets;
use crate::app::{Bench, Details, Host, HostTab, Level, Page, Snapshots, State, Tab};
use crate::model::{ConnectionId, DomainId, DomainState};
use crate::ports;
use crate::protocol::XmlKind;
use crate::text::{self, visible};
use crate::virsh::Given;

/// Does a command that reads; `false` for one that is not known here.
pub(super) fn run(state: &mut State, given: &Given) -> Result<bool, String> {
    let name = given.command.name;
    if matches!(
        name,
        "domblklist" | "domblkinfo" | "domblkerror" | "domjobinfo"
    ) {
        let id = targets::one(state, given)?;
        bench(state, id);
        return Ok(true);
    }
    if matches!(name, "snapshot-list" | "checkpoint-list") {
        let id = targets::one(state, given)?;
        state.table.select(id);
        state
            .pages
            .push(Page::Snapshots(Box::new(Snapshots::new(id))));
        return Ok(true);
    }
    if let Some(tab) = section(name) {
        let id = targets::one(state, given)?;
        show(state, id, tab, given.has("inactive"));
        return Ok(true);
    }
    if !matches!(
        name,
        "domstate" | "domid" | "domuuid" | "domname" | "domcontrol" | "vcpucount"
    ) {
        return Ok(false);
    }
    let id = targets::one(state, given)?;
    let answer = answer(state, given, id).unwrap_or_else(|| "The domain is gone.".to_owned());
    state.say(Level::Note, answer);
    Ok(true)
}

/// The section of a domain's details that shows what a command of virsh prints.
fn section(command: &str) -> Option<Tab> {
    Some(match command {
        "dominfo" => Tab::Overview,
        "domstats" | "vcpuinfo" | "dommemstat" => Tab::Performance,
        "domblkstat" => Tab::Disks,
        "domiflist" | "domifaddr" | "domifstat" => Tab::Nics,
        "vncdisplay" | "domdisplay" | "ttyconsole" => Tab::Displays,
        "dumpxml" => Tab::Xml,
        _ => return None,
    })
}

/// Opens a section of a domain's details, or turns to it where its details are open already.
fn show(state: &mut State, id: DomainId, tab: Tab, inactive: bool) {
    if state.page().domain() == Some(id)
        && let Some(Page::Details(details)) = state.pages.last_mut()
    {
        details.show(tab);
        if inactive {
            details.xml_kind = XmlKind::Inactive;
        }
        return;
    }
    let mut details = Details::new(id, state.now.instant);
    details.show(tab);
    if inactive {
        details.xml_kind = XmlKind::Inactive;
    }
    state.table.select(id);
    state.pages.push(Page::Details(Box::new(details)));
}

/// Opens the disks of a domain, where the jobs on them are too.
pub(super) fn bench(state: &mut State, id: DomainId) {
    if let Page::Bench(bench) = state.page()
        && bench.id == id
    {
        return;
    }
    state.table.select(id);
    state.pages.push(Page::Bench(Box::new(Bench::new(id))));
}

/// Opens the overview of a domain.
pub(super) fn overview(state: &mut State, id: DomainId) {
    show(state, id, Tab::Overview, false);
}

/// What virsh would print, in one sentence.
fn answer(state: &State, given: &Given, id: DomainId) -> Option<String> {
    let guest = state.guest(id)?;
    let domain = &guest.domain;
    let name = visible(&domain.name);
    Some(match given.command.name {
        "domstate" => match domain.reason.virsh_word(domain.state) {
            Some(reason) => format!("{name}: {} ({reason})", domain.state.virsh_word()),
            None => format!("{name}: {}", domain.state.virsh_word()),
        },
        "domid" => match domain.runtime_id {
            Some(number) => format!("{name} has the id {number}."),
            None => format!("{name} has no id: it is not running."),
        },
        "domuuid" | "domname" => format!("{name} has the UUID {}.", id.uuid),
        "domcontrol" => match guest.silent_for(state.now.instant) {
            Some(age) => format!("{name} has not answered for {} s.", age.as_secs()),
            None if domain.state.is_active() => format!("{name} answers."),
            None => format!("{name} is not running."),
        },
        "vcpucount" => match domain.vcpus {
            Some(count) if domain.state == DomainState::ShutOff => {
                format!("{name} has {count} virtual CPUs at its next start.")
            }
            Some(count) => format!("{name} has {count} virtual CPUs."),
            None => format!("The virtual CPUs of {name} are not known."),
        },
        _ => return None,
    })
}

/// What virsh would print of a host: its page, or one sentence.
pub(super) fn host(state: &mut State, given: &Given, id: ConnectionId) {
    let tab = match given.command.name {
        "nodeinfo" => Some(HostTab::Facts),
        "capabilities" | "domcapabilities" => Some(HostTab::Capabilities),
        _ => None,
    };
    if let Some(tab) = tab {
        let mut page = Host::new(id);
        page.show(tab);
        state.pages.push(Page::Host(Box::new(page)));
        return;
    }
    let Some(connection) = state.connection(id) else {
        return;
    };
    let opened = connection.opened.as_ref();
    let answer = match given.command.name {
        "uri" => Some(connection.uri().to_owned()),
        "hostname" => opened.and_then(|one| one.node.as_ref()?.hostname.clone()),
        _ => opened.and_then(|one| {
            let libvirt = text::version(one.versions.libvirt?);
            let hypervisor = text::version(one.versions.hypervisor?);
            Some(format!("libvirt {libvirt}, {} {hypervisor}", one.driver))
        }),
    };
    let answer = answer.unwrap_or_else(|| "It is not known.".to_owned());
    state.say(Level::Note, visible(&answer).into_owned());
}

/// Jumps to whoever owns a port: the row of its domain, or the ports of all where several do.
pub(super) fn port(state: &mut State, port: u16) -> Result<(), String> {
    let mut owners: Vec<(DomainId, String)> = Vec::new();
    for (id, guest) in &state.guests {
        for endpoint in guest.endpoints() {
            if endpoint.ports().any(|one| one == port) {
                let address = ports::written(endpoint).unwrap_or_default();
                owners.push((*id, format!("{} {address}", endpoint.kind.word())));
            }
        }
    }
    owners.sort();
    owners.dedup_by_key(|(id, _)| *id);
    match owners.as_slice() {
        [] => Err(format!("no running domain listens on port {port}")),
        [(id, what)] => {
            let id = *id;
            let name = state
                .guest(id)
                .map_or_else(String::new, |guest| guest.domain.name.clone());
            let text = format!("Port {port} belongs to {} ({what}).", visible(&name));
            state.pages.clear();
            if !state.table.view().contains(&id) {
                state.table.set_filter("");
            }
            state.table.select(id);
            state.say(Level::Note, text);
            Ok(())
        }
        several => {
            let text = format!("{} domains listen on port {port}.", several.len());
            state.pages.clear();
            state.table.set_filter(&format!(":{port}"));
            state.say(Level::Note, text);
            Ok(())
        }
    }
}
