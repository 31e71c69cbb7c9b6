//! What may be typed at the cursor, and what the element under it is.
//!
//! The text may be broken: it is read by its words, and the grammar is followed down to the cursor, past whatever does not fit.
//! An offer takes into account what stands in the tag and in the element already, before and behind the cursor.

use std::ops::Range;

use super::cursor::{Reading, Spot};
use super::facts::{Facts, next_target, values as host_values};
use super::grammar::Grammar;
use super::pattern::{Id, NOT_ALLOWED, Patterns};
use super::sections;
use super::{KINDS, Schemas};

/// Elements behind the cursor that an offer must leave room for; beyond, they are more of the same.
const NEAR: usize = 64;

/// Kinds of offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OfferKind {
    /// An element.
    Element,
    /// An end tag.
    End,
    /// An attribute.
    Attribute,
    /// A value that the schema writes down.
    Value,
    /// A value of the host's.
    Host,
}

/// Something that may be typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// What it is called in the list. Names of the host's are untrusted.
    pub label: String,
    /// What is put in place of [`Offers::replaces`], escaped where it must be.
    pub insert: String,
    /// Where in `insert` the cursor goes, in bytes.
    pub cursor: usize,
    /// What it is.
    pub kind: OfferKind,
    /// Whether something is missing without it.
    pub required: bool,
}

/// All that may be typed at a place.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Offers {
    /// Bytes of what was typed of it.
    pub replaces: Range<usize>,
    /// The host's first, then what is required.
    pub offers: Vec<Offer>,
    /// What is expected where it cannot be listed: "a whole number from 0".
    pub expected: Vec<String>,
}

/// An element or attribute that help lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HelpName {
    /// Its name, with its prefix.
    pub name: String,
    /// Whether it must be there.
    pub required: bool,
    /// Of an attribute: what it may be, as far as that can be listed; else what is expected in words.
    pub values: Vec<String>,
}

/// What the schema says of the element under the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Help {
    /// Names from the root to the element.
    pub path: Vec<String>,
    /// All its attributes.
    pub attributes: Vec<HelpName>,
    /// All that may be in it.
    pub children: Vec<HelpName>,
    /// What its text may be; empty when it has none.
    pub text: Vec<String>,
    /// Address of libvirt's page about it.
    pub url: Option<String>,
}

impl Schemas {
    /// What may be typed at byte `at` of a text, by the schema and by a host. Nothing where the kind of the document is not
    /// known, its schema cannot be read, or the cursor stands in something that is not allowed.
    pub fn complete(&mut self, text: &str, at: usize, facts: &Facts) -> Offers {
        let mut at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        let reading = Reading::new(text);
        let Some(grammar) = self.grammar_of(&reading) else {
            return Offers::default();
        };
        let mut patterns = Patterns::new(grammar);
        let mut offers = Completing {
            reading: &reading,
            patterns: &mut patterns,
            facts,
        }
        .at(at)
        .unwrap_or_default();
        offers
            .offers
            .sort_by_key(|offer| (offer.kind != OfferKind::Host, !offer.required, offer.kind));
        let typed = text[offers.replaces.clone()].to_owned();
        keep_fitting(&mut offers.offers, &typed);
        offers
    }

    /// What the schema says of the element that byte `at` is in, or whose tag it is in.
    pub fn help(&mut self, text: &str, at: usize) -> Option<Help> {
        let mut at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        let reading = Reading::new(text);
        let mut around = reading.around(at);
        let tag = reading
            .elements
            .iter()
            .position(|element| element.start.start <= at && at < element.start.end);
        if let Some(tag) = tag {
            around = reading.around(reading.elements[tag].start.start);
            around.push(tag);
        }
        let last = around.pop()?;
        let grammar = self.grammar_of(&reading)?;
        let mut patterns = Patterns::new(grammar);
        let start = reading.elements[last].start.start;
        let before = reading.inside(&mut patterns, &around, start)?;
        around.push(last);
        let path: Vec<&str> = around
            .iter()
            .map(|element| reading.name(*element))
            .collect();
        let (ns, local) = reading.expanded_name(last)?;
        let bare = patterns.open(before, &ns, &local);
        if bare == NOT_ALLOWED {
            return None;
        }
        let opened = reading.open(&mut patterns, before, last, None)?;
        let inside = patterns.close_anyway(opened);
        Some(Help {
            attributes: names(&reading, &patterns, bare, true),
            children: names(&reading, &patterns, inside, false),
            text: patterns.text_values(inside),
            url: sections::url(&path),
            path: path.into_iter().map(str::to_owned).collect(),
        })
    }

    fn grammar_of(&mut self, reading: &Reading<'_>) -> Option<&Grammar> {
        let root = reading.elements.first()?;
        let name = &reading.text[root.name.clone()];
        let (kind, file) = KINDS.iter().find(|(kind, _)| *kind == name)?;
        let path = self.folder.join(file);
        let grammar = self
            .grammars
            .entry(kind)
            .or_insert_with(|| Grammar::load(&path));
        grammar.as_ref().ok()
    }
}

fn names(
    reading: &Reading<'_>,
    patterns: &Patterns<'_>,
    id: Id,
    attributes: bool,
) -> Vec<HelpName> {
    let required = patterns.required(id, attributes);
    let mut found: Vec<HelpName> = Vec::new();
    for (ns, local) in patterns.names(id, attributes) {
        let prefix = reading.prefix(&ns).unwrap_or_default();
        let values = if attributes {
            patterns.values(id, &ns, &local).unwrap_or_default()
        } else {
            Vec::new()
        };
        found.push(HelpName {
            required: required.contains(&local),
            name: format!("{prefix}{local}"),
            values,
        });
    }
    found.sort_by(|a, b| (!a.required, &a.name).cmp(&(!b.required, &b.name)));
    found
}

/// Keeps what begins as was typed; where nothing does, what contains it.
fn keep_fitting(offers: &mut Vec<Offer>, typed: &str) {
    let typed = typed.to_lowercase();
    let begins = |offer: &Offer| offer.label.to_lowercase().starts_with(&typed);
    if offers.iter().any(begins) {
        offers.retain(begins);
    } else {
        offers.retain(|offer| offer.label.to_lowercase().contains(&typed));
    }
}

struct Completing<'x, 't, 'g> {
    reading: &'x Reading<'t>,
    patterns: &'x mut Patterns<'g>,
    facts: &'x Facts,
}

impl Completing<'_, '_, '_> {
    fn at(&mut self, at: usize) -> Option<Offers> {
        match self.reading.spot(at) {
            Spot::Nothing => None,
            Spot::End { typed } => {
                let around = self.reading.around(typed.start.saturating_sub(2));
                let name = self.reading.name(*around.last()?).to_owned();
                let mut offers = Offers {
                    replaces: typed,
                    ..Offers::default()
                };
                let rest = &self.reading.text[at..];
                let end = if rest.starts_with('>') { "" } else { ">" };
                offers
                    .offers
                    .push(plain(&name, format!("{name}{end}"), OfferKind::End, true));
                Some(offers)
            }
            Spot::Name { typed, opened } => self.elements(typed, opened),
            Spot::Attribute {
                element,
                typed,
                has_value,
            } => self.attributes(element, typed, has_value),
            Spot::Value {
                element,
                attribute,
                typed,
            } => self.values(element, &attribute, typed),
            Spot::Text { typed } => self.content(typed),
        }
    }

    /// Where an element may begin.
    fn elements(&mut self, typed: Range<usize>, opened: bool) -> Option<Offers> {
        let reading = self.reading;
        let at = typed.start - usize::from(opened);
        let around = reading.around(at);
        let inside = reading.inside(self.patterns, &around, at)?;
        let required = self.patterns.required(inside, false);
        // What stands behind must remain as right as it was.
        let behind: Vec<usize> = around.last().map_or_else(Vec::new, |parent| {
            // The one that is being typed is none of them.
            let end = if opened { typed.end.max(at + 1) } else { at };
            reading.following(*parent, end).take(NEAR).collect()
        });
        let accepted = |patterns: &mut Patterns<'_>, mut now: Id| {
            let mut count = 0;
            for element in &behind {
                if let Some(next) = reading.passed(patterns, now, *element) {
                    now = next;
                    count += 1;
                }
            }
            count
        };
        let before = accepted(self.patterns, inside);
        let mut offers = Offers {
            replaces: typed,
            ..Offers::default()
        };
        for (ns, local) in self.patterns.names(inside, false) {
            let Some(prefix) = reading.prefix(&ns) else {
                continue;
            };
            let opening = self.patterns.open(inside, &ns, &local);
            if opening == NOT_ALLOWED {
                continue;
            }
            let after = self.patterns.rest(opening);
            if accepted(self.patterns, after) < before {
                continue;
            }
            let name = format!("{prefix}{local}");
            let mark = if opened { "" } else { "<" };
            let mut insert = format!("{mark}{name}");
            let mut cursor = None;
            let mut missing = self.patterns.required(opening, true);
            missing.sort();
            for attribute in missing {
                insert.push_str(&format!(" {attribute}='"));
                cursor.get_or_insert(insert.len());
                insert.push('\'');
            }
            let inner = self.patterns.close_anyway(opening);
            if self.patterns.names(inner, false).is_empty() && !self.patterns.has_text(inner) {
                insert.push_str("/>");
            } else {
                insert.push('>');
                cursor.get_or_insert(insert.len());
                insert.push_str(&format!("</{name}>"));
            }
            offers.offers.push(Offer {
                label: name,
                cursor: cursor.unwrap_or(insert.len()),
                insert,
                kind: OfferKind::Element,
                required: required.contains(&local),
            });
        }
        Some(offers)
    }

    /// Pattern before an element that is being typed.
    fn before(&mut self, element: usize) -> Option<Id> {
        let start = self.reading.elements[element].start.start;
        let around = self.reading.around(start);
        self.reading.inside(self.patterns, &around, start)
    }

    fn attributes(
        &mut self,
        element: usize,
        typed: Range<usize>,
        has_value: bool,
    ) -> Option<Offers> {
        let before = self.before(element)?;
        let reading = self.reading;
        let now = reading.open(self.patterns, before, element, Some(typed.start))?;
        let required = self.patterns.required(now, true);
        let mut offers = Offers {
            replaces: typed.clone(),
            ..Offers::default()
        };
        for (ns, local) in self.patterns.names(now, true) {
            let Some(prefix) = reading.prefix(&ns) else {
                continue;
            };
            let name = format!("{prefix}{local}");
            let there = reading.attributes[element]
                .iter()
                .any(|(known, _, at)| *known == name && *at != typed.start);
            if there {
                continue;
            }
            let (insert, cursor) = if has_value {
                (name.clone(), name.len())
            } else {
                (format!("{name}=''"), name.len() + 2)
            };
            offers.offers.push(Offer {
                label: name,
                insert,
                cursor,
                kind: OfferKind::Attribute,
                required: required.contains(&local),
            });
        }
        Some(offers)
    }

    fn values(&mut self, element: usize, attribute: &str, typed: Range<usize>) -> Option<Offers> {
        let before = self.before(element)?;
        let reading = self.reading;
        // The attribute's own value is not held against it.
        let own = reading.attributes[element]
            .iter()
            .find(|(name, _, at)| name == attribute && *at < typed.start)
            .map(|(_, _, at)| *at);
        let now = reading.open(self.patterns, before, element, own)?;
        let (ns, local) = reading.expanded_text(attribute)?;
        let mut offers = Offers {
            replaces: typed,
            ..Offers::default()
        };
        let mut path = reading.around(reading.elements[element].start.start);
        path.push(element);
        let host = self.host(&path, Some(attribute));
        let (written, expected) = self.patterns.choices(now, &ns, &local)?;
        for (value, kind) in host
            .into_iter()
            .map(|value| (value, OfferKind::Host))
            .chain(written.into_iter().map(|value| (value, OfferKind::Value)))
        {
            let fits = self.patterns.attribute(now, &ns, &local, &value) != NOT_ALLOWED;
            if fits && !offers.offers.iter().any(|offer| offer.label == value) {
                offers
                    .offers
                    .push(plain(&value, escaped(&value), kind, false));
            }
        }
        offers.expected = expected;
        Some(offers)
    }

    /// Where text stands, or an element may begin.
    fn content(&mut self, typed: Range<usize>) -> Option<Offers> {
        let reading = self.reading;
        let around = reading.around(typed.start);
        let inside = reading.inside(self.patterns, &around, typed.start)?;
        let (written, expected) = self.patterns.text_choices(inside);
        let mut offers = if typed.is_empty() {
            self.elements(typed.clone(), false).unwrap_or_default()
        } else {
            Offers::default()
        };
        offers.replaces = typed;
        for (value, kind) in self
            .host(&around, None)
            .into_iter()
            .map(|value| (value, OfferKind::Host))
            .chain(written.into_iter().map(|value| (value, OfferKind::Value)))
        {
            if !offers.offers.iter().any(|offer| offer.label == value) {
                offers
                    .offers
                    .push(plain(&value, escaped(&value), kind, false));
            }
        }
        if reading.name(*around.last()?) == "source" {
            self.pci_devices(&around, &mut offers);
        }
        offers.expected = expected;
        Some(offers)
    }

    /// Devices of the host, written out as an address.
    fn pci_devices(&self, around: &[usize], offers: &mut Offers) {
        let is_hostdev = around.iter().rev().nth(1).is_some_and(|parent| {
            self.reading.name(*parent) == "hostdev"
                && self.value(*parent, "type").as_deref() == Some("pci")
        });
        if !is_hostdev || !offers.replaces.is_empty() {
            return;
        }
        for device in &self.facts.pci_devices {
            let [domain, bus, slot, function] = device.address;
            let insert = format!(
                "<address domain='0x{domain:04x}' bus='0x{bus:02x}' slot='0x{slot:02x}' function='0x{function:x}'/>"
            );
            let product = device.product.as_deref().unwrap_or(&device.name);
            let label = format!("{domain:04x}:{bus:02x}:{slot:02x}.{function:x} {product}");
            offers
                .offers
                .push(plain(&label, insert, OfferKind::Host, false));
        }
    }

    fn value(&self, element: usize, attribute: &str) -> Option<String> {
        self.reading.attributes[element]
            .iter()
            .find(|(name, ..)| name == attribute)
            .map(|(_, value, _)| value.clone())
    }

    /// What the host has for a place.
    fn host(&self, path: &[usize], attribute: Option<&str>) -> Vec<String> {
        let reading = self.reading;
        let names: Vec<&str> = path.iter().map(|element| reading.name(*element)).collect();
        let last = path.last().copied().unwrap_or_default();
        if names.ends_with(&["disk", "target"]) && attribute == Some("dev") {
            let device = path
                .iter()
                .rev()
                .nth(1)
                .and_then(|disk| self.value(*disk, "device"));
            let taken: Vec<String> = (0..reading.elements.len())
                .filter(|element| *element != last && reading.name(*element) == "target")
                .filter_map(|element| self.value(element, "dev"))
                .collect();
            let bus = self.value(last, "bus");
            let next = next_target(bus.as_deref(), device.as_deref(), &taken);
            return next.into_iter().collect();
        }
        let of = |element: &str, attribute: &str| {
            (reading.name(last) == element)
                .then(|| self.value(last, attribute))
                .flatten()
        };
        host_values(self.facts, &names, attribute, &of)
    }
}

fn plain(label: &str, insert: String, kind: OfferKind, required: bool) -> Offer {
    Offer {
        label: label.to_owned(),
        cursor: insert.len(),
        insert,
        kind,
        required,
    }
}

fn escaped(value: &str) -> String {
    value
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('\'', "&apos;")
        .replace('"', "&quot;")
}
