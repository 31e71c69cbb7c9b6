//! Words for a shell's command line.

use std::borrow::Cow;
use std::fmt::Write as _;

/// `word` so that a POSIX shell takes it for one word and expands nothing.
///
/// Control and other hidden characters, which a terminal could act on when the line is pasted, are written as octal
/// escapes in `$'…'` (bash, zsh, ksh and POSIX 2024 know it).
#[must_use]
pub fn shell_quote(word: &str) -> Cow<'_, str> {
    let is_safe = |c: char| c.is_ascii_alphanumeric() || "@%+=:,./-_".contains(c);
    if !word.is_empty() && word.chars().all(is_safe) {
        return Cow::Borrowed(word);
    }
    let is_plain = super::visible(word) == word;
    if is_plain {
        return Cow::Owned(format!("'{}'", word.replace('\'', r"'\''")));
    }
    let mut out = String::from("$'");
    for c in word.chars() {
        let mut buffer = [0; 4];
        let text = c.encode_utf8(&mut buffer);
        if matches!(c, '\'' | '\\') {
            out.push('\\');
            out.push(c);
        } else if super::visible(text) == *text {
            out.push(c);
        } else {
            for byte in text.bytes() {
                let _ = write!(out, "\\{byte:03o}");
            }
        }
    }
    out.push('\'');
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn ordinary_words_stay() {
        assert_eq!(shell_quote("qemu:///system"), "qemu:///system");
        assert_eq!(shell_quote("root@kvm-1"), "root@kvm-1");
        assert_eq!(shell_quote(""), "''");
    }

    #[test]
    fn a_shell_reads_back_every_word() {
        for word in [
            "a b",
            "it's",
            "$(id)",
            "`id`",
            "a\\b",
            "qemu+unix:///system?socket=/run/x y.sock&mode=direct",
            "仮想 'マシン'",
            "line\nbreak",
            "esc\u{1b}[201~; id",
            "rtl\u{202e}gnp'\\",
        ] {
            let line = format!("printf %s {}", shell_quote(word));
            assert!(!line.chars().any(char::is_control), "{line:?}");
            let output = Command::new("bash").args(["-c", &line]).output().unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap(), word, "{line}");
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(30))]

        /// Names as hosts take them: blanks, quotes, `$`, leading hyphens, anything but NUL.
        #[test]
        fn a_shell_reads_back_any_names(
            names in proptest::collection::vec("[-a-z$`'\"\\\\ \t\n!*?~#&|;<>(){}仮\u{1b}\u{202e}]{0,12}", 1..40)
        ) {
            let words: Vec<_> = names.iter().map(|name| shell_quote(name)).collect();
            let line = format!("printf '%s\\0' {}", words.join(" "));
            let output = Command::new("bash").args(["-c", &line]).output().unwrap();
            let read = String::from_utf8(output.stdout).unwrap();
            let read: Vec<_> = read.strip_suffix('\0').unwrap_or_default().split('\0').collect();
            proptest::prop_assert_eq!(read, names, "{}", line);
        }
    }
}
