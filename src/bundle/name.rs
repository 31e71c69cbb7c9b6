//! Names of objects as names of files.

use crate::model::Uuid;

/// Longest name of a file in bytes, with the end and a UUID still to be put behind it.
const LONGEST: usize = 180;

/// The name of the file for an object, with `.xml`. Letters, digits, dots, hyphens and underscores stand for themselves;
/// every other byte, and a dot or hyphen at the beginning, is written as `%` and two hex digits, so that no name leads out
/// of its folder, hides, or reads as an option. What gets too long is cut and has the UUID behind it.
#[must_use]
pub fn file_name(name: &str, uuid: Uuid) -> String {
    let mut out = String::new();
    let mut cut = false;
    for c in name.chars() {
        let plain = c.is_alphanumeric() || c == '_' || (matches!(c, '.' | '-') && !out.is_empty());
        let mut bytes = [0; 4];
        let piece = if plain {
            c.to_string()
        } else {
            let bytes = c.encode_utf8(&mut bytes).bytes();
            bytes.map(|byte| format!("%{byte:02X}")).collect()
        };
        if out.len() + piece.len() > LONGEST {
            cut = true;
            break;
        }
        out.push_str(&piece);
    }
    if cut || out.is_empty() {
        out.push_str(&format!("~{uuid}"));
    }
    out.push_str(".xml");
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const UUID: Uuid = Uuid([0xab; 16]);

    #[test]
    fn hostile_names_are_harmless_files() {
        for (name, file) in [
            ("web-1", "web-1.xml"),
            ("a.b_c", "a.b_c.xml"),
            ("..", "%2E..xml"),
            ("-rf", "%2Drf.xml"),
            ("a b/c", "a%20b%2Fc.xml"),
            ("$(id)", "%24%28id%29.xml"),
            ("100%", "100%25.xml"),
            ("\u{1b}[31m", "%1B%5B31m.xml"),
            ("x\u{202e}y", "x%E2%80%AEy.xml"),
            ("仮想", "仮想.xml"),
        ] {
            assert_eq!(file_name(name, UUID), file);
        }
        assert_eq!(file_name("", UUID), format!("~{UUID}.xml"));
    }

    proptest! {
        #[test]
        fn every_name_is_one_harmless_file(name in any::<String>()) {
            let file = file_name(&name, UUID);
            prop_assert!(file.len() < 250);
            prop_assert!(!file.starts_with(['.', '-']));
            prop_assert!(!file.contains(['/', '\0', '\\', '\'', '"', ' ', '\n']));
        }

        #[test]
        fn two_names_are_two_files(a in "\\PC{0,20}", b in "\\PC{0,20}") {
            let other = Uuid([1; 16]);
            prop_assert_eq!(a == b && !a.is_empty(), file_name(&a, UUID) == file_name(&b, other));
        }
    }
}
