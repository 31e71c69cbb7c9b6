//! What opens beside the cursor: what may be typed, what the element is, and the list of all that can be gone to.

use super::{EditorPage, Past};
use crate::app::Effect;
use crate::editor::Device;
use crate::keymap::{Code, Key};
use crate::schema::{Help, Offers};

/// The thing that is open.
#[derive(Debug, Clone, PartialEq)]
pub enum Popup {
    /// What may be typed, and which of it is chosen.
    Offers(Box<Offers>, usize),
    /// What the schema says of the element, and the first line of it on the screen.
    Help(Box<Help>, usize),
    /// What can be gone to: the letters typed, all there is, and the chosen one of those that fit.
    Outline(String, Vec<Device>, usize),
    /// Former definitions.
    Past(Box<Past>),
}

impl Popup {
    /// What may be typed.
    #[must_use]
    pub fn offers(offers: Offers) -> Self {
        Self::Offers(Box::new(offers), 0)
    }

    /// What an element is.
    #[must_use]
    pub fn help(help: Help) -> Self {
        Self::Help(Box::new(help), 0)
    }

    /// The devices that fit what was typed.
    #[must_use]
    pub fn fitting<'a>(typed: &str, devices: &'a [Device]) -> Vec<&'a Device> {
        let words: Vec<String> = typed.split_whitespace().map(str::to_lowercase).collect();
        devices
            .iter()
            .filter(|device| {
                let name = device.name.to_lowercase();
                words.iter().all(|word| name.contains(word))
            })
            .collect()
    }
}

impl EditorPage {
    /// Opens the list of what can be gone to, at the one the cursor is in.
    pub(super) fn open_outline(&mut self) {
        let Some(editor) = self.shown() else { return };
        let devices = editor.anatomy().outline(editor.text());
        let at = editor.buffer().at();
        let chosen = devices
            .partition_point(|device| device.at <= at)
            .saturating_sub(1);
        self.popup = Some(Popup::Outline(String::new(), devices, chosen));
    }

    /// Takes a key for what is open; `false` when it closes that and is for the text.
    pub(super) fn press_popup(&mut self, key: Key, effects: &mut Vec<Effect>) -> bool {
        let Some(popup) = self.popup.take() else {
            return false;
        };
        let typed = key.typed();
        match popup {
            Popup::Offers(offers, at) => {
                let last = offers.offers.len().saturating_sub(1);
                let at = match key.code {
                    Code::Down => {
                        if at == last {
                            0
                        } else {
                            at + 1
                        }
                    }
                    Code::Up => at.checked_sub(1).unwrap_or(last),
                    Code::PageDown => (at + 8).min(last),
                    Code::PageUp => at.saturating_sub(8),
                    Code::Enter | Code::Tab if !offers.offers.is_empty() => {
                        self.take_offer(&offers, at, effects);
                        return true;
                    }
                    Code::Esc => return true,
                    // More letters make the list shorter: it is asked for again behind them.
                    _ => {
                        let goes_on = typed
                            .is_some_and(|c| c.is_alphanumeric() || "-_.:".contains(c))
                            || key.code == Code::Backspace;
                        if goes_on {
                            self.popup = Some(Popup::Offers(offers, at));
                            self.renew = true;
                        }
                        return false;
                    }
                };
                self.popup = Some(Popup::Offers(offers, at));
                true
            }
            Popup::Help(help, top) => {
                let top = match key.code {
                    Code::Down => top + 1,
                    Code::Up => top.saturating_sub(1),
                    Code::PageDown => top + 10,
                    Code::PageUp => top.saturating_sub(10),
                    Code::Char('y') => {
                        if let Some(url) = &help.url {
                            self.copying = Some(url.clone());
                            effects.push(Effect::Copy(url.clone()));
                        }
                        top
                    }
                    Code::Esc | Code::Enter => return true,
                    _ => return false,
                };
                self.popup = Some(Popup::Help(help, top));
                true
            }
            Popup::Past(past) => {
                self.press_past(past, key);
                true
            }
            Popup::Outline(mut words, devices, at) => {
                let fitting = Popup::fitting(&words, &devices);
                let last = fitting.len().saturating_sub(1);
                let page = self.height.max(2) - 1;
                let at = match key.code {
                    Code::Down => (at + 1).min(last),
                    Code::Up => at.saturating_sub(1),
                    Code::PageDown => (at + page).min(last),
                    Code::PageUp => at.saturating_sub(page),
                    Code::Home => 0,
                    Code::End => last,
                    Code::Enter => {
                        if let Some(byte) = fitting.get(at.min(last)).map(|device| device.at)
                            && let Some(editor) = self.shown_mut()
                        {
                            editor.move_to_byte(byte, false);
                        }
                        return true;
                    }
                    Code::Esc => return true,
                    Code::Backspace => {
                        words.pop();
                        0
                    }
                    _ => match typed {
                        Some(c) => {
                            words.push(c);
                            0
                        }
                        None => at,
                    },
                };
                self.popup = Some(Popup::Outline(words, devices, at));
                true
            }
        }
    }

    /// Types what was chosen.
    fn take_offer(&mut self, offers: &Offers, at: usize, effects: &mut Vec<Effect>) {
        let (Some(offer), Some(editor)) = (offers.offers.get(at), &mut self.editor) else {
            return;
        };
        let start = offers.replaces.start;
        if editor.replace(offers.replaces.clone(), &offer.insert) {
            editor.move_to_byte(start + offer.cursor.min(offer.insert.len()), false);
            self.rejected = None;
            // Where a value is to be chosen next, it is offered at once.
            let before = &editor.text()[..editor.buffer().at()];
            if before.ends_with(['"', '\'']) && before.contains('=') && offer.insert.contains('=') {
                self.inquire(false, effects);
            }
        }
    }
}
