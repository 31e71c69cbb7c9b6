//! What is wrong with a line.

use super::{Command, Opt};

/// What is wrong with a line: each names the word, and the nearest that is right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WordError {
    /// A quote is not closed.
    #[error("the quote {0} is not closed")]
    Open(char),
    /// Nothing follows a `\`.
    #[error("a \\ stands at the end: type the character it is for, or two of them")]
    Dangling,
    /// More than one command.
    #[error("one command at a time: a ; that belongs to a name stands in quotes")]
    Several,
    /// There is nothing but blanks.
    #[error("there is no command")]
    Empty,
    /// A word that is no command.
    #[error("there is no command '{word}'{}", meant(.nearest.as_deref()))]
    Command {
        /// The word.
        word: String,
        /// The command it may have meant.
        nearest: Option<String>,
    },
    /// An option that the command does not have.
    #[error("{} has no option --{word}{}", .command.name, meant(.nearest.as_ref().map(|name| format!("--{name}")).as_deref()))]
    Option {
        /// The command.
        command: &'static Command,
        /// The word without its dashes.
        word: String,
        /// The option it may have meant.
        nearest: Option<&'static str>,
    },
    /// An option given twice.
    #[error("--{} is given twice", .0.name)]
    Twice(&'static Opt),
    /// An option whose value is missing.
    #[error("--{} needs a value: {}", .0.name, .0.doc)]
    NoValue(&'static Opt),
    /// A value for an option that takes none.
    #[error("--{} takes no value", .0.name)]
    Unwanted(&'static Opt),
    /// One word too many.
    #[error("'{word}' is one word too many: {}", .command.usage())]
    Surplus {
        /// The command.
        command: &'static Command,
        /// The word.
        word: String,
    },
    /// Something that must be given is not.
    #[error("{} needs {}: {}", .command.name, .option.placeholder(), .command.usage())]
    Missing {
        /// The command.
        command: &'static Command,
        /// What is missing.
        option: &'static Opt,
    },
    /// A value that is none of those possible.
    #[error("'{word}' is no {}: it is one of {}{}", .option.name, .option.placeholder().replace('|', ", "), meant(.nearest.as_deref()))]
    Choice {
        /// For which option.
        option: &'static Opt,
        /// The word.
        word: String,
        /// The value it may have meant.
        nearest: Option<String>,
    },
    /// A value that is wrong in another way, in words.
    #[error("{0}")]
    Value(String),
    /// Options that exclude each other.
    #[error("--{0} and --{1} exclude each other")]
    Both(&'static str, &'static str),
    /// `-c` without a name behind it.
    #[error("-c needs the name or the URI of a host")]
    NoHost,
}

fn meant(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |word| format!(" (did you mean {word}?)"))
}
