//! Cloning a domain: how many, and what becomes of each disk.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::action::Action;
use crate::app::{
    Effect, Field, FieldOption, Form, FormUse, Purpose, State, Submitted, Tone, Wrong, actions,
};
use crate::create::clone::{ClonePlan, CloneWish, DiskChoice, HINT, expand, plan_clones};
use crate::model::DomainId;
use crate::protocol::{Answer, Cloneable, Cloning, Failure, JobId, Verb};
use crate::text;

/// Which domain, and what was found out about it.
#[derive(Debug, Clone)]
pub struct Clone {
    /// The domain.
    pub id: DomainId,
    /// The snapshot of it whose state the clone gets, by its exact name.
    snapshot: Option<String>,
    /// The question about it.
    job: JobId,
    /// The answer.
    known: Option<Arc<Cloneable>>,
}

impl PartialEq for Clone {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id && self.snapshot == other.snapshot
    }
}

impl Eq for Clone {}

impl Clone {
    /// What it is to the user: a running domain is not cloned, its snapshots are.
    fn action(&self) -> Action {
        match self.snapshot {
            Some(_) => Action::SnapshotClone,
            None => Action::Clone,
        }
    }
}

/// What stands before the target in the key of a disk's field.
const DISK: &str = "disk ";

/// Clones that the preview names.
const NAMED: usize = 8;

/// Asks about the domain and its host, and opens the form.
pub fn open(state: &mut State, id: DomainId, effects: &mut Vec<Effect>) {
    let Some(guest) = state.guest(id) else {
        return;
    };
    let name = format!("{}-clone", guest.domain.name);
    ask(state, id, &name, None, effects);
}

/// The same for a domain as it was at a snapshot.
pub fn open_snapshot(state: &mut State, id: DomainId, snapshot: &str, effects: &mut Vec<Effect>) {
    let Some(guest) = state.guest(id) else {
        return;
    };
    // Names of snapshots hold what those of domains may not.
    let word: String = snapshot
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') {
                c
            } else {
                '-'
            }
        })
        .collect();
    let word = word.trim_matches('-');
    let name = format!(
        "{}-{}",
        guest.domain.name,
        if word.is_empty() { "snapshot" } else { word }
    );
    ask(state, id, &name, Some(snapshot.to_owned()), effects);
}

/// The same with a name for the clone.
pub fn open_named(state: &mut State, id: DomainId, wanted: &str, effects: &mut Vec<Effect>) {
    ask(state, id, wanted, None, effects);
}

fn ask(
    state: &mut State,
    id: DomainId,
    wanted: &str,
    snapshot: Option<String>,
    effects: &mut Vec<Effect>,
) {
    let Some(guest) = state.guest(id) else {
        return;
    };
    let name = guest.domain.name.clone();
    let title = match &snapshot {
        Some(snapshot) => format!("Clone {} as it was at {snapshot}", text::visible(&name)),
        None => format!("Clone {}", text::visible(&name)),
    };
    let verb = Verb::ReadCloneable(id.uuid, snapshot.clone());
    let job = state.ask(id, Purpose::Read, verb, effects);
    let use_ = FormUse::Clone(Clone {
        id,
        snapshot,
        job,
        known: None,
    });
    let fields = vec![self::name(wanted)];
    let mut form = Form::new(use_, title, "Clone", fields);
    form.hold = Some("Its disks are still looked at.".to_owned());
    form.lead = vec![(Tone::Dim, "Looking at its disks…".to_owned())];
    form.open(state);
}

fn name(value: &str) -> Field {
    Field::text("name", "Name", value).help("Many at once: web-{01..20}, or {db,web}-test.")
}

/// The worker's answer.
pub fn answered(state: &mut State, job: JobId, result: &Result<Answer, Failure>) {
    let is = |use_: &FormUse| matches!(use_, FormUse::Clone(clone) if clone.job == job);
    let Some(form) = state.form_mut(is) else {
        return;
    };
    form.lead.retain(|(_, text)| !text.starts_with("Looking"));
    match result {
        Ok(Answer::Cloneable(known)) => {
            form.hold = None;
            let first = form.field("name").cloned();
            form.replace_fields(first.into_iter().chain(fields(known)).collect());
            if let FormUse::Clone(clone) = &mut form.use_ {
                clone.known = Some(Arc::clone(known));
            }
        }
        Ok(_) => return,
        Err(failure) => {
            let said = text::visible(&failure.to_string()).into_owned();
            form.error = Some(said.clone());
            form.hold = Some(said);
        }
    }
    state.refresh_form(is);
}

fn fields(known: &Cloneable) -> Vec<Field> {
    let how = vec![
        FieldOption::new("copy", "all of them copied"),
        FieldOption::new("link", "overlays over them (linked)"),
    ];
    let mut how = Field::choice("how", "Disks", how, "copy").help(
        "Linked clones are there at once and small; the disks of the original may not be written any more.",
    );
    // What is made of a snapshot has disks of its own.
    let present = known.original.snapshot.is_none();
    how.hidden = !present;
    let mut fields = vec![how];
    let wish = CloneWish::default();
    let plan = plan_of(&wish, known);
    for disk in plan.disks.iter().filter(|disk| disk.source.is_some()) {
        let options = [
            ("", "as above"),
            ("copy", "copied"),
            ("link", "linked"),
            ("share", "shared by both"),
            ("leave", "left out"),
        ];
        let shared = disk.choice == DiskChoice::Share;
        let options = options
            .iter()
            .filter(|(word, _)| !(shared && word.is_empty()))
            .filter(|(word, _)| present || shared || !matches!(*word, "link" | "share"))
            .map(|(word, label)| FieldOption::new(word, label))
            .collect();
        let chosen = if shared { "share" } else { "" };
        let size = disk.capacity.map(text::bytes).unwrap_or_default();
        let path = disk.source.as_deref().unwrap_or_default();
        let file = path.rsplit('/').next().unwrap_or(path);
        fields.push(
            Field::choice(
                &format!("{DISK}{}", disk.target),
                &disk.target,
                options,
                chosen,
            )
            .note(&format!("{size} {file}"))
            .help(path),
        );
    }
    let mut pools = vec![FieldOption::new("", "that of the original")];
    pools.extend(known.facts.pools.iter().map(|pool| {
        let free = text::bytes(pool.available);
        FieldOption::new(&pool.name, &format!("{} ({free} free)", pool.name))
    }));
    fields.push(Field::choice("pool", "Storage pool", pools, "").help("Of the new disks."));
    fields.push(Field::check(
        "full",
        "Allocate all of a copy at once",
        false,
    ));
    fields.push(Field::check("start", "Start when all are made", false));
    fields
}

/// What is asked for.
fn wish(form: &Form, clone: &Clone) -> Result<CloneWish, Wrong> {
    let names = expand(form.text("name")).map_err(|why| Wrong::at("name", why))?;
    let disks: BTreeMap<String, DiskChoice> = form
        .fields
        .iter()
        .filter_map(|field| {
            let target = field.key.strip_prefix(DISK)?;
            Some((target.to_owned(), DiskChoice::named(field.value())?))
        })
        .collect();
    Ok(CloneWish {
        names,
        disks,
        linked: form.text("how") == "link",
        pool: Some(form.text("pool").to_owned()).filter(|pool| !pool.is_empty()),
        full: form.checked("full"),
        snapshot: clone.snapshot.clone(),
        ..CloneWish::default()
    })
}

/// The plan, with numbers that only count up: the worker makes it again with others.
fn plan_of(wish: &CloneWish, known: &Cloneable) -> ClonePlan {
    let mut next = 0_u64;
    plan_clones(wish, &known.original, &known.facts, &mut |buffer| {
        next += 1;
        let bytes = next.to_le_bytes();
        for (to, from) in buffer.iter_mut().zip(bytes.iter().cycle()) {
            *to = *from;
        }
    })
}

/// Writes what would come of it.
pub fn changed(state: &State, form: &mut Form, clone: &Clone) {
    let Some(known) = &clone.known else {
        return;
    };
    form.show("full", form.text("how") == "copy");
    let wish = match wish(form, clone) {
        Ok(wish) => wish,
        Err(wrong) => {
            form.preview = vec![(Tone::Bad, wrong.why)];
            form.command = None;
            return;
        }
    };
    let plan = plan_of(&wish, known);
    form.preview = preview(&plan);
    form.command = command(state, form.text("name"), &wish, clone.id);
    form.accept = match wish.names.len() {
        0 | 1 => "Clone",
        _ => "Clone them all",
    };
}

fn preview(plan: &ClonePlan) -> Vec<(Tone, String)> {
    let shown = |text: &str| text::visible(text).into_owned();
    let mut lines: Vec<(Tone, String)> = plan
        .refusals()
        .map(|text| (Tone::Bad, shown(text)))
        .collect();
    lines.extend(plan.warnings().map(|text| (Tone::Warn, shown(text))));
    if !lines.is_empty() {
        lines.push((Tone::Normal, String::new()));
    }
    for clone in plan.clones.iter().take(NAMED) {
        lines.push((Tone::Strong, shown(&clone.name)));
        for volume in &clone.volumes {
            let name = shown(&volume.volume.name);
            lines.push((
                Tone::Normal,
                match &volume.copied {
                    Some(copied) => format!("  {name}, {} to copy", text::bytes(copied.bytes)),
                    None => format!("  {name}, an overlay"),
                },
            ));
        }
    }
    let more = plan.clones.len().saturating_sub(NAMED);
    if more > 0 {
        lines.push((Tone::Dim, format!("and {more} more")));
    }
    lines.push((Tone::Normal, String::new()));
    let mut hint = HINT.to_owned();
    if let Some(first) = hint.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    lines.push((Tone::Dim, format!("{hint}.")));
    lines
}

fn command(state: &State, names: &str, wish: &CloneWish, id: DomainId) -> Option<String> {
    let guest = state.guest(id)?;
    let uri = state.connection(id.connection)?.uri();
    let mut words = vec!["virtty", "-c", uri, "clone", &guest.domain.name];
    words.extend(["--name", names]);
    let snapshot = wish
        .snapshot
        .as_ref()
        .map(|name| format!("--snapshot={name}"));
    words.extend(snapshot.as_deref());
    if wish.linked {
        words.push("--linked");
    }
    if wish.full {
        words.push("--nonsparse");
    }
    if let Some(pool) = &wish.pool {
        words.extend(["--pool", pool]);
    }
    let disks: Vec<String> = wish
        .disks
        .iter()
        .map(|(target, choice)| format!("--disk={target}={}", choice.word()))
        .collect();
    words.extend(disks.iter().map(String::as_str));
    let words: Vec<_> = words.iter().map(|word| text::shell_quote(word)).collect();
    Some(words.join(" "))
}

/// Sends it.
pub fn submit(
    state: &mut State,
    form: &Form,
    clone: &Clone,
    effects: &mut Vec<Effect>,
) -> Submitted {
    let Some(known) = &clone.known else {
        return Submitted::Refused(Vec::new());
    };
    if let Some(why) = actions::refusal(state, clone.action(), clone.id) {
        return Submitted::Refused(vec![Wrong::whole(why)]);
    }
    let wish = match wish(form, clone) {
        Ok(wish) => wish,
        Err(wrong) => return Submitted::Refused(vec![wrong]),
    };
    let plan = plan_of(&wish, known);
    let wrong: Vec<Wrong> = plan
        .refusals()
        .map(|text| {
            // Most of what can be wrong is a name.
            if text.contains("name") {
                Wrong::at("name", text)
            } else {
                Wrong::whole(text)
            }
        })
        .collect();
    if !wrong.is_empty() {
        return Submitted::Refused(wrong);
    }
    let line = command(state, form.text("name"), &wish, clone.id).unwrap_or_default();
    let uri = state
        .connection(clone.id.connection)
        .map_or_else(String::new, |connection| connection.uri().to_owned());
    let name = state
        .guest(clone.id)
        .map_or_else(String::new, |guest| guest.domain.name.clone());
    let cloning = Cloning {
        wish,
        start: form.checked("start"),
    };
    let verb = Verb::CloneDomain(clone.id.uuid, Box::new(cloning));
    let job = state.ask(clone.id, Purpose::Act(clone.action()), verb, effects);
    actions::describe(state, job, clone.id, name, uri, line);
    Submitted::Waiting(job)
}
