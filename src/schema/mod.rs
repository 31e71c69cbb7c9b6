//! Whether a text is what libvirt takes: well-formed, and valid against libvirt's own schemas; and if not, where and why.
//!
//! The verdict is libxml2's, which libvirt itself validates with. Its messages are often vague ("Extra element devices in
//! interleave"), so what is really at fault is found by a walk of our own over the same grammar.

mod checker;
mod complete;
mod cursor;
mod datatype;
mod facts;
mod ffi;
mod form;
mod grammar;
mod limits;
mod locate;
mod patience;
mod pattern;
mod sections;

use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use roxmltree::{Document, ParsingOptions};

pub use checker::Checker;
pub use complete::{Help, HelpName, Offer, OfferKind, Offers};
pub use facts::{Facts, PciDevice};

use ffi::{Message, ParsedDocument, Validator};
use grammar::Grammar;
use patience::Patience;
use pattern::Patterns;

use crate::text::nearest;

/// Where libvirt installs its schemas.
pub const FOLDER: &str = "/usr/share/libvirt/schemas";

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// libvirt refuses it, or silently drops what it does not know.
    Error,
    /// It is accepted, and may not be what is meant.
    Warning,
}

impl Severity {
    /// Its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// Something about a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Where in the text it stands, to be underlined.
    pub bytes: Range<usize>,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong. It quotes the text, untrusted.
    pub message: String,
    /// What would have been right.
    pub hint: Option<String>,
}

/// What came of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Kind of the document, by its root element: `domain`, `network`, ...
    pub kind: Option<&'static str>,
    /// What was found, in the order of the text.
    pub findings: Vec<Finding>,
    /// Why it was not validated, though it may be well-formed.
    pub unchecked: Option<String>,
}

impl Checked {
    /// Whether nothing speaks against it.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.findings
            .iter()
            .all(|finding| finding.severity != Severity::Error)
    }
}

/// Nodes of a document that libxml2 is not asked about.
const HUGE_ELEMENTS: usize = 20_000;
/// Bytes of a text or a value that makes a document such.
const HUGE_TEXT: usize = 64 * 1024;
/// How long our own walk of such a document may take.
const HUGE_PATIENCE: Duration = Duration::from_millis(550);

/// Root elements and the files of their schemas.
const KINDS: &[(&str, &str)] = &[
    ("domain", "domain.rng"),
    ("network", "network.rng"),
    ("pool", "storagepool.rng"),
    ("volume", "storagevol.rng"),
    ("domainsnapshot", "domainsnapshot.rng"),
    ("domaincheckpoint", "domaincheckpoint.rng"),
    ("domainbackup", "domainbackup.rng"),
    ("filter", "nwfilter.rng"),
    ("filterbinding", "nwfilterbinding.rng"),
    ("secret", "secret.rng"),
    ("interface", "interface.rng"),
    ("device", "nodedev.rng"),
    ("networkport", "networkport.rng"),
    ("cpu", "cpu.rng"),
    ("capabilities", "capability.rng"),
    ("domainCapabilities", "domaincaps.rng"),
    ("storagepoolCapabilities", "storagepoolcaps.rng"),
];

/// The schemas of a folder, each read when it is first needed.
pub struct Schemas {
    folder: PathBuf,
    validators: HashMap<&'static str, Result<Validator, String>>,
    grammars: HashMap<&'static str, Result<Grammar, String>>,
}

impl Default for Schemas {
    fn default() -> Self {
        Self::new(FOLDER)
    }
}

impl Schemas {
    /// Those of a folder.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            validators: HashMap::new(),
            grammars: HashMap::new(),
        }
    }

    /// Checks a document of whatever kind. Takes milliseconds for a domain, after some ten for its schema; not for the
    /// thread of the screen.
    pub fn check(&mut self, bytes: &[u8]) -> Checked {
        let mut checked = Checked {
            kind: None,
            findings: Vec::new(),
            unchecked: None,
        };
        let (text, whole) = match limits::accept(bytes) {
            Ok(accepted) => accepted,
            Err((at, message)) => {
                let (line, column) = limits::place(bytes, at);
                checked
                    .findings
                    .push(error(line, column, at..at + 1, message));
                return checked;
            }
        };
        let document = match ParsedDocument::read(&whole) {
            Ok(document) => document,
            Err(messages) => {
                checked.findings = form::malformed(text, &messages);
                return checked;
            }
        };
        let options = ParsingOptions {
            allow_dtd: true,
            ..ParsingOptions::default()
        };
        // A byte order mark is no part of the document.
        let (tree, trouble) = match Document::parse_with_options(text, options) {
            Ok(tree) => (Some(tree), None),
            Err(trouble) => (None, Some(trouble)),
        };
        let root = match &tree {
            Some(tree) => tree.root_element().tag_name().name().to_owned(),
            None => root_of(text),
        };
        let Some((kind, file)) = KINDS.iter().find(|(kind, _)| *kind == root) else {
            let at = text.find(&format!("<{root}")).unwrap_or(0);
            let (line, column) = limits::place(bytes, at);
            let shown: String = root.chars().take(100).collect();
            let message = format!("<{shown}> is no root element that libvirt knows");
            let mut finding = error(line, column, at..at + 1 + root.len(), message);
            let kinds = KINDS.iter().map(|(kind, _)| *kind);
            finding.hint = Some(match nearest(&root, kinds) {
                Some(kind) => format!("did you mean <{kind}>?"),
                None => "expected <domain>, <network>, <pool>, <volume> and the like".to_owned(),
            });
            checked.findings.push(finding);
            return checked;
        };
        checked.kind = Some(kind);
        let path = self.folder.join(file);
        if let Some(tree) = tree.as_ref().filter(|tree| is_huge(tree)) {
            return self.check_huge(tree, kind, &path);
        }
        let validator = self
            .validators
            .entry(kind)
            .or_insert_with(|| load_validator(&path));
        let messages = match validator {
            Err(why) => {
                checked.unchecked = Some(why.clone());
                return checked;
            }
            Ok(validator) => match validator.validate(&document) {
                Ok(()) => return checked,
                Err(messages) => messages,
            },
        };
        if let Some(tree) = &tree {
            let grammar = self
                .grammars
                .entry(kind)
                .or_insert_with(|| Grammar::load(&path));
            if let Ok(grammar) = grammar {
                let mut patterns = Patterns::new(grammar);
                let patience = Patience::of_this_thread(locate::PATIENCE);
                checked.findings = locate::locate(tree, &mut patterns, patience).findings;
            }
        }
        if let Some(roxmltree::Error::UnknownNamespace(prefix, place)) = trouble {
            // libxml2 takes it for a part of the name, which the schema does not know.
            let (line, column) = (place.row as usize, place.col as usize);
            let at = line_start(text, line);
            let message = format!("the prefix '{prefix}' stands for no namespace");
            let mut finding = error(line, column, at..at + 1, message);
            finding.hint = Some(format!("declare it by xmlns:{prefix}='…'"));
            checked.findings.push(finding);
        }
        if checked.findings.is_empty()
            && let Some((at, name)) = limits::external(text)
        {
            let (line, column) = limits::place(bytes, at);
            let message = format!("the entity '{name}' stands for a file, which is never read");
            let end = at + name.len() + 2;
            checked.findings.push(error(line, column, at..end, message));
        }
        if checked.findings.is_empty() {
            checked.findings.push(invalid(text, &messages));
        }
        checked
    }

    /// The verdict of our own walk alone, which agrees with libxml2's wherever both come to one.
    fn check_huge(&mut self, tree: &Document<'_>, kind: &'static str, path: &Path) -> Checked {
        let mut checked = Checked {
            kind: Some(kind),
            findings: Vec::new(),
            unchecked: None,
        };
        let patience = Patience::of_this_thread(HUGE_PATIENCE);
        let grammar = self
            .grammars
            .entry(kind)
            .or_insert_with(|| Grammar::load(path));
        match grammar {
            Err(why) => {
                checked.unchecked = Some(format!(
                    "there is no schema to be used ({why}): the document is well-formed, no more is known"
                ));
            }
            Ok(grammar) => {
                let walk = locate::locate(tree, &mut Patterns::new(grammar), patience);
                if !walk.is_whole && walk.findings.is_empty() {
                    let limit = HUGE_PATIENCE.as_millis();
                    let why = format!("it takes longer than {limit} ms to validate");
                    checked.unchecked = Some(why);
                }
                checked.findings = walk.findings;
            }
        }
        checked
    }
}

/// Whether libxml2 would take too long: the square of the elements in any order, and regular expressions over megabytes.
fn is_huge(tree: &Document<'_>) -> bool {
    let root = tree.root_element();
    root.descendants().nth(HUGE_ELEMENTS).is_some()
        || root.descendants().any(|node| {
            let long = |text: &str| text.len() > HUGE_TEXT;
            node.attributes().any(|attribute| long(attribute.value()))
                || (node.is_text() && node.text().is_some_and(long))
        })
}

fn load_validator(path: &Path) -> Result<Validator, String> {
    if !path.is_file() {
        return Err(format!(
            "there is no schema {}: the document is well-formed, no more is known",
            path.display()
        ));
    }
    Validator::load(path).map_err(|messages| {
        let why = messages.first().map_or("", |message| message.text.as_str());
        format!("the schema {} cannot be read: {why}", path.display())
    })
}

fn error(line: usize, column: usize, bytes: Range<usize>, message: String) -> Finding {
    Finding {
        line,
        column,
        bytes,
        severity: Severity::Error,
        message,
        hint: None,
    }
}

/// What libxml2 says itself, when our own walk finds nothing: the most telling of its messages.
fn invalid(text: &str, messages: &[Message]) -> Finding {
    if let Some(found) = misplaced(text, messages) {
        return found;
    }
    let vague = |message: &Message| {
        message.line == 0
            || message.text.contains("interleave")
            || message.text.contains("failed to validate")
    };
    let chosen = messages
        .iter()
        .find(|message| !vague(message))
        .or_else(|| messages.iter().find(|message| message.line > 0))
        .or(messages.first());
    match chosen {
        Some(message) => {
            let line = message.line.max(1);
            let at = line_start(text, line);
            error(line, 1, at..at + 1, message.text.clone())
        }
        None => error(
            1,
            1,
            0..1,
            "the document does not fit the schema".to_owned(),
        ),
    }
}

/// An element that the schema allows, but libxml2 not at its place: it takes what stands together in the schema for what must
/// stand together in the document.
fn misplaced(text: &str, messages: &[Message]) -> Option<Finding> {
    let (at, name) = messages.iter().enumerate().find_map(|(at, message)| {
        let name = message.text.strip_prefix("Extra element ")?;
        Some((at, name.strip_suffix(" in interleave")?))
    })?;
    let mut lines = messages[at..].iter().map(|message| message.line);
    let start = line_start(text, lines.find(|line| *line > 0)?);
    let tag = format!("<{name}");
    let at = start + text[start..].find(&tag)?;
    let (line, column) = limits::place(text.as_bytes(), at);
    let message = format!("<{name}> is not allowed at this place");
    let mut finding = error(line, column, at..at + tag.len(), message);
    if matches!(name, "name" | "uuid" | "genid") {
        let hint = "libvirt wants <name>, <uuid> and <genid> right behind each other";
        finding.hint = Some(hint.to_owned());
    }
    Some(finding)
}

fn line_start(text: &str, line: usize) -> usize {
    if line <= 1 {
        return 0;
    }
    text.match_indices('\n')
        .nth(line - 2)
        .map_or(text.len(), |(at, _)| at + 1)
}

/// The name of the root element of a text that libxml2 reads and roxmltree does not.
fn root_of(text: &str) -> String {
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        if rest.starts_with(['?', '!']) {
            continue;
        }
        return rest
            .chars()
            .take_while(|c| !c.is_whitespace() && !matches!(c, '>' | '/'))
            .collect();
    }
    String::new()
}

#[cfg(test)]
mod agreement_tests;
#[cfg(test)]
mod complete_tests;
