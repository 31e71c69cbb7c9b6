//! Definitions of a host for commands: read, and made without losing a password.

use roxmltree::{Document, Node};

use super::ffi::{Error, Result};
use super::once::Session;
use crate::model::{Stored, StoredKind, StoredXml, Uuid};
use crate::protocol::Failure;

/// How a definition is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Define {
    /// What it defines.
    pub kind: StoredKind,
    /// The object that it replaces.
    pub replaces: Option<Uuid>,
    /// Let libvirt check it against its schema, where it does that.
    pub validate: bool,
}

impl Session {
    /// Every object of a kind with its definition, without passwords; `None` where the driver has no such kind.
    ///
    /// # Errors
    /// libvirt's own, of the list. An object that cannot be read says so in its place.
    pub fn stored(&self, kind: StoredKind) -> std::result::Result<Option<Vec<Stored>>, Failure> {
        self.connection
            .stored(kind)
            .map_err(|error| self.failure(format!("list the {}", kind.plural()), &error))
    }

    /// Puts the passwords of displays into the definition of a domain, for who asked for them in clear.
    ///
    /// # Errors
    /// That this connection may not read them; what else goes wrong stands in the place of the definition.
    pub fn with_passwords(&self, stored: &mut Stored) -> std::result::Result<(), Failure> {
        if stored.kind != StoredKind::Domain || !matches!(stored.xml, StoredXml::Text(_)) {
            return Ok(());
        }
        let read = self
            .connection
            .domain(stored.uuid)
            .and_then(|domain| domain.inactive_xml_with_secrets());
        stored.xml = match read {
            Ok(text) => StoredXml::Text(text),
            Err(error) if error.is_denied() => {
                return Err(self.failure("read the passwords of displays", &error));
            }
            Err(error) => StoredXml::Unreadable(error.message),
        };
        Ok(())
    }

    /// Whether the passwords of displays in a domain's XML are those its host keeps; `None` where the text has none, or the
    /// host's may not be read.
    #[must_use]
    pub fn has_passwords_of(&self, uuid: Uuid, xml: &str) -> Option<bool> {
        let wanted = passwords(xml);
        if wanted.iter().all(Option::is_none) {
            return None;
        }
        let domain = self.connection.domain(uuid).ok()?;
        let kept = passwords(&domain.inactive_xml_with_secrets().ok()?);
        Some(
            wanted
                .iter()
                .enumerate()
                .all(|(at, password)| password.is_none() || kept.get(at) == Some(password)),
        )
    }

    /// Makes a definition. A display without a password in the text keeps the one that its host has, because a plain dump
    /// holds none and defining it would delete it. Returns how many were kept.
    ///
    /// # Errors
    /// libvirt's own; that the passwords which would be lost cannot be read.
    pub fn define(&self, xml: &str, how: Define) -> std::result::Result<usize, Failure> {
        let make = || -> Result<usize> {
            if self.spec.readonly {
                return Err(Error::read_only());
            }
            let (text, kept) = match how.replaces.filter(|_| how.kind == StoredKind::Domain) {
                Some(uuid) => {
                    let domain = self.connection.domain(uuid)?;
                    keeping(xml, &domain.inactive_xml_with_secrets()?)
                }
                None => (xml.to_owned(), 0),
            };
            self.connection.define(how.kind, &text, how.validate)?;
            Ok(kept)
        };
        make().map_err(|error| self.failure(format!("define the {}", how.kind.word()), &error))
    }
}

fn graphics<'a, 'input>(document: &'a Document<'input>) -> Vec<Node<'a, 'input>> {
    let root = document.root_element();
    let devices = root.children().filter(|node| node.has_tag_name("devices"));
    devices
        .flat_map(|devices| devices.children())
        .filter(|node| node.has_tag_name("graphics"))
        .collect()
}

/// The password of each display, in the order of the text.
fn passwords(xml: &str) -> Vec<Option<String>> {
    let Ok(document) = Document::parse(xml) else {
        return Vec::new();
    };
    let of = |node: &Node<'_, '_>| node.attribute("passwd").map(str::to_owned);
    graphics(&document).iter().map(of).collect()
}

/// The text with the passwords that `present` has and it has not, display by display of the same type, and how many.
fn keeping(xml: &str, present: &str) -> (String, usize) {
    let (Ok(document), Ok(present)) = (Document::parse(xml), Document::parse(present)) else {
        return (xml.to_owned(), 0);
    };
    let before = graphics(&present);
    let mut text = xml.to_owned();
    let mut kept = 0;
    let wanted = graphics(&document);
    // From the end, so that the places of those before stay.
    for (at, node) in wanted.iter().enumerate().rev() {
        let Some(former) = before.get(at) else {
            continue;
        };
        let same = node.attribute("type") == former.attribute("type");
        let Some(password) = former.attribute("passwd").filter(|_| same) else {
            continue;
        };
        if node.attribute("passwd").is_some() {
            continue;
        }
        let mut words = format!(" passwd='{}'", escaped(password));
        if let Some(until) = former.attribute("passwdValidTo") {
            words.push_str(&format!(" passwdValidTo='{}'", escaped(until)));
        }
        text.insert_str(node.range().start + "<graphics".len(), &words);
        kept += 1;
    }
    (text, kept)
}

fn escaped(value: &str) -> String {
    value
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('\'', "&apos;")
        .replace('\t', "&#9;")
        .replace('\n', "&#10;")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRESENT: &str = "<domain><devices><graphics type='vnc' port='5901' passwd=\"a'b&amp;c\" \
        passwdValidTo='2030-01-01T00:00:00'/><graphics type='spice' passwd='s'/></devices></domain>";

    #[test]
    fn a_password_that_the_text_lacks_is_kept() {
        let plain = "<domain><metadata><graphics/></metadata><devices><graphics type='vnc'/>\
            <graphics type='spice' passwd='new'/></devices></domain>";
        let (text, kept) = keeping(plain, PRESENT);
        assert_eq!(kept, 1);
        assert_eq!(
            passwords(&text),
            [Some("a'b&c".to_owned()), Some("new".to_owned())]
        );
        assert!(text.contains("passwdValidTo='2030-01-01T00:00:00'"));
    }

    #[test]
    fn another_display_gets_none() {
        let other = "<domain><devices><graphics type='sdl'/></devices></domain>";
        assert_eq!(keeping(other, PRESENT), (other.to_owned(), 0));
        assert_eq!(keeping("<broken", PRESENT).1, 0);
    }
}
