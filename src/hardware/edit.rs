//! Changing what a definition says: values at paths, in the text itself, so that the rest stays as it stands.

use roxmltree::Node;

use super::place::devices;
use super::{Kind, Place};
use crate::xml::{
    Edit as TextEdit, Element, Tree, apply_edits, insert_child, set_attribute, set_text,
};

/// What becomes of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum To {
    /// This value.
    Value(String),
    /// Nothing: the attribute or the element goes.
    Gone,
    /// One element of the path's name for each of these values of this attribute, in this order.
    Each(&'static str, Vec<String>),
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The device; `None` for the domain itself.
    pub at: Option<Place>,
    /// Where below it: `model@type`, `bandwidth/inbound@average`, `vcpu`.
    pub path: String,
    /// What it becomes.
    pub to: To,
}

impl Change {
    /// A value of a device that becomes another; an empty one goes.
    #[must_use]
    pub fn device(place: &Place, path: &str, value: Option<&str>) -> Self {
        Self {
            at: Some(place.clone()),
            path: path.to_owned(),
            to: value.map_or(To::Gone, |value| To::Value(value.to_owned())),
        }
    }

    /// A value of the domain that becomes another.
    #[must_use]
    pub fn domain(path: &str, value: Option<&str>) -> Self {
        Self {
            at: None,
            path: path.to_owned(),
            to: value.map_or(To::Gone, |value| To::Value(value.to_owned())),
        }
    }

    /// Whether QEMU's driver takes it while the domain runs.
    #[must_use]
    pub fn is_live(&self) -> bool {
        let Some(place) = &self.at else {
            return matches!(self.path.as_str(), "vcpu@current" | "currentMemory");
        };
        let begins = |words: &[&str]| {
            words.iter().any(|word| {
                let rest = self.path.strip_prefix(word);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '@']))
            })
        };
        match place.kind {
            Kind::Nic => begins(&["link", "bandwidth", "source", "filterref", "@type"]),
            Kind::Graphics => matches!(
                self.path.as_str(),
                "@passwd" | "@passwdValidTo" | "@connected"
            ),
            Kind::MemoryDevice => begins(&["target/requested"]),
            _ => false,
        }
    }
}

/// Changes that are made together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Edit {
    /// In the order in which they are made.
    pub changes: Vec<Change>,
}

/// Why a change cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The text is not XML.
    #[error("the definition cannot be read: {0}")]
    Malformed(#[from] crate::xml::Malformed),
    /// The device is not there.
    #[error("it has no such device any more: {0}")]
    Gone(String),
    /// The path cannot be written.
    #[error("nothing can be written at {0}")]
    Path(String),
}

impl Edit {
    /// Those changes that a running domain takes.
    #[must_use]
    pub fn live(&self) -> Self {
        let changes = self.changes.iter().filter(|change| change.is_live());
        Self {
            changes: changes.cloned().collect(),
        }
    }

    /// Devices that it changes, each once.
    #[must_use]
    pub fn places(&self) -> Vec<&Place> {
        let mut places: Vec<&Place> = self.changes.iter().filter_map(|c| c.at.as_ref()).collect();
        places.sort();
        places.dedup();
        places
    }

    /// The definition with the changes made.
    ///
    /// # Errors
    /// [`EditError`].
    pub fn apply(&self, text: &str) -> Result<String, EditError> {
        let mut text = text.to_owned();
        let found = Found::of(&text, self)?;
        for change in &self.changes {
            text = one(&text, change, &found)?;
        }
        Ok(text)
    }

    /// The text of a device with the changes to it made.
    ///
    /// # Errors
    /// [`EditError`].
    pub fn device(&self, text: &str, place: &Place) -> Result<String, EditError> {
        let mut own = self.clone();
        own.changes
            .retain(|change| change.at.as_ref() == Some(place));
        let found = Found::of(text, &own)?;
        let changed = own.apply(text)?;
        let tree = Tree::parse(&changed)?;
        let device = found.device(&tree, place)?;
        Ok(changed[device.range()].to_owned())
    }
}

/// Where the devices of an edit stand among all, before it begins: what names one may be among what is changed.
struct Found<'a>(Vec<(&'a Place, usize)>);

impl<'a> Found<'a> {
    fn of(text: &str, edit: &'a Edit) -> Result<Self, EditError> {
        let tree = Tree::parse(text)?;
        let number = |place: &Place| {
            let device = place.find(&tree)?;
            devices(&tree).position(|other| other == device)
        };
        let found = edit.places().into_iter().map(|place| {
            let number = number(place).ok_or_else(|| EditError::Gone(place.key.clone()))?;
            Ok((place, number))
        });
        Ok(Self(found.collect::<Result<_, EditError>>()?))
    }

    fn device<'t, 'n>(&self, tree: &'n Tree<'t>, place: &Place) -> Result<Node<'n, 't>, EditError> {
        let known = self.0.iter().find(|(known, _)| *known == place);
        let device = known.and_then(|(_, number)| devices(tree).nth(*number));
        device.ok_or_else(|| EditError::Gone(place.key.clone()))
    }
}

fn one(text: &str, change: &Change, found: &Found<'_>) -> Result<String, EditError> {
    let tree = Tree::parse(text)?;
    let base = match &change.at {
        None => tree.root(),
        Some(place) => found.device(&tree, place)?,
    };
    let (way, attribute) = match change.path.split_once('@') {
        Some((way, attribute)) => (way, Some(attribute)),
        None => (change.path.as_str(), None),
    };
    let steps: Vec<&str> = way.split('/').filter(|step| !step.is_empty()).collect();
    if let To::Each(name, values) = &change.to {
        return each(text, base, &steps, name, values, &change.path);
    }
    // The deepest element of the way that is there.
    let mut node = base;
    let mut left = steps.as_slice();
    while let [step, rest @ ..] = left
        && let Some(child) = node.children().find(|child| child.has_tag_name(*step))
    {
        node = child;
        left = rest;
    }
    let edits = match (&change.to, left.is_empty(), attribute) {
        (To::Value(value), true, Some(name)) => vec![set_attribute(text, node, name, Some(value))],
        (To::Value(value), true, None) => {
            // What was an amount with a unit is written in KiB.
            let unit = node.attribute("unit").is_some_and(|unit| unit != "KiB");
            let mut edits = vec![set_text(text, node, value)];
            if unit {
                edits.push(set_attribute(text, node, "unit", Some("KiB")));
            }
            edits
        }
        (To::Value(value), false, name) => {
            let new =
                written(left, name, value).ok_or_else(|| EditError::Path(change.path.clone()))?;
            vec![insert_child(text, node, &new)]
        }
        (To::Gone, false, _) => Vec::new(),
        (To::Gone, true, Some(name)) => vec![set_attribute(text, node, name, None)],
        (To::Gone, true, None) if node == base => return Err(EditError::Path(change.path.clone())),
        (To::Gone, true, None) => vec![removal(text, node)],
        (To::Each(..), ..) => Vec::new(),
    };
    Ok(apply_edits(text, &edits))
}

/// Elements of a way that are not there yet, the value in the last.
fn written(steps: &[&str], attribute: Option<&str>, value: &str) -> Option<String> {
    let name = |step: &str| {
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        (!step.is_empty() && step.chars().all(is_name)).then(|| step.to_owned())
    };
    let (last, before) = steps.split_last()?;
    let last = name(last)?;
    let mut element = match attribute {
        Some(attribute) => Element::new(last).with(name(attribute)?, value),
        None => Element::text(last, value),
    };
    for step in before.iter().rev() {
        element = Element::new(name(step)?).child(element);
    }
    Some(element.document().trim_end().to_owned())
}

/// Puts elements in the place of those that are there.
fn each(
    text: &str,
    base: Node<'_, '_>,
    steps: &[&str],
    attribute: &'static str,
    values: &[String],
    path: &str,
) -> Result<String, EditError> {
    let wrong = || EditError::Path(path.to_owned());
    let (last, way) = steps.split_last().ok_or_else(wrong)?;
    let name = *last;
    let mut node = base;
    for step in way {
        match node.children().find(|child| child.has_tag_name(*step)) {
            Some(child) => node = child,
            // Where nothing is, nothing needs to go.
            None if values.is_empty() => return Ok(text.to_owned()),
            None => return Err(wrong()),
        }
    }
    let mut edits: Vec<TextEdit> = node
        .children()
        .filter(|child| child.has_tag_name(name))
        .map(|child| removal(text, child))
        .collect();
    for value in values {
        let element = Element::new(name.to_owned())
            .with(attribute, value)
            .document();
        edits.push(insert_child(text, node, element.trim_end()));
    }
    Ok(apply_edits(text, &edits))
}

/// A definition without a device.
///
/// # Errors
/// [`EditError`].
pub fn without(text: &str, place: &Place) -> Result<String, EditError> {
    let tree = Tree::parse(text)?;
    let device = place
        .find(&tree)
        .ok_or_else(|| EditError::Gone(place.key.clone()))?;
    Ok(apply_edits(text, &[removal(text, device)]))
}

/// An element with the white space before it.
fn removal(text: &str, node: Node<'_, '_>) -> TextEdit {
    let range = node.range();
    let before = text[..range.start].trim_end_matches([' ', '\t']);
    let from = before.strip_suffix('\n').map_or(range.start, str::len);
    TextEdit {
        range: from..range.end,
        text: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "<domain>
  <vcpu placement='static'>2</vcpu>
  <memory unit='GiB'>1</memory>
  <os>
    <type>hvm</type>
    <boot dev='hd'/>
  </os>
  <devices>
    <interface type='network'>
      <mac address='52:54:00:00:00:01'/>
      <source network='default'/>
      <model type='virtio'/>
    </interface>
    <interface type='network'>
      <mac address='52:54:00:00:00:02'/>
      <bandwidth>
        <inbound average='1'/>
      </bandwidth>
    </interface>
    <sound model='ich9'/>
  </devices>
</domain>
";

    fn nic(number: u8) -> Place {
        Place {
            kind: Kind::Nic,
            key: format!("52:54:00:00:00:0{number}"),
            nth: 0,
            among: 0,
        }
    }

    fn applied(changes: Vec<Change>) -> String {
        Edit { changes }.apply(TEXT).unwrap()
    }

    #[test]
    fn values_are_set_where_they_stand_and_made_where_they_do_not() {
        let text = applied(vec![
            Change::device(&nic(1), "model@type", Some("e1000e")),
            Change::device(&nic(1), "link@state", Some("down")),
            Change::device(&nic(2), "bandwidth/outbound@average", Some("9")),
            Change::device(&nic(2), "model@type", Some("a<'b")),
            Change::domain("cpu/topology@cores", Some("2")),
            Change::domain("vcpu", Some("4")),
            Change::domain("vcpu@current", Some("1")),
            Change::domain("memory", Some("2097152")),
        ]);
        assert!(
            text.contains(
                "      <model type='e1000e'/>\n      <link state='down'/>\n    </interface>"
            ),
            "{text}"
        );
        assert!(
            text.contains(
                "<inbound average='1'/>\n        <outbound average='9'/>\n      </bandwidth>"
            ),
            "{text}"
        );
        assert!(text.contains("<model type='a&lt;&apos;b'/>"), "{text}");
        assert!(text.contains("<topology cores='2'/>"), "{text}");
        assert!(
            text.contains("<vcpu placement='static' current='1'>4</vcpu>"),
            "{text}"
        );
        assert!(
            text.contains("<memory unit='KiB'>2097152</memory>"),
            "{text}"
        );
        // What is not concerned stands as it stood.
        assert!(text.contains("    <sound model='ich9'/>\n"));
    }

    #[test]
    fn values_and_elements_go() {
        let text = applied(vec![
            Change::device(&nic(2), "bandwidth", None),
            Change::device(&nic(1), "source@network", None),
            Change::device(&nic(1), "link@state", None),
            Change {
                at: None,
                path: "os/boot".to_owned(),
                to: To::Each("dev", vec!["network".to_owned(), "hd".to_owned()]),
            },
        ]);
        assert!(!text.contains("bandwidth"), "{text}");
        assert!(text.contains("<source/>"), "{text}");
        assert!(
            text.contains("    <boot dev='network'/>\n    <boot dev='hd'/>\n  </os>"),
            "{text}"
        );
        assert_eq!(text.matches("<boot").count(), 2);
    }

    #[test]
    fn a_device_is_found_by_its_key_though_that_changes() {
        let edit = Edit {
            changes: vec![
                Change::device(&nic(1), "mac@address", Some("52:54:00:00:00:09")),
                Change::device(&nic(1), "model@type", Some("e1000")),
            ],
        };
        let text = edit.apply(TEXT).unwrap();
        assert!(
            text.contains("52:54:00:00:00:09") && text.contains("e1000"),
            "{text}"
        );
        let gone = Edit {
            changes: vec![Change::device(&nic(7), "link@state", Some("up"))],
        };
        assert!(matches!(gone.apply(TEXT), Err(EditError::Gone(_))));
        let live = Edit {
            changes: vec![Change::device(&nic(1), "link@state", Some("down"))],
        };
        let device = live.device(TEXT, &nic(1)).unwrap();
        assert!(device.starts_with("<interface") && device.contains("<link state='down'/>"));
    }

    #[test]
    fn what_runs_takes_some_of_it() {
        let edit = Edit {
            changes: vec![
                Change::device(&nic(1), "link@state", Some("down")),
                Change::device(&nic(1), "model@type", Some("e1000")),
                Change::device(&nic(1), "bandwidth/inbound@average", Some("5")),
                Change::domain("vcpu", Some("8")),
            ],
        };
        let live: Vec<_> = edit.live().changes.into_iter().map(|c| c.path).collect();
        assert_eq!(live, ["link@state", "bandwidth/inbound@average"]);
        assert_eq!(edit.places(), [&nic(1)]);
    }
}
