//! What can stand where the cursor is.

use super::given::prefix;
use super::{COMMANDS, Command, Kind, Need, Opt, split};

/// What the word at the cursor can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// A command.
    Command,
    /// A host.
    Host,
    /// A value of an option of this command.
    Value(&'static Command, &'static Opt),
    /// An option of this command, one of these.
    Option(&'static Command, Vec<&'static Opt>),
    /// Nothing that could be listed.
    Nothing,
}

/// The word at the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// Where what is to be replaced begins in the line, in bytes; it ends at the cursor.
    pub start: usize,
    /// What of it is typed, quotes taken off.
    pub typed: String,
    /// What it can be.
    pub wanted: Wanted,
    /// The command that stands before it.
    pub command: Option<&'static Command>,
}

/// Looks at `line`, which ends at the cursor.
#[must_use]
pub fn completion(line: &str) -> Completion {
    let words = split(line);
    let mut list = words.list;
    let inside = words.open.is_some() || list.last().is_some_and(|word| word.end == line.len());
    let (start, typed) = match list.pop_if(|_| inside) {
        Some(word) => (word.start, word.text),
        None => (line.len(), String::new()),
    };
    let mut found = Completion {
        start,
        typed,
        wanted: Wanted::Nothing,
        command: None,
    };
    if words.cut.is_some() {
        return found;
    }
    let before: Vec<String> = list.into_iter().map(|word| word.text).collect();
    if matches!(before.last().map(String::as_str), Some("-c" | "--connect"))
        && prefix(&before).is_err()
    {
        found.wanted = Wanted::Host;
        return found;
    }
    let Ok((_, rest)) = prefix(&before) else {
        return found;
    };
    let Some((name, rest)) = rest.split_first() else {
        found.wanted = Wanted::Command;
        return found;
    };
    found.command = COMMANDS.iter().find(|command| command.name == name);
    if let Some(command) = found.command {
        within(command, rest, line, &mut found);
    }
    found
}

/// What can follow `before` in a command.
fn within(command: &'static Command, before: &[String], line: &str, found: &mut Completion) {
    let mut given: Vec<&str> = Vec::new();
    let (mut plain, mut only_words) = (0, false);
    let mut words = before.iter();
    while let Some(word) = words.next() {
        match word.strip_prefix("--") {
            Some("") if !only_words => only_words = true,
            Some(long) if !only_words => {
                let name = long.split('=').next().unwrap_or(long);
                let Some(option) = command.option(name) else {
                    continue;
                };
                given.push(option.name);
                if option.takes_value() && !long.contains('=') && words.next().is_none() {
                    found.wanted = Wanted::Value(command, option);
                    return;
                }
            }
            _ => plain += 1,
        }
    }
    let left = |option: &&'static Opt| !given.contains(&option.name);
    if !only_words && let Some(typed) = found.typed.strip_prefix("--") {
        match typed.split_once('=') {
            Some((name, value)) => {
                if let Some(option) = command.option(name).filter(|option| option.takes_value()) {
                    // The value is replaced, what stands before it stays.
                    found.start += line[found.start..].find('=').map_or(0, |at| at + 1);
                    found.typed = value.to_owned();
                    found.wanted = Wanted::Value(command, option);
                }
            }
            None => {
                let options = command.options.iter().filter(left).collect();
                found.wanted = Wanted::Option(command, options);
            }
        }
        return;
    }
    let mut places = command
        .options
        .iter()
        .filter(left)
        .filter(|option| option.takes_value() && option.need != Need::Many);
    let place = places
        .clone()
        .nth(plain)
        .or_else(|| places.rfind(|option| option.need == Need::Rest));
    let rest: Vec<_> = command
        .options
        .iter()
        .filter(left)
        .filter(|option| {
            option.kind == Kind::Flag || matches!(option.need, Need::Optional | Need::Many)
        })
        .collect();
    found.wanted = match place {
        Some(option) if option.need != Need::Optional => Wanted::Value(command, option),
        _ if only_words || rest.is_empty() => Wanted::Nothing,
        _ => Wanted::Option(command, rest),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(line: &str) -> (String, String) {
        let found = completion(line);
        let what = match found.wanted {
            Wanted::Command => "command".to_owned(),
            Wanted::Host => "host".to_owned(),
            Wanted::Value(_, option) => format!("value of {}", option.name),
            Wanted::Option(_, options) => {
                let names: Vec<_> = options.iter().map(|option| option.name).collect();
                format!("options {}", names.join(" "))
            }
            Wanted::Nothing => "nothing".to_owned(),
        };
        (line[..found.start].to_owned() + "|" + &found.typed, what)
    }

    #[test]
    fn each_place_wants_its_own() {
        for (line, typed, what) in [
            ("", "|", "command"),
            ("shu", "|shu", "command"),
            ("virsh -c ", "virsh -c |", "host"),
            ("-c kvm1 sh", "-c kvm1 |sh", "command"),
            ("shutdown ", "shutdown |", "value of domain"),
            ("shutdown 'my w", "shutdown |my w", "value of domain"),
            (
                "shutdown web ",
                "shutdown web |",
                "options mode force-after",
            ),
            (
                "shutdown web --",
                "shutdown web |--",
                "options domain mode force-after",
            ),
            (
                "shutdown web --mode ",
                "shutdown web --mode |",
                "value of mode",
            ),
            (
                "shutdown web --mode=ag",
                "shutdown web --mode=|ag",
                "value of mode",
            ),
            (
                "shutdown --mode agent ",
                "shutdown --mode agent |",
                "value of domain",
            ),
            ("setmem db ", "setmem db |", "value of size"),
            (
                "setmem db 2G ",
                "setmem db 2G |",
                "options config live current",
            ),
            (
                "setmem db 2G --live ",
                "setmem db 2G --live |",
                "options config current",
            ),
            ("reset web ", "reset web |", "nothing"),
            ("nonsense ", "nonsense |", "nothing"),
            ("start a; sta", "start a; sta|", "nothing"),
        ] {
            assert_eq!(wanted(line), (typed.to_owned(), what.to_owned()), "{line}");
        }
    }
}
