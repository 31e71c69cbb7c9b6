//! Title, description, tags and notes of a domain; of several, tags to add and to take away.

use crate::action::Action;
use crate::app::{Effect, Field, Form, FormUse, State, Submitted, Tone, Wrong, actions, bulk};
use crate::model::DomainId;
use crate::protocol::{DomainVerb, DomainWords};
use crate::text;

/// Longest tag, in bytes; a longer one would come back cut.
const LONGEST_TAG: usize = 64;

/// Domains that the form names.
const NAMED: usize = 10;

/// Opens the form for these domains.
pub fn open(state: &mut State, ids: Vec<DomainId>) {
    let Some((title, fields, lead)) = contents(state, &ids) else {
        return;
    };
    let use_ = FormUse::Describe(ids);
    let mut form = Form::new(use_, title, Action::Describe.row().label, fields);
    form.lead = lead;
    form.open(state);
}

/// Heading, fields, and what stands above them.
type Contents = (String, Vec<Field>, Vec<(Tone, String)>);

fn contents(state: &State, ids: &[DomainId]) -> Option<Contents> {
    if let [id] = ids {
        let guest = state.guest(*id)?;
        let definition = guest.domain.definition.as_ref();
        let title = definition.and_then(|one| one.title.as_deref());
        let description = definition.and_then(|one| one.description.as_deref());
        let of = |text: Option<&str>| one_line(text.unwrap_or_default());
        let fields = vec![
            Field::text("title", "Title", &of(title))
                .help("A short text that the table can show; libvirt keeps it in one line."),
            Field::text("description", "Description", &of(description))
                .help("A longer text; \\n begins a new line."),
            Field::text("tags", "Tags", &guest.tags().unwrap_or_default())
                .help("Words with commas between them; tag:WORD in the filter finds them, and rows can be grouped by them."),
            Field::text("notes", "Notes", &of(guest.notes()))
                .help("What the next one should know; \\n begins a new line. Tags and notes are kept in the domain's metadata."),
        ];
        let heading = format!("Describe {}", text::visible(&guest.domain.name));
        return Some((heading, fields, Vec::new()));
    }
    let guests = ids.iter().filter_map(|id| state.guest(*id));
    let names: Vec<_> = guests
        .map(|guest| text::visible(&guest.domain.name).into_owned())
        .collect();
    let mut words = names
        .iter()
        .take(NAMED)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    if let Some(more) = names.len().checked_sub(NAMED).filter(|more| *more > 0) {
        words.push_str(&format!(" and {more} more"));
    }
    let fields = vec![
        Field::text("add", "Add tags", "").help("Words with commas between them."),
        Field::text("drop", "Take tags away", "").help("Those that are there; others do no harm."),
    ];
    let heading = format!("Tags of {} domains", names.len());
    Some((heading, fields, vec![(Tone::Normal, words)]))
}

/// A text of several lines in one: `\n` for a new line, `\\` for a backslash.
fn one_line(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\n', "\\n")
}

/// The text that was put into one line.
fn lines(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match c {
            '\\' => match rest.next() {
                Some('n') => out.push('\n'),
                Some('\\') | None => out.push('\\'),
                Some(other) => out.extend(['\\', other]),
            },
            c => out.push(c),
        }
    }
    out
}

/// Tags of a text with commas, each once.
fn tags(text: &str) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for tag in text.split(',').map(str::trim).filter(|tag| !tag.is_empty()) {
        if !tags.iter().any(|known| known == tag) {
            tags.push(tag.to_owned());
        }
    }
    tags
}

/// What was changed; `None` when nothing was.
fn words(state: &State, form: &Form, ids: &[DomainId]) -> Option<DomainWords> {
    let mut words = DomainWords::default();
    if let [id] = ids {
        let guest = state.guest(*id)?;
        let definition = guest.domain.definition.as_ref();
        let changed = |key: &str, before: Option<&str>| {
            let now = form.text(key);
            (now != one_line(before.unwrap_or_default()).trim()).then(|| lines(now))
        };
        words.title = changed("title", definition.and_then(|one| one.title.as_deref()));
        words.description = changed(
            "description",
            definition.and_then(|one| one.description.as_deref()),
        );
        words.notes = changed("notes", guest.notes());
        let before = definition.map_or(&[][..], |one| one.tags.as_slice());
        let now = tags(form.text("tags"));
        words.add_tags = now
            .iter()
            .filter(|tag| !before.contains(tag))
            .cloned()
            .collect();
        words.drop_tags = before
            .iter()
            .filter(|tag| !now.contains(tag))
            .cloned()
            .collect();
    } else {
        words.add_tags = tags(form.text("add"));
        words.drop_tags = tags(form.text("drop"));
    }
    (words != DomainWords::default()).then_some(words)
}

/// What cannot be kept.
fn wrong(form: &Form) -> Option<Wrong> {
    for key in ["tags", "add"] {
        let long = tags(form.text(key))
            .into_iter()
            .find(|tag| tag.len() > LONGEST_TAG);
        if let Some(tag) = long {
            let why = format!(
                "'{}' is longer than {LONGEST_TAG} bytes.",
                text::visible(&tag)
            );
            return Some(Wrong::at(key, why));
        }
    }
    let title = form.text("title");
    if lines(title).contains('\n') {
        return Some(Wrong::at("title", "A title has one line."));
    }
    let both = tags(form.text("add"));
    let both = both
        .iter()
        .find(|tag| tags(form.text("drop")).contains(tag));
    both.map(|tag| {
        Wrong::at(
            "drop",
            format!("'{}' is to be added too.", text::visible(tag)),
        )
    })
}

/// Writes the command.
pub fn changed(state: &State, form: &mut Form, ids: &[DomainId]) {
    let words = words(state, form, ids);
    form.hold = words.is_none().then(|| "Nothing is changed.".to_owned());
    form.command = words.and_then(|words| {
        let id = ids.first()?;
        let guest = state.guest(*id)?;
        let uri = state.connection(id.connection)?.uri();
        let verb = DomainVerb::Describe(Box::new(words));
        let line = actions::line(&verb, uri, guest, *id)?;
        Some(match ids.len() {
            1 => line,
            count => format!("{line}   and so for each of the {count}"),
        })
    });
}

/// Sends it.
pub fn submit(
    state: &mut State,
    form: &Form,
    ids: &[DomainId],
    effects: &mut Vec<Effect>,
) -> Submitted {
    if let Some(wrong) = wrong(form) {
        return Submitted::Refused(vec![wrong]);
    }
    let Some(words) = words(state, form, ids) else {
        return Submitted::Done;
    };
    let verb = DomainVerb::Describe(Box::new(words));
    if let [id] = ids {
        if let Some(why) = actions::refusal(state, Action::Describe, *id) {
            return Submitted::Refused(vec![Wrong::whole(why)]);
        }
        return match actions::begin_job(state, Action::Describe, verb, *id, effects) {
            Some(job) => Submitted::Waiting(job),
            None => Submitted::Done,
        };
    }
    let wanted = ids.iter().map(|id| (*id, verb.clone())).collect();
    bulk::attempt(state, Action::Describe, wanted, effects);
    Submitted::Done
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn tags_are_words_with_commas_each_once() {
        assert_eq!(tags(" prod, web ,prod,, a b "), ["prod", "web", "a b"]);
        assert!(tags(" , ").is_empty());
    }

    proptest! {
        #[test]
        fn a_text_of_lines_comes_back(text in "[a\\\\n\n ]{0,12}") {
            prop_assert_eq!(lines(&one_line(&text)), text);
        }
    }
}
