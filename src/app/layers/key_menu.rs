//! Keys that a terminal keeps for itself, to press in a guest: Ctrl+Alt+Delete, consoles of Linux, SysRq.

use super::{Layer, TextField, TextUse, moved};
use crate::action::Action;
use crate::app::pages::display;
use crate::app::{Effect, Line, State};
use crate::display::Stroke;
use crate::protocol::DisplayId;

/// One choice: its words, and the keys; none where they are to be typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyEntry {
    /// What it is.
    pub label: String,
    /// The virsh command that does the same.
    pub line: String,
    strokes: Vec<Stroke>,
}

/// The list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyMenu {
    /// Where the keys go.
    display: DisplayId,
    /// Its heading; an untrusted name is in it.
    pub title: String,
    /// The choices.
    pub entries: Vec<KeyEntry>,
    /// The one that Enter takes.
    pub chosen: usize,
}

/// What is offered, with what it does where that is not known to all.
const OFFERED: &[(&str, &str)] = &[
    ("ctrl-alt-delete", ""),
    ("ctrl-alt-backspace", ""),
    ("super", ""),
    ("super-l", ""),
    ("alt-tab", ""),
    ("alt-F4", ""),
    ("print", ""),
    ("pause", ""),
    ("alt-sysrq-s", "SysRq: write what is not written"),
    ("alt-sysrq-u", "SysRq: mount all read-only"),
    ("alt-sysrq-b", "SysRq: reset at once"),
    ("alt-sysrq-e", "SysRq: end all processes"),
    ("alt-sysrq-c", "SysRq: crash"),
];

/// Virtual consoles of Linux.
const CONSOLES: u8 = 12;

impl KeyMenu {
    /// The menu of a display.
    #[must_use]
    pub fn new(state: &State, display: DisplayId, title: String) -> Self {
        let consoles = (1..=CONSOLES).map(|number| (format!("ctrl-alt-F{number}"), String::new()));
        let offered = OFFERED
            .iter()
            .map(|(keys, words)| ((*keys).to_owned(), (*words).to_owned()));
        let mut entries: Vec<_> = offered
            .chain(consoles)
            .filter_map(|(keys, words)| {
                let strokes = vec![keys.parse::<Stroke>().ok()?];
                let line = display::key_line(state, display, &strokes).unwrap_or_default();
                let label = if words.is_empty() {
                    keys
                } else {
                    format!("{keys}  {words}")
                };
                Some(KeyEntry {
                    label,
                    line,
                    strokes,
                })
            })
            .collect();
        entries.push(KeyEntry {
            label: "Other keys …".to_owned(),
            line: "Type their names, as in: ctrl-alt-F2 Enter".to_owned(),
            strokes: Vec::new(),
        });
        Self {
            display,
            title,
            entries,
            chosen: 0,
        }
    }

    /// Points at a line.
    pub(super) fn point(&mut self, index: usize) {
        self.chosen = index.min(self.entries.len().saturating_sub(1));
    }

    pub(super) fn act(
        mut self,
        state: &mut State,
        action: Action,
        effects: &mut Vec<Effect>,
    ) -> Option<Self> {
        if let Some(chosen) = moved(action, self.chosen, self.entries.len()) {
            self.chosen = chosen;
            return Some(self);
        }
        match action {
            Action::Accept => {
                let entry = self.entries.into_iter().nth(self.chosen)?;
                if entry.strokes.is_empty() {
                    let field = TextField::new(TextUse::PressKeys(self.display), Line::new(""));
                    state.layers.push(Layer::Text(field));
                } else {
                    display::press_keys(state, self.display, entry.strokes, effects);
                }
                return None;
            }
            Action::Cancel => return None,
            _ => {}
        }
        Some(self)
    }
}
