//! Values such as `size=20,pool=default`, shaped as virt-install's: words parted by commas, a comma within a value written
//! twice.

use std::fmt;

use super::further::{Places, Setting};
use crate::text::{nearest, visible};

/// What is wrong with the value of an option, in words for the one who typed it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{option} {message}")]
pub struct Invalid {
    /// The option, such as `--disk`.
    pub option: &'static str,
    /// What is wrong, naming the word.
    pub message: String,
}

/// The words of one value, taken out one by one; what is left at the end is not known.
#[derive(Debug)]
pub struct Suboptions {
    option: &'static str,
    words: Vec<(String, Option<String>)>,
    known: Vec<&'static str>,
}

impl Suboptions {
    /// Reads `text`, the value of `option`. Words are counted from one in messages.
    ///
    /// # Errors
    /// An empty word or one that stands twice.
    pub fn read(option: &'static str, text: &str) -> Result<Self, Invalid> {
        let mut words: Vec<(String, Option<String>)> = Vec::new();
        for word in split(text) {
            let (key, value) = match word.split_once('=') {
                Some((key, value)) => (key.to_owned(), Some(value.to_owned())),
                None => (word, None),
            };
            if key.is_empty() {
                return Err(Invalid {
                    option,
                    message: format!("{}: a word is missing between commas", visible(text)),
                });
            }
            if words.iter().any(|(other, _)| *other == key) {
                return Err(Invalid {
                    option,
                    message: format!("{} stands twice", visible(&key)),
                });
            }
            words.push((key, value));
        }
        Ok(Self {
            option,
            words,
            known: Vec::new(),
        })
    }

    /// The first word when it has no `=`: the value that needs no name.
    pub fn first(&mut self) -> Option<String> {
        match self.words.first() {
            Some((_, None)) => Some(self.words.remove(0).0),
            _ => None,
        }
    }

    /// All words without `=`, in their order.
    pub fn bare(&mut self) -> Vec<String> {
        let (bare, named) = std::mem::take(&mut self.words)
            .into_iter()
            .partition(|(_, value)| value.is_none());
        self.words = named;
        bare.into_iter().map(|(key, _)| key).collect()
    }

    /// Takes the value of `key`.
    pub fn take(&mut self, key: &'static str) -> Option<String> {
        self.known.push(key);
        let at = self
            .words
            .iter()
            .position(|(name, value)| name == key && value.is_some())?;
        self.words.remove(at).1
    }

    /// Takes a yes or no.
    ///
    /// # Errors
    /// Another word.
    pub fn take_switch(&mut self, key: &'static str) -> Result<Option<bool>, Invalid> {
        match self.take(key).as_deref() {
            None => Ok(None),
            Some("yes" | "on" | "true" | "1") => Ok(Some(true)),
            Some("no" | "off" | "false" | "0") => Ok(Some(false)),
            Some(other) => Err(self.wrong(format!("{key}={}: yes or no", visible(other)))),
        }
    }

    /// Takes a whole number within bounds.
    ///
    /// # Errors
    /// Something else, with the bounds.
    pub fn take_number(
        &mut self,
        key: &'static str,
        bounds: std::ops::RangeInclusive<u64>,
    ) -> Result<Option<u64>, Invalid> {
        let Some(text) = self.take(key) else {
            return Ok(None);
        };
        match text.parse() {
            Ok(number) if bounds.contains(&number) => Ok(Some(number)),
            _ => Err(self.wrong(format!(
                "{key}={}: a whole number from {} to {}",
                visible(&text),
                bounds.start(),
                bounds.end()
            ))),
        }
    }

    /// Whether there is a value of `key`, which is left.
    pub fn has(&self, key: &str) -> bool {
        self.words
            .iter()
            .any(|(name, value)| name == key && value.is_some())
    }

    /// Whether `key` has this value, which is left.
    pub fn has_value(&self, key: &str, wanted: &str) -> bool {
        let mut words = self.words.iter();
        words.any(|(name, value)| name == key && value.as_deref() == Some(wanted))
    }

    /// All that nobody took.
    pub fn rest(&mut self) -> Vec<(String, Option<String>)> {
        std::mem::take(&mut self.words)
    }

    /// What is left as places below an element of the domain, by libvirt's schema. `short` are words for some of them.
    ///
    /// # Errors
    /// A word that is neither known nor such a place, with the one that is nearest.
    pub(super) fn further(
        mut self,
        base: &[&str],
        short: &[(&'static str, &str)],
    ) -> Result<Vec<Setting>, Invalid> {
        let words = self.rest();
        if words.is_empty() {
            return Ok(Vec::new());
        }
        let mut places = Places::below(self.option, base);
        let mut settings = Vec::new();
        for (key, value) in words {
            let misspelt = |known: &[&'static str]| nearest(&key, known.iter().copied());
            match places.find(&key, value.as_deref(), short) {
                Ok(setting) => settings.push(setting),
                Err(error)
                    if misspelt(&self.known).is_none() && !self.known.contains(&key.as_str()) =>
                {
                    return Err(error);
                }
                Err(_) => {
                    self.words = vec![(key, value)];
                    self.finish()?;
                    break;
                }
            }
        }
        Ok(settings)
    }

    /// An error about this option.
    pub fn wrong(&self, message: impl Into<String>) -> Invalid {
        Invalid {
            option: self.option,
            message: message.into(),
        }
    }

    /// All has been taken.
    ///
    /// # Errors
    /// A word that nobody took, with the known one that is nearest.
    pub fn finish(self) -> Result<(), Invalid> {
        let Some((key, value)) = self.words.first() else {
            return Ok(());
        };
        let mut message = format!("does not take '{}'", visible(key));
        if value.is_none() && self.known.contains(&key.as_str()) {
            message = format!("wants a value for {key}: {key}=…");
        } else if let Some(meant) = nearest(key, self.known.iter().copied()) {
            message.push_str(&format!("; did you mean '{meant}'?"));
        } else if !self.known.is_empty() {
            message.push_str(&format!("; it takes {}", self.known.join(", ")));
        }
        Err(self.wrong(message))
    }
}

/// Words between single commas; two commas are one within a word.
fn split(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let last = words.len() - 1;
        if letter != ',' {
            words[last].push(letter);
        } else if letters.next_if_eq(&',').is_some() {
            words[last].push(',');
        } else {
            words.push(String::new());
        }
    }
    words
}

/// Writes such a value.
#[derive(Debug, Default)]
pub struct Written(Vec<String>);

impl Written {
    /// Begins with a word without a name.
    pub fn new(first: &str) -> Self {
        Self(vec![doubled(first)])
    }

    /// Begins with nothing.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Adds `key=value`.
    pub fn with(mut self, key: &str, value: impl fmt::Display) -> Self {
        self.0
            .push(format!("{key}={}", doubled(&value.to_string())));
        self
    }

    /// Adds `key=value` where there is a value.
    pub fn maybe(self, key: &str, value: Option<impl fmt::Display>) -> Self {
        match value {
            Some(value) => self.with(key, value),
            None => self,
        }
    }

    /// Adds what settings were asked for with.
    pub fn settings(self, settings: &[Setting]) -> Self {
        let asked = settings.iter().map(|setting| setting.word.as_str());
        asked.filter(|word| !word.is_empty()).fold(self, Self::word)
    }

    /// Adds a word.
    pub fn word(mut self, word: &str) -> Self {
        self.0.push(doubled(word));
        self
    }

    /// The value.
    pub fn text(&self) -> String {
        self.0.join(",")
    }
}

fn doubled(text: &str) -> String {
    text.replace(',', ",,")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_are_taken_by_name() {
        let mut words = Suboptions::read("--disk", "size=20,pool=fast,sparse=no").unwrap();
        assert_eq!(words.first(), None);
        assert_eq!(words.take("pool").as_deref(), Some("fast"));
        assert_eq!(words.take_switch("sparse"), Ok(Some(false)));
        assert_eq!(words.take_number("size", 1..=100), Ok(Some(20)));
        words.finish().unwrap();
    }

    #[test]
    fn what_is_wrong_is_named() {
        let wrong = |text: &str| {
            let mut words = Suboptions::read("--disk", text)?;
            words.take_number("size", 1..=100)?;
            words.finish()
        };
        let message = |text| wrong(text).unwrap_err().to_string();
        assert_eq!(
            message("sise=3"),
            "--disk does not take 'sise'; did you mean 'size'?"
        );
        assert_eq!(message("size"), "--disk wants a value for size: size=…");
        assert_eq!(
            message("size=0"),
            "--disk size=0: a whole number from 1 to 100"
        );
        assert_eq!(message("size=1,size=2"), "--disk size stands twice");
        assert!(message("size=1,,").contains("size=1,"));
        assert!(message("size=1,").contains("missing between commas"));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(first in "[a-z/,=]{0,8}[a-z]", value in ".{0,12}") {
            prop_assume!(!first.contains('='));
            let text = Written::new(&first).with("key", &value).text();
            // A value that begins with a comma cannot be told from the comma before it; none such is ever written
            // behind a comma, since "=" stands between.
            let mut words = Suboptions::read("--x", &text).unwrap();
            prop_assert_eq!(words.first(), Some(first));
            prop_assert_eq!(words.take("key"), Some(value));
            prop_assert!(words.finish().is_ok());
        }
    }
}
