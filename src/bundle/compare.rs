//! What a definition changes of the one that its host has.

use crate::model::StoredKind;
use crate::xml::{Change, Tree, What, changes as differences};

/// What `new` changes of `old`. Passwords of displays are left out on both sides, as is what is no part of a definition: ids,
/// counts of connections, the fill of a pool, a UUID that one side lacks.
///
/// # Errors
/// When one of them is not well-formed.
pub fn changes(kind: StoredKind, old: &str, new: &str) -> Result<Vec<Change>, String> {
    let parse = |text| Tree::parse(text).map_err(|error| error.to_string());
    let (old, new) = (parse(old)?, parse(new)?);
    let mut found = differences(&old, &new);
    found.retain(|change| !is_passing(kind, change));
    Ok(found)
}

/// Whether a change is of something that comes and goes by itself.
fn is_passing(kind: StoredKind, change: &Change) -> bool {
    let names: Vec<_> = change.path.iter().map(|step| step.name.as_str()).collect();
    match &change.what {
        What::Attribute { name, .. } => match names.as_slice() {
            [_] => matches!(name.as_str(), "id" | "connections"),
            [.., "graphics"] => matches!(name.as_str(), "passwd" | "passwdValidTo"),
            _ => false,
        },
        What::Added(_) | What::Removed(_) if matches!(names.as_slice(), [_, "uuid"]) => true,
        _ => {
            kind == StoredKind::Pool
                && matches!(
                    names.as_slice(),
                    [_, "capacity" | "allocation" | "available"]
                )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(old: &str, new: &str) -> Vec<String> {
        let found = changes(StoredKind::Domain, old, new).unwrap();
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_is_no_part_of_a_definition_is_no_difference() {
        let old = "<domain id='3'><name>a</name><devices><controller type='usb' index='0'/>\n\
            <controller type='pci' index='0'/></devices></domain>";
        let new = "<domain><name>a</name><uuid>c7a5fdbd-cdaf-9455-926a-d65c16db1809</uuid><devices>\
            <controller type='pci' index='0'/><controller index='0' type='usb'/></devices></domain>";
        assert_eq!(lines(old, new), [""; 0]);
        let pool = |used: u32| {
            format!("<pool type='dir'><name>p</name><allocation>{used}</allocation></pool>")
        };
        assert_eq!(
            changes(StoredKind::Pool, &pool(1), &pool(2)),
            Ok(Vec::new())
        );
    }

    #[test]
    fn passwords_are_never_told() {
        let old = "<domain><devices><graphics type='vnc'/></devices></domain>";
        let new = "<domain><devices><graphics type='vnc' passwd='hush'/><graphics type='spice' passwd='hush'/>\
            </devices></domain>";
        let lines = lines(old, new);
        assert_eq!(lines.len(), 1);
        assert!(
            lines[0].contains("spice") && !lines[0].contains("hush"),
            "{lines:?}"
        );
    }
}
