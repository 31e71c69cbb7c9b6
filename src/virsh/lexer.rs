//! Text to words, as virsh and a shell cut them, and a word back to text.

use crate::text::shell_quote;

/// A word of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// What it says, quotes taken off.
    pub text: String,
    /// Where it begins in the line, in bytes.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
}

/// A line cut into words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Words {
    /// The words.
    pub list: Vec<Word>,
    /// What is still open at the end: `'`, `"` or a lone `\`.
    pub open: Option<char>,
    /// Where a `;` ends the command before the line ends.
    pub cut: Option<usize>,
}

/// Cuts a line into words as virsh does: blanks separate, `'…'` is literal, `"…"` knows `\`, and `\` takes the next
/// character as it is. `$'…'` has the escapes that [`shell_quote`] writes, so that every line shown can be typed again.
/// `$`, `*`, `#` and the like mean nothing else here.
///
/// Nothing is refused, so that half a line can be completed: what is wrong is told in [`Words::open`] and [`Words::cut`].
#[must_use]
pub fn split(line: &str) -> Words {
    let mut words = Words::default();
    let mut chars = line.char_indices().peekable();
    'words: loop {
        while chars.next_if(|(_, c)| c.is_ascii_whitespace()).is_some() {}
        let Some(&(start, first)) = chars.peek() else {
            return words;
        };
        let mut text = String::new();
        if is_separator(first) {
            words.cut = Some(start);
            return words;
        }
        let mut quote = None;
        while let Some(&(at, c)) = chars.peek() {
            match (quote, c) {
                (None, c) if c.is_ascii_whitespace() => break,
                (None, c) if is_separator(c) => {
                    words.list.push(Word {
                        text,
                        start,
                        end: at,
                    });
                    words.cut = Some(at);
                    return words;
                }
                (None, '\'' | '"') => quote = Some(c),
                (None, '$') if line[at + 1..].starts_with('\'') => {
                    chars.next();
                    quote = Some('$');
                }
                (Some('\''), '\'') | (Some('"'), '"') | (Some('$'), '\'') => quote = None,
                (None | Some('"'), '\\') => {
                    chars.next();
                    let Some(&(_, next)) = chars.peek() else {
                        words.open = Some('\\');
                        break;
                    };
                    text.push(next);
                }
                (Some('$'), '\\') => {
                    chars.next();
                    escape(&mut chars, &mut text);
                    continue;
                }
                (_, c) => text.push(c),
            }
            chars.next();
        }
        let end = chars.peek().map_or(line.len(), |(at, _)| *at);
        words.list.push(Word { text, start, end });
        if let Some(quote) = quote {
            words.open = Some(if quote == '$' { '\'' } else { quote });
            break 'words;
        }
        if words.open.is_some() {
            break 'words;
        }
    }
    words
}

/// One escape of `$'…'`, behind its `\`: octal bytes of UTF-8, or the character itself.
fn escape(chars: &mut std::iter::Peekable<std::str::CharIndices<'_>>, text: &mut String) {
    let mut bytes = Vec::new();
    loop {
        let mut value = 0_u32;
        let mut digits = 0;
        while digits < 3
            && let Some((_, digit)) = chars.next_if(|(_, c)| c.is_digit(8))
        {
            value = value * 8 + digit.to_digit(8).unwrap_or(0);
            digits += 1;
        }
        if digits == 0 {
            break;
        }
        bytes.push(u8::try_from(value).unwrap_or(b'?'));
        // The next byte of the same character follows at once.
        let mut ahead = chars.clone();
        let more = ahead.next().is_some_and(|(_, c)| c == '\\')
            && ahead.next().is_some_and(|(_, c)| c.is_digit(8));
        if !more {
            break;
        }
        chars.next();
    }
    if bytes.is_empty() {
        match chars.next() {
            Some((_, 'n')) => text.push('\n'),
            Some((_, 't')) => text.push('\t'),
            Some((_, c)) => text.push(c),
            None => {}
        }
    } else {
        text.push_str(&String::from_utf8_lossy(&bytes));
    }
}

fn is_separator(c: char) -> bool {
    c == ';'
}

/// Words joined to a line that a shell and [`split`] cut into the same words again.
#[must_use]
pub fn join<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<_> = words.into_iter().map(shell_quote).collect();
    quoted.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(line: &str) -> Vec<String> {
        split(line).list.into_iter().map(|word| word.text).collect()
    }

    #[test]
    fn blanks_separate_and_quotes_hold_together() {
        assert_eq!(words("  start  web-1 "), ["start", "web-1"]);
        assert_eq!(words("start 'my web'"), ["start", "my web"]);
        assert_eq!(words(r#"desc a "x \"y\" \z""#), ["desc", "a", r#"x "y" z"#]);
        assert_eq!(words(r"a\ b 'c'\''d'"), ["a b", "c'd"]);
        assert_eq!(words("$(id) $HOME *"), ["$(id)", "$HOME", "*"]);
        assert_eq!(words("'' \"\""), ["", ""]);
        assert_eq!(words(r"$'a\303\251\tb\''"), ["aé\tb'"]);
    }

    #[test]
    fn what_is_unfinished_is_told() {
        assert_eq!(split("start 'my we").open, Some('\''));
        assert_eq!(split("start \"my we").open, Some('"'));
        assert_eq!(split("start my\\").open, Some('\\'));
        assert_eq!(split("start a; start b").cut, Some(7));
        assert_eq!(split("start 'a;b'").cut, None);
    }

    #[test]
    fn words_know_their_place() {
        let line = "start 'my web' x";
        let places: Vec<_> = split(line)
            .list
            .iter()
            .map(|word| &line[word.start..word.end])
            .collect();
        assert_eq!(places, ["start", "'my web'", "x"]);
    }

    proptest! {
        #[test]
        fn what_is_joined_is_split_again(given in proptest::collection::vec(any::<String>(), 0..5)) {
            let given: Vec<String> = given.into_iter().map(|word| word.replace('\0', "")).collect();
            let line = join(given.iter().map(String::as_str));
            prop_assert_eq!(words(&line), given, "{}", line);
        }

        #[test]
        fn any_line_can_be_cut(line in any::<String>()) {
            let cut = split(&line);
            for word in cut.list {
                prop_assert!(line.get(word.start..word.end).is_some());
            }
        }
    }
}
