//! What a domain may use: shares, a cap, a weight, limits of memory, disks and network, for good or for a while.

use crate::action::Action;
use crate::app::{
    Effect, Field, FieldOption, Form, FormUse, Level, State, Submitted, Tone, Wrong, actions,
};
use crate::hostfacts::{Guest, Limits};
use crate::model::DomainId;
use crate::protocol::{Affect, Arrange, DomainVerb, Tuned};
use crate::text;

/// The time of a period in µs, of which a cap is a part: the kernel's own choice.
const PERIOD_US: u64 = 100_000;

/// How long a change for a while holds unless said otherwise, in seconds.
const A_WHILE_S: u32 = 900;

/// The form, for a domain as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitForm {
    id: DomainId,
    guest: Box<Guest>,
}

/// The cap in percent of a host CPU.
#[must_use]
pub fn cap_percent(limits: &Limits) -> Option<u64> {
    let quota = u64::try_from(limits.quota_us?)
        .ok()
        .filter(|quota| *quota > 0)?;
    (quota * 100).checked_div(limits.period_us.unwrap_or(PERIOD_US))
}

/// Opens the form.
pub fn open(state: &mut State, id: DomainId, guest: &Guest) {
    let limits = &guest.limits;
    let choice = |names: Vec<&str>| -> Vec<FieldOption> {
        let none = FieldOption::new("", "none");
        [none]
            .into_iter()
            .chain(names.into_iter().map(FieldOption::plain))
            .collect()
    };
    let disks: Vec<&str> = guest
        .disks
        .iter()
        .filter(|disk| !disk.removable)
        .map(|disk| disk.target.as_str())
        .collect();
    let nics: Vec<&str> = guest.nic_targets.iter().map(String::as_str).collect();
    let (has_disks, has_nics) = (!disks.is_empty(), !nics.is_empty());
    let whens = [
        ("while", "for 15 minutes, then as before"),
        ("hour", "for an hour, then as before"),
        ("live", "until it stops"),
        ("both", "now and from each start on"),
        ("config", "from the next start on"),
    ];
    let whens: Vec<_> = whens
        .map(|(word, label)| FieldOption::new(word, label))
        .to_vec();
    let when = if guest.running { "while" } else { "config" };
    let fields = vec![
        Field::choice("when", "How long", whens, when),
        Field::number("shares", "CPU shares", limits.shares, "", 1..=262_144)
            .optional()
            .help("Its part when CPUs are short, against that of others; each has 1024, or 100, unless told."),
        Field::number("cap", "CPU cap", cap_percent(limits), "% of a CPU", 1..=100)
            .optional()
            .help("Each virtual CPU gets no more, even when the host idles."),
        Field::number("weight", "I/O weight", limits.weight, "", 10..=1000)
            .optional()
            .help("Its part of the disks when they are short, against that of others."),
        Field::size("memory", "Memory limit", limits.hard_kib, 1024..=1 << 40)
            .optional()
            .help("QEMU is killed beyond it: leave room for what QEMU itself needs."),
        Field::choice("disk", "Disk to limit", choice(disks), ""),
        Field::size("disk-rate", "Its rate a second", None, 1..=1 << 30).optional(),
        Field::number("disk-iops", "Its requests a second", None, "", 1..=10_000_000).optional(),
        Field::choice("nic", "Network to limit", choice(nics), ""),
        Field::number("nic-in", "To the guest", None, "KiB/s", 1..=10_000_000).optional(),
        Field::number("nic-out", "From the guest", None, "KiB/s", 1..=10_000_000).optional(),
    ];
    let wanted = LimitForm {
        id,
        guest: Box::new(guest.clone()),
    };
    let title = format!("Limits of {}", text::visible(&guest.name));
    let mut form = Form::new(FormUse::Limits(wanted), title, "Set", fields);
    form.is_kept = false;
    form.show("when", guest.running);
    form.show("disk", has_disks);
    form.show("nic", has_nics);
    form.open(state);
}

/// The steps for what was changed in the form; empty when nothing was.
fn verb(form: &Form, guest: &Guest) -> Option<DomainVerb> {
    let when = form.text("when");
    let (affect, seconds) = match (guest.running, when) {
        (false, _) | (_, "config") => (Affect::Config, None),
        (true, "while") => (Affect::Live, Some(A_WHILE_S)),
        (true, "hour") => (Affect::Live, Some(3600)),
        (true, "live") => (Affect::Live, None),
        (true, _) => (Affect::Both, None),
    };
    let limits = &guest.limits;
    let mut steps = Vec::new();
    let mut add = |set: Tuned, values: Vec<(&str, String)>| {
        let values = values
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value));
        steps.push(DomainVerb::Tune {
            set,
            values: values.collect(),
            affect,
        });
    };
    let new = |key: &str, old: Option<u64>| form.amount(key).filter(|value| Some(*value) != old);
    if let Some(shares) = new("shares", limits.shares) {
        add(Tuned::Scheduler, vec![("cpu_shares", shares.to_string())]);
    }
    let cap = cap_percent(limits);
    if let Some(percent) = new("cap", cap) {
        let quota = percent * limits.period_us.unwrap_or(PERIOD_US) / 100;
        add(Tuned::Scheduler, vec![("vcpu_quota", quota.to_string())]);
    } else if cap.is_some() && form.amount("cap").is_none() {
        add(Tuned::Scheduler, vec![("vcpu_quota", "-1".to_owned())]);
    }
    if let Some(weight) = new("weight", limits.weight) {
        add(Tuned::Blkio, vec![("weight", weight.to_string())]);
    }
    if let Some(kib) = new("memory", limits.hard_kib) {
        add(Tuned::Memory, vec![("hard_limit", kib.to_string())]);
    } else if limits.hard_kib.is_some() && form.amount("memory").is_none() {
        add(
            Tuned::Memory,
            vec![("hard_limit", "9007199254740991".to_owned())],
        );
    }
    let disk = form.text("disk");
    let mut of_disk = Vec::new();
    of_disk.extend(
        form.amount("disk-rate")
            .map(|kib| ("total_bytes_sec", (kib << 10).to_string())),
    );
    of_disk.extend(
        form.amount("disk-iops")
            .map(|iops| ("total_iops_sec", iops.to_string())),
    );
    if !disk.is_empty() && !of_disk.is_empty() {
        add(Tuned::Disk(disk.to_owned()), of_disk);
    }
    let nic = form.text("nic");
    let mut of_nic = Vec::new();
    of_nic.extend(
        form.amount("nic-in")
            .map(|kib| ("inbound.average", kib.to_string())),
    );
    of_nic.extend(
        form.amount("nic-out")
            .map(|kib| ("outbound.average", kib.to_string())),
    );
    if !nic.is_empty() && !of_nic.is_empty() {
        add(Tuned::Interface(nic.to_owned()), of_nic);
    }
    (!steps.is_empty()).then(|| DomainVerb::Arrange(Box::new(Arrange { steps, seconds })))
}

/// Hides what is not asked for, writes the commands.
pub fn changed(state: &State, form: &mut Form, wanted: &LimitForm) {
    let disk = !form.text("disk").is_empty();
    form.show("disk-rate", disk);
    form.show("disk-iops", disk);
    let nic = !form.text("nic").is_empty();
    form.show("nic-in", nic);
    form.show("nic-out", nic);
    let verb = verb(form, &wanted.guest);
    form.preview = match &verb {
        None => vec![(Tone::Dim, "Nothing is changed yet.".to_owned())],
        Some(DomainVerb::Arrange(arrange)) => {
            let steps = arrange.steps.len();
            let mut lines = vec![(
                Tone::Normal,
                match steps {
                    1 => "One value is set.".to_owned(),
                    steps => format!("{steps} values are set, all or none."),
                },
            )];
            if let Some(seconds) = arrange.seconds {
                lines.push((
                    Tone::Normal,
                    format!(
                        "After {} minutes what holds now is put back, also when you leave this page. If virtty ends before, the next start puts it back.",
                        seconds / 60
                    ),
                ));
            }
            lines.push((
                Tone::Dim,
                "What came of it is measured and stands below the list.".to_owned(),
            ));
            lines
        }
        Some(_) => Vec::new(),
    };
    form.hold = verb.is_none().then(|| "Nothing is changed yet.".to_owned());
    form.command = verb.and_then(|verb| {
        let uri = state.connection(wanted.id.connection)?.uri();
        actions::line(&verb, uri, state.guest(wanted.id)?, wanted.id)
    });
}

/// Sends it; the form was the question.
pub fn submit(
    state: &mut State,
    form: &Form,
    wanted: &LimitForm,
    effects: &mut Vec<Effect>,
) -> Submitted {
    let Some(verb) = verb(form, &wanted.guest) else {
        return Submitted::Refused(vec![Wrong::whole("Nothing is changed yet.")]);
    };
    if state.guest(wanted.id).is_none() {
        state.say(Level::Note, "The domain is gone.".to_owned());
        return Submitted::Done;
    }
    if let Some(why) = actions::refusal(state, Action::LimitDisk, wanted.id) {
        return Submitted::Refused(vec![Wrong::whole(why)]);
    }
    actions::begin(state, Action::LimitDisk, verb, wanted.id, effects);
    Submitted::Done
}
