//! What exactly is wrong with a document that does not fit its schema, where it stands, and what would have been right.

use std::time::Duration;

use roxmltree::{Document, Node};

use super::patience::Patience;
use super::pattern::{Id, NOT_ALLOWED, Patterns};
use super::{Finding, Severity};
use crate::text::{nearest, visible};
use crate::xml::Lines;

/// Findings after which no more are looked for.
const MOST: usize = 50;
/// How long is looked for. What was found by then is told.
pub const PATIENCE: Duration = Duration::from_millis(200);
/// Elements in elements that are followed; libxml2 refuses deeper ones.
const DEEPEST: usize = 300;
/// Names that a message lists.
const LISTED: usize = 12;
/// Characters of a value that a message quotes.
const QUOTED: usize = 60;
/// Bytes of a name or value that is taken for a misspelt other one.
const SPELT: usize = 100;
/// Characters of a message; names may be as long as they like.
const LONGEST: usize = 500;

/// What a walk found.
pub struct Located {
    /// In the order of the text.
    pub findings: Vec<Finding>,
    /// Whether the whole document was walked in time.
    pub is_whole: bool,
}

/// Looks for what is wrong as long as there is patience. Without findings a document is valid, if the walk is whole.
pub fn locate(document: &Document<'_>, patterns: &mut Patterns<'_>, patience: Patience) -> Located {
    let mut walk = Walk {
        document,
        lines: Lines::of(document.input_text()),
        patterns,
        findings: Vec::new(),
        patience,
        depth: 0,
        is_whole: true,
    };
    let start = walk.patterns.start();
    walk.element(document.root_element(), start, &[]);
    let mut findings = walk.findings;
    findings.sort_by_key(|finding| (finding.line, finding.column));
    Located {
        findings,
        is_whole: walk.is_whole,
    }
}

struct Walk<'d, 'p, 'g> {
    document: &'d Document<'d>,
    lines: Lines,
    patterns: &'p mut Patterns<'g>,
    findings: Vec<Finding>,
    patience: Patience,
    depth: usize,
    is_whole: bool,
}

impl Walk<'_, '_, '_> {
    fn find(&mut self, at: usize, end: usize, message: String, hint: Option<String>) {
        if self.findings.len() >= MOST {
            return;
        }
        let text = self.document.input_text();
        let (line, column) = self.lines.place(text, at);
        let message = cut(message);
        self.findings.push(Finding {
            line,
            column,
            bytes: at..end,
            severity: Severity::Error,
            message,
            hint,
        });
    }

    /// Reads an element; gives what may come after it. After something wrong it goes on as if it had not been there.
    fn element(&mut self, node: Node<'_, '_>, before: Id, earlier: &[(&str, usize)]) -> Id {
        if self.depth >= DEEPEST {
            self.is_whole = false;
            return before;
        }
        self.depth += 1;
        let after = self.inside(node, before, earlier);
        self.depth -= 1;
        after
    }

    fn inside(&mut self, node: Node<'_, '_>, before: Id, earlier: &[(&str, usize)]) -> Id {
        let (ns, local) = (
            node.tag_name().namespace().unwrap_or(""),
            node.tag_name().name(),
        );
        let mut now = self.patterns.open(before, ns, local);
        if now == NOT_ALLOWED {
            let offered = self.patterns.offered(before, false);
            let parent = parent_name(node);
            let first = earlier.iter().find(|(name, _)| *name == local);
            let message = if first.is_some() {
                format!("a second <{local}> is not allowed{parent}")
            } else if offered.is_empty() {
                format!("<{local}> is not allowed{parent}, which holds no elements")
            } else {
                format!("<{local}> is not allowed{parent} here")
            };
            let range = node.range();
            let hint = match first {
                // Either of them may be the one too many.
                Some((_, at)) => {
                    let (line, _) = self.lines.place(self.document.input_text(), *at);
                    Some(format!("the first is on line {line}"))
                }
                None => {
                    let names: Vec<&str> = earlier.iter().map(|(name, _)| *name).collect();
                    among(&offered, local, &names, |name| format!("<{name}>"))
                }
            };
            self.find(range.start, range.start + 1 + local.len(), message, hint);
            return before;
        }
        let wrong_before = self.findings.len();
        for attribute in node.attributes() {
            let (ns, name) = (attribute.namespace().unwrap_or(""), attribute.name());
            let next = self.patterns.attribute(now, ns, name, attribute.value());
            if next == NOT_ALLOWED {
                let (message, hint) = self.wrong_attribute(now, local, ns, name, attribute.value());
                let range = attribute.range();
                self.find(range.start, range.end, message, hint);
                continue;
            }
            now = next;
        }
        let mut inside = self.patterns.close(now);
        if inside == NOT_ALLOWED && self.findings.len() > wrong_before {
            // An attribute with a wrong value is not missing as well.
            return self.skip(before, ns, local);
        }
        if inside == NOT_ALLOWED {
            let missing = self.patterns.required(now, true);
            let message = match missing.as_slice() {
                [] => {
                    let offered = self.patterns.offered(now, true);
                    let list = list(&offered, |name| format!("'{name}'"));
                    format!("<{local}> lacks an attribute: one of {list}")
                }
                names => format!(
                    "<{local}> lacks the attribute {}",
                    list(names, |name| format!("'{name}'"))
                ),
            };
            let at = node.range().start;
            self.find(at, at + 1 + local.len(), message, None);
            // What is inside can only be judged by another beginning.
            return self.skip(before, ns, local);
        }
        let mut seen: Vec<(&str, usize)> = Vec::new();
        let has_elements = node.children().any(|child| child.is_element());
        let wrong_before = self.findings.len();
        if has_elements {
            for child in node.children() {
                if self.findings.len() >= MOST || self.patience.is_over() {
                    self.is_whole = false;
                    return self.skip(before, ns, local);
                }
                if child.is_element() {
                    let name = child.tag_name();
                    let ns = name.namespace().unwrap_or("");
                    let fits = self.patterns.open(inside, ns, name.name()) != NOT_ALLOWED;
                    inside = self.element(child, inside, &seen);
                    if fits && !seen.iter().any(|(known, _)| *known == name.name()) {
                        seen.push((name.name(), child.range().start));
                    }
                } else if let Some(text) = child.text().filter(|_| child.is_text()) {
                    if text.trim().is_empty() {
                        continue;
                    }
                    let next = self.patterns.text(inside, text);
                    if next == NOT_ALLOWED {
                        let start = child.range().start + (text.len() - text.trim_start().len());
                        let message = format!("text is not allowed in <{local}>: {}", quoted(text));
                        self.find(start, child.range().end, message, None);
                    } else {
                        inside = next;
                    }
                }
            }
        } else {
            inside = self.content(node, inside, local);
        }
        let after = self.patterns.end(inside);
        if after != NOT_ALLOWED {
            return after;
        }
        if self.findings.len() == wrong_before && !self.patience.is_over() {
            let missing = self.patterns.required(inside, false);
            let message = if missing.is_empty() {
                let offered = self.patterns.offered(inside, false);
                format!(
                    "<{local}> is not complete: one of {} is missing",
                    list(&offered, |name| format!("<{name}>"))
                )
            } else {
                format!(
                    "<{local}> lacks {}",
                    list(&missing, |name| format!("<{name}>"))
                )
            };
            let at = node.range().start;
            self.find(at, at + 1 + local.len(), message, None);
        }
        self.skip(before, ns, local)
    }

    /// The text of an element without elements in it.
    fn content(&mut self, node: Node<'_, '_>, inside: Id, local: &str) -> Id {
        let text: String = node
            .children()
            .filter(|child| child.is_text())
            .filter_map(|child| child.text())
            .collect();
        let next = self.patterns.text(inside, &text);
        if self.patterns.end(next) != NOT_ALLOWED {
            return next;
        }
        if text.trim().is_empty() {
            if self.patterns.end(inside) != NOT_ALLOWED || next == NOT_ALLOWED {
                // Nothing in it: what is missing, the caller says; a value that is missing is said here.
                let values = self.patterns.text_values(inside);
                if self.patterns.end(inside) == NOT_ALLOWED && !values.is_empty() {
                    let at = node.range().start;
                    let message = format!("<{local}> is empty");
                    let hint = Some(format!("expected {}", list(&values, ToOwned::to_owned)));
                    self.find(at, at + 1 + local.len(), message, hint);
                }
                return inside;
            }
            return next;
        }
        let values = self.patterns.text_values(inside);
        let value = text.trim();
        let (message, hint) = if values.is_empty() {
            (
                format!("text is not allowed in <{local}>: {}", quoted(value)),
                None,
            )
        } else {
            (
                format!("{} is no valid <{local}>", quoted(value)),
                among(&values, value, &[], ToOwned::to_owned),
            )
        };
        let first = node.children().find(|child| child.is_text());
        let start = first.map_or(node.range().start, |child| {
            let text = child.text().unwrap_or_default();
            child.range().start + (text.len() - text.trim_start().len())
        });
        let end = first.map_or(start + 1, |child| child.range().end);
        self.find(start, end, message, hint);
        inside
    }

    fn wrong_attribute(
        &self,
        now: Id,
        element: &str,
        ns: &str,
        name: &str,
        value: &str,
    ) -> (String, Option<String>) {
        match self.patterns.values(now, ns, name) {
            Some(values) => (
                format!("{} is no valid {name} of <{element}>", quoted(value)),
                among(&values, value, &[], ToOwned::to_owned),
            ),
            None => {
                let offered = self.patterns.offered(now, true);
                (
                    format!("<{element}> has no attribute '{name}' here"),
                    among(&offered, name, &[], |name| format!("'{name}'")),
                )
            }
        }
    }

    /// What comes after an element, had it been right.
    fn skip(&mut self, before: Id, ns: &str, local: &str) -> Id {
        let opened = self.patterns.open(before, ns, local);
        self.patterns.rest(opened)
    }
}

fn cut(message: String) -> String {
    match message.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &message[..at]),
        None => message,
    }
}

fn parent_name(node: Node<'_, '_>) -> String {
    match node.parent_element() {
        Some(parent) => format!(" in <{}>", parent.tag_name().name()),
        None => String::new(),
    }
}

/// What would have been right: the nearest name, or the list.
fn among(
    offered: &[String],
    wrong: &str,
    earlier: &[&str],
    show: impl Fn(&String) -> String,
) -> Option<String> {
    if offered.is_empty() {
        return None;
    }
    let known = offered
        .iter()
        .map(String::as_str)
        .filter(|name| !earlier.contains(name) && *name != wrong);
    if wrong.len() <= SPELT
        && let Some(near) = nearest(wrong, known)
    {
        return Some(format!("did you mean {}?", show(&near.to_owned())));
    }
    Some(format!("expected {}", list(offered, show)))
}

fn list(names: &[String], show: impl Fn(&String) -> String) -> String {
    let mut words: Vec<String> = names.iter().take(LISTED).map(&show).collect();
    if names.len() > LISTED {
        words.push(format!("{} more", names.len() - LISTED));
    }
    words.join(", ")
}

fn quoted(text: &str) -> String {
    let text = text.trim();
    let short: String = text.chars().take(QUOTED).collect();
    let dots = if short.len() < text.len() { "…" } else { "" };
    format!("'{}{dots}'", visible(&short))
}
