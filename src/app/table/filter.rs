//! What matches while one types.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32String};

use crate::app::Guest;
use crate::model::Endpoint;

/// A filter made ready to be asked about many domains.
pub(in crate::app) struct Filter {
    words: Option<Pattern>,
    port: Option<String>,
    plain: String,
    matcher: Matcher,
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
    /// `:5901` asks for ports only, `5901` for ports and names, anything else for names and titles.
    pub(in crate::app) fn new(text: &str) -> Self {
        let text = text.trim();
        let digits = text.strip_prefix(':').unwrap_or(text);
        let is_port = digits.chars().all(|c| c.is_ascii_digit()) && !text.is_empty();
        let only_port = is_port && text.starts_with(':');
        let words = (!only_port && !text.is_empty())
            .then(|| Pattern::parse(text, CaseMatching::Ignore, Normalization::Smart));
        Self {
            words,
            port: is_port.then(|| digits.to_owned()),
            plain: text.to_lowercase(),
            matcher: Matcher::new(Config::DEFAULT),
        }
    }

    /// Whether, and how well, a domain matches: by the ports of its endpoints, its name, its title.
    pub(super) fn matches(&mut self, guest: &Guest) -> Option<Match> {
        let ports = guest.endpoints().iter().flat_map(Endpoint::ports);
        let texts = [Some(guest.domain.name.as_str()), guest.title()];
        self.judge(ports, &guest.haystack, &texts)
    }

    /// Whether, and how well, something matches that has these ports and these texts, which stand in `haystack` in
    /// this order.
    pub(in crate::app) fn judge(
        &mut self,
        ports: impl Iterator<Item = u16>,
        haystack: &Utf32String,
        texts: &[Option<&str>],
    ) -> Option<Match> {
        if let Some(port) = &self.port {
            let mut begins = false;
            for candidate in ports {
                let candidate = candidate.to_string();
                if candidate == *port {
                    return Some(Match::Port);
                }
                begins |= candidate.starts_with(port.as_str());
            }
            if begins {
                return Some(Match::Scattered);
            }
        }
        let words = self.words.as_ref()?;
        words.score(haystack.slice(..), &mut self.matcher)?;
        let plain = texts
            .iter()
            .flatten()
            .any(|text| contains_ignoring_case(text, &self.plain));
        Some(if plain {
            Match::Plain
        } else {
            Match::Scattered
        })
    }
}

fn contains_ignoring_case(text: &str, lower: &str) -> bool {
    if text.is_ascii() && lower.is_ascii() {
        let (text, lower) = (text.as_bytes(), lower.as_bytes());
        return lower.is_empty()
            || text
                .windows(lower.len())
                .any(|window| window.eq_ignore_ascii_case(lower));
    }
    text.to_lowercase().contains(lower)
}
