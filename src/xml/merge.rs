//! Three ways: what two people made of one document, in one.
//!
//! Documents are merged as XML: two changes contradict each other when they are of one attribute, one text or one device,
//! not when their lines are near, and a device that libvirt wrote at another place is no change. What comes in of the
//! other's is written into one's own text. A text that is not well-formed is merged by lines.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::ops::Range;

use roxmltree::{Node, NodeId};

use super::adopt::adopt;
use super::compare::{attributes, is_equal, pair};
use super::edit::{Edit, apply_edits, inner, name_length, set_attribute, set_text, start_tag_end};
use super::identity::{keys, label};
use super::lines::{TextDiff, split};
use super::tree::{Tree, elements, order, own_text};

/// Lines around a conflict, as git writes them.
const MINE: &str = "<<<<<<< mine";
const BETWEEN: &str = "=======";
const THEIRS: &str = ">>>>>>> theirs";

/// Something that both changed, each in their way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// What it is about, in words: `disk[vda] › source @file`. Untrusted.
    pub what: String,
}

/// What came of a merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merge {
    /// The document; with conflicts, both versions stand in it between marks.
    pub text: String,
    /// What contradicts.
    pub conflicts: Vec<Conflict>,
    /// Lines of `text`, from 0, that stand between marks, these included.
    pub marked: Vec<Range<usize>>,
}

impl Merge {
    /// Whether nothing contradicts.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.conflicts.is_empty()
    }
}

/// Merges what became of `base` in `theirs` into `mine`, which stays as it is written.
#[must_use]
pub fn merge(base: &str, theirs: &str, mine: &str) -> Merge {
    let trees = (Tree::parse(base), Tree::parse(theirs), Tree::parse(mine));
    let (Ok(b), Ok(t), Ok(m)) = &trees else {
        // What libvirt only wrote in another order is no change.
        let theirs = adopt(base, theirs).unwrap_or_else(|_| theirs.to_owned());
        return by_lines(base, &theirs, mine);
    };
    // Where only one has changed anything there is nothing to graft.
    if is_equal(b, t) || is_equal(b, m) {
        return Merge {
            text: if is_equal(b, t) { mine } else { theirs }.to_owned(),
            conflicts: Vec::new(),
            marked: Vec::new(),
        };
    }
    let own = graft(b, t, m, false);
    if Tree::parse(&own.text).is_err() {
        let theirs = adopt(base, theirs).unwrap_or_else(|_| theirs.to_owned());
        return by_lines(base, &theirs, mine);
    }
    if own.conflicts.is_empty() {
        return Merge {
            text: own.text,
            conflicts: Vec::new(),
            marked: Vec::new(),
        };
    }
    // Once with one's own and once with theirs wherever they contradict: what differs then are the conflicts.
    let other = graft(b, t, m, true);
    let (text, marked) = mark(&own.text, &other.text);
    Merge {
        text,
        conflicts: own.conflicts,
        marked,
    }
}

/// Both versions of the lines that differ, between marks.
fn mark(own: &str, other: &str) -> (String, Vec<Range<usize>>) {
    let lines = split(own);
    let mut writer = Marked::default();
    let mut at = 0;
    for hunk in TextDiff::between(own, other).hunks {
        writer.plain(&lines[at..hunk.old.start]);
        let theirs: Vec<&str> = hunk.new.iter().map(String::as_str).collect();
        writer.both(&lines[hunk.old.clone()], &theirs);
        at = hunk.old.end;
    }
    writer.plain(&lines[at..]);
    (writer.text, writer.marked)
}

#[derive(Default)]
struct Marked {
    text: String,
    line: usize,
    marked: Vec<Range<usize>>,
}

impl Marked {
    fn plain(&mut self, lines: &[&str]) {
        for line in lines {
            self.text.push_str(line);
        }
        self.line += lines.len();
    }

    fn both(&mut self, mine: &[&str], theirs: &[&str]) {
        let begin = self.line;
        self.word(MINE);
        self.plain(mine);
        self.word(BETWEEN);
        self.plain(theirs);
        self.word(THEIRS);
        self.marked.push(begin..self.line);
    }

    fn word(&mut self, mark: &str) {
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
        let _ = writeln!(self.text, "{mark}");
        self.line += 1;
    }
}

/// By lines alone: chunks that one side changed are taken from it.
fn by_lines(base: &str, theirs: &str, mine: &str) -> Merge {
    let lines = split(base);
    let (left, right) = (
        TextDiff::between(base, mine).hunks,
        TextDiff::between(base, theirs).hunks,
    );
    let mut writer = Marked::default();
    let mut conflicts = Vec::new();
    let (mut i, mut j, mut at) = (0, 0, 0);
    while i < left.len() || j < right.len() {
        // A chunk of hunks that touch each other.
        let first = [left.get(i), right.get(j)];
        let start = first
            .iter()
            .flatten()
            .map(|hunk| hunk.old.start)
            .min()
            .unwrap_or(at);
        let (from_i, from_j, mut end) = (i, j, start);
        loop {
            let before = (i, j);
            while let Some(hunk) = left.get(i).filter(|hunk| hunk.old.start <= end) {
                end = end.max(hunk.old.end);
                i += 1;
            }
            while let Some(hunk) = right.get(j).filter(|hunk| hunk.old.start <= end) {
                end = end.max(hunk.old.end);
                j += 1;
            }
            if before == (i, j) {
                break;
            }
        }
        writer.plain(&lines[at..start]);
        let version = |hunks: &[super::Hunk]| {
            let mut out = Vec::new();
            let mut at = start;
            for hunk in hunks {
                out.extend(
                    lines[at..hunk.old.start]
                        .iter()
                        .map(|line| (*line).to_owned()),
                );
                out.extend(hunk.new.iter().cloned());
                at = hunk.old.end;
            }
            out.extend(lines[at..end].iter().map(|line| (*line).to_owned()));
            out
        };
        let (own, other) = (version(&left[from_i..i]), version(&right[from_j..j]));
        let own: Vec<&str> = own.iter().map(String::as_str).collect();
        let other: Vec<&str> = other.iter().map(String::as_str).collect();
        if from_j == j || own == other {
            writer.plain(&own);
        } else if from_i == i {
            writer.plain(&other);
        } else {
            conflicts.push(Conflict {
                what: format!("line {}", writer.line + 1),
            });
            writer.both(&own, &other);
        }
        at = end;
    }
    writer.plain(&lines[at..]);
    Merge {
        text: writer.text,
        conflicts,
        marked: writer.marked,
    }
}

/// `mine` with what `theirs` changed of `base`.
pub struct Grafted {
    pub text: String,
    pub conflicts: Vec<Conflict>,
}

/// Writes what `theirs` changed into `mine`. Where both changed something, `yield_to_theirs` decides.
pub fn graft(
    base: &Tree<'_>,
    theirs: &Tree<'_>,
    mine: &Tree<'_>,
    yield_to_theirs: bool,
) -> Grafted {
    let mut graft = Graft {
        base,
        theirs,
        mine,
        yields: yield_to_theirs,
        newline: if mine.text().contains("\r\n") {
            "\r\n"
        } else {
            "\n"
        },
        path: Vec::new(),
        edits: Vec::new(),
        conflicts: Vec::new(),
    };
    graft.namespaces();
    graft.element(base.root(), theirs.root(), mine.root());
    Grafted {
        text: apply_edits(mine.text(), &graft.edits),
        conflicts: graft.conflicts,
    }
}

struct Graft<'x, 'b, 't, 'm> {
    base: &'x Tree<'b>,
    theirs: &'x Tree<'t>,
    mine: &'x Tree<'m>,
    yields: bool,
    newline: &'static str,
    path: Vec<String>,
    edits: Vec<Edit>,
    conflicts: Vec<Conflict>,
}

impl Graft<'_, '_, '_, '_> {
    fn conflict(&mut self, detail: &str) {
        let what = format!("{}{detail}", self.path.join(" › "));
        self.conflicts.push(Conflict { what });
    }

    /// Prefixes that only the other's document knows.
    fn namespaces(&mut self) {
        let (theirs, mine) = (self.theirs.root(), self.mine.root());
        for namespace in theirs.namespaces() {
            let Some(prefix) = namespace.name() else {
                continue;
            };
            if mine.lookup_namespace_uri(Some(prefix)).is_none() {
                let at = mine.range().start + 1 + name_length(self.mine.text(), mine);
                self.edits.push(Edit {
                    range: at..at,
                    text: format!(" xmlns:{prefix}='{}'", namespace.uri()),
                });
            }
        }
    }

    fn replace(&mut self, m: Node<'_, '_>, t: Node<'_, '_>) {
        let text = self.block(t, &indent(self.mine.text(), m.range().start));
        self.edits.push(Edit {
            range: m.range(),
            text,
        });
    }

    fn element(&mut self, b: Node<'_, '_>, t: Node<'_, '_>, m: Node<'_, '_>) {
        let (was, their, own) = (
            self.base.fingerprint(b),
            self.theirs.fingerprint(t),
            self.mine.fingerprint(m),
        );
        if was == their || their == own {
            return;
        }
        self.path.push(match label(b) {
            Some(key) if !self.path.is_empty() => format!("{}[{key}]", b.tag_name().name()),
            _ => b.tag_name().name().to_owned(),
        });
        self.inside(b, t, m, was == own);
        self.path.pop();
    }

    fn inside(&mut self, b: Node<'_, '_>, t: Node<'_, '_>, m: Node<'_, '_>, untouched: bool) {
        let pairs = pair(self.base, b, self.theirs, t);
        let (from, to, own) = (own_text(b), own_text(t), own_text(m));
        let simple = |node| elements(node).next().is_none();
        let retold = from != to && to != own;
        let mixed = retold && !(simple(b) && simple(t) && simple(m));
        if mixed || pairs.is_reordered(order(b)) || (simple(t) && !simple(m) && untouched) {
            if !untouched {
                self.conflict("");
            }
            if untouched || self.yields {
                self.replace(m, t);
            }
            return;
        }
        let text = self.mine.text();
        for (name, from, to) in attributes(b, t) {
            let own = m
                .attributes()
                .find(|attribute| text.get(attribute.range_qname()) == Some(name.as_str()))
                .map(|attribute| attribute.value().to_owned());
            if own == to {
                continue;
            }
            if own != from {
                self.conflict(&format!(" @{name}"));
            }
            if own == from || self.yields {
                self.edits
                    .push(set_attribute(text, m, &name, to.as_deref()));
            }
        }
        if retold {
            if own != from {
                self.conflict("");
            }
            if own == from || self.yields {
                self.edits.push(set_text(text, m, &to));
            }
        }
        self.children(b, t, m, &pairs);
    }

    fn children(
        &mut self,
        b: Node<'_, '_>,
        t: Node<'_, '_>,
        m: Node<'_, '_>,
        pairs: &super::compare::Pairs<'_, '_, '_, '_>,
    ) {
        let own = pair(self.base, b, self.mine, m);
        let mine_of: HashMap<NodeId, Node<'_, '_>> =
            own.both.iter().map(|(b, m)| (b.id(), *m)).collect();
        let base_of: HashMap<NodeId, Node<'_, '_>> =
            pairs.both.iter().map(|(b, t)| (t.id(), *b)).collect();
        for gone in &pairs.gone {
            let Some(m) = mine_of.get(&gone.id()) else {
                continue;
            };
            let untouched = self.mine.fingerprint(*m) == self.base.fingerprint(*gone);
            if !untouched {
                self.conflict(&detail(*gone));
            }
            if untouched || self.yields {
                self.remove(*m);
            }
        }
        let mut new_of_mine = own.new.clone();
        // What follows what is new, in one's own document.
        let mut last: Option<Node<'_, '_>> = None;
        let mut first: Vec<String> = Vec::new();
        for t in elements(t) {
            if let Some(b) = base_of.get(&t.id()) {
                if let Some(m) = mine_of.get(&b.id()) {
                    self.element(*b, t, *m);
                    last = Some(*m);
                    continue;
                }
                if self.theirs.fingerprint(t) == self.base.fingerprint(*b) {
                    continue;
                }
                // Changed there, gone here.
                self.conflict(&detail(t));
                if !self.yields {
                    continue;
                }
            } else if let Some(at) = new_of_mine
                .iter()
                .position(|node| self.is_same_new(t, *node))
            {
                // Both added it.
                let m = new_of_mine.remove(at);
                if self.mine.fingerprint(m) != self.theirs.fingerprint(t) {
                    self.conflict(&detail(t));
                    if self.yields {
                        self.replace(m, t);
                    }
                }
                last = Some(m);
                continue;
            }
            match last {
                Some(before) => self.insert_behind(before, t),
                None => first.push(self.block(t, &self.indent_in(m))),
            }
        }
        if !first.is_empty() {
            self.insert_first(m, &first);
        }
    }

    fn is_same_new(&self, t: Node<'_, '_>, m: Node<'_, '_>) -> bool {
        t.tag_name() == m.tag_name()
            && (self.theirs.fingerprint(t) == self.mine.fingerprint(m)
                || keys(t).first() == keys(m).first())
    }

    /// Removes an element, with its line when it has one to itself.
    fn remove(&mut self, m: Node<'_, '_>) {
        let (text, range) = (self.mine.text(), m.range());
        let start = text[..range.start].trim_end_matches([' ', '\t']).len();
        let blanks =
            text[range.end..].len() - text[range.end..].trim_start_matches([' ', '\t']).len();
        let end = range.end + blanks;
        let alone = text[..start].ends_with('\n');
        let range = match text[end..]
            .strip_prefix("\r\n")
            .or(text[end..].strip_prefix('\n'))
        {
            Some(rest) if alone => start..text.len() - rest.len(),
            _ => range,
        };
        self.edits.push(Edit {
            range,
            text: String::new(),
        });
    }

    fn insert_behind(&mut self, before: Node<'_, '_>, t: Node<'_, '_>) {
        let (text, range) = (self.mine.text(), before.range());
        let blanks = text[..range.start].trim_end_matches([' ', '\t']).len();
        let own_line = text[..blanks].ends_with('\n');
        let indent = indent(text, range.start);
        let block = self.block(t, &indent);
        let text = if own_line {
            format!("{}{indent}{block}", self.newline)
        } else {
            block
        };
        self.edits.push(Edit {
            range: range.end..range.end,
            text,
        });
    }

    fn insert_first(&mut self, m: Node<'_, '_>, blocks: &[String]) {
        let text = self.mine.text();
        let (inward, outward) = (self.indent_in(m), indent(text, m.range().start));
        let mut lines = String::new();
        for block in blocks {
            let _ = write!(lines, "{}{inward}{block}", self.newline);
        }
        let end = format!("{}{outward}", self.newline);
        let edit = match inner(text, m) {
            Some(inner) => {
                // Where nothing follows on a line of its own, the end tag gets one.
                let rest = &text[inner.clone()];
                if !rest.contains('\n') {
                    lines.push_str(&end);
                }
                let at = start_tag_end(text, m.range().start);
                Edit {
                    range: at..at,
                    text: lines,
                }
            }
            None => {
                let range = m.range();
                let name = &text[range.start + 1..range.start + 1 + name_length(text, m)];
                let from = text[..range.end - 2].trim_end().len();
                Edit {
                    range: from..range.end,
                    text: format!(">{lines}{end}</{name}>"),
                }
            }
        };
        self.edits.push(edit);
    }

    /// Blanks before the elements in an element.
    fn indent_in(&self, m: Node<'_, '_>) -> String {
        let text = self.mine.text();
        match elements(m).next() {
            Some(child) => indent(text, child.range().start),
            None => format!("{}  ", indent(text, m.range().start)),
        }
    }

    /// The other's element as it is written there, moved in or out; the first line without its blanks.
    fn block(&self, t: Node<'_, '_>, wanted: &str) -> String {
        let text = self.theirs.text();
        let piece = &text[t.range()];
        let own = indent(text, t.range().start);
        let tells_by_lines = t.descendants().any(|node| {
            let many_lines = |text: &str| text.contains('\n') && !text.trim().is_empty();
            node.is_comment()
                || node.text().is_some_and(many_lines)
                || node
                    .attributes()
                    .any(|attribute| text[attribute.range()].contains('\n'))
        });
        if tells_by_lines {
            return piece.to_owned();
        }
        let mut out = String::new();
        for (number, line) in piece.lines().enumerate() {
            if number > 0 {
                let inner = line.strip_prefix(own.as_str()).unwrap_or(line.trim_start());
                let _ = write!(out, "{}{wanted}{inner}", self.newline);
            } else {
                out.push_str(line);
            }
        }
        out
    }
}

fn detail(node: Node<'_, '_>) -> String {
    match label(node) {
        Some(key) => format!(" › {}[{key}]", node.tag_name().name()),
        None => format!(" › {}", node.tag_name().name()),
    }
}

/// Blanks at the beginning of a line, when nothing else stands before the place.
fn indent(text: &str, at: usize) -> String {
    let line = &text[text[..at].rfind('\n').map_or(0, |newline| newline + 1)..at];
    if line.chars().all(|c| matches!(c, ' ' | '\t')) {
        line.to_owned()
    } else {
        let rest = line.trim_start_matches([' ', '\t']);
        line[..line.len() - rest.len()].to_owned()
    }
}
