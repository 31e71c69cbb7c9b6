//! Commands of the user's own, `[[command]]`: a key, a label, and a program with its arguments.

use serde::Deserialize;
use toml::Spanned;

use super::ConfigError;
use crate::keymap::Key;
use crate::text::nearest;

/// Words with a `$` before them that stand in an argument for what the domain has. `$$` is a `$`.
pub const COMMAND_WORDS: [&str; 5] = ["NAME", "UUID", "URI", "HOST", "PORT"];

/// Where a command runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CommandPlace {
    /// Beside the screen, which goes on; its exit code and its last words are told.
    #[default]
    Background,
    /// In the terminal, which is taken back when the command has ended.
    Terminal,
}

/// A piece of an argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Text as it is.
    Text(String),
    /// What the domain has: an index into [`COMMAND_WORDS`].
    Word(usize),
}

/// A command of the user's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnCommand {
    /// What it is called.
    pub label: String,
    /// Its key on pages of domains.
    pub key: Option<Key>,
    /// Program and arguments, each in pieces. Never through a shell.
    pub argv: Vec<Vec<Piece>>,
    /// Where it runs.
    pub place: CommandPlace,
    /// It is asked for first.
    pub ask: bool,
}

/// As it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileCommand {
    label: Spanned<String>,
    key: Option<Spanned<String>>,
    argv: Spanned<Vec<Spanned<String>>>,
    run: Option<Spanned<String>>,
    #[serde(default)]
    ask: bool,
}

/// Checks the commands of a text: labels and keys once, a program of the user's own, known words.
pub(super) fn commands(
    text: &str,
    written: Vec<FileCommand>,
) -> Result<Vec<OwnCommand>, ConfigError> {
    let mut commands: Vec<OwnCommand> = Vec::new();
    for one in written {
        let at = one.label.span().start;
        let label = one.label.into_inner().trim().to_owned();
        if label.is_empty() {
            return Err(ConfigError::at(text, at, "a command needs a label"));
        }
        if commands.iter().any(|known| known.label == label) {
            let twice = format!("there are two commands `{label}`");
            return Err(ConfigError::at(text, at, twice));
        }
        let key = one
            .key
            .map(|key| self::key(text, &key, &commands))
            .transpose()?;
        commands.push(OwnCommand {
            label,
            key,
            argv: argv(text, one.argv)?,
            place: one
                .run
                .map_or(Ok(CommandPlace::default()), |run| place(text, &run))?,
            ask: one.ask,
        });
    }
    Ok(commands)
}

fn key(text: &str, key: &Spanned<String>, others: &[OwnCommand]) -> Result<Key, ConfigError> {
    let at = key.span().start;
    let parsed: Key = key
        .get_ref()
        .parse()
        .map_err(|error| ConfigError::at(text, at, format!("{error}")))?;
    match others.iter().find(|other| other.key == Some(parsed)) {
        Some(other) => {
            let words = format!(
                "the key `{parsed}` is that of the command `{}`",
                other.label
            );
            Err(ConfigError::at(text, at, words))
        }
        None => Ok(parsed),
    }
}

fn place(text: &str, run: &Spanned<String>) -> Result<CommandPlace, ConfigError> {
    match run.get_ref().as_str() {
        "background" => Ok(CommandPlace::Background),
        "terminal" => Ok(CommandPlace::Terminal),
        other => Err(ConfigError {
            nearest: nearest(other, ["background", "terminal"]).map(str::to_owned),
            ..ConfigError::at(
                text,
                run.span().start,
                format!("a command runs in `background` or `terminal`, not in `{other}`"),
            )
        }),
    }
}

fn argv(
    text: &str,
    written: Spanned<Vec<Spanned<String>>>,
) -> Result<Vec<Vec<Piece>>, ConfigError> {
    let whole = written.span().start;
    let mut argv = Vec::new();
    for word in written.into_inner() {
        let at = word.span().start;
        argv.push(pieces(text, at, word.get_ref())?);
    }
    match argv.first() {
        Some(program) if matches!(program.as_slice(), [Piece::Text(_)]) => Ok(argv),
        // Else a domain's name would say what runs.
        _ => Err(ConfigError::at(
            text,
            whole,
            "argv begins with the name of a program, as it is",
        )),
    }
}

fn pieces(text: &str, at: usize, word: &str) -> Result<Vec<Piece>, ConfigError> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut rest = word;
    while let Some(dollar) = rest.find('$') {
        plain.push_str(&rest[..dollar]);
        let behind = &rest[dollar + 1..];
        if let Some(after) = behind.strip_prefix('$') {
            plain.push('$');
            rest = after;
            continue;
        }
        // The longest known word: `$PORT-x` and `$PORTX` differ.
        let end = behind
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .unwrap_or(behind.len());
        let name = &behind[..end];
        let Some(which) = COMMAND_WORDS.iter().position(|known| *known == name) else {
            let known = COMMAND_WORDS.join("`, `$");
            return Err(ConfigError {
                nearest: nearest(name, COMMAND_WORDS).map(|word| format!("${word}")),
                ..ConfigError::at(
                    text,
                    at,
                    format!(
                        "`${name}` stands for nothing; there are `${known}`, and `$$` for a `$`"
                    ),
                )
            });
        };
        if !plain.is_empty() {
            pieces.push(Piece::Text(std::mem::take(&mut plain)));
        }
        pieces.push(Piece::Word(which));
        rest = &behind[end..];
    }
    plain.push_str(rest);
    if !plain.is_empty() {
        pieces.push(Piece::Text(plain));
    }
    Ok(pieces)
}

impl OwnCommand {
    /// Whether it needs one of [`COMMAND_WORDS`].
    #[must_use]
    pub fn needs(&self, word: &str) -> bool {
        let which = COMMAND_WORDS.iter().position(|known| *known == word);
        let mut pieces = self.argv.iter().flatten();
        pieces.any(|piece| matches!(piece, Piece::Word(at) if Some(*at) == which))
    }

    /// Program and arguments with these values in the places of [`COMMAND_WORDS`]. What is put in is not looked at again.
    ///
    /// # Errors
    /// A sentence, when a value is missing, or would be taken for an option: names of domains may begin with a dash.
    pub fn fill(
        &self,
        values: &[Option<String>; COMMAND_WORDS.len()],
    ) -> Result<Vec<String>, String> {
        let mut argv = Vec::new();
        for pieces in &self.argv {
            // Behind `--` there are no options any more.
            let closed = argv.iter().any(|word| word == "--");
            let mut word = String::new();
            for piece in pieces {
                match piece {
                    Piece::Text(text) => word.push_str(text),
                    Piece::Word(which) => {
                        let name = COMMAND_WORDS.get(*which).copied().unwrap_or_default();
                        let value = values.get(*which).and_then(Option::as_ref);
                        let value = value.ok_or_else(|| format!("it has no ${name}"))?;
                        if word.is_empty() && value.starts_with('-') && !closed {
                            return Err(format!(
                                "its ${name} begins with a dash and would be taken for an option"
                            ));
                        }
                        if value.contains('\0') {
                            return Err(format!("its ${name} holds a NUL"));
                        }
                        word.push_str(value);
                    }
                }
            }
            argv.push(word);
        }
        Ok(argv)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use proptest::prelude::*;

    fn parse(text: &str) -> OwnCommand {
        Config::parse(text).unwrap().commands.remove(0)
    }

    fn values(name: &str) -> [Option<String>; 5] {
        [
            Some(name.to_owned()),
            Some("u".to_owned()),
            Some("qemu:///system".to_owned()),
            Some("localhost".to_owned()),
            None,
        ]
    }

    #[test]
    fn words_are_put_in_and_nothing_else_is_looked_at() {
        let command = parse(
            "[[command]]\nlabel = \"SSH\"\nkey = \"alt-s\"\nargv = [\"ssh\", \"root@$NAME\", \"$$NAME$$\", \"\"]\n\
             run = \"terminal\"\nask = true",
        );
        assert_eq!(command.place, CommandPlace::Terminal);
        assert!(command.ask && command.needs("NAME") && !command.needs("PORT"));
        assert_eq!(command.key, Some("alt-s".parse().unwrap()));
        assert_eq!(
            command.fill(&values("$(reboot) $UUID")).unwrap(),
            ["ssh", "root@$(reboot) $UUID", "$NAME$", ""]
        );
    }

    #[test]
    fn what_is_missing_or_would_be_an_option_is_refused() {
        let port = parse("[[command]]\nlabel = \"V\"\nargv = [\"vncviewer\", \"$HOST::$PORT\"]");
        assert!(port.fill(&values("a")).unwrap_err().contains("no $PORT"));
        let name = parse("[[command]]\nlabel = \"P\"\nargv = [\"ping\", \"$NAME\"]");
        assert!(name.fill(&values("--all")).unwrap_err().contains("dash"));
        assert!(name.fill(&values("a-b")).is_ok());
        let closed = parse("[[command]]\nlabel = \"P\"\nargv = [\"ping\", \"--\", \"$NAME\"]");
        assert_eq!(closed.fill(&values("--all")).unwrap()[2], "--all");
    }

    #[test]
    fn mistakes_have_their_line() {
        for (text, line, words) in [
            ("[[command]]\nlabel = \" \"\nargv = [\"x\"]", 2, "a label"),
            ("[[command]]\nlabel = \"a\"", 1, "argv"),
            ("[[command]]\nlabel = \"a\"\nargv = []", 3, "a program"),
            (
                "[[command]]\nlabel = \"a\"\nargv = [\"$NAME\"]",
                3,
                "a program",
            ),
            ("[[command]]\nlabel = \"a\"\nargv = [\"\"]", 3, "a program"),
            (
                "[[command]]\nlabel = \"a\"\nargv = [\"x\",\n\"$NAM\"]",
                4,
                "`$NAME`",
            ),
            (
                "[[command]]\nlabel = \"a\"\nargv = [\"x\", \"$\"]",
                3,
                "stands for nothing",
            ),
            (
                "[[command]]\nlabel = \"a\"\nargv = [\"x\"]\nkey = \"alt-\"",
                4,
                "alt-",
            ),
            (
                "[[command]]\nlabel = \"a\"\nargv = [\"x\"]\nrun = \"terminl\"",
                4,
                "`terminal`",
            ),
            (
                "[[command]]\nlabel = \"a\"\nargv = [\"x\"]\nrn = 1",
                4,
                "`run`",
            ),
            (
                "[[command]]\nlabel = \"a\"\nargv = [\"x\"]\n[[command]]\nlabel = \"a\"\nargv = [\"x\"]",
                5,
                "two commands",
            ),
            (
                "[[command]]\nlabel = \"a\"\nkey = \"X\"\nargv = [\"x\"]\n[[command]]\nlabel = \"b\"\nkey = \"X\"\nargv = [\"x\"]",
                7,
                "is that of the command `a`",
            ),
        ] {
            let error = Config::parse(text).unwrap_err();
            assert_eq!(error.line, Some(line), "{text}: {error}");
            assert!(error.to_string().contains(words), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn a_name_stays_one_argument(name in "[^\\-\0][^\0]{0,20}") {
            let command = parse("[[command]]\nlabel = \"a\"\nargv = [\"x\", \"$NAME\", \"=$NAME=\"]");
            let argv = command.fill(&values(&name)).unwrap();
            prop_assert_eq!(argv, ["x".to_owned(), name.clone(), format!("={name}=")]);
        }
    }
}
