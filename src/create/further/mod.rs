//! Words of options that have no field of their own: each is a place in the XML, as virt-install's longer words are
//! (`driver.queues=4`). Which places there are, and whether one is an attribute or an element, libvirt's schema says.

mod devices;
mod domain;
mod xpath;

pub use devices::{DEVICES, device};
pub use domain::{SECTIONS, qemu_command_line, section};
pub use xpath::xml;

use super::suboptions::Invalid;
use crate::schema::{Help, HelpName, Schemas};
use crate::text::{nearest, visible};
use crate::xml::Element;

/// A step on the way to a place.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    /// The element of a name, and which of those that have it, from 0.
    Nth(String, usize),
    /// The element of a name whose attribute has this value.
    With(&'static str, &'static str, String),
}

impl Step {
    /// The first of a name.
    fn first(name: &str) -> Self {
        Self::Nth(name.to_owned(), 0)
    }
}

/// What becomes of a place.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Leaf {
    /// An attribute gets this value; none takes it out.
    Attribute(String, Option<String>),
    /// The element gets this text.
    Text(String),
    /// The element is there, and says nothing.
    Present,
    /// It is not there.
    Absent,
}

/// One value at a place below an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// As it was asked for: `driver.queues=4`, `+vmx`.
    pub word: String,
    steps: Vec<Step>,
    leaf: Leaf,
}

impl Setting {
    /// An attribute of an element below.
    fn attribute(word: &str, steps: Vec<Step>, name: &str, value: &str) -> Self {
        Self {
            word: word.to_owned(),
            steps,
            leaf: Leaf::Attribute(name.to_owned(), Some(value.to_owned())),
        }
    }

    /// A feature of a CPU, as `+vmx` or `disable=vmx`.
    pub(super) fn feature(word: &str, policy: &str, name: &str) -> Vec<Self> {
        let steps = vec![Step::With("feature", "name", name.to_owned())];
        vec![Self::attribute(word, steps, "policy", policy)]
    }

    /// How many memory devices can be plugged in.
    pub(super) fn slots(number: u64) -> Self {
        let word = format!("maxMemory.slots={number}");
        Self::attribute(
            &word,
            vec![Step::first("maxMemory")],
            "slots",
            &number.to_string(),
        )
    }

    /// Memory in huge pages of the host.
    pub(super) fn hugepages() -> Self {
        Self {
            word: "hugepages=yes".to_owned(),
            steps: ["memoryBacking", "hugepages"].map(Step::first).to_vec(),
            leaf: Leaf::Present,
        }
    }

    /// The text of an element below.
    pub(super) fn text(word: &str, element: &str, text: &str) -> Self {
        Self {
            word: word.to_owned(),
            steps: vec![Step::first(element)],
            leaf: Leaf::Text(text.to_owned()),
        }
    }

    /// Writes it into an element.
    pub fn apply(&self, element: &mut Element) {
        if self.leaf == Leaf::Absent {
            if let Some((Step::Nth(last, nth), way)) = self.steps.split_last() {
                follow(element, way).remove_child(last, Some(*nth));
            }
            return;
        }
        let at = follow(element, &self.steps);
        match &self.leaf {
            Leaf::Attribute(name, Some(value)) => at.set_attribute(name, value),
            Leaf::Attribute(name, None) => at.remove_attribute(name),
            Leaf::Text(text) => at.set_text(text),
            Leaf::Present | Leaf::Absent => {}
        }
    }
}

fn follow<'a>(element: &'a mut Element, way: &[Step]) -> &'a mut Element {
    way.iter().fold(element, |at, step| match step {
        Step::Nth(name, nth) => at.nth_child(name, *nth),
        Step::With(name, attribute, value) => at.child_with(name, attribute, value),
    })
}

/// Writes all of them.
pub fn apply(settings: &[Setting], element: &mut Element) {
    for setting in settings {
        setting.apply(element);
    }
}

/// Something that was asked for beside what [`NewDomain`](super::NewDomain) has fields for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extra {
    /// The option, such as `--filesystem`.
    pub option: &'static str,
    /// Its value as it was given.
    pub text: String,
    /// What it makes.
    pub makes: Makes,
}

/// What an option makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Makes {
    /// A device.
    Device(Element),
    /// Values below the domain's element.
    Settings(Vec<Setting>),
    /// An element of the domain.
    Element(Element),
}

/// Finds places by libvirt's schema of domains.
pub(super) struct Places {
    option: &'static str,
    schemas: Schemas,
    /// Names of elements below the domain.
    base: Vec<String>,
}

impl Places {
    /// Below an element of a domain, such as `devices`, `disk`.
    pub(super) fn below(option: &'static str, base: &[&str]) -> Self {
        Self {
            option,
            schemas: Schemas::default(),
            base: base.iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    /// What a word sets. `short` are virt-install's shorter words and what they stand for.
    ///
    /// # Errors
    /// That there is no such place, with the nearest.
    pub(super) fn find(
        &mut self,
        key: &str,
        value: Option<&str>,
        short: &[(&str, &str)],
    ) -> Result<Setting, Invalid> {
        let word = match value {
            Some(value) => format!("{key}={value}"),
            None => key.to_owned(),
        };
        let long = short.iter().find(|(name, _)| *name == key);
        let path = long.map_or(key, |(_, long)| *long);
        let value = value.unwrap_or("yes");
        // virt-install's older words have a line where the newer ones have a dot.
        let tries = std::iter::once(path.to_owned()).chain(
            path.match_indices('_')
                .map(|(at, _)| format!("{}.{}", &path[..at], &path[at + 1..])),
        );
        let mut wrong = None;
        for path in tries {
            match self.follow(&path, value) {
                Ok((steps, leaf)) => return Ok(Setting { word, steps, leaf }),
                Err(error) => wrong = wrong.or(Some(error)),
            }
        }
        let (unknown, nearby) = wrong.unwrap_or_default();
        let mut known: Vec<&str> = short.iter().map(|(name, _)| *name).collect();
        known.extend(nearby.iter().map(String::as_str));
        let mut message = format!("does not take '{}'", visible(key));
        if let Some(meant) =
            nearest(&unknown, known.iter().copied()).or(nearest(key, known.iter().copied()))
        {
            message.push_str(&format!("; did you mean '{meant}'?"));
        } else if !known.is_empty() {
            message.push_str(&format!("; it takes {}", known.join(", ")));
        }
        Err(Invalid {
            option: self.option,
            message,
        })
    }

    /// The way of a dotted path, and what is at its end; else the part that is not known, and what is there instead.
    fn follow(
        &mut self,
        path: &str,
        value: &str,
    ) -> Result<(Vec<Step>, Leaf), (String, Vec<String>)> {
        let names: Vec<&str> = path.split('.').collect();
        let Some((last, way)) = names.split_last() else {
            return Err((path.to_owned(), Vec::new()));
        };
        let mut around = self.base.clone();
        let mut steps: Vec<Step> = Vec::new();
        for name in way {
            let Some(help) = self.help(&around) else {
                // Without a schema a word means what it says.
                let (name, number) = numbered(name);
                around.push(name.clone());
                steps.push(Step::Nth(name, number));
                continue;
            };
            let (name, number) = among(&help.children, name).ok_or_else(|| unknown(name, &help))?;
            around.push(name.clone());
            steps.push(Step::Nth(name, number));
        }
        let Some(help) = self.help(&around) else {
            let leaf = Leaf::Attribute((*last).to_owned(), Some(value.to_owned()));
            return Ok((steps, leaf));
        };
        let exact = |names: &[HelpName]| names.iter().any(|known| known.name == *last);
        if let Some((name, 0)) = among(&help.attributes, last)
            && (exact(&help.attributes) || !exact(&help.children))
        {
            let known = help.attributes.iter().find(|known| known.name == name);
            let value = as_listed(value, known.map_or(&[][..], |known| &known.values));
            return Ok((steps, Leaf::Attribute(name, Some(value.to_owned()))));
        }
        let (name, number) = among(&help.children, last).ok_or_else(|| unknown(last, &help))?;
        around.push(name.clone());
        steps.push(Step::Nth(name, number));
        let Some(inside) = self.help(&around) else {
            return Ok((steps, Leaf::Text(value.to_owned())));
        };
        let switch = match value {
            "yes" | "on" => Some(true),
            "no" | "off" => Some(false),
            _ => None,
        };
        let has = |name: &str| inside.attributes.iter().any(|known| known.name == name);
        // What switches an element is not always its being there.
        for (name, words) in [
            ("state", ["on", "off"]),
            ("enabled", ["yes", "no"]),
            ("present", ["yes", "no"]),
        ] {
            if let Some(on) = switch.filter(|_| has(name)) {
                let word = if on { words[0] } else { words[1] };
                return Ok((
                    steps,
                    Leaf::Attribute(name.to_owned(), Some(word.to_owned())),
                ));
            }
        }
        if !inside.text.is_empty() {
            return Ok((steps, Leaf::Text(value.to_owned())));
        }
        match switch {
            Some(true) => Ok((steps, Leaf::Present)),
            Some(false) => Ok((steps, Leaf::Absent)),
            None => {
                let full = |known: &HelpName| format!("{path}.{}", known.name);
                let names = inside.attributes.iter().chain(&inside.children).map(full);
                Err((String::new(), names.collect()))
            }
        }
    }

    /// What may stand in an element.
    fn help(&mut self, around: &[String]) -> Option<Help> {
        let mut text = "<domain>".to_owned();
        for name in around {
            text.push_str(&format!("<{name}>"));
        }
        let at = text.len() - 1;
        self.schemas.help(&text, at)
    }
}

fn unknown(name: &str, help: &Help) -> (String, Vec<String>) {
    let names = help.attributes.iter().chain(&help.children);
    (
        name.to_owned(),
        names.map(|known| known.name.clone()).collect(),
    )
}

/// Yes and no in the words of the schema, which has `on` and `off` in some places.
fn as_listed<'a>(value: &'a str, listed: &[String]) -> &'a str {
    let has = |word: &str| listed.iter().any(|known| known == word);
    match value {
        "on" | "yes" | "true" if !has(value) => ["yes", "on"].into_iter().find(|word| has(word)),
        "off" | "no" | "false" if !has(value) => ["no", "off"].into_iter().find(|word| has(word)),
        _ => None,
    }
    .unwrap_or(value)
}

/// Letters that count: `suspend_to_mem` is `suspend-to-mem`, `maxmemory` is `maxMemory`.
fn plain(name: &str) -> String {
    let letters = name.chars().filter(|c| !matches!(c, '_' | '-'));
    letters.collect::<String>().to_lowercase()
}

/// A name without the number behind it.
fn numbered(name: &str) -> (String, usize) {
    let bare = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = name[bare.len()..].parse().unwrap_or(0);
    if bare.is_empty() {
        (name.to_owned(), 0)
    } else {
        (bare.to_owned(), number)
    }
}

/// The one of these names that is meant, with the number behind it: `cell1` is the second `cell`, `hosts0` the first `host`.
fn among(known: &[HelpName], name: &str) -> Option<(String, usize)> {
    let find = |wanted: &str| {
        let exact = known.iter().find(|one| one.name == wanted);
        let alike = || known.iter().find(|one| plain(&one.name) == plain(wanted));
        exact.or_else(alike).map(|one| one.name.clone())
    };
    if let Some(found) = find(name) {
        return Some((found, 0));
    }
    let (bare, number) = numbered(name);
    let found = find(&bare).or_else(|| find(bare.strip_suffix('s')?));
    found.filter(|_| bare != name).map(|found| (found, number))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(base: &[&str], element: &'static str, words: &[&str]) -> Result<String, String> {
        let mut places = Places::below("--x", base);
        let mut made = Element::new(element);
        for word in words {
            let (key, value) = word.split_once('=').unwrap();
            let found = places.find(key, Some(value), &[("gone", "source.startupPolicy")]);
            found.map_err(|error| error.to_string())?.apply(&mut made);
        }
        Ok(made.document())
    }

    #[test]
    fn words_are_places_of_the_schema() {
        let disk = |words: &[&str]| written(&["devices", "disk"], "disk", words).unwrap();
        assert_eq!(
            disk(&[
                "driver.queues=4",
                "serial=a",
                "gone=optional",
                "transient=yes",
                "driver_iothread=2",
                "iotune.read_bytes_sec=5"
            ]),
            "<disk>\n  <driver queues='4' iothread='2'/>\n  <serial>a</serial>\n  <source startupPolicy='optional'/>\n  \
             <transient/>\n  <iotune>\n    <read_bytes_sec>5</read_bytes_sec>\n  </iotune>\n</disk>\n"
        );
        let cpu = written(
            &["cpu"],
            "cpu",
            &["numa.cell1.cpus=2-3", "cache.mode=passthrough"],
        );
        assert_eq!(
            cpu.unwrap(),
            "<cpu>\n  <numa>\n    <cell/>\n    <cell cpus='2-3'/>\n  </numa>\n  <cache mode='passthrough'/>\n</cpu>\n"
        );
        let features = written(
            &["features"],
            "features",
            &["kvm_hidden=on", "apic.eoi=on", "pvspinlock=off", "acpi=yes"],
        );
        assert_eq!(
            features.unwrap(),
            "<features>\n  <kvm>\n    <hidden state='on'/>\n  </kvm>\n  <apic eoi='on'/>\n  <pvspinlock state='off'/>\n  <acpi/>\n</features>\n"
        );
        let pm = written(
            &["pm"],
            "pm",
            &["suspend_to_mem.enabled=on", "suspend_to_disk=no"],
        );
        assert_eq!(
            pm.unwrap(),
            "<pm>\n  <suspend-to-mem enabled='yes'/>\n  <suspend-to-disk enabled='no'/>\n</pm>\n"
        );
    }

    #[test]
    fn what_is_no_place_is_told_with_the_nearest() {
        let wrong = |words: &[&str]| written(&["devices", "disk"], "disk", words).unwrap_err();
        assert_eq!(
            wrong(&["drivre.queues=4"]),
            "--x does not take 'drivre.queues'; did you mean 'driver'?"
        );
        assert_eq!(
            wrong(&["driver.queus=4"]),
            "--x does not take 'driver.queus'; did you mean 'queues'?"
        );
        assert!(wrong(&["driver=x"]).contains("did you mean 'driver."));
    }
}
