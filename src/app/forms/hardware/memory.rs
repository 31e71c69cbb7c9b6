//! The memory of a domain: its balloon as a slider, its maximum, slots for more, and a balloon that follows the guest.

use crate::app::{Ballooning, Field, Form, State, Tone, Wrong};
use crate::hardware::{Hardware, Item, Kind, To};
use crate::model::DomainId;
use crate::text;

/// Largest memory that can be typed, in KiB: a PiB.
const MOST_KIB: u64 = 1 << 40;
/// Smallest memory, in KiB.
const LEAST_KIB: u64 = 1024;
/// The lower end of the slider, as a part of the maximum.
const PART: u64 = 16;
/// Columns of the slider.
const WIDE: u64 = 17;

/// Keys of the fields about ballooning.
const KEEPS: [&str; 3] = ["auto", "headroom", "floor"];

/// The fields, filled in.
pub(super) fn fields(item: &Item, now: Option<&Ballooning>) -> Vec<Field> {
    let sizes = LEAST_KIB..=MOST_KIB;
    let slots = item.stored("maxMemory@slots").and_then(|n| n.parse().ok());
    let mut fields = vec![
        Field::size("currentMemory", "Memory", item.stored_kib("currentMemory"), sizes.clone())
            .help("+ and - move it. What it has, by its balloon: up to the maximum at once, where the guest's driver plays along."),
        Field::size("memory", "Maximum", item.stored_kib("memory"), sizes.clone())
            .help("The most that it can have while it runs; from the next boot on."),
        Field::size("maxMemory", "With devices", item.stored_kib("maxMemory"), sizes.clone())
            .optional()
            .help("The most with memory devices plugged in; more than the maximum. Left empty, none can be."),
        Field::number("maxMemory@slots", "Slots", slots, "", 1..=256)
            .optional()
            .help("How many memory devices can be plugged in."),
        Field::check(
            "shared",
            "Shared memory",
            item.stored("memoryBacking/access@mode") == Some("shared"),
        )
        .help("What virtiofs and vhost-user need; from the next boot on."),
    ];
    let (headroom, floor) = now.map_or((256 << 10, 512 << 10), |now| {
        (now.headroom_kib, now.floor_kib)
    });
    fields.extend([
        Field::check(KEEPS[0], "Follow the guest", now.is_some()).help(
            "Sets the balloon by what the guest says that it uses, as long as virtty runs; each step is in the log.",
        ),
        Field::size(KEEPS[1], "Headroom", Some(headroom), sizes.clone())
            .help("What the guest shall have beyond what it uses."),
        Field::size(KEEPS[2], "Never below", Some(floor), sizes).help("What it keeps in any case."),
    ]);
    fields
}

/// What the form says of ballooning.
fn keeps(form: &Form) -> Option<Ballooning> {
    let amounts = form.amount(KEEPS[1]).zip(form.amount(KEEPS[2]));
    amounts
        .filter(|_| form.checked(KEEPS[0]))
        .map(|(headroom, floor)| Ballooning::new(headroom, floor))
}

/// Whether the form changes how the balloon is kept.
pub(super) fn keeps_otherwise(state: &State, form: &Form, id: DomainId) -> bool {
    let both = |keeps: &Ballooning| (keeps.headroom_kib, keeps.floor_kib);
    form.field(KEEPS[0]).is_some()
        && keeps(form).as_ref().map(both) != state.ballooning.get(&id).map(both)
}

/// Switches ballooning on or off.
pub(super) fn keep(state: &mut State, form: &Form, id: DomainId) {
    match keeps(form) {
        Some(ballooning) => {
            state.ballooning.insert(id, ballooning);
        }
        None => {
            state.ballooning.remove(&id);
        }
    }
}

/// Shows what ballooning needs, sets the ends of the slider, and draws it with what the guest says.
pub(super) fn changed(state: &State, form: &mut Form, id: DomainId) {
    let auto = form.checked(KEEPS[0]);
    for key in &KEEPS[1..] {
        form.show(key, auto);
    }
    if keeps_otherwise(state, form, id) {
        let words = if auto {
            "The balloon follows the guest as long as virtty runs."
        } else {
            "The balloon stays as it is from now on."
        };
        form.preview.push((Tone::Good, words.to_owned()));
    }
    let guest = state
        .guest(id)
        .filter(|guest| guest.domain.state.is_active());
    let of_guest = guest.and_then(|guest| guest.tracked.figures().memory);
    let stored = form.amount("memory");
    let most = of_guest.and_then(|memory| memory.maximum_kib).or(stored);
    let Some(most) = most else { return };
    let least = (most / PART).max(LEAST_KIB);
    let Some(field) = form.field_mut("currentMemory") else {
        return;
    };
    field.slide = Some((least, most));
    field.caution = None;
    let Some(target) = field.amount() else { return };
    let size = |kib: u64| text::bytes(kib.saturating_mul(1024));
    // What its kernel keeps for itself is not to be had either.
    let told = of_guest.and_then(|memory| memory.current_kib.zip(memory.usable_kib));
    let taken = told.map(|(now, usable)| now.saturating_sub(usable));
    if let Some(taken) = taken.filter(|taken| target < *taken) {
        field.caution = Some(format!(
            "The guest and its kernel have {} in use: with less it swaps, or ends programs.",
            size(taken)
        ));
    }
    let bar = slider(least, most, target, taken);
    let mut lines = vec![(Tone::Info, format!("{} {bar} {}", size(least), size(most)))];
    if let Some(now) = of_guest.and_then(|memory| memory.current_kib) {
        let told = told.map_or_else(String::new, |(_, usable)| {
            format!("; the guest can use {} more of it", size(usable))
        });
        lines.push((Tone::Normal, format!("Now {}{told}.", size(now))));
    } else if let Some(guest) = guest
        && let Some(now) = guest.domain.memory_kib
    {
        lines.push((Tone::Normal, format!("Now {}.", size(now))));
    }
    lines.push((Tone::Normal, String::new()));
    form.preview.extend(lines);
}

/// A line between two amounts, with what is wanted (●) and what is used (│) on it.
fn slider(least: u64, most: u64, wanted: u64, used: Option<u64>) -> String {
    let most = most.max(least.saturating_add(1));
    let range = most - least;
    let at = |kib: u64| kib.clamp(least, most).saturating_sub(least) * (WIDE - 1) / range;
    let place = |column: u64| match column {
        _ if column == at(wanted) => '●',
        _ if used.is_some_and(|used| column == at(used)) => '│',
        _ => '─',
    };
    (0..WIDE).map(place).collect()
}

/// What the form changes.
pub(super) fn changes(
    form: &Form,
    item: &Item,
    hardware: &Hardware,
    push: &mut dyn FnMut(&str, To),
) -> Result<(), Wrong> {
    let (current, most, with) = (
        form.amount("currentMemory"),
        form.amount("memory"),
        form.amount("maxMemory"),
    );
    if current > most {
        return Err(Wrong::at(
            "currentMemory",
            "It is more than the maximum: raise that first, or with it.",
        ));
    }
    if with.is_some() && with < most {
        return Err(Wrong::at(
            "maxMemory",
            "It is less than the maximum without devices.",
        ));
    }
    if with.is_some() != form.amount("maxMemory@slots").is_some() {
        return Err(Wrong::at(
            "maxMemory@slots",
            "The size with devices and the slots: both or none.",
        ));
    }
    for (path, kib) in [("memory", most), ("currentMemory", current)] {
        if let Some(kib) = kib.filter(|kib| Some(*kib) != item.stored_kib(path)) {
            push(path, To::Value(kib.to_string()));
        }
    }
    let cpus = hardware.items.iter().find(|item| item.kind == Kind::Cpus);
    let cells = cpus.map_or(0, |cpus| cpus.count("cpu/numa/cell@memory"));
    if let (1, Some(kib)) = (cells, most.filter(|_| most != item.stored_kib("memory"))) {
        // libvirt takes the memory of its only cell for the maximum.
        push("cpu/numa/cell@memory", To::Value(kib.to_string()));
        push("cpu/numa/cell@unit", To::Value("KiB".to_owned()));
    }
    match with {
        None if item.stored_kib("maxMemory").is_some() => push("maxMemory", To::Gone),
        Some(kib) => {
            // QEMU plugs memory into NUMA nodes alone: all that there is becomes one.
            let count: Option<u64> = cpus
                .filter(|_| cells == 0)
                .and_then(|cpus| cpus.stored("vcpu")?.parse().ok());
            if let (Some(count), Some(most)) = (count, most) {
                let last = count.saturating_sub(1);
                for (attribute, value) in [
                    ("id", "0".to_owned()),
                    ("cpus", format!("0-{last}")),
                    ("memory", most.to_string()),
                    ("unit", "KiB".to_owned()),
                ] {
                    push(&format!("cpu/numa/cell@{attribute}"), To::Value(value));
                }
            }
            if Some(kib) != item.stored_kib("maxMemory") {
                push("maxMemory", To::Value(kib.to_string()));
            }
            let slots = form.text("maxMemory@slots");
            if Some(slots) != item.stored("maxMemory@slots") {
                push("maxMemory@slots", To::Value(slots.to_owned()));
            }
        }
        None => {}
    }
    let shared = item.stored("memoryBacking/access@mode") == Some("shared");
    match (shared, form.checked("shared")) {
        (false, true) => {
            push("memoryBacking/source@type", To::Value("memfd".to_owned()));
            push("memoryBacking/access@mode", To::Value("shared".to_owned()));
        }
        (true, false) => push("memoryBacking/access", To::Gone),
        _ => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slider_shows_what_is_wanted_and_what_is_used() {
        assert_eq!(slider(64, 1024, 1024, None), "────────────────●");
        assert_eq!(slider(64, 1024, 64, Some(64)), "●────────────────");
        assert_eq!(slider(64, 1024, 544, Some(300)), "───│────●────────");
        // While the maximum is being typed it may be anything.
        assert_eq!(
            slider(1024, 2, 2, Some(0)),
            "│────────────────".replace('│', "●")
        );
        // What is beyond its ends stands at them.
        assert_eq!(slider(64, 1024, 9000, Some(1)), "│───────────────●");
    }
}
