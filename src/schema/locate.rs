//! What exactly is wrong with a document that does not fit its schema, where it stands, and what would have been right.

use std::time::{Duration, Instant};

use roxmltree::{Document, Node};

use super::pattern::{Id, NOT_ALLOWED, Patterns};
use super::{Finding, Severity};
use crate::text::{nearest, visible};

/// Findings after which no more are looked for.
const MOST: usize = 50;
/// How long is looked for. What was found by then is told.
const PATIENCE: Duration = Duration::from_millis(200);
/// Names that a message lists.
const LISTED: usize = 12;
/// Characters of a value that a message quotes.
const QUOTED: usize = 60;

/// Looks for what is wrong. Empty when nothing is found.
pub fn locate(document: &Document<'_>, patterns: &mut Patterns<'_>) -> Vec<Finding> {
    let mut walk = Walk {
        document,
        patterns,
        findings: Vec::new(),
        until: Instant::now() + PATIENCE,
    };
    let start = walk.patterns.start();
    walk.element(document.root_element(), start, &[]);
    let mut findings = walk.findings;
    findings.sort_by_key(|finding| (finding.line, finding.column));
    findings
}

struct Walk<'d, 'p, 'g> {
    document: &'d Document<'d>,
    patterns: &'p mut Patterns<'g>,
    findings: Vec<Finding>,
    until: Instant,
}

impl Walk<'_, '_, '_> {
    fn find(&mut self, at: usize, end: usize, message: String, hint: Option<String>) {
        if self.findings.len() >= MOST {
            return;
        }
        let place = self.document.text_pos_at(at);
        self.findings.push(Finding {
            line: place.row as usize,
            column: place.col as usize,
            bytes: at..end,
            severity: Severity::Error,
            message,
            hint,
        });
    }

    /// Reads an element; gives what may come after it. After something wrong it goes on as if it had not been there.
    fn element(&mut self, node: Node<'_, '_>, before: Id, earlier: &[&str]) -> Id {
        let (ns, local) = (
            node.tag_name().namespace().unwrap_or(""),
            node.tag_name().name(),
        );
        let mut now = self.patterns.open(before, ns, local);
        if now == NOT_ALLOWED {
            let offered = self.patterns.offered(before, false);
            let parent = parent_name(node);
            let message = if earlier.contains(&local) {
                format!("a second <{local}> is not allowed{parent}")
            } else if offered.is_empty() {
                format!("<{local}> is not allowed{parent}, which holds no elements")
            } else {
                format!("<{local}> is not allowed{parent} here")
            };
            let range = node.range();
            let hint = among(&offered, local, earlier, |name| format!("<{name}>"));
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
        let mut seen: Vec<&str> = Vec::new();
        let has_elements = node.children().any(|child| child.is_element());
        let wrong_before = self.findings.len();
        if has_elements {
            for child in node.children() {
                if self.findings.len() >= MOST || Instant::now() > self.until {
                    return self.skip(before, ns, local);
                }
                if child.is_element() {
                    let name = child.tag_name();
                    let ns = name.namespace().unwrap_or("");
                    let fits = self.patterns.open(inside, ns, name.name()) != NOT_ALLOWED;
                    inside = self.element(child, inside, &seen);
                    if fits && !seen.contains(&name.name()) {
                        seen.push(name.name());
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
        if self.findings.len() == wrong_before && Instant::now() <= self.until {
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
    if let Some(near) = nearest(wrong, known) {
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
