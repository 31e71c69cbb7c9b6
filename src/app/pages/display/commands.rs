//! What follows the leader key.

use super::{DisplayPage, Done, ready};
use crate::action::{Action, Context};
use crate::app::{
    Beside, Display, Effect, KeyMenu, Layer, Level, Line, Pane, Reader, State, TextField, TextUse,
};
use crate::display::{Stroke, keycodes};
use crate::model::{EndpointKind, Transport, Uri};
use crate::ports;
use crate::protocol::{DisplayId, DisplayPhase, DisplayVerb, DisplayWay};
use crate::text;
use crate::virsh;

impl DisplayPage {
    /// Does what a command means.
    pub(in crate::app) fn act(
        &mut self,
        state: &mut State,
        action: Action,
        effects: &mut Vec<Effect>,
    ) -> Done {
        self.leading = false;
        let id = self.display;
        if let Some(display) = state.displays.get_mut(id) {
            match action {
                Action::ActualSize => display.corner = display.corner.xor(Some((0, 0))),
                Action::TextView => display.text = !display.text,
                Action::ViewOnly => display.view_only = !display.view_only,
                Action::DisplayFigures => display.figures = !display.figures,
                Action::PanLeft => self.leading = display.pan(-1, 0),
                Action::PanRight => self.leading = display.pan(1, 0),
                Action::PanUp => self.leading = display.pan(0, -1),
                Action::PanDown => self.leading = display.pan(0, 1),
                _ => return self.act_beyond(state, action, effects),
            }
        }
        Done::Stays
    }

    /// What changes more than how the display is shown.
    fn act_beyond(&mut self, state: &mut State, action: Action, effects: &mut Vec<Effect>) -> Done {
        let id = self.display;
        let ask = |state: &mut State, field| state.layers.push(Layer::Text(field));
        match action {
            Action::Leader => self.leading = true,
            Action::LeaveDisplay => {
                state.close_display(id, effects);
                state.focus_last();
                return Done::Leaves;
            }
            Action::KeepDisplay => {
                if let Some(display) = state.displays.get_mut(id) {
                    display.kept = true;
                    let name = text::visible(&display.domain_name).into_owned();
                    let words = format!("The display of {name} stays open.");
                    state.say(Level::Note, words);
                }
                return Done::Leaves;
            }
            Action::NextConsole | Action::PreviousConsole => {
                let forward = action == Action::NextConsole;
                if state.focus_beside(Pane::Display(id), forward) {
                    return Done::Leaves;
                }
            }
            Action::TileConsoles => state.split.tiled = !state.split.tiled,
            Action::TableBeside => state.split.toggle(Beside::Table),
            Action::DetailsBeside => state.split.toggle(Beside::Details),
            Action::GiveClipboard => ask(
                state,
                TextField::new(TextUse::GiveClipboard(id), Line::new("")),
            ),
            Action::TakeClipboard => take_clipboard(state, id, effects),
            Action::CopyScreen => state.tell_display(self.display, DisplayVerb::Copy, effects),
            Action::ReopenDisplay => state.tell_display(self.display, DisplayVerb::Retry, effects),
            Action::SendKeys => self.offer_keys(state),
            Action::StopTyping => self.stop_typing(state, effects),
            Action::TypeText => {
                let field = TextField::new(TextUse::TypeText(self.display), Line::new(""));
                ask(state, field);
            }
            Action::SaveScreen => {
                let path = self.own_file(state);
                save_to(state, id, &path, effects);
            }
            Action::SaveScreenAs => {
                let path = self.own_file(state);
                ask(
                    state,
                    TextField::new(TextUse::SaveScreen(id), Line::new(&path)),
                );
            }
            Action::GivePassword => {
                let field = TextField::new(TextUse::DisplayPassword(self.display), Line::masked());
                ask(state, field);
            }
            Action::CopyViewer => self.copy_viewer(state, effects),
            Action::Help => {
                let reader = Reader::help(&state.keymap, &[Context::Typing, Context::Screen], &[]);
                state.layers.push(Layer::Reader(reader));
            }
            _ => return Done::Unknown,
        }
        Done::Stays
    }

    /// A file for the screen that is not there yet.
    fn own_file(&self, state: &State) -> String {
        let name = state
            .displays
            .get(self.display)
            .map_or("", |display| display.domain_name.as_str());
        let time = chrono::DateTime::<chrono::Local>::from(state.now.wall).format("%Y%m%d-%H%M%S");
        file_name(&format!("{name}-{time}"))
    }

    fn offer_keys(&self, state: &mut State) {
        let Some(display) = state.displays.get(self.display) else {
            return;
        };
        let title = format!("Press in {}", text::visible(&display.domain_name));
        let menu = KeyMenu::new(state, self.display, title);
        state.layers.push(Layer::Keys(menu));
    }

    fn stop_typing(&self, state: &mut State, effects: &mut Vec<Effect>) {
        let typing = state.displays.get(self.display).and_then(|one| one.typing);
        if typing.is_none() {
            return state.say(Level::Note, "No text is being typed.".to_owned());
        }
        state.tell_display(self.display, DisplayVerb::StopTyping, effects);
    }

    /// The command of a viewer, for what this page cannot show; the tunnel that one needs where it needs one.
    fn copy_viewer(&self, state: &mut State, effects: &mut Vec<Effect>) {
        match state.way_outside(self.domain) {
            Some(line) => {
                state.copying = Some(line.clone());
                effects.push(Effect::Copy(line));
            }
            None => {
                let words = "No address of the display is known.";
                state.say(Level::Note, words.to_owned());
            }
        }
    }
}

impl Display {
    /// Moves the part that is shown by half of what can be seen; whether the next key may do it again.
    fn pan(&mut self, right: i32, down: i32) -> bool {
        let Some((x, y)) = self.corner else {
            return false;
        };
        let moved = |at: u16, by: i32, seen: u16, all: u16| {
            let seen = i32::from(seen);
            let most = (i32::from(all) - seen).max(0);
            let to = (i32::from(at) + by * (seen / 2).max(1)).clamp(0, most);
            u16::try_from(to).unwrap_or(0)
        };
        self.corner = Some((
            moved(x, right, self.part.width, self.size.0),
            moved(y, down, self.part.height, self.size.1),
        ));
        true
    }
}

/// Copies what the guest put into its clipboard last.
fn take_clipboard(state: &mut State, id: DisplayId, effects: &mut Vec<Effect>) {
    let cut = state
        .displays
        .get(id)
        .and_then(|display| display.cut.clone());
    let Some(cut) = cut else {
        let words = "The guest has copied nothing, or its display does not tell.";
        return state.say(Level::Note, words.to_owned());
    };
    state.copying = Some(match cut.lines().count() {
        1 => cut.clone(),
        lines => format!("{lines} lines of the guest's clipboard"),
    });
    effects.push(Effect::Copy(cut));
}

/// Puts a text into the guest's clipboard, because a person asked for it.
pub(in crate::app) fn give_clipboard(
    state: &mut State,
    id: DisplayId,
    given: &str,
    effects: &mut Vec<Effect>,
) {
    let Some(display) = state.displays.get(id) else {
        return;
    };
    let name = text::visible(&display.domain_name).into_owned();
    if display.view_only || display.phase != DisplayPhase::Attached(DisplayWay::Vnc) {
        let words = format!(
            "Not sent: the clipboard of {name} is reached by VNC alone, unless it is only looked at."
        );
        return state.say(Level::Note, words);
    }
    let count = given.chars().count();
    state.tell_display(id, DisplayVerb::Cut(given.to_owned()), effects);
    let words = format!(
        "{count} characters were given to the clipboard of {name}, if its display has one."
    );
    state.say(Level::Note, words);
}

/// A name for a file, whatever the domain is called.
fn file_name(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') {
                c
            } else {
                '_'
            }
        })
        .take(60)
        .collect();
    format!("{plain}.png")
}

/// Presses keys that were chosen or typed by their names, and puts them on record.
pub(in crate::app) fn press_keys(
    state: &mut State,
    id: DisplayId,
    strokes: Vec<Stroke>,
    effects: &mut Vec<Effect>,
) {
    if ready(state) != Some(id) {
        return;
    }
    if let Some(line) = key_line(state, id, &strokes)
        && let Some(display) = state.displays.get(id)
    {
        state.note_done(display.domain, line, effects);
    }
    state.tell_display(id, DisplayVerb::Press(strokes), effects);
}

/// Names of keys that were typed.
///
/// # Errors
/// Names what is no key.
pub(in crate::app) fn keys_typed(
    state: &mut State,
    id: DisplayId,
    text: &str,
    effects: &mut Vec<Effect>,
) -> Result<(), String> {
    let strokes: Vec<Stroke> = text
        .split_whitespace()
        .map(str::parse)
        .collect::<Result<_, _>>()?;
    if strokes.is_empty() {
        return Err("Names of keys, as in: ctrl-alt-F2 Enter".to_owned());
    }
    press_keys(state, id, strokes, effects);
    Ok(())
}

/// The virsh commands that press the same keys.
pub(in crate::app) fn key_line(state: &State, id: DisplayId, strokes: &[Stroke]) -> Option<String> {
    let display = state.displays.get(id)?;
    let connection = state.connection(display.domain.connection)?;
    let domain = virsh::domain_word(&display.domain_name, display.domain.uuid);
    let lines: Option<Vec<_>> = strokes
        .iter()
        .map(|stroke| {
            let keys: Vec<_> = keycodes(stroke)?.iter().map(u16::to_string).collect();
            Some(format!(
                "virsh -c {} send-key {} {}",
                text::shell_quote(connection.uri()),
                text::shell_quote(&domain),
                keys.join(" ")
            ))
        })
        .collect();
    Some(lines?.join("; "))
}

/// Writes the screen into a file.
pub(in crate::app) fn save_to(
    state: &mut State,
    id: DisplayId,
    path: &str,
    effects: &mut Vec<Effect>,
) {
    if let Some(display) = state.displays.get(id)
        && let Some(connection) = state.connection(display.domain.connection)
    {
        let domain = virsh::domain_word(&display.domain_name, display.domain.uuid);
        let line = format!(
            "virsh -c {} screenshot {} {}",
            text::shell_quote(connection.uri()),
            text::shell_quote(&domain),
            text::shell_quote(path)
        );
        state.note_done(display.domain, line, effects);
    }
    state.tell_display(id, DisplayVerb::Save(path.into()), effects);
}

impl State {
    /// The command that shows more of a display than its page: of the tunnel that it takes, else of a viewer.
    #[must_use]
    pub fn way_outside(&self, domain: crate::model::DomainId) -> Option<String> {
        self.tunnel_line(domain)
            .or_else(|| self.viewer_line(domain))
    }

    /// The command of a viewer that shows a display of a domain.
    #[must_use]
    pub fn viewer_line(&self, domain: crate::model::DomainId) -> Option<String> {
        let guest = self.guest(domain)?;
        let uri = self.connection(domain.connection)?.uri().parse().ok()?;
        let subject = ports::Subject {
            uuid: domain.uuid,
            uri: &uri,
        };
        ports::choices(subject, guest.endpoints(), &self.options.here)
            .into_iter()
            .find(|choice| choice.form == ports::Form::Viewer)
            .map(|choice| choice.text)
    }

    /// The command of a tunnel to the VNC display of a domain that answers on its own host only, where its connection is no
    /// ssh and so none is there already.
    #[must_use]
    pub fn tunnel_line(&self, domain: crate::model::DomainId) -> Option<String> {
        let guest = self.guest(domain)?;
        let uri: Uri = self.connection(domain.connection)?.uri().parse().ok()?;
        let mut all = guest.endpoints().iter();
        let vnc = all.find(|endpoint| endpoint.kind == EndpointKind::Vnc)?;
        (uri.transport != Transport::Ssh && ports::tunnel_needed(vnc, &uri)).then_some(())?;
        ports::ssh_forward(vnc, &uri, &self.options.here)
    }

    /// Whether a display waits for its password.
    #[must_use]
    pub fn display_is_locked(&self, id: DisplayId) -> bool {
        let phase = self.displays.get(id).map(|display| &display.phase);
        matches!(phase, Some(DisplayPhase::Locked(_)))
    }
}
