//! Some of the changes of a document, and not the others.

use std::ops::Range;

use roxmltree::Node;

use super::compare::{Change, What, changes};
use super::edit::{Edit, apply_edits, inner, set_attribute, set_text};
use super::identity::label;
use super::tree::{Tree, elements};

/// The second document without some of what makes it of the first; the rest stays as it is written. `all` is what
/// [`changes`] found between the two, `left` are numbers in it. `None` where that cannot be told from the rest: an order
/// goes with what is ordered.
#[must_use]
pub fn leave_out(
    before: &Tree<'_>,
    after: &Tree<'_>,
    all: &[Change],
    left: &[usize],
) -> Option<String> {
    let text = after.text();
    let mut edits = Vec::new();
    for number in left {
        let change = all.get(*number)?;
        edits.push(match &change.what {
            What::Added(_) => Edit {
                range: with_line(text, change.after.clone()?),
                text: String::new(),
            },
            What::Removed(_) => put_back(before, after, change)?,
            What::Attribute { name, from, .. } => {
                let node = at(after, change.after.as_ref()?)?;
                set_attribute(text, node, name, from.as_deref())
            }
            What::Text { from, .. } => set_text(text, at(after, change.after.as_ref()?)?, from),
            What::Order => return None,
        });
    }
    let made = apply_edits(text, &edits);
    let tree = Tree::parse(&made).ok()?;
    // It is what was meant, or nothing.
    let rest = changes(before, &tree);
    let wanted = all.iter().enumerate().filter(|(at, _)| !left.contains(at));
    let same = rest.len() == all.len() - left.len()
        && wanted
            .zip(&rest)
            .all(|((_, wanted), made)| wanted.to_string() == made.to_string());
    same.then_some(made)
}

fn at<'a, 't>(tree: &'a Tree<'t>, range: &Range<usize>) -> Option<Node<'a, 't>> {
    tree.root()
        .descendants()
        .find(|node| node.is_element() && node.range() == *range)
}

/// An element with the blanks before it and the end of its line, where it is alone on its lines.
fn with_line(text: &str, range: Range<usize>) -> Range<usize> {
    let start = text[..range.start].trim_end_matches([' ', '\t']).len();
    let rest = &text[range.end..];
    let end = rest.len() - rest.trim_start_matches([' ', '\t', '\r']).len() + range.end;
    let begins = start == 0 || text[..start].ends_with('\n');
    if begins && text[end..].starts_with('\n') {
        return start..end + 1;
    }
    range
}

/// The element that was removed, at the end of what it was in.
fn put_back(before: &Tree<'_>, after: &Tree<'_>, change: &Change) -> Option<Edit> {
    let text = after.text();
    let mut parent = after.root();
    let (_, way) = change.path.split_last()?;
    for step in way.iter().skip(1) {
        let named = |node: &Node<'_, '_>| {
            node.tag_name().name() == step.name.rsplit(':').next().unwrap_or(&step.name)
        };
        parent = elements(parent)
            .filter(named)
            .find(|node| step.key.is_none() || label(*node) == step.key)?;
    }
    let inside = inner(text, parent)?;
    let xml = before.text().get(change.before.clone()?)?;
    let line = text[..inside.end].rfind('\n').map_or(0, |at| at + 1);
    let blanks = &text[line..inside.end];
    // The end tag stands alone on its line: the element gets a line of its own before it.
    if line > 0 && blanks.trim().is_empty() {
        return Some(Edit {
            range: line..line,
            text: format!("{blanks}  {xml}\n"),
        });
    }
    Some(Edit {
        range: inside.end..inside.end,
        text: xml.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &str = "<domain>\n  <memory unit='KiB'>1</memory>\n  <vcpu current='1'>2</vcpu>\n  <devices>\n    \
        <disk><target dev='vda'/></disk>\n    <input type='mouse'/>\n  </devices>\n</domain>\n";

    #[test]
    fn each_change_can_be_left_out_alone() {
        let edited = BEFORE
            .replace(">1<", ">5<")
            .replace("current='1'", "current='2'")
            .replace("    <input type='mouse'/>\n", "    <rng model='virtio'/>\n")
            .replace("    <disk><target dev='vda'/></disk>\n", "");
        let (before, after) = (Tree::parse(BEFORE).unwrap(), Tree::parse(&edited).unwrap());
        let all = changes(&before, &after);
        assert_eq!(all.len(), 5);
        for number in 0..all.len() {
            let made = leave_out(&before, &after, &all, &[number]).unwrap();
            let tree = Tree::parse(&made).unwrap();
            assert_eq!(changes(&before, &tree).len(), 4, "{made}");
        }
        let numbers: Vec<usize> = (0..5).collect();
        let made = leave_out(&before, &after, &all, &numbers).unwrap();
        assert!(super::super::is_equal(
            &Tree::parse(&made).unwrap(),
            &before
        ));
        // Lines that are none of it stay as they are.
        let made = leave_out(&before, &after, &all, &[0]).unwrap();
        let differing = made
            .lines()
            .zip(edited.lines())
            .filter(|(a, b)| a != b)
            .count();
        assert_eq!(differing, 1);
    }
}
