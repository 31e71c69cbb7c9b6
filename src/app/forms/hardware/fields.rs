//! Fields of hardware: how each is filled in, and what stands in it at first.

use crate::app::{Field, FieldOption};
use crate::hardware::{Item, Kind};

/// What is typed into a field.
#[derive(Debug, Clone, Copy)]
pub(super) enum Input {
    /// Any text.
    Text,
    /// A number in this unit, at least and at most.
    Number(&'static str, u64, u64),
    /// One of these words; the first stands for none.
    Choice(&'static [(&'static str, &'static str)]),
    /// Ticked means the first word, else the second.
    Check(&'static str, &'static str),
    /// A text that is not shown.
    Secret,
    /// An amount of memory, KiB: at least and at most.
    Size(u64, u64),
    /// Ticked means that the element stands there.
    Mark,
}

/// A field for the value at a path, which is its key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spec {
    pub path: &'static str,
    pub label: &'static str,
    pub input: Input,
    pub help: &'static str,
    /// It plays a part only where another field has one of these words.
    pub only: Option<(&'static str, &'static [&'static str])>,
}

impl Spec {
    /// Whether it says something by standing there.
    pub fn is_mark(&self) -> bool {
        matches!(self.input, Input::Mark)
    }
}

/// The value that a field has at first: as it is stored, else as it runs.
pub(super) fn at_first(item: &Item, spec: &Spec) -> String {
    let value = stored(item, spec);
    // What plays a part now and then has what is usual, where nothing is said.
    match (spec.input, spec.only) {
        (Input::Choice(words), Some(_)) if value.is_empty() => {
            let first = words.first().map(|(word, _)| *word);
            first.unwrap_or_default().to_owned()
        }
        _ => value,
    }
}

fn stored(item: &Item, spec: &Spec) -> String {
    match (item.kind, spec.path) {
        (Kind::Nic, "source") => {
            let found = ["source@network", "source@bridge", "source@dev"]
                .into_iter()
                .find_map(|path| item.stored(path));
            return found.unwrap_or_default().to_owned();
        }
        // Without a number of those in use, all are.
        (Kind::Cpus, "vcpu@current") => {
            let all = item.stored("vcpu@current").or(item.stored("vcpu"));
            return all.unwrap_or_default().to_owned();
        }
        (Kind::Nic, "link@state") => {
            return item.stored("link@state").unwrap_or("up").to_owned();
        }
        (Kind::Graphics, "@port") => {
            let fixed = item.stored("@autoport") != Some("yes");
            let port = item.stored("@port").filter(|port| fixed && *port != "-1");
            return port.unwrap_or_default().to_owned();
        }
        (Kind::Graphics, "listen@address") => {
            let found = item.stored("listen@address").or(item.stored("@listen"));
            return found.unwrap_or_default().to_owned();
        }
        (Kind::Graphics, "@passwd") => return String::new(),
        (Kind::Vsock, "cid@address") if item.stored("cid@auto") == Some("yes") => {
            return String::new();
        }
        // libvirt names the socket of a channel itself.
        (Kind::Channel, "source@path" | "source@mode") if item.next.is_none() => {
            return String::new();
        }
        (Kind::Filesystem, "driver@type") => {
            return item.stored("driver@type").unwrap_or("path").to_owned();
        }
        _ => {}
    }
    item.stored(spec.path).unwrap_or_default().to_owned()
}

/// A field with its value at first.
pub(super) fn field(item: &Item, spec: &Spec) -> Field {
    let value = at_first(item, spec);
    let field = match spec.input {
        Input::Text => Field::text(spec.path, spec.label, &value),
        Input::Secret => Field::secret(spec.path, spec.label),
        Input::Number(unit, least, most) => {
            let number = value.parse().ok();
            let optional = !matches!(spec.path, "vcpu" | "vcpu@current");
            let field = Field::number(spec.path, spec.label, number, unit, least..=most);
            if optional { field.optional() } else { field }
        }
        Input::Choice(words) => {
            let mut options: Vec<FieldOption> = words
                .iter()
                .map(|(word, label)| FieldOption::new(word, label))
                .collect();
            // What it has is always among them.
            if !options.iter().any(|option| option.word == value) {
                options.insert(
                    0,
                    FieldOption::new(&value, if value.is_empty() { "not said" } else { &value }),
                );
            }
            Field::choice(spec.path, spec.label, options, &value)
        }
        Input::Check(on, _) => Field::check(spec.path, spec.label, value == on),
        Input::Mark => Field::check(spec.path, spec.label, !value.is_empty()),
        Input::Size(least, most) => {
            let field = Field::size(
                spec.path,
                spec.label,
                item.stored_kib(spec.path),
                least..=most,
            );
            field.optional()
        }
    };
    field.help(spec.help)
}
