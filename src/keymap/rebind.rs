//! Keys of the user's own in the place of those of the table.

use super::{Key, Keymap, KeymapError};
use crate::action::{ACTIONS, Action, Context};
use crate::text::nearest;

/// The keys that an action is to have in a context, instead of those it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebinding {
    /// Where.
    pub context: Context,
    /// What they do.
    pub action: Action,
    /// The keys, the one to show first; none takes the action's keys away.
    pub keys: Vec<Key>,
}

/// A key that an action lost to another, which the user gave it to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// Where.
    pub context: Context,
    /// Which.
    pub key: Key,
    /// Who had it.
    pub from: Action,
    /// Who has it.
    pub to: Action,
    /// A key that the loser still has there.
    pub left: Option<Key>,
}

/// A key that means something else nearer to what is on the screen, so that this one does not get it there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shadow {
    /// The key.
    pub key: Key,
    /// Who has it nearer.
    pub nearer: (Context, Action),
    /// Who does not get it there.
    pub farther: (Context, Action),
}

/// How far a context of a page is from what is on the screen; `None` for those of dialogs, which stand alone.
fn distance(context: Context) -> Option<u8> {
    match context {
        Context::Always => Some(4),
        Context::Global => Some(3),
        Context::List => Some(2),
        Context::Domain => Some(1),
        Context::Dialog
        | Context::Form
        | Context::Menu
        | Context::Columns
        | Context::Finder
        | Context::Text
        | Context::Command
        | Context::Reader => None,
        _ => Some(0),
    }
}

impl Rebinding {
    /// Reads names and keys.
    ///
    /// # Errors
    /// When one of them is not known, does not belong there, or stands twice.
    pub fn parse(context: &str, action: &str, keys: &[String]) -> Result<Self, KeymapError> {
        let context =
            Context::from_name(context).ok_or_else(|| KeymapError::Context(context.to_owned()))?;
        let action = Action::from_name(action).ok_or_else(|| KeymapError::Action {
            context: context.name(),
            name: action.to_owned(),
        })?;
        let name = action.row().name;
        if !action.row().contexts.contains(&context) {
            return Err(KeymapError::Misplaced {
                context: context.name(),
                action: name,
            });
        }
        let mut parsed: Vec<Key> = Vec::new();
        for text in keys {
            let key = text.parse().map_err(|error| KeymapError::Key {
                context: context.name(),
                action: name,
                error,
            })?;
            if parsed.contains(&key) {
                return Err(KeymapError::Twice {
                    context: context.name(),
                    key,
                    first: name,
                    second: name,
                });
            }
            parsed.push(key);
        }
        Ok(Self {
            context,
            action,
            keys: parsed,
        })
    }

    /// Finds a key that two of them give to two actions of one context.
    ///
    /// # Errors
    /// Names key and actions.
    pub fn clash(&self, others: &[Self]) -> Result<(), KeymapError> {
        for other in others.iter().filter(|other| other.context == self.context) {
            if let Some(key) = self.keys.iter().find(|key| other.keys.contains(key)) {
                return Err(KeymapError::Twice {
                    context: self.context.name(),
                    key: *key,
                    first: other.action.row().name,
                    second: self.action.row().name,
                });
            }
        }
        Ok(())
    }
}

impl KeymapError {
    /// The known word nearest to an unknown one.
    #[must_use]
    pub fn nearest(&self) -> Option<&'static str> {
        match self {
            Self::Context(name) => nearest(name, Context::all().map(Context::name)),
            Self::Action { context, name } => {
                let context = Context::from_name(context)?;
                let known = ACTIONS.iter().filter(|row| row.contexts.contains(&context));
                nearest(name, known.map(|row| row.name))
            }
            _ => None,
        }
    }
}

impl Keymap {
    /// Puts the user's keys in the place of those of the table. A key that another action had is taken from it, which is
    /// said in the answer.
    pub fn rebind(&mut self, changes: &[Rebinding]) -> Vec<Taken> {
        for change in changes {
            self.unbind(change.context, change.action);
        }
        let mut taken = Vec::new();
        for change in changes {
            for key in &change.keys {
                if let Some(from) = self.take(change.context, *key) {
                    taken.push((change, *key, from));
                }
                self.bind(change.context, *key, change.action);
            }
        }
        let left = |context, action| self.keys(context, action).next();
        taken
            .into_iter()
            .map(|(change, key, from)| Taken {
                context: change.context,
                key,
                from,
                to: change.action,
                left: left(change.context, from),
            })
            .collect()
    }
}

impl Keymap {
    /// Keys of the user's own that hide another's, or are hidden by one, where both contexts are asked.
    #[must_use]
    pub fn shadows(&self, changes: &[Rebinding]) -> Vec<Shadow> {
        let mut found = Vec::new();
        for change in changes {
            let Some(own) = distance(change.context) else {
                continue;
            };
            for key in &change.keys {
                for context in Context::all() {
                    let Some(other) = distance(context).filter(|other| *other != own) else {
                        continue;
                    };
                    let Some(action) = self.resolve(&[context], *key) else {
                        continue;
                    };
                    if action == change.action {
                        continue;
                    }
                    let (mine, theirs) = ((change.context, change.action), (context, action));
                    let (nearer, farther) = if own < other {
                        (mine, theirs)
                    } else {
                        (theirs, mine)
                    };
                    let shadow = Shadow {
                        key: *key,
                        nearer,
                        farther,
                    };
                    // Both may be the user's own.
                    if !found.contains(&shadow) {
                        found.push(shadow);
                    }
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rebinding(context: &str, action: &str, keys: &[&str]) -> Rebinding {
        let keys: Vec<_> = keys.iter().map(|key| (*key).to_owned()).collect();
        Rebinding::parse(context, action, &keys).unwrap()
    }

    #[test]
    fn own_keys_replace_those_of_the_table() {
        let mut map = Keymap::default();
        let changes = [
            rebinding("domain", "start", &["p", "F9"]),
            rebinding("domain", "reboot", &[]),
        ];
        let taken = map.rebind(&changes);
        assert_eq!(taken.len(), 1);
        assert_eq!(
            (taken[0].from, taken[0].to, taken[0].left),
            (Action::Pause, Action::Start, None)
        );
        let domain = [Context::Domain];
        let resolved = |key| map.resolve(&domain, key);
        assert_eq!(resolved(Key::char('p')), Some(Action::Start));
        assert_eq!(resolved(Key::char('s')), None);
        assert_eq!(resolved(Key::char('b')), None);
        assert_eq!(map.hint(&domain, Action::Start), Some(Key::char('p')));
    }

    #[test]
    fn keys_may_be_swapped_without_a_loser() {
        let mut map = Keymap::default();
        let changes = [
            rebinding("domain", "start", &["p"]),
            rebinding("domain", "pause", &["s"]),
        ];
        assert_eq!(map.rebind(&changes), []);
        assert_eq!(
            map.resolve(&[Context::Domain], Key::char('s')),
            Some(Action::Pause)
        );
    }

    #[test]
    fn a_key_that_hides_another_is_found() {
        let mut map = Keymap::default();
        let changes = [
            rebinding("table", "mark", &["P", "F9"]),
            rebinding("global", "jump", &["s"]),
        ];
        map.rebind(&changes);
        let shadows = map.shadows(&changes);
        let words: Vec<_> = shadows
            .iter()
            .map(|shadow| (shadow.key.to_string(), shadow.nearer.1, shadow.farther.1))
            .collect();
        assert!(
            words.contains(&("P".to_owned(), Action::Mark, Action::ShowPorts)),
            "{words:?}"
        );
        assert!(
            words.contains(&("s".to_owned(), Action::Start, Action::Jump)),
            "{words:?}"
        );
        assert!(!words.iter().any(|(key, ..)| key == "F9"));
    }

    #[test]
    fn one_key_for_two_actions_is_a_clash() {
        let first = rebinding("domain", "start", &["x"]);
        let second = rebinding("domain", "pause", &["x"]);
        let elsewhere = rebinding("global", "jump", &["x"]);
        assert!(second.clash(std::slice::from_ref(&first)).is_err());
        assert!(elsewhere.clash(&[first, second]).is_ok());
        let twice = ["x".to_owned(), "x".to_owned()];
        assert!(Rebinding::parse("domain", "start", &twice).is_err());
    }

    #[test]
    fn unknown_words_have_a_nearest() {
        let nearest = |context, action| {
            Rebinding::parse(context, action, &[])
                .unwrap_err()
                .nearest()
        };
        assert_eq!(nearest("domian", "start"), Some("domain"));
        assert_eq!(nearest("domain", "puase"), Some("pause"));
        assert_eq!(nearest("domain", "filter"), None);
    }
}
