//! Checks of what the domains ask of their host.

mod devices;
mod disks;
mod placing;
#[cfg(test)]
mod tests;

use super::checks::Found;
use super::facts::Facts;
use super::files::Files;
use super::{Check, Guest, Told};
use crate::text::shell_quote;

/// Most names in one line of evidence.
const NAMES: usize = 5;

/// Most commands in one remedy.
const COMMANDS: usize = 3;

pub(super) fn checks(facts: &Facts, told: &Told, files: &Files) -> Vec<Check> {
    let guests = told.guests.as_slice();
    let known = told.guests_known;
    let of = |found: Found| {
        if known {
            found
        } else {
            Found::unknown("the domains could not be read")
        }
    };
    vec![
        of(placing::huge_pages(facts, guests))
            .named("huge-pages", "Huge pages that domains ask for are there"),
        of(placing::crossing(facts, guests)).named("numa-crossing", "vCPUs stay near their memory"),
        of(placing::same_core(facts, guests))
            .named("pinned-siblings", "Pinned vCPUs have a core each"),
        of(placing::cpu_overcommit(facts, guests, false))
            .named("overcommit-cpu", "CPUs promised to running domains"),
        of(placing::memory_overcommit(facts, guests, false))
            .named("overcommit-memory", "Memory promised to running domains"),
        of(placing::cpu_overcommit(facts, guests, true)).named(
            "overcommit-cpu-autostart",
            "CPUs promised if everything autostarts",
        ),
        of(placing::memory_overcommit(facts, guests, true)).named(
            "overcommit-memory-autostart",
            "Memory promised if everything autostarts",
        ),
        of(disks::copy_on_write(guests, files)).named(
            "copy-on-write",
            "Images lie on file systems that write in place",
        ),
        of(disks::cache(guests, files))
            .named("disk-cache", "Disks have cache=none where it matters"),
        of(devices::emulated(guests))
            .named("emulated-devices", "Disks and network cards are virtio"),
        of(devices::open_displays(guests)).named("vnc-open", "Displays are not open to the world"),
        balloon(guests, known),
        of(disks::chains(guests)).named("image-chains", "Chains of images are short"),
        of(devices::machines(guests, told)).named("machine-types", "Machine types are up to date"),
        of(devices::emulation(guests, told))
            .named("emulated-cpu", "Domains run on the CPU, not in an emulator"),
    ]
}

/// The check of the balloons, which can be made again when it is known whether their drivers report.
pub(super) fn balloon(guests: &[Guest], known: bool) -> Check {
    let found = if known {
        devices::balloons(guests)
    } else {
        Found::unknown("the domains could not be read")
    };
    found.named("balloon", "Balloons have a driver in the guest")
}

/// Some names, and how many more there are.
fn listed(names: &[String]) -> String {
    let mut text = names
        .iter()
        .take(NAMES)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    if names.len() > NAMES {
        text.push_str(&format!(" and {} more", names.len() - NAMES));
    }
    text
}

/// Something wrong: whose it is, and the command that mends it.
type Wrong = (String, String);

/// `ok` when nothing was found, else a warning that names what was, with the commands for the first of them.
fn none_of(found: Vec<Wrong>, fine: &str, consequence: &'static str) -> Found {
    if found.is_empty() {
        return Found::ok(fine);
    }
    let (names, mut commands): (Vec<_>, Vec<_>) = found.into_iter().unzip();
    let mut kept: Vec<String> = Vec::new();
    for command in commands.drain(..).take(COMMANDS) {
        if !kept.contains(&command) {
            kept.push(command);
        }
    }
    // A remark behind a command would swallow what follows it.
    if let Some(at) = kept.iter().position(|command| command.contains("  # ")) {
        kept.truncate(at + 1);
    }
    Found::warn(listed(&names), consequence).by(kept.join(" && "))
}

/// The domain's name for a shell.
fn quoted(guest: &Guest) -> std::borrow::Cow<'_, str> {
    shell_quote(&guest.name)
}

/// The options that make a command of virsh hold now, where the domain runs, and from its next start on.
fn when(guest: &Guest) -> &'static str {
    if guest.running {
        "--live --config"
    } else {
        "--config"
    }
}
