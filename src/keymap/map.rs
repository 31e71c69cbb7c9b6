//! The table of keys.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Key, KeyError};
use crate::action::{ACTIONS, Action, Context};

/// One key bound to one action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Binding {
    /// Where.
    pub context: Context,
    /// The key.
    pub key: Key,
    /// What it does.
    pub action: Action,
}

/// What is wrong with a table of keys.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeymapError {
    /// Not TOML, or not of the right shape; the parser's words.
    #[error("{0}")]
    Syntax(String),
    /// A section that names no context.
    #[error("[{0}] is not a context")]
    Context(String),
    /// A name that is no action.
    #[error("[{context}] {name}: there is no such action")]
    Action {
        /// In which section.
        context: &'static str,
        /// The name.
        name: String,
    },
    /// An action that means nothing there.
    #[error("[{context}] {action}: this action does not belong here")]
    Misplaced {
        /// In which section.
        context: &'static str,
        /// The action's name.
        action: &'static str,
    },
    /// A text that is no key.
    #[error("[{context}] {action}: {error}")]
    Key {
        /// In which section.
        context: &'static str,
        /// The action's name.
        action: &'static str,
        /// What is wrong.
        error: KeyError,
    },
    /// A key bound twice in one context.
    #[error("[{context}] {key} is bound to both {first} and {second}")]
    Twice {
        /// In which section.
        context: &'static str,
        /// The key.
        key: Key,
        /// One action.
        first: &'static str,
        /// The other.
        second: &'static str,
    },
}

/// One key or several.
#[derive(Deserialize)]
#[serde(untagged)]
enum Keys {
    One(String),
    Many(Vec<String>),
}

/// Keys of every context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keymap {
    bindings: Vec<Binding>,
}

impl Default for Keymap {
    /// The embedded table. A test keeps it valid; should it not be, there are no keys but the built-in Ctrl-C.
    fn default() -> Self {
        Self::parse(include_str!("../../assets/keymap.toml")).unwrap_or(Self {
            bindings: Vec::new(),
        })
    }
}

impl Keymap {
    /// Reads a table: a section per context, in it `action = "key"` or `action = ["key", "key"]`.
    ///
    /// # Errors
    /// Names the section and what in it is wrong.
    pub fn parse(text: &str) -> Result<Self, KeymapError> {
        let sections: BTreeMap<String, BTreeMap<String, Keys>> =
            toml::from_str(text).map_err(|error| KeymapError::Syntax(error.to_string()))?;
        let mut bindings = Vec::new();
        for (section, rows) in sections {
            let context = Context::from_name(&section).ok_or(KeymapError::Context(section))?;
            for (name, keys) in rows {
                bind(context, &name, keys, &mut bindings)?;
            }
        }
        // The table of actions gives the order that hints, help and documentation are read in.
        bindings.sort_by_key(|binding| binding.action);
        Ok(Self { bindings })
    }

    /// The action of `key` in the first of `contexts` that binds it.
    #[must_use]
    pub fn resolve(&self, contexts: &[Context], key: Key) -> Option<Action> {
        contexts.iter().find_map(|context| {
            self.bindings
                .iter()
                .find(|binding| binding.context == *context && binding.key == key)
                .map(|binding| binding.action)
        })
    }

    /// The keys of `action` in `context`, the one to show first.
    pub fn keys(&self, context: Context, action: Action) -> impl Iterator<Item = Key> {
        self.bindings
            .iter()
            .filter(move |binding| binding.context == context && binding.action == action)
            .map(|binding| binding.key)
    }

    /// The key to show for `action` where `contexts` are asked.
    #[must_use]
    pub fn hint(&self, contexts: &[Context], action: Action) -> Option<Key> {
        contexts
            .iter()
            .find_map(|context| self.keys(*context, action).next())
    }

    /// The help of one context: each action with its keys, in the order of the table of actions.
    #[must_use]
    pub fn rows(&self, context: Context) -> Vec<(Action, Vec<Key>)> {
        ACTIONS
            .iter()
            .map(|row| {
                (
                    row.action,
                    self.keys(context, row.action).collect::<Vec<_>>(),
                )
            })
            .filter(|(_, keys)| !keys.is_empty())
            .collect()
    }

    /// Takes all keys of an action in a context away.
    pub(super) fn unbind(&mut self, context: Context, action: Action) {
        self.bindings
            .retain(|binding| (binding.context, binding.action) != (context, action));
    }

    /// Takes a key away from the action that has it in a context.
    pub(super) fn take(&mut self, context: Context, key: Key) -> Option<Action> {
        let at = self
            .bindings
            .iter()
            .position(|binding| (binding.context, binding.key) == (context, key))?;
        Some(self.bindings.remove(at).action)
    }

    /// Gives an action one more key, which nobody has there.
    pub(super) fn bind(&mut self, context: Context, key: Key, action: Action) {
        self.bindings.push(Binding {
            context,
            key,
            action,
        });
        self.bindings.sort_by_key(|binding| binding.action);
    }

    /// The whole table as Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut out = String::new();
        for context in Context::all() {
            let rows = self.rows(context);
            if rows.is_empty() {
                continue;
            }
            out.push_str(&format!(
                "## {} (`{}`)\n\n| Keys | Action | Name | What it does |\n| --- | --- | --- | --- |\n",
                context.heading(),
                context.name()
            ));
            for (action, keys) in rows {
                let keys: Vec<_> = keys
                    .iter()
                    .map(|key| format!("`{}`", key.to_string().replace('|', "\\|")))
                    .collect();
                let row = action.row();
                out.push_str(&format!(
                    "| {} | {} | `{}` | {} |\n",
                    keys.join(" "),
                    row.label,
                    row.name,
                    row.doc
                ));
            }
            out.push('\n');
        }
        out
    }
}

fn bind(
    context: Context,
    name: &str,
    keys: Keys,
    bindings: &mut Vec<Binding>,
) -> Result<(), KeymapError> {
    let action = Action::from_name(name).ok_or_else(|| KeymapError::Action {
        context: context.name(),
        name: name.to_owned(),
    })?;
    let row = action.row();
    if !row.contexts.contains(&context) {
        return Err(KeymapError::Misplaced {
            context: context.name(),
            action: row.name,
        });
    }
    let keys = match keys {
        Keys::One(key) => vec![key],
        Keys::Many(keys) => keys,
    };
    for text in keys {
        let key: Key = text.parse().map_err(|error| KeymapError::Key {
            context: context.name(),
            action: row.name,
            error,
        })?;
        if let Some(other) = bindings
            .iter()
            .find(|binding| binding.context == context && binding.key == key)
        {
            return Err(KeymapError::Twice {
                context: context.name(),
                key,
                first: other.action.row().name,
                second: row.name,
            });
        }
        bindings.push(Binding {
            context,
            key,
            action,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn embedded() -> Keymap {
        Keymap::parse(include_str!("../../assets/keymap.toml")).unwrap()
    }

    #[test]
    fn every_action_has_a_key() {
        let map = embedded();
        for row in ACTIONS {
            for context in row.contexts {
                assert!(
                    map.keys(*context, row.action).next().is_some(),
                    "{} has no key in [{}]",
                    row.name,
                    context.name()
                );
            }
        }
    }

    #[test]
    fn dangerous_actions_are_not_on_a_small_letter() {
        for binding in embedded().bindings {
            if binding.action.row().traits.dangerous {
                let small = matches!(binding.key.typed(), Some(c) if c.is_lowercase());
                assert!(!small, "{} does {:?}", binding.key, binding.action);
            }
        }
    }

    #[test]
    fn a_key_bound_twice_is_refused() {
        let error = Keymap::parse("[domain]\nstart = \"s\"\npause = [\"p\", \"s\"]").unwrap_err();
        assert!(matches!(error, KeymapError::Twice { .. }), "{error}");
    }

    #[test]
    fn errors_name_section_and_word() {
        for (text, part) in [
            ("[nowhere]\nstart = \"s\"", "nowhere"),
            ("[domain]\nfly = \"s\"", "fly"),
            ("[domain]\nfilter = \"s\"", "filter"),
            ("[domain]\nstart = \"ctrl-\"", "ctrl-"),
            ("[domain]\nstart = 3", "line 2"),
        ] {
            let error = Keymap::parse(text).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn the_inner_context_wins() {
        let map =
            Keymap::parse("[table]\nopen = \"x\"\n[global]\nquit = \"x\"\nhelp = \"?\"").unwrap();
        let contexts = [Context::Table, Context::Global];
        assert_eq!(map.resolve(&contexts, Key::char('x')), Some(Action::Open));
        assert_eq!(map.resolve(&contexts, Key::char('?')), Some(Action::Help));
        assert_eq!(map.resolve(&contexts, Key::char('z')), None);
    }
}
