//! `<secret>`.

use roxmltree::Document;

use super::{part, words};
use crate::model::Secret;

/// Reads a secret's XML; `None` when it is none, or has no UUID.
#[must_use]
pub fn secret(xml: &str) -> Option<Secret> {
    let document = Document::parse(xml).ok()?;
    let root = document.root_element();
    if !root.has_tag_name("secret") {
        return None;
    }
    let usage = part(root, "usage");
    let id = |usage| {
        ["volume", "name", "target"]
            .into_iter()
            .find_map(|name| words(usage, name))
    };
    Some(Secret {
        uuid: words(root, "uuid")?.trim().parse().ok()?,
        usage: usage
            .and_then(|usage| usage.attribute("type"))
            .map(str::to_owned),
        usage_id: usage.and_then(id),
        description: words(root, "description"),
        ephemeral: root.attribute("ephemeral") == Some("yes"),
        private: root.attribute("private") == Some("yes"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_tells_what_it_is_for() {
        let read = |usage: &str| {
            secret(&format!(
                "<secret ephemeral='no' private='yes'><uuid>f52a81b2-424e-490c-823d-6bd4235bc572</uuid>\
                 <description>d</description>{usage}</secret>"
            ))
            .unwrap()
        };
        for (usage, kind, id) in [
            (
                "<usage type='volume'><volume>/p/x</volume></usage>",
                "volume",
                "/p/x",
            ),
            (
                "<usage type='ceph'><name>client.a</name></usage>",
                "ceph",
                "client.a",
            ),
            (
                "<usage type='iscsi'><target>iqn.x</target></usage>",
                "iscsi",
                "iqn.x",
            ),
        ] {
            let found = read(usage);
            assert_eq!(
                (found.usage.as_deref(), found.usage_id.as_deref()),
                (Some(kind), Some(id))
            );
            assert!(found.private && !found.ephemeral);
        }
        assert_eq!(read("").usage, None);
        assert_eq!(secret("<secret/>"), None);
    }
}
