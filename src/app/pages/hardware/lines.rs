//! The lines about the selected item: what it says in both worlds, what the guest says, its XML.

use super::HardwarePage;
use crate::app::{Guest, State};
use crate::hardware::{Item, Kind, Pending};
use crate::hostfacts::set_words;
use crate::stats::MemorySource;
use crate::text;

/// Columns of the labels.
const LABEL: u16 = 20;
/// The narrowest that values may become before they stand below their labels.
const NARROWEST: u16 = 16;
/// Longer values are cut: the XML below has them in full.
const LONGEST: usize = 400;

/// A line about an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HardwareLine {
    /// Nothing.
    Blank,
    /// A heading.
    Heading(String),
    /// A sentence.
    Note(String),
    /// A sentence that must not be overlooked.
    Warning(String),
    /// A fact, or a further line of one.
    Fact {
        /// Its label; empty on a further line.
        label: String,
        /// As it runs, or in the only world there is.
        now: String,
        /// As it starts next, where that is another.
        next: Option<String>,
    },
    /// A line of XML; untrusted.
    Xml(String),
}

impl HardwarePage {
    /// The lines about the selected item, none wider than `width`.
    #[must_use]
    pub fn lines(&self, state: &State, width: u16) -> Vec<HardwareLine> {
        let (Some(item), Some(hardware)) = (self.selected(), self.hardware()) else {
            return Vec::new();
        };
        let mut lines = Vec::new();
        lines.push(HardwareLine::Heading(item.title.clone()));
        let both = hardware.runs && hardware.stored;
        let warning = match item.pending {
            Pending::Nothing => None,
            Pending::Comes => Some("It is not there yet: the next boot brings it."),
            Pending::Goes => Some("It is there until the next boot only."),
            Pending::Changes => Some("Now → at the next boot:"),
        };
        if let Some(words) = warning {
            lines.extend(wrapped(words, width).map(HardwareLine::Warning));
        } else if !hardware.stored {
            let words = "The domain is transient: it is gone when it is off.";
            lines.extend(wrapped(words, width).map(HardwareLine::Note));
        } else if both {
            let words = format!("Changes: {}", item.kind.when());
            lines.extend(wrapped(&words, width).map(HardwareLine::Note));
        }
        lines.push(HardwareLine::Blank);
        for fact in &item.facts {
            let shown = fact.now.as_ref().or(fact.next.as_ref());
            let dash = || "–".to_owned();
            let (now, next) = if fact.waits {
                (
                    fact.now.clone().unwrap_or_else(dash),
                    Some(fact.next.clone().unwrap_or_else(dash)),
                )
            } else {
                (shown.cloned().unwrap_or_else(dash), None)
            };
            push(&mut lines, &fact.label, &now, next, width);
        }
        if let Some(guest) = state.guest(self.id) {
            let mut told = of_guest(item, guest);
            if item.kind == Kind::Memory
                && let Some(ballooning) = state.ballooning.get(&self.id)
            {
                let size = |kib: u64| text::bytes(kib.saturating_mul(1024));
                let keeps = format!(
                    "keeps {} beyond what is used, never below {}",
                    size(ballooning.headroom_kib),
                    size(ballooning.floor_kib)
                );
                told.push(("Ballooning", keeps));
                told.push(("Last step", ballooning.last.clone()));
            }
            if item.kind == Kind::Cpus {
                told.extend(self.cpus_in_guest(guest));
            }
            if !told.is_empty() {
                lines.push(HardwareLine::Blank);
                lines.push(HardwareLine::Heading("In the guest".to_owned()));
                for (label, value) in told {
                    push(&mut lines, label, &value, None, width);
                }
            }
        }
        xml(item, &mut lines);
        lines
    }
}

impl HardwarePage {
    /// What the guest says of its CPUs, and what to do where it does not use all of them.
    fn cpus_in_guest(&self, guest: &Guest) -> Vec<(&'static str, String)> {
        let cpus = match &self.cpus {
            None => return Vec::new(),
            Some(Err(why)) => return vec![("CPUs", why.clone())],
            Some(Ok(cpus)) => cpus,
        };
        let mut told = vec![
            ("Knows CPUs", set_words(&cpus.known)),
            ("Uses", set_words(&cpus.online)),
        ];
        let idle: std::collections::BTreeSet<u32> =
            cpus.known.difference(&cpus.online).copied().collect();
        if !idle.is_empty() {
            let name = &guest.domain.name;
            let list = set_words(&idle);
            told.push(("Not used", format!("{list}; the guest must bring them online, or :guestvcpus {name} --cpulist {list} --enable does")));
        }
        told
    }
}

fn wrapped(words: &str, width: u16) -> impl Iterator<Item = String> {
    text::wrap(words, usize::from(width.max(1))).into_iter()
}

/// A fact in as many lines as it needs.
fn push(lines: &mut Vec<HardwareLine>, label: &str, now: &str, next: Option<String>, width: u16) {
    let cut = |value: &str| -> String {
        let short: String = value.chars().take(LONGEST).collect();
        if short.len() < value.len() {
            short + "…"
        } else {
            short
        }
    };
    let (now, next) = (cut(now), next.map(|next| cut(&next)));
    let room = width.saturating_sub(LABEL);
    let fits = |value: &str| text::width(&text::visible(value)) <= usize::from(room);
    let together = next
        .as_ref()
        .map_or_else(|| now.clone(), |next| format!("{now} → {next}"));
    if room < NARROWEST {
        lines.push(fact(label, String::new(), None));
        lines.extend(wrapped(&together, width).map(|words| fact("", words, None)));
        return;
    }
    if fits(&together) && text::width(label) < usize::from(LABEL) && !together.contains('\n') {
        lines.push(fact(label, now, next));
        return;
    }
    let mut label = label;
    for (value, is_next) in [(Some(now), false), (next, true)] {
        for words in value
            .iter()
            .flat_map(|value| value.lines().map(str::to_owned).collect::<Vec<_>>())
        {
            for words in wrapped(&words, room.saturating_sub(2)) {
                let line = if is_next {
                    fact(label, String::new(), Some(words))
                } else {
                    fact(label, words, None)
                };
                lines.push(line);
                label = "";
            }
        }
    }
}

fn fact(label: &str, now: String, next: Option<String>) -> HardwareLine {
    HardwareLine::Fact {
        label: label.to_owned(),
        now,
        next,
    }
}

/// What the guest and its hypervisor say of an item as it runs.
fn of_guest(item: &Item, guest: &Guest) -> Vec<(&'static str, String)> {
    let mut told = Vec::new();
    if !guest.domain.state.is_active() {
        return told;
    }
    let kib = |value: Option<u64>| value.map(|kib| text::bytes(kib.saturating_mul(1024)));
    match item.kind {
        Kind::Memory => {
            if let Some(memory) = guest.tracked.figures().memory {
                if memory.source == MemorySource::Guest {
                    told.extend(kib(memory.used_kib).map(|used| ("Used", used)));
                    told.extend(kib(memory.usable_kib).map(|usable| ("Usable", usable)));
                }
                for (label, value) in [
                    ("Balloon", kib(memory.current_kib)),
                    ("Taken on the host", kib(memory.rss_kib)),
                ] {
                    told.extend(value.map(|value| (label, value)));
                }
            }
        }
        Kind::Nic => {
            let own = guest.addresses.iter().filter(|address| {
                address
                    .mac
                    .as_deref()
                    .is_some_and(|mac| mac.eq_ignore_ascii_case(&item.key))
            });
            told.extend(
                own.map(|address| ("Address", format!("{}/{}", address.address, address.prefix))),
            );
        }
        _ => {}
    }
    told
}

/// The XML of both worlds, or of the only one.
fn xml(item: &Item, lines: &mut Vec<HardwareLine>) {
    let mut add = |heading: &str, xml: &str| {
        if xml.trim().is_empty() {
            return;
        }
        lines.push(HardwareLine::Blank);
        lines.push(HardwareLine::Heading(heading.to_owned()));
        lines.extend(
            xml.trim_end()
                .lines()
                .map(|line| HardwareLine::Xml(line.to_owned())),
        );
    };
    match (&item.now, &item.next) {
        (Some(now), Some(next)) if item.pending == Pending::Changes => {
            add("XML now", &now.xml);
            add("XML at the next boot", &next.xml);
        }
        (Some(part), _) | (None, Some(part)) => add("XML", &part.xml),
        (None, None) => {}
    }
}
