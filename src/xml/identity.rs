//! What tells one device from another of its kind, so that a change of a disk is not taken for another disk.

use roxmltree::Node;

/// How a kind of element is told apart: paths below it, the first one that it has. `@` is an attribute, `+` joins two.
const IDENTITIES: &[(&str, &[&str])] = &[
    ("disk", &["target@dev", "@name"]),
    ("interface", &["mac@address", "@name", "target@dev"]),
    ("controller", &["@type+@index"]),
    ("filesystem", &["target@dir"]),
    ("graphics", &["@type"]),
    ("channel", &["target@name", "target@type+target@port"]),
    ("serial", &["target@port"]),
    ("parallel", &["target@port"]),
    ("console", &["target@type"]),
    ("input", &["@type+@bus"]),
    ("sound", &["@model"]),
    ("video", &["model@type"]),
    ("hostdev", &["source>adapter@name", "source>address"]),
    ("redirdev", &["@bus+@type"]),
    ("smartcard", &["@mode"]),
    ("watchdog", &["@model"]),
    ("audio", &["@id"]),
    ("memory", &["target>node", "@model"]),
    ("panic", &["@model"]),
    ("vcpupin", &["@vcpu"]),
    ("iothreadpin", &["@iothread"]),
    ("iothreadsched", &["@iothreads"]),
    ("vcpusched", &["@vcpus"]),
    ("cell", &["@id"]),
    ("sibling", &["@id"]),
    ("feature", &["@name"]),
    ("timer", &["@name"]),
    ("boot", &["@dev"]),
    ("seclabel", &["@model"]),
    ("memnode", &["@cellid"]),
    ("cachetune", &["@vcpus"]),
    ("memorytune", &["@vcpus"]),
    ("page", &["@size+@nodeset"]),
    ("vcpu", &["@id"]),
    ("device", &["path"]),
    ("ip", &["@address", "@family"]),
    ("route", &["@address+@prefix"]),
    ("host", &["@mac", "@ip", "@name"]),
    ("portgroup", &["@name"]),
    ("entry", &["@name"]),
    ("parameter", &["@name"]),
    ("filterref", &["@filter"]),
];

/// Attributes that tell elements apart which are not in the table.
const COMMON: &[&str] = &["@name", "@id", "@index", "@dev", "@type"];

/// What names an element among its like, for people: `vda`, a MAC address; untrusted. `None` for one of which there is
/// one only, or that has nothing of the kind.
#[must_use]
pub fn label(node: Node<'_, '_>) -> Option<String> {
    if !has_identity(node) && !has_like(node) {
        return None;
    }
    keys(node).into_iter().next()
}

/// Whether it is of a kind of which there are several, told apart by what the table says.
pub fn has_identity(node: Node<'_, '_>) -> bool {
    let name = node.tag_name();
    name.namespace().is_none() && IDENTITIES.iter().any(|(kind, _)| *kind == name.name())
}

/// Siblings that are looked at for one of the same name.
const NEAR: usize = 500;

/// Whether another of its name stands beside it, or near.
pub fn has_like(node: Node<'_, '_>) -> bool {
    let like = |other: &Node<'_, '_>| other.is_element() && other.tag_name() == node.tag_name();
    let (mut after, mut before) = (node.next_siblings(), node.prev_siblings());
    after.by_ref().skip(1).take(NEAR).any(|other| like(&other))
        || before.by_ref().skip(1).take(NEAR).any(|other| like(&other))
}

/// What an element is told apart by, the best first.
pub fn keys(node: Node<'_, '_>) -> Vec<String> {
    if node.tag_name().namespace().is_some() {
        return COMMON.iter().filter_map(|path| at(node, path)).collect();
    }
    let name = node.tag_name().name();
    let known = IDENTITIES.iter().find(|(kind, _)| *kind == name);
    let paths = known.map_or(COMMON, |(_, paths)| *paths);
    let mut keys: Vec<String> = paths.iter().filter_map(|path| at(node, path)).collect();
    // An alias of the user's is meant to be a name.
    if let Some(alias) = at(node, "alias@name").filter(|alias| alias.starts_with("ua-")) {
        if keys.is_empty() {
            keys.push(alias);
        } else {
            keys.insert(1, alias);
        }
    }
    keys
}

/// The text of a path: `a>b@c`, parts joined by `+`.
fn at(node: Node<'_, '_>, path: &str) -> Option<String> {
    let parts: Option<Vec<String>> = path.split('+').map(|part| one(node, part)).collect();
    parts.map(|parts| parts.join(" "))
}

fn one(node: Node<'_, '_>, path: &str) -> Option<String> {
    let (elements, attribute) = match path.split_once('@') {
        Some((elements, attribute)) => (elements, Some(attribute)),
        None => (path, None),
    };
    let mut node = node;
    for name in elements.split('>').filter(|name| !name.is_empty()) {
        node = node.children().find(|child| child.has_tag_name(name))?;
    }
    match attribute {
        Some(name) => node.attribute(name).map(str::to_owned),
        None => {
            let text = node.text().map(str::trim).filter(|text| !text.is_empty());
            text.map(str::to_owned).or_else(|| {
                // An address: what it is made of.
                let values: Vec<&str> = node
                    .attributes()
                    .map(|attribute| attribute.value())
                    .collect();
                (!values.is_empty()).then(|| values.join(":"))
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use roxmltree::Document;

    #[test]
    fn devices_have_the_names_that_people_use() {
        let label_of = |xml: &str| label(Document::parse(xml).unwrap().root_element());
        assert_eq!(
            label_of("<disk type='file'><target dev='vda'/></disk>").as_deref(),
            Some("vda")
        );
        assert_eq!(
            label_of("<interface><mac address='52:54:00:00:00:01'/></interface>").as_deref(),
            Some("52:54:00:00:00:01")
        );
        assert_eq!(
            label_of("<controller type='pci' index='0'/>").as_deref(),
            Some("pci 0")
        );
        assert_eq!(
            label_of(
                "<hostdev><source><address domain='0x0000' bus='0x06' slot='0x12' function='0x5'/></source></hostdev>"
            )
            .as_deref(),
            Some("0x0000:0x06:0x12:0x5")
        );
        assert_eq!(label_of("<memory>1</memory>"), None);
        assert_eq!(label_of("<target dev='vda'/>"), None);
    }
}
