//! The layers of a disk brought together while its guest runs: down into one below (commit), or up into the disk (pull).

use super::{DiskForm, said};
use crate::app::{Field, FieldOption, Form, Tone, Wrong};
use crate::model::DiskLayer;
use crate::protocol::{Commit, DiskVerb, DomainVerb};
use crate::text;

/// The most MiB a second that a limit may be.
const MOST_MIB: u64 = 1 << 32;

/// The field of a limit, in MiB a second.
pub(super) fn limit(bytes: Option<u64>) -> Field {
    let mib = bytes.map(|bytes| bytes.div_ceil(1 << 20));
    Field::number("limit", "At most", mib, "MiB/s", 1..=MOST_MIB)
        .optional()
        .help("Left empty, as fast as it goes; it can be changed meanwhile.")
}

pub(super) fn limit_bps(form: &Form) -> u64 {
    form.amount("limit").unwrap_or(0).saturating_mul(1 << 20)
}

fn layers(wanted: &DiskForm) -> &[DiskLayer] {
    &wanted.disk.layers
}

/// A layer as libvirt's block jobs name it.
fn named(wanted: &DiskForm, layer: usize) -> String {
    match layers(wanted).get(layer) {
        Some(DiskLayer {
            index: Some(index), ..
        }) => format!("{}[{index}]", wanted.disk.target),
        Some(layer) => layer.source.clone(),
        None => String::new(),
    }
}

fn options(wanted: &DiskForm, range: std::ops::Range<usize>) -> Vec<FieldOption> {
    range
        .filter_map(|at| {
            let layer = layers(wanted).get(at)?;
            let place = match at {
                0 => "active: ",
                _ if at + 1 == layers(wanted).len() => "lowest: ",
                _ => "",
            };
            let file = layer.source.rsplit('/').next().unwrap_or_default();
            Some(FieldOption::new(&at.to_string(), &format!("{place}{file}")))
        })
        .collect()
}

fn chosen(form: &Form, key: &str) -> Option<usize> {
    form.text(key).parse().ok()
}

/// The first layer that somebody else needs, of those that would change.
fn needed(wanted: &DiskForm, top: usize, base: usize) -> Option<(String, String)> {
    let mut changed = top.max(1)..=base;
    changed.find_map(|at| {
        let users = wanted.seen.needed.get(at)?.clone()?;
        Some((layers(wanted).get(at)?.source.clone(), users))
    })
}

/// The lowest layer that nobody else needs, of those below `top`.
fn own_base(wanted: &DiskForm, top: usize) -> usize {
    let count = layers(wanted).len();
    let is_own = |at: &usize| wanted.seen.needed.get(*at).is_none_or(Option::is_none);
    (top + 1..count)
        .take_while(is_own)
        .last()
        .unwrap_or_else(|| count.saturating_sub(1))
}

pub(super) fn commit_fields(wanted: &DiskForm) -> Vec<Field> {
    let count = layers(wanted).len();
    let top = wanted.seen.layer.min(count.saturating_sub(2));
    // From the top all go down; from one in between just that.
    let base = if top == 0 {
        own_base(wanted, top)
    } else {
        top + 1
    };
    let ends = vec![
        FieldOption::new("pivot", "the domain goes on with the lower layer"),
        FieldOption::new("keep", "the domain stays on the upper layer"),
        FieldOption::new("wait", "both are kept the same until you choose"),
    ];
    vec![
        Field::choice(
            "top",
            "From",
            options(wanted, 0..count.saturating_sub(1)),
            &top.to_string(),
        ),
        Field::choice("base", "Into", options(wanted, 1..count), &base.to_string())
            .help("It takes what all layers above it hold, up to the one that is chosen there."),
        Field::choice("end", "When it is whole", ends, "pivot"),
        limit(None),
    ]
}

pub(super) fn commit_changed(form: &mut Form, wanted: &DiskForm) {
    form.preview.clear();
    let (top, base) = (chosen(form, "top"), chosen(form, "base"));
    form.show("end", top == Some(0));
    let (Some(top), Some(base)) = (top, base) else {
        return;
    };
    let size = |at: usize| {
        let bytes = layers(wanted)
            .get(at)
            .and_then(|layer| layer.allocation_bytes);
        bytes.map_or_else(|| "–".to_owned(), text::bytes)
    };
    let source = |at: usize| {
        let layer = layers(wanted).get(at);
        layer.map_or_else(String::new, |layer| {
            text::visible(&layer.source).into_owned()
        })
    };
    for at in top..base {
        let words = format!("{}, {} on disk, goes down", source(at), size(at));
        said(form, Tone::Normal, words);
    }
    let words = format!("into {}, {} on disk.", source(base), size(base));
    said(form, Tone::Normal, words);
    if let Some((path, users)) = needed(wanted, top, base) {
        let words = format!(
            "{} is needed by others ({}), who would read damaged data. U pulls the data up instead.",
            text::visible(&path),
            text::visible(&users)
        );
        said(form, Tone::Bad, words);
        return;
    }
    let end = match (top, form.text("end")) {
        (0, "keep") => {
            "The upper layer stays in use, and holds what the lower one has from then on."
        }
        (0, "wait") => "f goes on with the lower layer, K gives it up.",
        _ => "Files that are not needed any more stay, and are among the leftovers.",
    };
    said(form, Tone::Dim, end);
    said(
        form,
        Tone::Dim,
        "The guest runs on. Snapshots that name these files are not told: delete them on the page of snapshots (z) instead.",
    );
}

pub(super) fn commit(form: &Form, wanted: &DiskForm) -> Result<DomainVerb, Wrong> {
    let missing = || Wrong::whole("The disk has one layer alone.");
    let top = chosen(form, "top").ok_or_else(missing)?;
    let base = chosen(form, "base").ok_or_else(missing)?;
    if base <= top {
        return Err(Wrong::at("base", "It must lie below what goes into it."));
    }
    if let Some((path, users)) = needed(wanted, top, base) {
        let why = format!("{path} is needed by others ({users}).");
        return Err(Wrong::at("base", why));
    }
    let active = top == 0;
    let end = form.text("end");
    let shallow = !active && base == top + 1;
    let is_lowest = base + 1 == layers(wanted).len();
    Ok(DomainVerb::Disk(DiskVerb::Commit(Box::new(Commit {
        target: wanted.disk.target.clone(),
        base: (!shallow && !is_lowest).then(|| named(wanted, base)),
        top: (!active).then(|| named(wanted, top)),
        shallow,
        limit_bps: limit_bps(form),
        active,
        wait: !active || end == "wait",
        pivot: active && end == "pivot",
        keep_overlay: active && end == "keep",
        ..Commit::default()
    }))))
}

pub(super) fn pull_fields(wanted: &DiskForm) -> Vec<Field> {
    let count = layers(wanted).len();
    let mut bases = vec![FieldOption::new("", "nothing: the disk is one file then")];
    // Just above the active layer's own base nothing lies that could be pulled.
    bases.extend(options(wanted, 2..count));
    let at = wanted.seen.layer;
    let base = if at >= 2 {
        at.to_string()
    } else {
        String::new()
    };
    vec![
        Field::choice("base", "What stays below", bases, &base),
        limit(None),
    ]
}

pub(super) fn pull_changed(form: &mut Form, wanted: &DiskForm) {
    form.preview.clear();
    let base = chosen(form, "base").unwrap_or(layers(wanted).len());
    let pulled = layers(wanted).get(1..base).unwrap_or_default();
    for layer in pulled {
        let size = layer.allocation_bytes;
        let size = size.map_or_else(|| "–".to_owned(), text::bytes);
        let words = format!("{}, {size} on disk, comes up", text::visible(&layer.source));
        said(form, Tone::Normal, words);
    }
    let top = layers(wanted).first();
    let words = top.map(|top| format!("into {}.", text::visible(&top.source)));
    said(form, Tone::Normal, words.unwrap_or_default());
    let (more, room) = (
        pulled
            .iter()
            .filter_map(|layer| layer.allocation_bytes)
            .sum::<u64>(),
        "It may grow by as much. The layers themselves stay as they are, for whoever needs them.",
    );
    if more > 0 {
        let words = format!("{} are copied.", text::bytes(more));
        said(form, Tone::Dim, words);
    }
    said(form, Tone::Dim, room);
    said(form, Tone::Dim, "The guest runs on.");
}

pub(super) fn pull(form: &Form, wanted: &DiskForm) -> Result<DomainVerb, Wrong> {
    if layers(wanted).len() < 2 {
        return Err(Wrong::whole("The disk has one layer alone."));
    }
    Ok(DomainVerb::Disk(DiskVerb::Pull {
        target: wanted.disk.target.clone(),
        base: chosen(form, "base").map(|base| named(wanted, base)),
        limit_bps: limit_bps(form),
        wait: true,
    }))
}

pub(super) fn speed_fields(wanted: &DiskForm) -> Vec<Field> {
    let held = wanted.seen.job_limit.filter(|bytes| *bytes > 0);
    vec![limit(held)]
}

pub(super) fn speed_changed(form: &mut Form, wanted: &DiskForm) {
    form.preview.clear();
    let words = match wanted.seen.job_limit.filter(|bytes| *bytes > 0) {
        Some(bytes) => format!("It may go at {}/s now.", text::bytes(bytes)),
        None => "It goes as fast as it can now.".to_owned(),
    };
    said(form, Tone::Normal, words);
}

pub(super) fn speed(form: &Form, wanted: &DiskForm) -> DomainVerb {
    DomainVerb::Disk(DiskVerb::JobSpeed {
        target: wanted.disk.target.clone(),
        limit_bps: limit_bps(form),
    })
}
