//! Limits of a disk: bytes and requests a second, bursts above them, for good or for a while.

use super::{DiskForm, affect, said};
use crate::app::{Field, FieldOption, Form, Tone, Wrong};
use crate::protocol::{DiskVerb, DomainVerb, Tuned};
use crate::{text, virsh};

/// The longest that a limit holds for a while: a day.
const LONGEST: u64 = 86_400;
/// The longest burst, in seconds.
const BURST: u64 = 3600;
/// The most requests a second.
const MOST: u64 = 1 << 40;

/// What counts against one limit; its name, and its words on the screen.
const PARTS: [(&str, &str); 3] = [("total", "All"), ("read", "Reads"), ("write", "Writes")];

/// Groups of parameters that libvirt sets together: what is left out of one counts as none.
const GROUPS: [&str; 6] = [
    "bytes_sec",
    "iops_sec",
    "bytes_sec_max",
    "iops_sec_max",
    "bytes_sec_max_length",
    "iops_sec_max_length",
];

fn held(wanted: &DiskForm, name: &str) -> Option<u64> {
    let found = wanted.disk.limits.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| *value).filter(|value| *value > 0)
}

pub(super) fn fields(wanted: &DiskForm, places: Field) -> Vec<Field> {
    let apart = ["read", "write"].iter().any(|part| {
        GROUPS[..2]
            .iter()
            .any(|group| held(wanted, &format!("{part}_{group}")).is_some())
    });
    let ways = vec![
        FieldOption::new("total", "reads and writes together"),
        FieldOption::new("apart", "reads and writes apart"),
    ];
    let chosen = if apart { "apart" } else { "total" };
    let mut fields = vec![Field::choice("way", "Count", ways, chosen)];
    for (part, label) in PARTS {
        let key = |group: &str| format!("{part}_{group}");
        let bytes = |group: &str| {
            let value = held(wanted, &key(group));
            value.map_or_else(String::new, |bytes| match bytes % 1024 {
                0 => virsh::scaled(bytes / 1024),
                _ => bytes.to_string(),
            })
        };
        fields.push(
            Field::text(
                &key("bytes_sec"),
                &format!("{label}, a second"),
                &bytes("bytes_sec"),
            )
            .help("Bytes with their unit, as 20M; left empty there is no limit."),
        );
        fields.push(
            Field::text(
                &key("bytes_sec_max"),
                "  in bursts",
                &bytes("bytes_sec_max"),
            )
            .help("So many for a short time, when it was quiet before."),
        );
        let iops = |group: &str| held(wanted, &key(group));
        fields.push(
            Field::number(
                &key("iops_sec"),
                &format!("{label}, requests"),
                iops("iops_sec"),
                "/s",
                1..=MOST,
            )
            .optional(),
        );
        fields.push(
            Field::number(
                &key("iops_sec_max"),
                "  in bursts",
                iops("iops_sec_max"),
                "/s",
                1..=MOST,
            )
            .optional(),
        );
    }
    let length = PARTS
        .iter()
        .flat_map(|(part, _)| {
            GROUPS[4..]
                .iter()
                .map(move |group| format!("{part}_{group}"))
        })
        .find_map(|name| held(wanted, &name));
    fields.push(
        Field::number("length", "A burst lasts", length, "s", 1..=BURST)
            .optional()
            .help("A second where nothing is said."),
    );
    fields.push(
        Field::number("for", "For so long", None, "s", 1..=LONGEST)
            .optional()
            .help("What holds now is put back then; left empty it is for good. While it lasts virtty must run."),
    );
    fields.push(places);
    fields
}

/// Whether the fields of a part play one.
fn plays(form: &Form, part: &str) -> bool {
    (form.text("way") == "total") == (part == "total")
}

pub(super) fn changed(form: &mut Form, wanted: &DiskForm) {
    form.preview.clear();
    let mut bursts = false;
    for (part, _) in PARTS {
        let shown = plays(form, part);
        for group in ["bytes_sec", "iops_sec"] {
            let key = format!("{part}_{group}");
            let burst = format!("{key}_max");
            form.show(&key, shown);
            // A burst is above something.
            let above = shown && !form.text(&key).is_empty();
            form.show(&burst, above);
            bursts |= above && !form.text(&burst).is_empty();
        }
    }
    form.show("length", bursts);
    form.show("where", form.text("for").is_empty());
    let now: Vec<String> = wanted
        .disk
        .limits
        .iter()
        .filter(|(_, value)| *value > 0)
        .map(
            |(name, value)| match name.contains("bytes") && !name.ends_with("length") {
                true => format!(
                    "{} {}/s",
                    name.replace("_bytes_sec", "").replace('_', " "),
                    text::bytes(*value)
                ),
                false => format!("{} {value}", name.replace("_sec", "").replace('_', " ")),
            },
        )
        .collect();
    let words = match now.is_empty() {
        true => "It has no limits now.".to_owned(),
        false => format!("Now: {}.", now.join(", ")),
    };
    said(form, Tone::Normal, words);
    if let Some(seconds) = form.amount("for") {
        let words =
            format!("After {seconds} s what holds now is put back, also when this page is left.");
        said(form, Tone::Dim, words);
    }
}

/// What a parameter becomes; 0 is no limit.
fn value(form: &Form, name: &str) -> Result<u64, Wrong> {
    let part = name.split('_').next().unwrap_or_default();
    if !plays(form, part) {
        return Ok(0);
    }
    if let Some(burst) = name.strip_suffix("_length") {
        let lasts = form.amount("length").unwrap_or(0);
        return Ok(if value(form, burst)? > 0 { lasts } else { 0 });
    }
    let Some(field) = form.field(name).filter(|field| !field.hidden) else {
        return Ok(0);
    };
    let text = field.value();
    if text.is_empty() {
        return Ok(0);
    }
    match name.contains("bytes") {
        true => virsh::bytes(text).map_err(|why| Wrong::at(name, why)),
        false => text
            .parse()
            .map_err(|_| Wrong::at(name, "A whole number is wanted.")),
    }
}

pub(super) fn verb(form: &Form, wanted: &DiskForm) -> Result<DomainVerb, Wrong> {
    let mut values = Vec::new();
    for group in GROUPS {
        let mut set = Vec::new();
        let mut differs = false;
        for (part, _) in PARTS {
            let name = format!("{part}_{group}");
            let new = value(form, &name)?;
            differs |= new != held(wanted, &name).unwrap_or(0);
            if let Some(base) = name.strip_suffix("_max") {
                let base = value(form, base)?;
                if new > 0 && new < base {
                    return Err(Wrong::at(
                        &name,
                        "A burst is more than what holds otherwise.",
                    ));
                }
            }
            set.push((name, new.to_string()));
        }
        if differs {
            values.extend(set);
        }
    }
    if values.is_empty() {
        return Err(Wrong::whole("These are the limits that it has."));
    }
    let target = wanted.disk.target.clone();
    Ok(
        match form
            .amount("for")
            .and_then(|seconds| u32::try_from(seconds).ok())
        {
            Some(seconds) => DomainVerb::Disk(DiskVerb::Throttle {
                target,
                values,
                seconds,
            }),
            None => DomainVerb::Tune {
                set: Tuned::Disk(target),
                values,
                affect: affect(form),
            },
        },
    )
}
