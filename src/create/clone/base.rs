//! Bases of linked clones: marked in the definition, so that everybody sees it, and read-only where their bus takes that.

use roxmltree::Node;

use super::rewrite::child;
use crate::model::BASE_NAMESPACE;
use crate::xml::{Edit, Element, Malformed, Tree, apply_edits};

/// Buses whose disks QEMU can offer read-only.
const READ_ONLY: &[&str] = &["virtio", "scsi", "usb", "xen"];

/// Targets of the disks that are bases by the mark in the definition.
#[must_use]
pub fn based(xml: &str) -> Vec<String> {
    let Ok(tree) = Tree::parse(xml) else {
        return Vec::new();
    };
    based_of(tree.root())
}

/// The same of a document that has been read.
pub(super) fn based_of(root: Node<'_, '_>) -> Vec<String> {
    let Some(mark) = mark(root) else {
        return Vec::new();
    };
    mark.children()
        .filter_map(|disk| disk.attribute("target"))
        .map(str::to_owned)
        .collect()
}

/// The definition with these disks protected; `None` where all of them are already.
///
/// # Errors
/// When it is no document.
pub fn protected(xml: &str, targets: &[String]) -> Result<Option<String>, Malformed> {
    let tree = Tree::parse(xml)?;
    let root = tree.root();
    let mut all = based(xml);
    if targets.iter().all(|target| all.contains(target)) {
        return Ok(None);
    }
    all.extend(targets.iter().cloned());
    all.sort();
    all.dedup();
    let mut edits = Vec::new();
    for disk in disks(root) {
        let Some(target) = child(disk, "target") else {
            continue;
        };
        let is_one = target
            .attribute("dev")
            .is_some_and(|name| all.iter().any(|target| target == name));
        let takes = target
            .attribute("bus")
            .is_some_and(|bus| READ_ONLY.contains(&bus));
        if is_one && takes && child(disk, "readonly").is_none() {
            let at = target.range().end;
            edits.push(Edit {
                range: at..at,
                text: "\n      <readonly/>".to_owned(),
            });
        }
    }
    let mark = Element::new("base:base")
        .with("xmlns:base", BASE_NAMESPACE)
        .children(
            all.iter()
                .map(|target| Element::new("base:disk").with("target", target)),
        );
    let mark = mark.document().trim_end().replace('\n', "\n    ");
    match (self::mark(root), child(root, "metadata")) {
        (Some(old), _) => edits.push(Edit {
            range: old.range(),
            text: mark,
        }),
        (None, Some(metadata)) if metadata.children().any(|node| node.is_element()) => {
            let first = metadata.children().find(Node::is_element);
            let at = first.map_or(metadata.range().end, |first| first.range().start);
            edits.push(Edit {
                range: at..at,
                text: format!("{mark}\n    "),
            });
        }
        (None, metadata) => {
            let text = format!("<metadata>\n    {mark}\n  </metadata>");
            match (metadata, child(root, "uuid").or(child(root, "name"))) {
                (Some(empty), _) => edits.push(Edit {
                    range: empty.range(),
                    text,
                }),
                (None, Some(before)) => {
                    let at = before.range().end;
                    edits.push(Edit {
                        range: at..at,
                        text: format!("\n  {text}"),
                    });
                }
                (None, None) => {}
            }
        }
    }
    Ok(Some(apply_edits(xml, &edits)))
}

/// The definition without the mark, its disks writable again; `None` where there is none.
///
/// # Errors
/// When it is no document.
pub fn unprotected(xml: &str) -> Result<Option<String>, Malformed> {
    let tree = Tree::parse(xml)?;
    let root = tree.root();
    let Some(mark) = mark(root) else {
        return Ok(None);
    };
    let targets = based(xml);
    let without = |node: Node<'_, '_>| {
        let range = node.range();
        Edit {
            range: xml[..range.start].trim_end().len()..range.end,
            text: String::new(),
        }
    };
    let mut edits = vec![without(mark)];
    for disk in disks(root) {
        let name = child(disk, "target").and_then(|target| target.attribute("dev"));
        let is_one = name.is_some_and(|name| targets.iter().any(|target| target == name));
        if let Some(readonly) = child(disk, "readonly").filter(|_| is_one) {
            edits.push(without(readonly));
        }
    }
    Ok(Some(apply_edits(xml, &edits)))
}

fn mark<'a, 'd>(root: Node<'a, 'd>) -> Option<Node<'a, 'd>> {
    child(root, "metadata")?
        .children()
        .find(|node| node.tag_name().namespace() == Some(BASE_NAMESPACE))
}

fn disks<'a, 'd>(root: Node<'a, 'd>) -> impl Iterator<Item = Node<'a, 'd>> {
    let devices = child(root, "devices").into_iter();
    devices
        .flat_map(|devices| devices.children())
        .filter(|node| node.has_tag_name("disk"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const XML: &str = "<domain>
  <name>a</name>
  <devices>
    <disk device='disk'>
      <source file='/a'/>
      <target dev='vda' bus='virtio'/>
    </disk>
    <disk device='disk'>
      <source file='/b'/>
      <target dev='sda' bus='sata'/>
    </disk>
  </devices>
</domain>";

    #[test]
    fn a_base_is_protected_and_freed_again() {
        let targets = ["vda".to_owned(), "sda".to_owned()];
        let protected_xml = protected(XML, &targets).unwrap().unwrap();
        assert_eq!(based(&protected_xml), ["sda", "vda"]);
        assert_eq!(protected_xml.matches("<readonly/>").count(), 1);
        assert_eq!(protected(&protected_xml, &targets[..1]), Ok(None));
        let freed = unprotected(&protected_xml).unwrap().unwrap();
        assert!(based(&freed).is_empty() && !freed.contains("readonly"));
        assert_eq!(unprotected(&freed), Ok(None));
        assert_eq!(unprotected(XML), Ok(None));
    }

    #[test]
    fn other_words_about_a_domain_stay() {
        let xml = XML.replace(
            "<devices>",
            "<metadata><x:os xmlns:x='urn:x' id='1'/></metadata>\n  <devices>",
        );
        let one = protected(&xml, &["vda".to_owned()]).unwrap().unwrap();
        let two = protected(&one, &["sda".to_owned()]).unwrap().unwrap();
        assert_eq!(based(&two), ["sda", "vda"]);
        assert!(two.contains("<x:os xmlns:x='urn:x' id='1'/>"));
        let empty = XML.replace("<devices>", "<metadata/>\n  <devices>");
        let marked = protected(&empty, &["vda".to_owned()]).unwrap().unwrap();
        assert_eq!(based(&marked), ["vda"]);
    }
}
