//! What the domain is and how it fares.

use super::sheet::{Sheet, SheetLine};
use crate::app::{Guest, State, Tone};
use crate::model::{AddressSource, Definition};
use crate::ports;
use crate::text;

/// The lines of the overview in `width` columns.
pub(super) fn lines(state: &State, guest: &Guest, width: u16) -> Vec<SheetLine> {
    let mut present = Sheet::default();
    condition(state, guest, &mut present);
    resources(state, guest, &mut present);
    let mut lasting = Sheet::default();
    identity(guest, &mut lasting);
    present.beside(lasting, width)
}

/// Who told an address.
pub(super) fn source_word(source: AddressSource) -> &'static str {
    match source {
        AddressSource::Agent => "guest agent",
        AddressSource::Lease => "DHCP lease",
        AddressSource::Arp => "ARP table",
    }
}

fn condition(state: &State, guest: &Guest, sheet: &mut Sheet) {
    let domain = &guest.domain;
    let word = domain.state.label(domain.managed_save == Some(true));
    let words = match domain.reason.label(domain.state) {
        Some(reason) => format!("{word} ({reason})"),
        None => word.to_owned(),
    };
    sheet.toned("State", words, Tone::Strong);
    if let Some(silence) = guest.silence(state.now.instant) {
        let words = format!(
            "not responding for {silence}: its hypervisor does not answer libvirt. State, CPU, network, addresses and XML \
             come without it and are still known; memory in use and disks are as they were. Force Off works."
        );
        sheet.toned("", words, Tone::Bad);
    }
    if domain
        .definition
        .as_ref()
        .is_some_and(|definition| definition.breaks_at_restart)
    {
        let words = "title or description hold control characters that libvirt cannot read again: the domain will not \
                     survive a restart of the daemon. Mend Title writes them as visible text.";
        sheet.toned("Warning", words, Tone::Bad);
    }
    if let Some(why) = &domain.definition_error {
        sheet.toned("XML", format!("cannot be read: {why}"), Tone::Warn);
    }
}

fn resources(state: &State, guest: &Guest, sheet: &mut Sheet) {
    let domain = &guest.domain;
    let cpu = guest.cpu_percent().map(|guests| {
        let host = guest
            .host_cpu_percent(state.connection(domain.id.connection))
            .map_or_else(String::new, |host| {
                format!(", {} of the host's", text::percent(host))
            });
        format!("{} of its vCPUs{host}", text::percent(guests))
    });
    sheet.pair("CPU", cpu);
    sheet.pair("vCPUs", domain.vcpus.map(|count| count.to_string()));
    sheet.pair("Memory", memory(guest));
    let address = guest
        .address()
        .map(|found| format!("{} ({})", found.address, source_word(found.source)));
    sheet.pair("IP", address);
    sheet.pair("Display", ports::column(guest.endpoints()));
}

/// What is used or given, of how much, and who says so.
fn memory(guest: &Guest) -> Option<String> {
    let size = |kib: u64| text::bytes(kib.saturating_mul(1024));
    let largest = guest.memory_max_kib();
    let most = largest.map_or_else(String::new, |kib| format!(", {} at most", size(kib)));
    if !guest.domain.state.is_active() {
        return largest.map(|kib| format!("{} at most", size(kib)));
    }
    match guest.memory_used_kib() {
        Some(used) if guest.memory_is_used() => Some(format!(
            "{} used{most} (told by the guest's balloon driver)",
            size(used)
        )),
        Some(given) => Some(format!(
            "{} given{most} (size of the balloon: the guest does not tell what it uses)",
            size(given)
        )),
        None => largest.map(|kib| format!("{} at most", size(kib))),
    }
}

fn identity(guest: &Guest, sheet: &mut Sheet) {
    let domain = &guest.domain;
    let definition = domain.definition.as_deref();
    let of = |read: fn(&Definition) -> Option<String>| definition.and_then(read);
    sheet.pair("Name", Some(domain.name.as_str()));
    sheet.pair("Id", domain.runtime_id.map(|id| id.to_string()));
    sheet.pair("UUID", Some(domain.id.uuid.to_string()));
    sheet.pair("Title", of(|d| d.title.clone()));
    sheet.pair("Description", of(|d| d.description.clone()));
    if let Some(tags) = guest.tags() {
        sheet.pair("Tags", Some(tags));
    }
    if let Some(notes) = guest.notes() {
        sheet.pair("Notes", Some(notes.lines().collect::<Vec<_>>().join(" / ")));
    }
    sheet.pair("Operating system", of(operating_system));
    sheet.pair("Virtualization", guest.virt_type());
    let machine = of(|d| {
        let parts = [d.machine.clone(), d.arch.clone()];
        let words: Vec<_> = parts.into_iter().flatten().collect();
        (!words.is_empty()).then(|| words.join(", "))
    });
    sheet.pair("Machine", machine);
    sheet.pair("Firmware", of(|d| d.firmware.clone()));
    sheet.pair("Emulator", of(|d| d.emulator.clone()));
    let yes = |value: Option<bool>| value.map(|yes| if yes { "yes" } else { "no" });
    sheet.pair("Autostart", yes(domain.autostart));
    let defined = if domain.persistent {
        "yes"
    } else {
        "no: it is gone when it stops"
    };
    sheet.pair("Persistent", Some(defined));
    let saved = match domain.managed_save {
        Some(true) => Some("yes: Start goes on from there"),
        Some(false) => Some("no"),
        None => None,
    };
    sheet.pair("Managed save", saved);
}

/// What libosinfo calls it, else what the definition says it boots; `hvm` is every system.
fn operating_system(definition: &Definition) -> Option<String> {
    let kind = definition.os_type.as_deref().filter(|kind| *kind != "hvm");
    definition.os_id.clone().or_else(|| kind.map(str::to_owned))
}
