//! Which object of a host a document stands for, so that nobody makes a second one by accident.

use roxmltree::Node;

use super::edit::{Edit, apply_edits};
use super::tree::{Tree, elements};

/// Name and UUID of a document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Identity {
    /// `<name>`, or the `name` of a network filter; untrusted.
    pub name: Option<String>,
    /// `<uuid>`, in lower case with its dashes when it is one; untrusted.
    pub uuid: Option<String>,
}

impl Identity {
    /// What a document says.
    #[must_use]
    pub fn of(tree: &Tree<'_>) -> Self {
        let root = tree.root();
        let text = |name: &str| {
            elements(root)
                .find(|node| node.has_tag_name(name))
                .and_then(|node| node.text())
                .map(|text| text.trim().to_owned())
                .filter(|text| !text.is_empty())
        };
        Self {
            name: text("name").or_else(|| root.attribute("name").map(str::to_owned)),
            uuid: text("uuid").map(|text| normal(&text)),
        }
    }
}

/// A UUID as libvirt writes it; what is none stays as it is.
fn normal(text: &str) -> String {
    let digits: String = text
        .chars()
        .filter(char::is_ascii_hexdigit)
        .collect::<String>()
        .to_ascii_lowercase();
    if digits.len() != 32 {
        return text.to_owned();
    }
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|range| &digits[range]);
    parts.join("-")
}

/// What applying a document does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It makes what the host does not have.
    New,
    /// It replaces what the host has under that UUID.
    Replaces,
    /// It replaces what the host has under that name; the text has no UUID and must get the host's, or libvirt would
    /// make up another.
    ReplacesWithoutUuid,
}

/// Why a document cannot be applied as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What is the matter; names in it are untrusted.
    pub what: String,
    /// What one may do.
    pub way_out: String,
}

/// Decides what applying `mine` would do. `opened` is what was read from the host before it was edited, where that is known;
/// `by_uuid` and `by_name` are what the host has now under the UUID and under the name of `mine`. `kind` is libvirt's word.
///
/// # Errors
/// When another object than the one meant would be made or replaced: it was renamed, its UUID was changed, it is gone.
pub fn standing(
    kind: &str,
    mine: &Identity,
    opened: Option<&Identity>,
    by_uuid: Option<&Identity>,
    by_name: Option<&Identity>,
) -> Result<Standing, Refusal> {
    let refuse = |what: String, way_out: String| Err(Refusal { what, way_out });
    let name = |identity: &Identity| identity.name.clone().unwrap_or_default();
    let rename = |old: &str, new: &str| {
        if kind == "domain" {
            format!("to rename it, run virsh domrename '{old}' '{new}' while it is shut off")
        } else {
            format!("libvirt cannot rename a {kind}: undefine '{old}' and define it anew")
        }
    };
    if let Some(opened) = opened {
        if opened.uuid.is_some() && mine.uuid.is_some() && opened.uuid != mine.uuid {
            return refuse(
                format!(
                    "the uuid was changed from {} to {}: that would be another {kind} beside '{}'",
                    opened.uuid.clone().unwrap_or_default(),
                    mine.uuid.clone().unwrap_or_default(),
                    name(opened)
                ),
                format!(
                    "put the uuid back; to make a copy, define it as a new {kind} with another name"
                ),
            );
        }
        if opened.name.is_some() && mine.name.is_some() && opened.name != mine.name {
            let what = if mine.uuid.is_none() {
                format!(
                    "the name was changed from '{}' to '{}' and the uuid taken out: that would make a second {kind}",
                    name(opened),
                    name(mine)
                )
            } else {
                format!(
                    "the name was changed from '{}' to '{}', which defining does not do",
                    name(opened),
                    name(mine)
                )
            };
            return refuse(what, rename(&name(opened), &name(mine)));
        }
        if by_uuid.is_none() && by_name.is_none() {
            return refuse(
                format!("{kind} '{}' was undefined meanwhile", name(opened)),
                format!("to make it again, define it as a new {kind}"),
            );
        }
        // A namesake made meanwhile is another one.
        if let (Some(uuid), None, Some(namesake)) = (&opened.uuid, by_uuid, by_name)
            && namesake.uuid.as_ref() != Some(uuid)
        {
            return refuse(
                format!(
                    "{kind} '{}' was undefined meanwhile and another of that name made, with uuid {}",
                    name(opened),
                    namesake.uuid.clone().unwrap_or_default()
                ),
                "read its definition anew and edit that".to_owned(),
            );
        }
    }
    match (by_uuid, by_name) {
        (Some(there), _) if mine.name.is_some() && there.name != mine.name => refuse(
            format!(
                "uuid {} is that of {kind} '{}', not '{}'",
                mine.uuid.clone().unwrap_or_default(),
                name(there),
                name(mine)
            ),
            format!(
                "{}; to make a copy, take the uuid out",
                rename(&name(there), &name(mine))
            ),
        ),
        (Some(_), _) => Ok(Standing::Replaces),
        (None, Some(there)) => match &mine.uuid {
            Some(uuid) => refuse(
                format!(
                    "there is a {kind} '{}' already, with uuid {} and not {uuid}",
                    name(there),
                    there.uuid.clone().unwrap_or_default()
                ),
                "take the uuid out to replace its definition, or change the name to make another"
                    .to_owned(),
            ),
            None => Ok(Standing::ReplacesWithoutUuid),
        },
        (None, None) => Ok(Standing::New),
    }
}

/// A document with this UUID behind its name; as it is when it has one already.
#[must_use]
pub fn with_uuid(tree: &Tree<'_>, uuid: &str) -> String {
    let (text, root) = (tree.text(), tree.root());
    let child = |name: &str| elements(root).find(|node| node.has_tag_name(name));
    if child("uuid").is_some() {
        return text.to_owned();
    }
    let element = format!("<uuid>{uuid}</uuid>");
    let edit = match child("name").or_else(|| elements(root).next()) {
        Some(node) => beside(text, node, &element),
        // Nothing is in it: libvirt will say what is missing.
        None => return text.to_owned(),
    };
    apply_edits(text, &[edit])
}

/// A new element behind another, on a line like its own.
fn beside(text: &str, node: Node<'_, '_>, element: &str) -> Edit {
    let range = node.range();
    let line = text[..range.start].rfind('\n').map_or(0, |at| at + 1);
    let blanks = &text[line..range.start];
    let gap = if line > 0 && blanks.trim().is_empty() {
        let newline = if text[..line].ends_with("\r\n") {
            "\r\n"
        } else {
            "\n"
        };
        format!("{newline}{blanks}")
    } else {
        String::new()
    };
    Edit {
        range: range.end..range.end,
        text: format!("{gap}{element}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(name: &str, uuid: &str) -> Identity {
        Identity {
            name: (!name.is_empty()).then(|| name.to_owned()),
            uuid: (!uuid.is_empty()).then(|| uuid.to_owned()),
        }
    }

    #[test]
    fn a_document_says_who_it_is() {
        let of = |xml: &str| Identity::of(&Tree::parse(xml).unwrap());
        assert_eq!(
            of("<domain><name> a </name><uuid>11111111222233334444555555555555</uuid></domain>"),
            identity("a", "11111111-2222-3333-4444-555555555555")
        );
        assert_eq!(of("<filter name='f'/>"), identity("f", ""));
    }

    #[test]
    fn never_a_second_domain_by_accident() {
        let decide = |mine: &Identity,
                      opened: Option<&Identity>,
                      uuid: Option<&Identity>,
                      name: Option<&Identity>| {
            standing("domain", mine, opened, uuid, name).map_err(|refusal| refusal.what)
        };
        let a = identity("a", "u");
        assert_eq!(decide(&a, None, None, None), Ok(Standing::New));
        assert_eq!(
            decide(&a, Some(&a), Some(&a), Some(&a)),
            Ok(Standing::Replaces)
        );
        let bare = identity("a", "");
        assert_eq!(
            decide(&bare, Some(&a), None, Some(&a)),
            Ok(Standing::ReplacesWithoutUuid)
        );
        // Renamed, with and without its UUID.
        let renamed = identity("b", "u");
        assert!(
            decide(&renamed, None, Some(&a), None)
                .unwrap_err()
                .contains("uuid u is that of domain 'a'")
        );
        assert!(
            decide(&renamed, Some(&a), Some(&a), None)
                .unwrap_err()
                .contains("changed from 'a' to 'b'")
        );
        let second = identity("b", "");
        assert!(
            decide(&second, Some(&a), None, None)
                .unwrap_err()
                .contains("second domain")
        );
        // Another UUID.
        let other = identity("a", "v");
        assert!(
            decide(&other, None, None, Some(&a))
                .unwrap_err()
                .contains("already, with uuid u")
        );
        assert!(
            decide(&other, Some(&a), None, Some(&a))
                .unwrap_err()
                .contains("changed from u to v")
        );
        // Gone, or gone and made again.
        assert!(
            decide(&a, Some(&a), None, None)
                .unwrap_err()
                .contains("undefined meanwhile")
        );
        assert!(
            decide(&bare, Some(&a), None, Some(&other))
                .unwrap_err()
                .contains("another of that name")
        );
    }

    #[test]
    fn a_uuid_is_put_behind_the_name() {
        let text = "<domain>\r\n  <name>a</name>\r\n</domain>";
        assert_eq!(
            with_uuid(&Tree::parse(text).unwrap(), "u"),
            "<domain>\r\n  <name>a</name>\r\n  <uuid>u</uuid>\r\n</domain>"
        );
        let text = "<domain><name>a</name><uuid>v</uuid></domain>";
        assert_eq!(with_uuid(&Tree::parse(text).unwrap(), "u"), text);
    }
}
