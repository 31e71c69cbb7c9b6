//! One field of a form: what it is called, what stands in it, and what may.

use crate::app::Line;
use crate::keymap::{Code, Key};
use crate::text;
use crate::virsh;

/// One of several values to choose from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldOption {
    /// The value, in libvirt's word.
    pub word: String,
    /// What is shown; untrusted.
    pub label: String,
}

impl FieldOption {
    /// A value that is shown as it is.
    #[must_use]
    pub fn plain(word: &str) -> Self {
        Self::new(word, word)
    }

    /// A value that is shown in other words.
    #[must_use]
    pub fn new(word: &str, label: &str) -> Self {
        Self {
            word: word.to_owned(),
            label: label.to_owned(),
        }
    }
}

/// What is filled in.
#[derive(Debug, Clone, PartialEq)]
pub enum FieldKind {
    /// A line of text, and what it may be completed to.
    Text {
        /// What is typed.
        line: Line,
        /// Values that are offered.
        offered: Vec<String>,
    },
    /// A whole number.
    Number {
        /// What is typed.
        line: Line,
        /// Its unit, shown behind it; empty for a plain number.
        unit: &'static str,
        /// The smallest that may be.
        least: u64,
        /// The largest that may be.
        most: u64,
    },
    /// A size with a unit behind it, as virsh reads it; kept in KiB.
    Size {
        /// What is typed.
        line: Line,
        /// The smallest that may be, in KiB.
        least: u64,
        /// The largest that may be, in KiB.
        most: u64,
    },
    /// One of several.
    Choice {
        /// What there is to choose from.
        options: Vec<FieldOption>,
        /// Which is chosen.
        chosen: usize,
    },
    /// Yes or no.
    Check(bool),
    /// No field, but a line that says what the next ones are about.
    Heading,
}

/// A field.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its name in the code; unique in its form.
    pub key: String,
    /// Its name on the screen; untrusted.
    pub label: String,
    /// What is filled in.
    pub kind: FieldKind,
    /// A sentence about it, shown while it is the present one.
    pub help: String,
    /// Words behind the value; untrusted.
    pub note: String,
    /// What is wrong with what stands in it.
    pub error: Option<String>,
    /// What is to be known of what stands in it, though it is taken.
    pub caution: Option<String>,
    /// It plays no part at present.
    pub hidden: bool,
    /// A number or size may be left empty.
    pub optional: bool,
    /// A size that + and - move between these two, in KiB.
    pub slide: Option<(u64, u64)>,
}

/// A bound that nobody reaches, so that it is not told.
const ENDLESS: u64 = 1 << 50;
/// Into how many steps a slider is parted.
const STEPS: u64 = 16;
/// They are whole MiB.
const MIB: u64 = 1 << 10;

impl Field {
    fn new(key: &str, label: &str, kind: FieldKind) -> Self {
        Self {
            key: key.to_owned(),
            label: label.to_owned(),
            kind,
            help: String::new(),
            note: String::new(),
            error: None,
            caution: None,
            hidden: false,
            optional: false,
            slide: None,
        }
    }

    /// A line of text.
    #[must_use]
    pub fn text(key: &str, label: &str, value: &str) -> Self {
        let line = Line::new(value);
        let offered = Vec::new();
        Self::new(key, label, FieldKind::Text { line, offered })
    }

    /// A line of text that is not shown.
    #[must_use]
    pub fn secret(key: &str, label: &str) -> Self {
        let line = Line::masked();
        let offered = Vec::new();
        Self::new(key, label, FieldKind::Text { line, offered })
    }

    /// A whole number within bounds; `None` leaves it empty.
    #[must_use]
    pub fn number(
        key: &str,
        label: &str,
        value: Option<u64>,
        unit: &'static str,
        bounds: std::ops::RangeInclusive<u64>,
    ) -> Self {
        let line = Line::new(&value.map_or_else(String::new, |value| value.to_string()));
        let kind = FieldKind::Number {
            line,
            unit,
            least: *bounds.start(),
            most: *bounds.end(),
        };
        Self::new(key, label, kind)
    }

    /// A size in KiB within bounds; `None` leaves it empty.
    #[must_use]
    pub fn size(
        key: &str,
        label: &str,
        kib: Option<u64>,
        bounds: std::ops::RangeInclusive<u64>,
    ) -> Self {
        let line = Line::new(&kib.map_or_else(String::new, virsh::scaled));
        let kind = FieldKind::Size {
            line,
            least: *bounds.start(),
            most: *bounds.end(),
        };
        Self::new(key, label, kind)
    }

    /// One of several; the first when none has the word `chosen`.
    #[must_use]
    pub fn choice(key: &str, label: &str, options: Vec<FieldOption>, chosen: &str) -> Self {
        let at = options.iter().position(|option| option.word == chosen);
        let chosen = at.unwrap_or(0);
        Self::new(key, label, FieldKind::Choice { options, chosen })
    }

    /// Yes or no.
    #[must_use]
    pub fn check(key: &str, label: &str, checked: bool) -> Self {
        Self::new(key, label, FieldKind::Check(checked))
    }

    /// A line between fields.
    #[must_use]
    pub fn heading(label: &str) -> Self {
        Self::new("", label, FieldKind::Heading)
    }

    /// With a sentence about it.
    #[must_use]
    pub fn help(mut self, help: &str) -> Self {
        help.clone_into(&mut self.help);
        self
    }

    /// With words behind the value.
    #[must_use]
    pub fn note(mut self, note: &str) -> Self {
        note.clone_into(&mut self.note);
        self
    }

    /// With values that a text may be completed to.
    #[must_use]
    pub fn offer(mut self, values: Vec<String>) -> Self {
        if let FieldKind::Text { offered, .. } = &mut self.kind {
            *offered = values;
        }
        self
    }

    /// One that may be left empty.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// Whether it can be filled in now.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.hidden && self.kind != FieldKind::Heading
    }

    /// The line that is typed into, where there is one.
    #[must_use]
    pub fn line(&self) -> Option<&Line> {
        match &self.kind {
            FieldKind::Text { line, .. }
            | FieldKind::Number { line, .. }
            | FieldKind::Size { line, .. } => Some(line),
            _ => None,
        }
    }

    fn line_mut(&mut self) -> Option<&mut Line> {
        match &mut self.kind {
            FieldKind::Text { line, .. }
            | FieldKind::Number { line, .. }
            | FieldKind::Size { line, .. } => Some(line),
            _ => None,
        }
    }

    /// What stands in it: the text, or the word of the choice.
    #[must_use]
    pub fn value(&self) -> &str {
        match &self.kind {
            FieldKind::Choice { options, chosen } => options
                .get(*chosen)
                .map_or("", |option| option.word.as_str()),
            _ => self.line().map_or("", |line| line.text().trim()),
        }
    }

    /// Its number, KiB for a size; `None` when it is empty or none.
    #[must_use]
    pub fn amount(&self) -> Option<u64> {
        match self.kind {
            FieldKind::Number { .. } => self.value().parse().ok(),
            FieldKind::Size { .. } => virsh::kib(self.value()).ok(),
            _ => None,
        }
    }

    /// What may stand in it, as a sentence: its bounds with their unit; empty where any text may.
    #[must_use]
    pub fn bounds(&self) -> String {
        let (least, most, unit) = match self.kind {
            FieldKind::Number {
                unit: "",
                least,
                most,
                ..
            } => (least.to_string(), most.to_string(), String::new()),
            FieldKind::Number {
                unit, least, most, ..
            } => (least.to_string(), most.to_string(), format!(" {unit}")),
            FieldKind::Size { least, most, .. } => {
                let size = |kib: u64| {
                    let text = virsh::scaled(kib);
                    let plain = text.ends_with(|c: char| c.is_ascii_digit());
                    if plain { format!("{text}K") } else { text }
                };
                (size(least), size(most), String::new())
            }
            _ => return String::new(),
        };
        match self.kind {
            FieldKind::Number { most, .. } | FieldKind::Size { most, .. } if most >= ENDLESS => {
                format!("From {least}{unit} on.")
            }
            _ => format!("From {least} to {most}{unit}."),
        }
    }

    /// Moves a slider by a step.
    fn slide(&mut self, up: bool) -> bool {
        let (Some((least, most)), Some(now)) = (self.slide, self.amount()) else {
            return false;
        };
        let step = (most.saturating_sub(least) / STEPS)
            .next_multiple_of(MIB)
            .max(MIB);
        let to = if up {
            now.saturating_add(step)
        } else {
            now.saturating_sub(step)
        };
        let to = to.clamp(least, most.max(least));
        if to == now {
            return false;
        }
        self.set(&virsh::scaled(to));
        true
    }

    /// What is wrong with it by itself; `None` when nothing is.
    #[must_use]
    pub fn wrong(&self) -> Option<String> {
        let (least, most, is_size) = match self.kind {
            FieldKind::Number { least, most, .. } => (least, most, false),
            FieldKind::Size { least, most, .. } => (least, most, true),
            _ => return None,
        };
        let value = self.value();
        if value.is_empty() {
            let missing = || format!("{} is missing.", self.label);
            return (!self.optional).then(missing);
        }
        let shown = |number: u64| {
            if is_size {
                text::bytes(number.saturating_mul(1024))
            } else {
                number.to_string()
            }
        };
        let amount = match (is_size, self.amount()) {
            (_, Some(amount)) => amount,
            (true, None) => return virsh::kib(value).err(),
            (false, None) => {
                return Some(format!("'{}' is no whole number.", text::visible(value)));
            }
        };
        if amount < least {
            return Some(format!("At least {} is wanted.", shown(least)));
        }
        (amount > most).then(|| format!("At most {} is possible.", shown(most)))
    }

    /// Puts a value in: a text, a word of the choice, `yes` or `no`. One that it cannot take changes nothing.
    pub fn set(&mut self, value: &str) {
        match &mut self.kind {
            FieldKind::Check(checked) => *checked = value == "yes",
            FieldKind::Choice { options, chosen } => {
                if let Some(at) = options.iter().position(|option| option.word == value) {
                    *chosen = at;
                }
            }
            FieldKind::Heading => {}
            _ => {
                if let Some(line) = self.line_mut().filter(|line| !line.is_masked()) {
                    *line = Line::new(value);
                }
            }
        }
    }

    /// The value that [`Self::set`] takes; `None` of what is no field or a secret.
    #[must_use]
    pub fn kept(&self) -> Option<String> {
        match &self.kind {
            FieldKind::Heading => None,
            FieldKind::Check(true) => Some("yes".to_owned()),
            FieldKind::Check(false) => Some("no".to_owned()),
            _ if self.line().is_some_and(Line::is_masked) => None,
            _ => Some(self.value().to_owned()),
        }
    }

    /// What the text would be completed to: the rest of the first offer that begins so.
    #[must_use]
    pub fn ghost(&self) -> Option<&str> {
        let FieldKind::Text { line, offered } = &self.kind else {
            return None;
        };
        let (before, behind) = line.parts();
        if before.is_empty() || !behind.is_empty() {
            return None;
        }
        offered
            .iter()
            .filter_map(|value| value.strip_prefix(before))
            .find(|rest| !rest.is_empty())
    }

    /// Puts the next of the offers into the line.
    pub(super) fn next_offer(&mut self) -> bool {
        let FieldKind::Text { line, offered } = &mut self.kind else {
            return false;
        };
        let present = offered.iter().position(|value| value == line.text());
        let next = present.map_or(0, |at| (at + 1) % offered.len());
        let Some(value) = offered.get(next) else {
            return false;
        };
        *line = Line::new(value);
        true
    }

    /// Applies a key; `true` when the value changed.
    pub(super) fn press(&mut self, key: Key) -> bool {
        let takes = matches!(key.code, Code::Right | Code::End) && !key.ctrl && !key.alt;
        if takes && let Some(rest) = self.ghost().map(str::to_owned) {
            return self.line_mut().is_some_and(|line| line.paste(&rest));
        }
        if self.slide.is_some()
            && matches!(key.code, Code::Char('+' | '-'))
            && !key.ctrl
            && !key.alt
        {
            return self.slide(key.code == Code::Char('+'));
        }
        match &mut self.kind {
            FieldKind::Check(checked) if matches!(key.code, Code::Char(' ')) => {
                *checked = !*checked;
                true
            }
            FieldKind::Choice { options, chosen } => {
                let count = options.len().max(1);
                let next = match key.code {
                    Code::Right | Code::Char(' ') => (*chosen + 1) % count,
                    Code::Left => (*chosen + count - 1) % count,
                    Code::Home => 0,
                    Code::End => count - 1,
                    Code::Char(letter) => {
                        let begins = |option: &FieldOption| {
                            let first = option.label.chars().next();
                            first.is_some_and(|c| c.eq_ignore_ascii_case(&letter))
                        };
                        // The next that begins so, around the end.
                        let order = (1..=count).map(|step| (*chosen + step) % count);
                        let mut fitting = order.filter(|at| options.get(*at).is_some_and(begins));
                        fitting.next().unwrap_or(*chosen)
                    }
                    _ => return false,
                };
                std::mem::replace(chosen, next) != next
            }
            _ => self.line_mut().is_some_and(|line| line.press(key)),
        }
    }

    /// Inserts pasted text.
    pub(super) fn paste(&mut self, text: &str) -> bool {
        self.line_mut().is_some_and(|line| line.paste(text))
    }

    /// A click: a check box changes.
    pub(super) fn click(&mut self) -> bool {
        let FieldKind::Check(checked) = &mut self.kind else {
            return false;
        };
        *checked = !*checked;
        true
    }

    /// Takes over what stands in another of the same kind, where that may be.
    pub(super) fn fill(&mut self, from: &Self) {
        match (&mut self.kind, &from.kind) {
            (FieldKind::Check(to), FieldKind::Check(from)) => *to = *from,
            (FieldKind::Choice { options, chosen }, FieldKind::Choice { .. }) => {
                let word = from.value();
                if let Some(at) = options.iter().position(|option| option.word == word) {
                    *chosen = at;
                }
            }
            (FieldKind::Choice { .. } | FieldKind::Check(_) | FieldKind::Heading, _) => {}
            _ => {
                if let (Some(to), Some(from)) = (self.line_mut(), from.line()) {
                    *to = from.clone();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keymap::parse_keys;

    fn press(field: &mut Field, keys: &str) {
        for key in parse_keys(keys).unwrap() {
            field.press(key);
        }
    }

    #[test]
    fn a_number_has_bounds() {
        let mut field = Field::number("vcpus", "CPUs", Some(2), "", 1..=8);
        assert_eq!(field.amount(), Some(2));
        press(&mut field, "0");
        assert_eq!(field.wrong().unwrap(), "At most 8 is possible.");
        press(&mut field, "<ctrl-u>0");
        assert_eq!(field.wrong().unwrap(), "At least 1 is wanted.");
        press(&mut field, "x");
        assert_eq!(field.wrong().unwrap(), "'0x' is no whole number.");
        press(&mut field, "<ctrl-u>");
        assert_eq!(field.wrong().unwrap(), "CPUs is missing.");
        assert_eq!(field.optional().wrong(), None);
    }

    #[test]
    fn a_size_is_read_as_virsh_reads_it() {
        let mut field = Field::size("memory", "Memory", Some(2 << 20), 1024..=4 << 20);
        assert_eq!(field.value(), "2G");
        press(&mut field, "<ctrl-u>8G");
        assert!(field.wrong().unwrap().starts_with("At most 4"));
        press(&mut field, "<ctrl-u>512M");
        assert_eq!((field.wrong(), field.amount()), (None, Some(512 << 10)));
        press(&mut field, "x");
        assert!(field.wrong().unwrap().contains("is no size"));
    }

    #[test]
    fn a_slider_moves_between_its_ends() {
        let mut field = Field::size("memory", "Memory", Some(512 << 10), 1024..=1 << 30);
        press(&mut field, "+");
        assert_eq!(field.value(), "512M+");
        let mut field = Field::size("memory", "Memory", Some(512 << 10), 1024..=1 << 30);
        field.slide = Some((64 << 10, 1 << 20));
        press(&mut field, "+");
        assert_eq!(field.value(), "572M");
        press(&mut field, "--");
        assert_eq!(field.value(), "452M");
        press(&mut field, "+".repeat(20).as_str());
        assert_eq!(field.value(), "1G");
        press(&mut field, "-".repeat(20).as_str());
        assert_eq!(field.value(), "64M");
        assert_eq!(field.bounds(), "From 1M to 1T.");
        let number = |unit, most| Field::number("n", "N", None, unit, 1..=most).bounds();
        assert_eq!(number("KiB/s", 9), "From 1 to 9 KiB/s.");
        assert_eq!(number("", u64::MAX), "From 1 on.");
    }

    #[test]
    fn a_choice_is_walked_and_jumped_through() {
        let options = ["raw", "qcow2", "qed"].map(FieldOption::plain).to_vec();
        let mut field = Field::choice("format", "Format", options, "qcow2");
        press(&mut field, "<Right>");
        assert_eq!(field.value(), "qed");
        press(&mut field, "<Right>");
        assert_eq!(field.value(), "raw");
        press(&mut field, "q");
        assert_eq!(field.value(), "qcow2");
        press(&mut field, "q");
        assert_eq!(field.value(), "qed");
        press(&mut field, "z");
        assert_eq!(field.value(), "qed");
    }

    #[test]
    fn a_text_is_completed_from_what_is_offered() {
        let values = vec!["default".to_owned(), "images".to_owned()];
        let mut field = Field::text("pool", "Pool", "").offer(values);
        assert_eq!(field.ghost(), None);
        press(&mut field, "im");
        assert_eq!(field.ghost(), Some("ages"));
        press(&mut field, "<Right>");
        assert_eq!(field.value(), "images");
        assert!(field.next_offer());
        assert_eq!(field.value(), "default");
    }
}
