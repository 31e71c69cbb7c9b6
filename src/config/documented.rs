//! Keeps docs/config.md and the example in step with what the file may hold.

use super::{COLUMNS, Config, EXAMPLE, ThemeChoice};
use crate::action::Context;

const DOCS: &str = include_str!("../../docs/config.md");

/// The keys that a section knows: the parser itself names them when it meets one that it does not know.
fn known(before: &str) -> Vec<String> {
    let error = Config::parse(&format!("{before}\nno-such-key = 1")).unwrap_err();
    let quoted = error.message.split('`').skip(1).step_by(2).skip(1);
    let keys: Vec<_> = quoted.map(str::to_owned).collect();
    assert!(!keys.is_empty(), "{error}");
    keys
}

#[test]
fn every_key_is_told_and_shown() {
    for section in [
        "",
        "[themes.x]",
        "[alerts]",
        "[display]",
        "[editor]",
        "[guest]",
        "[host]",
        "[[view]]\nname = \"x\"",
        "[[connection]]\nuri = \"test:///x\"",
        "[[plan]]\nname = \"x\"",
        "[[plan]]\nname = \"x\"\n[[plan.step]]\naction = \"start\"\ndomains = \"\"",
    ] {
        for key in known(section) {
            let is_section = matches!(
                key.as_str(),
                "themes"
                    | "keys"
                    | "confirm"
                    | "alerts"
                    | "display"
                    | "editor"
                    | "guest"
                    | "host"
                    | "view"
                    | "connection"
                    | "plan"
                    | "step"
            );
            let told = if is_section {
                DOCS.contains(&format!("[{key}")) || DOCS.contains(&format!(".{key}]"))
            } else {
                DOCS.contains(&format!("`{key}`"))
            };
            assert!(told, "docs/config.md lacks {key} of {section:?}");
            let shown = |line: &str| {
                let line = line.trim_start_matches('#');
                line.starts_with(&format!("{key} = "))
                    || (is_section
                        && (line.contains(&format!("[{key}"))
                            || line.contains(&format!(".{key}]"))))
            };
            // Another spelling of a key that is shown.
            let is_alias = key.contains('_');
            assert!(
                is_alias || EXAMPLE.lines().any(shown),
                "the example lacks {key} of {section:?}"
            );
        }
    }
}

#[test]
fn every_word_of_a_setting_is_told() {
    let themes = ThemeChoice::BUILT_IN.map(|(name, _)| name);
    for word in COLUMNS
        .into_iter()
        .chain(themes)
        .chain(super::PLAN_ACTIONS)
        .chain(Context::all().map(Context::name))
    {
        assert!(
            DOCS.contains(&format!("`{word}`")),
            "docs/config.md lacks {word}"
        );
    }
}
