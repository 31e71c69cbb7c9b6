//! Words matched to the options of a command, as virsh matches them.

use super::error::WordError;
use super::{COMMANDS, Command, Kind, Need, Opt, Words, split};
use crate::text::nearest;

/// A command with what was given to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// The host behind `-c`, where one is named.
    pub host: Option<String>,
    /// Which command.
    pub command: &'static Command,
    /// Options with their values; flags have none. In the order of the table.
    values: Vec<(&'static Opt, Option<String>)>,
}

impl Given {
    /// Nothing given yet.
    #[must_use]
    pub fn new(command: &'static Command) -> Self {
        Self {
            host: None,
            command,
            values: Vec::new(),
        }
    }

    /// The value of an option.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values
            .iter()
            .find(|(option, _)| option.name == name)
            .and_then(|(_, value)| value.as_deref())
    }

    /// All values of an option that may be given several times.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.value(name)
            .into_iter()
            .flat_map(|value| value.split('\n'))
    }

    /// Whether an option is given.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.values.iter().any(|(option, _)| option.name == name)
    }

    /// The domain, where one is named.
    #[must_use]
    pub fn domain(&self) -> Option<&str> {
        self.values
            .iter()
            .find(|(option, _)| option.kind == Kind::Domain)
            .and_then(|(_, value)| value.as_deref())
    }

    /// What the command is about, where that is named: a domain, a network, a filter, an interface.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.values
            .iter()
            .find(|(option, _)| option.kind.is_subject())
            .and_then(|(_, value)| value.as_deref())
    }

    /// Options and values as they are given.
    pub fn values(&self) -> impl Iterator<Item = (&'static Opt, Option<&str>)> {
        self.values
            .iter()
            .map(|(option, value)| (*option, value.as_deref()))
    }

    /// Gives an option.
    ///
    /// # Errors
    /// [`WordError::Twice`].
    fn set(&mut self, option: &'static Opt, value: Option<String>) -> Result<(), WordError> {
        if let Some((_, earlier)) = self.values.iter_mut().find(|(known, _)| *known == option) {
            return match (option.need, earlier, value) {
                (Need::Rest, Some(earlier), Some(value)) => {
                    earlier.push(' ');
                    earlier.push_str(&value);
                    Ok(())
                }
                (Need::Many, Some(earlier), Some(value)) => {
                    earlier.push('\n');
                    earlier.push_str(&value);
                    Ok(())
                }
                _ => Err(WordError::Twice(option)),
            };
        }
        self.values.push((option, value));
        Ok(())
    }

    /// Gives `words`, which stand without the name of an option, to what of the table is left. Too few for all that is
    /// required means that the domain is left out, where that is allowed.
    ///
    /// # Errors
    /// One word too many, or something that is missing.
    pub fn place(&mut self, words: Vec<String>, implied: bool) -> Result<(), WordError> {
        let left: Vec<&'static Opt> = self
            .command
            .options
            .iter()
            .filter(|option| option.takes_value() && !self.has(option.name))
            .filter(|option| option.need != Need::Many)
            .collect();
        let required = left
            .iter()
            .filter(|option| option.need == Need::Required)
            .count();
        let without_domain = implied && words.len() < required;
        let mut places = left
            .into_iter()
            .filter(|option| !(without_domain && option.kind.is_subject()));
        let mut place = places.next();
        // As virsh: what may be given several times takes all that is left.
        let many = (self.command.options.iter()).find(|option| option.need == Need::Many);
        for word in words {
            let Some(option) = place.or(many) else {
                return Err(WordError::Surplus {
                    command: self.command,
                    word,
                });
            };
            self.set(option, Some(word))?;
            if option.need != Need::Rest && option.need != Need::Many {
                place = places.next();
            }
        }
        let missing = self.command.options.iter().find(|option| {
            option.need == Need::Required
                && !self.has(option.name)
                && !(implied && option.kind.is_subject())
        });
        if let Some(option) = missing {
            return Err(WordError::Missing {
                command: self.command,
                option,
            });
        }
        let order = |option: &Opt| {
            self.command
                .options
                .iter()
                .position(|known| known == option)
        };
        self.values.sort_by_key(|(option, _)| order(option));
        self.check()
    }

    /// Values that can be told wrong without asking a host.
    fn check(&self) -> Result<(), WordError> {
        for (option, value) in self.values() {
            let Some(value) = value else { continue };
            match option.kind {
                Kind::Choice(words) if !words.contains(&value) => {
                    return Err(WordError::Choice {
                        option,
                        word: value.to_owned(),
                        nearest: nearest(value, words.iter().copied()).map(str::to_owned),
                    });
                }
                Kind::Size => {
                    super::kib(value).map_err(WordError::Value)?;
                }
                Kind::Bytes => {
                    super::bytes(value).map_err(WordError::Value)?;
                }
                Kind::Count => {
                    self.count(option.name)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The value of an option that takes a number.
    ///
    /// # Errors
    /// When it is none.
    pub fn count(&self, name: &str) -> Result<Option<u32>, WordError> {
        let Some(value) = self.value(name) else {
            return Ok(None);
        };
        value.parse().map(Some).map_err(|_| {
            WordError::Value(format!(
                "'{value}' is no number for {name}: write it in digits"
            ))
        })
    }

    /// Gives an option by its name, as `--name` or `--name=value` do.
    ///
    /// # Errors
    /// When the command does not have it, or not so.
    pub fn name(&mut self, name: &str, value: Option<String>) -> Result<(), WordError> {
        let option = option(self.command, name)?;
        match (option.takes_value(), value) {
            (false, Some(_)) => Err(WordError::Unwanted(option)),
            (true, None) => Err(WordError::NoValue(option)),
            (_, value) => self.set(option, value),
        }
    }
}

/// The command of this name.
///
/// # Errors
/// Names the nearest.
pub fn command(name: &str) -> Result<&'static Command, WordError> {
    COMMANDS
        .iter()
        .find(|command| command.name == name)
        .ok_or_else(|| WordError::Command {
            word: name.to_owned(),
            nearest: nearest(name, COMMANDS.iter().map(|command| command.name)).map(str::to_owned),
        })
}

fn option(command: &'static Command, name: &str) -> Result<&'static Opt, WordError> {
    command.option(name).ok_or_else(|| WordError::Option {
        command,
        word: name.to_owned(),
        nearest: nearest(name, command.options.iter().map(|option| option.name)),
    })
}

/// Reads a line: `[virsh] [-c HOST] COMMAND [--option [VALUE] | --option=VALUE | WORD]... [-- WORD...]`.
///
/// # Errors
/// The first thing that is wrong, naming the word.
pub fn parse(line: &str) -> Result<Given, WordError> {
    let Words { list, open, cut } = split(line);
    match open {
        Some('\\') => return Err(WordError::Dangling),
        Some(quote) => return Err(WordError::Open(quote)),
        None if cut.is_some() => return Err(WordError::Several),
        None => {}
    }
    let words: Vec<String> = list.into_iter().map(|word| word.text).collect();
    let (host, words) = prefix(&words)?;
    let Some((name, words)) = words.split_first() else {
        return Err(WordError::Empty);
    };
    let mut given = Given::new(command(name)?);
    given.host = host;
    let mut plain = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.strip_prefix("--") {
            Some("") => {
                plain.extend(words.by_ref().cloned());
            }
            Some(long) if long.starts_with(|c: char| c.is_ascii_alphanumeric()) => {
                let (name, value) = match long.split_once('=') {
                    Some((name, value)) => (name, Some(value.to_owned())),
                    None => (long, None),
                };
                let takes = option(given.command, name)?.takes_value();
                let value = match value {
                    None if takes => words.next().cloned(),
                    value => value,
                };
                given.name(name, value)?;
            }
            _ => plain.push(word.clone()),
        }
    }
    given.place(plain, true)?;
    Ok(given)
}

/// The host that a line names behind `-c`, however unfinished the rest of it is.
#[must_use]
pub fn host_of(line: &str) -> Option<String> {
    let words: Vec<String> = split(line).list.into_iter().map(|word| word.text).collect();
    prefix(&words).ok()?.0
}

/// Takes `virsh` and its `-c` off, so that a line that was shown can be pasted.
pub(super) fn prefix(words: &[String]) -> Result<(Option<String>, &[String]), WordError> {
    let mut rest = words;
    if let Some((first, others)) = rest.split_first()
        && matches!(first.as_str(), "virsh" | "virtty")
    {
        rest = others;
    }
    let mut host = None;
    while let Some((first, others)) = rest.split_first() {
        match first.as_str() {
            "-c" | "--connect" => {
                let (value, others) = others.split_first().ok_or(WordError::NoHost)?;
                host = Some(value.clone());
                rest = others;
            }
            "-q" | "--quiet" => rest = others,
            first => match first.strip_prefix("--connect=") {
                Some(value) => {
                    host = Some(value.to_owned());
                    rest = others;
                }
                None => break,
            },
        }
    }
    Ok((host, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> String {
        parse(text).map_or_else(|error| format!("! {error}"), |given| given.line())
    }

    #[test]
    fn lines_are_read_as_virsh_reads_them() {
        for (text, expected) in [
            (
                "shutdown web1 --mode agent",
                "shutdown --mode agent -- web1",
            ),
            (
                "shutdown --mode=agent web1",
                "shutdown --mode agent -- web1",
            ),
            ("shutdown web1 agent", "shutdown --mode agent -- web1"),
            ("shutdown --domain web1", "shutdown -- web1"),
            ("setmem db1 2G --live", "setmem --live -- db1 2G"),
            ("setmem --size 2G --domain db1", "setmem -- db1 2G"),
            ("setmem --size 2G db1", "setmem -- db1 2G"),
            ("destroy -- --all", "destroy -- --all"),
            ("destroy -rf", "destroy -- -rf"),
            ("desc web1 a new text", "desc -- web1 'a new text'"),
            ("desc web1 --title 'a b'", "desc --title -- web1 'a b'"),
            (
                "virsh -c qemu:///system start -- 'my web'",
                "-c qemu:///system start -- 'my web'",
            ),
            // Without a domain.
            ("shutdown --mode agent", "shutdown --mode agent"),
            ("setmem 2G --live", "setmem --size 2G --live"),
            ("domrename web2", "domrename --new-name web2"),
            ("suspend", "suspend"),
        ] {
            assert_eq!(line(text), expected, "{text}");
        }
    }

    #[test]
    fn errors_name_the_word_and_what_may_have_been_meant() {
        for (text, parts) in [
            ("", &["no command"][..]),
            ("shutdwon web1", &["'shutdwon'", "did you mean shutdown?"]),
            (
                "shutdown web1 --moed agent",
                &["--moed", "did you mean --mode?"],
            ),
            (
                "shutdown web1 --mode agnet",
                &["'agnet'", "did you mean agent?"],
            ),
            ("shutdown web1 --mode", &["--mode needs a value"]),
            ("autostart web1 --disable=no", &["--disable takes no value"]),
            (
                "shutdown web1 --mode acpi --mode acpi",
                &["--mode is given twice"],
            ),
            (
                "suspend web1 web2",
                &["'web2' is one word too many", "suspend DOMAIN"],
            ),
            ("setmem", &["setmem needs SIZE"]),
            ("setmem web1 2X", &["'2X'", "2G"]),
            ("setvcpus web1 two", &["'two'", "digits"]),
            ("start 'web1", &["quote '"]),
            ("start web1\\", &["two of them"]),
            ("start a; start b", &["one command at a time"]),
            ("-c", &["-c needs"]),
        ] {
            let error = parse(text).unwrap_err().to_string();
            for part in parts {
                assert!(error.contains(part), "{text}: {error}");
            }
        }
    }
}
