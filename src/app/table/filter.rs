//! What matches while one types: the plain words of a query, and its terms (`holds.rs`).

use nucleo_matcher::pattern::{Atom, AtomKind, CaseMatching, Normalization};
use nucleo_matcher::{Config, Matcher, Utf32String};

use super::Scene;
use super::holds::{Known, by_nic, holds};
use crate::app::Guest;
use crate::model::Endpoint;
use crate::query::{Asks, Query, Term};

/// A filter made ready to be asked about many domains.
pub(in crate::app) struct Filter {
    /// Terms that are no words, in the order of the line.
    terms: Vec<Term>,
    words: Vec<Word>,
    /// The words as they would stand in a name.
    plain: String,
    matcher: Matcher,
}

/// A plain word.
struct Word {
    negated: bool,
    atom: Atom,
    /// Digits, which may be a port.
    port: Option<String>,
    /// It asks for ports alone.
    only_port: bool,
    lower: String,
}

/// How well something matches; the better ones stand first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::app) enum Match {
    /// It owns exactly this port.
    Port,
    /// The words stand in its name or title as they were typed.
    Plain,
    /// The letters stand there in this order; or a port begins so.
    Scattered,
}

impl Filter {
    /// Of what was typed; [`Query`] says how it is read.
    pub(in crate::app) fn new(text: &str) -> Self {
        let query = Query::parse(text);
        let plain = query.phrase().to_lowercase();
        let (mut words, mut terms) = (Vec::new(), Vec::new());
        for term in query.terms {
            match &term.asks {
                Asks::Plain { word, quoted } => words.push(Word::new(word, *quoted, term.negated)),
                Asks::PortBegins(digits) => {
                    let mut word = Word::new(digits, false, term.negated);
                    word.only_port = true;
                    words.push(word);
                }
                _ => terms.push(term),
            }
        }
        Self {
            terms,
            words,
            plain,
            matcher: Matcher::new(Config::DEFAULT),
        }
    }

    /// Whether, and how well, a domain matches: by its terms, the ports of its endpoints, its name, its title, its NICs.
    pub(super) fn matches(&mut self, guest: &Guest, scene: &Scene<'_>) -> Option<Match> {
        if !self.holds(guest, scene, None) {
            return None;
        }
        let ports = || guest.endpoints().iter().flat_map(Endpoint::ports);
        let texts = [Some(guest.domain.name.as_str()), guest.title()];
        self.judge(ports, &guest.haystack, &texts, |word| by_nic(guest, word))
    }

    /// Whether the terms that are no words hold for a domain; `ports` are those asked about instead of all of its own.
    pub(in crate::app) fn holds(
        &self,
        guest: &Guest,
        scene: &Scene<'_>,
        ports: Option<&[u16]>,
    ) -> bool {
        let known = Known {
            guest,
            scene,
            ports,
        };
        self.terms
            .iter()
            .all(|term| holds(&term.asks, known) != term.negated)
    }

    /// Whether, and how well, the words match something that has these ports and these texts, which stand in
    /// `haystack` in this order, or is known by a word otherwise.
    pub(in crate::app) fn judge<I: Iterator<Item = u16>>(
        &mut self,
        ports: impl Fn() -> I,
        haystack: &Utf32String,
        texts: &[Option<&str>],
        known_by: impl Fn(&str) -> bool,
    ) -> Option<Match> {
        let mut worst = Match::Port;
        let mut fuzzy = self.words.is_empty();
        for word in &self.words {
            let by_port = word.by_port(ports());
            if word.negated {
                let found = match word.only_port {
                    true => by_port.is_some(),
                    // As it was typed: letters in their order stand in every other name.
                    false => by_port == Some(Match::Port) || contained(texts, &word.lower),
                };
                if found {
                    return None;
                }
                continue;
            }
            match by_port {
                Some(by_port) => worst = worst.max(by_port),
                None if word.only_port => return None,
                None if word
                    .atom
                    .score(haystack.slice(..), &mut self.matcher)
                    .is_some() =>
                {
                    fuzzy = true;
                }
                // Nothing is fuzzy about that.
                None if known_by(&word.lower) => worst = worst.max(Match::Plain),
                None => return None,
            }
        }
        if fuzzy {
            worst = worst.max(match contained(texts, &self.plain) {
                true => Match::Plain,
                false => Match::Scattered,
            });
        }
        Some(worst)
    }
}

impl Word {
    fn new(word: &str, quoted: bool, negated: bool) -> Self {
        let (case, normalization) = (CaseMatching::Ignore, Normalization::Smart);
        let digits = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
        Self {
            negated,
            atom: match quoted {
                true => Atom::new(word, case, normalization, AtomKind::Substring, false),
                false => Atom::parse(word, case, normalization),
            },
            port: (digits && !quoted).then(|| word.to_owned()),
            only_port: false,
            lower: word.to_lowercase(),
        }
    }

    fn by_port(&self, ports: impl Iterator<Item = u16>) -> Option<Match> {
        let wanted = self.port.as_deref()?;
        let mut begins = None;
        for port in ports {
            let port = port.to_string();
            if port == wanted {
                return Some(Match::Port);
            }
            if port.starts_with(wanted) {
                begins = Some(Match::Scattered);
            }
        }
        begins
    }
}

/// Whether one of the texts holds this, which is in small letters.
fn contained(texts: &[Option<&str>], lower: &str) -> bool {
    let mut texts = texts.iter().flatten();
    texts.any(|text| contains_ignoring_case(text, lower))
}

/// Whether `text` holds `lower`, which is in small letters.
pub(super) fn contains_ignoring_case(text: &str, lower: &str) -> bool {
    if text.is_ascii() && lower.is_ascii() {
        let (text, lower) = (text.as_bytes(), lower.as_bytes());
        return lower.is_empty()
            || text
                .windows(lower.len())
                .any(|window| window.eq_ignore_ascii_case(lower));
    }
    text.to_lowercase().contains(lower)
}
