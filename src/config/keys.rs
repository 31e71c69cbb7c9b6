//! The sections `[keys.CONTEXT]` and `[confirm]`: both are about actions.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::ConfigError;
use crate::action::{ACTIONS, Action, Context, Row};
use crate::keymap::{Keymap, Rebinding};
use crate::text::nearest;

/// One key, several, or none.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "keys are a text such as \"x\", or a list of such texts"
)]
pub(super) enum FileKeys {
    One(String),
    Many(Vec<String>),
}

/// `[keys]`, as it is written.
pub(super) type FileBindings =
    BTreeMap<Spanned<String>, BTreeMap<Spanned<String>, Spanned<FileKeys>>>;

/// `[confirm]`, as it is written.
pub(super) type FileConfirm = BTreeMap<Spanned<String>, bool>;

/// Checks the keys: known places and actions, no key for two actions of one place, a way out of the program.
pub(super) fn keys(text: &str, file: FileBindings) -> Result<Vec<Rebinding>, ConfigError> {
    let mut found: Vec<Rebinding> = Vec::new();
    for (context, rows) in file {
        if Context::from_name(context.get_ref()).is_none() {
            let known: Vec<_> = Context::all().map(Context::name).collect();
            let words = format!(
                "[keys.{}] is not a place of the screen; there are `{}`",
                context.get_ref(),
                known.join("`, `")
            );
            return Err(ConfigError {
                nearest: nearest(context.get_ref(), known).map(str::to_owned),
                ..ConfigError::at(text, context.span().start, words)
            });
        }
        for (action, keys) in rows {
            let at = action.span().start;
            let keys = match keys.into_inner() {
                FileKeys::One(key) => vec![key],
                FileKeys::Many(keys) => keys,
            };
            let rebinding = Rebinding::parse(context.get_ref(), action.get_ref(), &keys)
                .and_then(|rebinding| rebinding.clash(&found).map(|()| rebinding))
                .map_err(|error| ConfigError {
                    nearest: error.nearest().map(str::to_owned),
                    ..ConfigError::at(text, at, error.to_string())
                })?;
            let mut map = Keymap::default();
            map.rebind(std::slice::from_ref(&rebinding));
            if map.keys(Context::Always, Action::Quit).next().is_none() {
                let words =
                    "[always] quit needs a key: nothing else ends the program from everywhere";
                return Err(ConfigError::at(text, at, words));
            }
            found.push(rebinding);
        }
    }
    Ok(found)
}

/// Whether an action may be given a level of asking: one that changes a domain.
fn can_ask(row: &&Row) -> bool {
    row.traits.mutating && row.contexts.contains(&Context::Domain)
}

/// Checks which actions ask.
pub(super) fn confirm(
    text: &str,
    file: FileConfirm,
) -> Result<BTreeMap<Action, bool>, ConfigError> {
    let mut found = BTreeMap::new();
    for (name, asks) in file {
        let row = ACTIONS
            .iter()
            .filter(can_ask)
            .find(|row| row.name == name.get_ref());
        let Some(row) = row else {
            let known: Vec<_> = ACTIONS.iter().filter(can_ask).map(|row| row.name).collect();
            let words = format!(
                "`{}` is no action that asks; there are `{}`",
                name.get_ref(),
                known.join("`, `")
            );
            return Err(ConfigError {
                nearest: nearest(name.get_ref(), known).map(str::to_owned),
                ..ConfigError::at(text, name.span().start, words)
            });
        };
        found.insert(row.action, asks);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn keys_and_levels_are_read() {
        let text = "[keys.domain]\nstart = [\"S\", \"F9\"]\npause = []\n[keys.global]\njump = \"ctrl-k\"\n\
            [confirm]\nshut-down = true\nforce-off = false\n";
        let config = Config::parse(text).unwrap();
        assert_eq!(config.keys.len(), 3);
        assert!(config.confirm[&Action::ShutDown]);
        assert!(!config.confirm[&Action::ForceOff]);
    }

    #[test]
    fn mistakes_have_a_line_and_the_nearest() {
        for (text, line, near) in [
            ("\n[keys.domian]\nstart = \"x\"", 2, Some("domain")),
            ("[keys.domain]\nstrat = \"x\"", 2, Some("start")),
            ("[keys.domain]\nstart = \"x\"\npause = \"x\"", 2, None),
            ("[keys.domain]\n\nstart = \"ctrl-\"", 3, None),
            ("[keys.domain]\nstart = 3", 2, None),
            ("[keys.always]\nquit = []", 2, None),
            ("[confirm]\nshutdown = true", 2, Some("shut-down")),
            ("[confirm]\nfilter = true", 2, None),
            ("[confirm]\nshut-down = \"ask\"", 2, None),
        ] {
            let error = Config::parse(text).unwrap_err();
            assert_eq!(error.nearest.as_deref(), near, "{text}: {error}");
            assert!(
                error.line.is_some_and(|at| at == line || at == line + 1),
                "{text}: {error}"
            );
        }
    }
}
