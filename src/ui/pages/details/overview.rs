//! What the domain is.

use ratatui::layout::Rect;

use super::Painter;
use super::sheet::Sheet;
use crate::app::{Details, Guest, State, Tone};
use crate::model::AddressSource;
use crate::ports;
use crate::text;

/// Draws the overview.
pub fn render(
    state: &State,
    guest: &Guest,
    details: &Details,
    area: Rect,
    painter: &mut Painter<'_>,
) {
    let mut sheet = Sheet::default();
    condition(state, guest, &mut sheet);
    identity(guest, &mut sheet);
    resources(state, guest, &mut sheet);
    sheet.render(details.top(), area, painter);
}

fn condition(state: &State, guest: &Guest, sheet: &mut Sheet) {
    let domain = &guest.domain;
    let word = domain.state.label(domain.managed_save == Some(true));
    let words = match domain.reason.label(domain.state) {
        Some(reason) => format!("{word} ({reason})"),
        None => word.to_owned(),
    };
    sheet.toned("State", words, Tone::Strong);
    if let Some(age) = guest.silent_for(state.now.instant) {
        let words = format!(
            "not responding for {} s: its hypervisor does not answer libvirt. State, addresses and XML are still known; \
             CPU and memory come without it; disks stand still. Force Off works.",
            age.as_secs()
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

fn identity(guest: &Guest, sheet: &mut Sheet) {
    let domain = &guest.domain;
    let definition = domain.definition.as_deref();
    let of = |read: fn(&crate::model::Definition) -> Option<String>| definition.and_then(read);
    sheet.pair("Id", domain.runtime_id.map(|id| id.to_string()));
    sheet.pair("UUID", Some(domain.id.uuid.to_string()));
    sheet.pair("Title", of(|d| d.title.clone()));
    sheet.pair("Description", of(|d| d.description.clone()));
    sheet.pair(
        "Operating system",
        of(|d| d.os_id.clone().or(d.os_type.clone())),
    );
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
    sheet.pair("Managed save", yes(domain.managed_save));
}

fn resources(state: &State, guest: &Guest, sheet: &mut Sheet) {
    let domain = &guest.domain;
    sheet.heading("Resources");
    sheet.pair("vCPUs", domain.vcpus.map(|count| count.to_string()));
    let size = |kib: u64| text::bytes(kib.saturating_mul(1024));
    let memory = guest.memory_used_kib().filter(|_| domain.state.is_active());
    let memory = match (memory, guest.memory_max_kib()) {
        (Some(used), Some(largest)) if guest.memory_is_used() => Some(format!(
            "{} used by the guest, {} at most",
            size(used),
            size(largest)
        )),
        (Some(given), Some(largest)) => Some(format!(
            "{} given, {} at most (the guest does not say what it uses)",
            size(given),
            size(largest)
        )),
        (_, largest) => largest.map(|largest| format!("{} at most", size(largest))),
    };
    sheet.pair("Memory", memory);
    let cpu = guest.cpu_percent().map(|guests| {
        let host = guest
            .host_cpu_percent(state.connection(domain.id.connection))
            .map_or_else(String::new, |host| {
                format!(", {} of the host", text::percent(host))
            });
        format!("{} of its vCPUs{host}", text::percent(guests))
    });
    sheet.pair("CPU", cpu);
    let address = guest.address().map(|found| {
        let source = match found.source {
            AddressSource::Agent => "guest agent",
            AddressSource::Lease => "DHCP lease",
            AddressSource::Arp => "ARP table",
        };
        format!("{} ({source})", found.address)
    });
    sheet.pair("IP", address);
    sheet.pair("Display", ports::column(guest.endpoints()));
}
