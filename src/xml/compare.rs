//! What differs between two documents, element by element.

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;

use roxmltree::Node;

use super::identity::{has_identity, has_like, keys, label};
use super::secrets;
use super::tree::{Order, Tree, elements, is_numbering, order, own_text};
use crate::text::visible;

/// Elements of one name that are compared each with each; beyond they are taken in order.
const MOST_PAIRS: usize = 10_000;
/// Characters of a value that [`Change`]'s text shows.
const SHOWN: usize = 160;

/// An element on the way to a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Name, with its prefix.
    pub name: String,
    /// What tells it from its like: `vda` of a disk. Untrusted.
    pub key: Option<String>,
}

/// What is different.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// The element of the path is new; its XML, true and untrusted.
    Added(String),
    /// It is gone; its XML.
    Removed(String),
    /// An attribute of it.
    Attribute {
        /// Name, with its prefix.
        name: String,
        /// Before; `None` when it is new.
        from: Option<String>,
        /// After; `None` when it is gone.
        to: Option<String>,
    },
    /// The text of it.
    Text {
        /// Before.
        from: String,
        /// After.
        to: String,
    },
    /// The elements in it have another order, and the order means something.
    Order,
}

/// A difference. Its text masks passwords and is fit for a terminal; the values are as they stand in the documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// From the root to the element that is different.
    pub path: Vec<Step>,
    /// How.
    pub what: What,
    /// Bytes of the element in the first document; `None` when it is not there.
    pub before: Option<Range<usize>>,
    /// Bytes of the element in the second document.
    pub after: Option<Range<usize>>,
}

impl Change {
    /// The path in words: `domain › devices › disk[vda]`.
    #[must_use]
    pub fn place(&self) -> String {
        let steps = self.path.iter().map(|step| match &step.key {
            Some(key) => format!("{}[{}]", short(&step.name), short(key)),
            None => short(&step.name),
        });
        steps.collect::<Vec<_>>().join(" › ")
    }

    /// What was there before and what is there after, masked; `None` where there is nothing of the kind.
    #[must_use]
    pub fn values(&self) -> (Option<String>, Option<String>) {
        let element = self.path.last().map_or("", |step| step.name.as_str());
        match &self.what {
            What::Added(xml) => (None, Some(secrets::mask(xml))),
            What::Removed(xml) => (Some(secrets::mask(xml)), None),
            What::Attribute { name, from, to } => {
                let show = |value: &String| secrets::shown_attribute(element, name, value);
                (from.as_ref().map(show), to.as_ref().map(show))
            }
            What::Text { from, to } => (
                Some(secrets::shown_text(element, from)),
                Some(secrets::shown_text(element, to)),
            ),
            What::Order => (None, None),
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.place())?;
        let (from, to) = self.values();
        let (from, to) = (from.map(|text| short(&text)), to.map(|text| short(&text)));
        match (&self.what, from, to) {
            (What::Added(_), _, Some(xml)) => write!(f, ": added {xml}"),
            (What::Removed(_), Some(xml), _) => write!(f, ": removed {xml}"),
            (What::Attribute { name, .. }, from, to) => {
                let name = visible(name);
                match (from, to) {
                    (Some(from), Some(to)) => write!(f, " @{name}: {from} → {to}"),
                    (None, Some(to)) => write!(f, " @{name}: added {to}"),
                    (Some(from), None) => write!(f, " @{name}: removed {from}"),
                    (None, None) => Ok(()),
                }
            }
            (What::Text { .. }, Some(from), Some(to)) => write!(f, ": {from} → {to}"),
            (What::Order, ..) => f.write_str(": another order"),
            _ => Ok(()),
        }
    }
}

/// One line of a value: blanks run together, cut when long, `""` for nothing.
fn short(text: &str) -> String {
    if text.is_empty() {
        return "\"\"".to_owned();
    }
    let mut line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line = line.replace("> <", "><");
    if line.chars().count() > SHOWN {
        line = line.chars().take(SHOWN).chain(['…']).collect();
    }
    visible(&line).into_owned()
}

/// Whether two documents say the same: names, attributes and texts, in any order where the order says nothing.
#[must_use]
pub fn is_equal(one: &Tree<'_>, other: &Tree<'_>) -> bool {
    one.fingerprint(one.root()) == other.fingerprint(other.root())
}

/// What differs, in the order of the first document, what is new behind it. Empty exactly when [`is_equal`].
#[must_use]
pub fn changes(before: &Tree<'_>, after: &Tree<'_>) -> Vec<Change> {
    let mut found = Vec::new();
    let (a, b) = (before.root(), after.root());
    if a.tag_name() == b.tag_name() {
        let mut walk = Walk {
            before,
            after,
            path: Vec::new(),
            found: &mut found,
        };
        walk.element(a, b);
    } else {
        found.push(whole(before, a, Vec::new(), false));
        found.push(whole(after, b, Vec::new(), true));
    }
    found
}

fn whole(tree: &Tree<'_>, node: Node<'_, '_>, mut path: Vec<Step>, added: bool) -> Change {
    path.push(step(node));
    let xml = tree.text()[node.range()].to_owned();
    Change {
        path,
        what: if added {
            What::Added(xml)
        } else {
            What::Removed(xml)
        },
        before: (!added).then(|| node.range()),
        after: added.then(|| node.range()),
    }
}

fn step(node: Node<'_, '_>) -> Step {
    Step {
        name: qualified(node),
        key: label(node).filter(|_| node.parent_element().is_some()),
    }
}

/// The name as it is written.
fn qualified(node: Node<'_, '_>) -> String {
    let name = node.tag_name();
    let prefix = name.namespace().and_then(|uri| node.lookup_prefix(uri));
    match prefix {
        Some(prefix) if !prefix.is_empty() => format!("{prefix}:{}", name.name()),
        _ => name.name().to_owned(),
    }
}

struct Walk<'x, 'a, 'b> {
    before: &'x Tree<'a>,
    after: &'x Tree<'b>,
    path: Vec<Step>,
    found: &'x mut Vec<Change>,
}

impl Walk<'_, '_, '_> {
    fn push(&mut self, a: Node<'_, '_>, b: Node<'_, '_>, what: What) {
        self.found.push(Change {
            path: self.path.clone(),
            what,
            before: Some(a.range()),
            after: Some(b.range()),
        });
    }

    fn element(&mut self, a: Node<'_, '_>, b: Node<'_, '_>) {
        if self.before.fingerprint(a) == self.after.fingerprint(b) {
            return;
        }
        self.path.push(step(a));
        for (name, from, to) in attributes(a, b) {
            self.push(a, b, What::Attribute { name, from, to });
        }
        let (from, to) = (own_text(a), own_text(b));
        if from != to {
            self.push(a, b, What::Text { from, to });
        }
        let pairs = pair(self.before, a, self.after, b);
        for (one, other) in &pairs.both {
            self.element(*one, *other);
        }
        for gone in &pairs.gone {
            self.found
                .push(whole(self.before, *gone, self.path.clone(), false));
        }
        for new in &pairs.new {
            self.found
                .push(whole(self.after, *new, self.path.clone(), true));
        }
        if pairs.is_reordered(order(a)) {
            self.push(a, b, What::Order);
        }
        self.path.pop();
    }
}

/// Attributes that differ: name as it is written, before, after.
pub fn attributes(
    a: Node<'_, '_>,
    b: Node<'_, '_>,
) -> Vec<(String, Option<String>, Option<String>)> {
    let value = |node: Node<'_, '_>, ns: Option<&str>, name: &str| {
        node.attributes()
            .find(|other| other.namespace() == ns && other.name() == name)
            .map(|other| other.value().to_owned())
    };
    let written = |node: Node<'_, '_>, attribute: roxmltree::Attribute<'_, '_>| {
        let prefix = attribute
            .namespace()
            .and_then(|uri| node.lookup_prefix(uri));
        match prefix {
            Some(prefix) if !prefix.is_empty() => format!("{prefix}:{}", attribute.name()),
            _ => attribute.name().to_owned(),
        }
    };
    let mut found = Vec::new();
    let counts = |attribute: &roxmltree::Attribute<'_, '_>| !is_numbering(a, attribute.name());
    for attribute in a.attributes().filter(counts) {
        let to = value(b, attribute.namespace(), attribute.name());
        if to.as_deref() != Some(attribute.value()) {
            let from = Some(attribute.value().to_owned());
            found.push((written(a, attribute), from, to));
        }
    }
    for attribute in b.attributes().filter(counts) {
        if value(a, attribute.namespace(), attribute.name()).is_none() {
            let to = Some(attribute.value().to_owned());
            found.push((written(b, attribute), None, to));
        }
    }
    found
}

/// The elements in two elements, one with the other.
pub struct Pairs<'a, 'at, 'b, 'bt> {
    /// The same element in both, in the order of the first.
    pub both: Vec<(Node<'a, 'at>, Node<'b, 'bt>)>,
    /// Only in the first.
    pub gone: Vec<Node<'a, 'at>>,
    /// Only in the second.
    pub new: Vec<Node<'b, 'bt>>,
}

impl Pairs<'_, '_, '_, '_> {
    /// Whether their order changed so that it means something.
    pub fn is_reordered(&self, order: Order) -> bool {
        let mut last: HashMap<&str, usize> = HashMap::new();
        order != Order::Free
            && self.both.iter().any(|(a, b)| {
                let like = match order {
                    Order::Strict => "",
                    _ => a.tag_name().name(),
                };
                let at = b.range().start;
                last.insert(like, at).is_some_and(|before| before > at)
            })
    }
}

/// Finds for each element in `a` the one in `b` that it is or became.
pub fn pair<'a, 'at, 'b, 'bt>(
    before: &Tree<'at>,
    a: Node<'a, 'at>,
    after: &Tree<'bt>,
    b: Node<'b, 'bt>,
) -> Pairs<'a, 'at, 'b, 'bt> {
    let olds: Vec<_> = elements(a).collect();
    let news: Vec<_> = elements(b).collect();
    let mut partner: Vec<Option<usize>> = vec![None; olds.len()];
    let mut taken = vec![false; news.len()];

    // Equal ones, in order.
    let mut equal: HashMap<u64, Vec<usize>> = HashMap::new();
    for (at, node) in news.iter().enumerate().rev() {
        equal.entry(after.fingerprint(*node)).or_default().push(at);
    }
    for (at, node) in olds.iter().enumerate() {
        let found = equal.get_mut(&before.fingerprint(*node)).and_then(Vec::pop);
        if let Some(other) = found {
            partner[at] = Some(other);
            taken[other] = true;
        }
    }

    // Ones with the same identity.
    let mut named: HashMap<(&str, Option<&str>, usize, String), Vec<usize>> = HashMap::new();
    for (at, node) in news.iter().enumerate().rev() {
        if taken[at] {
            continue;
        }
        let name = node.tag_name();
        for (rank, key) in keys(*node).into_iter().enumerate() {
            let entry = (name.name(), name.namespace(), rank, key);
            named.entry(entry).or_default().push(at);
        }
    }
    for rank in 0..2 {
        for (at, node) in olds.iter().enumerate() {
            if partner[at].is_some() {
                continue;
            }
            let name = node.tag_name();
            let Some(key) = keys(*node).into_iter().nth(rank) else {
                continue;
            };
            let entry = (name.name(), name.namespace(), rank, key);
            let Some(others) = named.get_mut(&entry) else {
                continue;
            };
            while let Some(other) = others.pop() {
                if !taken[other] {
                    partner[at] = Some(other);
                    taken[other] = true;
                    break;
                }
            }
        }
    }

    // The rest: those that are most alike.
    let mut rest: HashMap<(&str, Option<&str>), Leftover> = HashMap::new();
    for (at, node) in olds.iter().enumerate() {
        if partner[at].is_none() {
            let name = node.tag_name();
            let entry = rest.entry((name.name(), name.namespace())).or_default();
            entry.0.push(at);
        }
    }
    for (at, node) in news.iter().enumerate() {
        let name = node.tag_name();
        if !taken[at]
            && let Some(entry) = rest.get_mut(&(name.name(), name.namespace()))
        {
            entry.1.push(at);
        }
    }
    for (old, new) in rest.into_values() {
        for (at, other) in alike(&olds, &old, &news, &new) {
            partner[at] = Some(other);
            taken[other] = true;
        }
    }

    let mut pairs = Pairs {
        both: Vec::new(),
        gone: Vec::new(),
        new: Vec::new(),
    };
    for (at, node) in olds.iter().enumerate() {
        match partner[at] {
            Some(other) => pairs.both.push((*node, news[other])),
            None => pairs.gone.push(*node),
        }
    }
    pairs.new = news
        .iter()
        .enumerate()
        .filter(|(at, _)| !taken[*at])
        .map(|(_, node)| *node)
        .collect();
    pairs
}

/// Numbers of what has no partner yet, in the first and in the second.
type Leftover = (Vec<usize>, Vec<usize>);

/// Pairs of what has no partner yet, all of one name.
fn alike(
    olds: &[Node<'_, '_>],
    old: &[usize],
    news: &[Node<'_, '_>],
    new: &[usize],
) -> Vec<(usize, usize)> {
    if old.len() * new.len() > MOST_PAIRS {
        return old.iter().copied().zip(new.iter().copied()).collect();
    }
    let facts_of = |node: Node<'_, '_>| {
        let mut facts = Vec::new();
        gather(node, String::new(), &mut facts);
        facts.sort_unstable();
        facts
    };
    let old_facts: Vec<_> = old.iter().map(|at| facts_of(olds[*at])).collect();
    let new_facts: Vec<_> = new.iter().map(|at| facts_of(news[*at])).collect();
    let mut scores = Vec::new();
    for (i, one) in old.iter().enumerate() {
        for (j, other) in new.iter().enumerate() {
            let (a, b) = (olds[*one], news[*other]);
            let (mine, theirs) = (keys(a), keys(b));
            let told_apart = match (mine.first(), theirs.first()) {
                // Of what there is one only, a name is a value like any other.
                (Some(mine), Some(theirs)) => {
                    mine != theirs && (has_identity(a) || has_like(a) || has_like(b))
                }
                _ => false,
            };
            // What tells them apart is not counted: it is known to differ.
            let alike = share(&old_facts[i], &new_facts[j], usize::from(told_apart));
            // A thing that is told apart by nothing remains what it is, whatever became of it.
            let enough = if told_apart { 0.75 } else { 0.0 };
            if alike >= enough {
                scores.push((alike, *one, *other));
            }
        }
    }
    scores.sort_by(|x, y| y.0.total_cmp(&x.0).then((x.1, x.2).cmp(&(y.1, y.2))));
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for (_, one, other) in scores {
        if !pairs.iter().any(|(a, b)| *a == one || *b == other) {
            pairs.push((one, other));
        }
    }
    pairs
}

/// Attributes and texts of an element and all in it.
fn gather(node: Node<'_, '_>, path: String, into: &mut Vec<String>) {
    for attribute in node.attributes() {
        into.push(format!("{path}@{}={}", attribute.name(), attribute.value()));
    }
    let text = own_text(node);
    if !text.is_empty() {
        into.push(format!("{path}={text}"));
    }
    for child in elements(node) {
        gather(child, format!("{path}/{}", child.tag_name().name()), into);
    }
}

/// How much of two sorted lists is in both, from 0 to 1, so many of each left out.
#[allow(clippy::cast_precision_loss, reason = "a share of small numbers")]
fn share(one: &[String], other: &[String], without: usize) -> f64 {
    let (mut i, mut j, mut both) = (0, 0, 0_usize);
    while i < one.len() && j < other.len() {
        match one[i].cmp(&other[j]) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                both += 1;
                i += 1;
                j += 1;
            }
        }
    }
    let all = (one.len() + other.len() - both).saturating_sub(2 * without);
    if all == 0 {
        return 1.0;
    }
    both as f64 / all as f64
}
