//! Displays that are open. One is closed with its page, unless it was told to stay.

mod keys;
mod link;

pub use keys::stroke;
pub use link::{Link, Meter};

use super::guest::{STARTED, VIEWER_CONNECTED};
use super::{Areas, Connection, Effect, Layer, Level, Line, Page, Pane, State, TextField, TextUse};
use crate::action::{Action, Context};
use crate::display::Area;
use crate::model::{DomainEvent, DomainId, EventKind};
use crate::protocol::{
    DisplayId, DisplayNews, DisplayPhase, DisplayVerb, DisplayWay, Look, Shown, Typing,
};
use crate::record;
use crate::text;

/// One open display.
#[derive(Debug, Clone, PartialEq)]
pub struct Display {
    /// Its number.
    pub id: DisplayId,
    /// Whose it is.
    pub domain: DomainId,
    /// The name of that domain as it was known last; untrusted.
    pub domain_name: String,
    /// How it stands.
    pub phase: DisplayPhase,
    /// What it showed last.
    pub shown: Option<Shown>,
    /// Columns and lines of the guest's screen, in pixels.
    pub size: (u16, u16),
    /// Which part of it is shown.
    pub part: Area,
    /// The guest shows nothing.
    pub blank: bool,
    /// Where the pointer was last, in pixels of the guest.
    pub(super) pointer: Option<(u16, u16)>,
    /// What it costs.
    pub meter: Meter,
    /// A pixel of the guest is one here, from this one on; `None` for the whole screen made to fit.
    pub corner: Option<(u16, u16)>,
    /// Text is shown as text.
    pub text: bool,
    /// Keys and pointer go nowhere.
    pub view_only: bool,
    /// What it costs is shown.
    pub figures: bool,
    /// It stays open when its page is left.
    pub kept: bool,
    /// What the guest put into its clipboard last; fit to be shown.
    pub cut: Option<String>,
    /// How far a text is that is being typed in it.
    pub typing: Option<Typing>,
    /// Buttons of the pointer that are held.
    pub(super) buttons: u8,
    /// By which address its host knows this session; `None` before it told.
    own: Option<String>,
    /// That it was opened is on record.
    recorded: bool,
    /// What it was told of the screen.
    told: Look,
}

impl Display {
    /// How it stands, in words.
    #[must_use]
    pub fn standing(&self) -> String {
        match &self.phase {
            DisplayPhase::Opening => "opening".to_owned(),
            DisplayPhase::Attached(DisplayWay::Vnc) => "VNC".to_owned(),
            DisplayPhase::Attached(DisplayWay::Pictures(why)) => {
                format!("pictures: {}", text::visible(why))
            }
            DisplayPhase::Off => "the domain is off; shown when it starts".to_owned(),
            DisplayPhase::Locked(None) => "it wants a password".to_owned(),
            DisplayPhase::Locked(Some(words)) => {
                format!("the password was not taken: {}", text::visible(words))
            }
            DisplayPhase::Lost(reason) => {
                format!("not shown: {}; tried again", text::visible(reason))
            }
            DisplayPhase::Refused(failure) => text::visible(&failure.reason).into_owned(),
        }
    }

    /// Whether what is pressed reaches the guest.
    #[must_use]
    pub fn is_attached(&self) -> bool {
        matches!(self.phase, DisplayPhase::Attached(_))
    }
}

/// All of them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Displays {
    /// The displays.
    pub all: Vec<Display>,
    next: u32,
}

impl Displays {
    pub(super) fn get_mut(&mut self, id: DisplayId) -> Option<&mut Display> {
        self.all.iter_mut().find(|display| display.id == id)
    }

    /// The display of a domain that is open already.
    #[must_use]
    pub fn of(&self, domain: DomainId) -> Option<DisplayId> {
        let mut all = self.all.iter();
        all.find(|display| display.domain == domain)
            .map(|display| display.id)
    }

    /// One of them.
    #[must_use]
    pub fn get(&self, id: DisplayId) -> Option<&Display> {
        self.all.iter().find(|display| display.id == id)
    }
}

impl State {
    /// Opens the display of a domain and shows it.
    pub(super) fn open_display(
        &mut self,
        domain: DomainId,
        effects: &mut Vec<Effect>,
    ) -> DisplayId {
        let id = DisplayId(self.displays.next);
        self.displays.next += 1;
        let domain_name = self.guest(domain).map_or_else(
            || domain.uuid.to_string(),
            |guest| guest.domain.name.clone(),
        );
        let display = Display {
            id,
            domain,
            domain_name,
            phase: DisplayPhase::Opening,
            shown: None,
            size: (0, 0),
            part: Area::default(),
            blank: false,
            pointer: None,
            meter: Meter::default(),
            corner: None,
            text: true,
            view_only: false,
            figures: false,
            kept: false,
            cut: None,
            typing: None,
            buttons: 0,
            own: None,
            recorded: false,
            told: Look::default(),
        };
        self.displays.all.push(display);
        self.show_pane(Pane::Display(id));
        let look = self
            .displays
            .get(id)
            .map_or_else(Look::default, |display| self.look_of(display));
        if let Some(display) = self.displays.get_mut(id) {
            display.told = look;
        }
        let verb = DisplayVerb::Open {
            domain: domain.uuid,
            look,
            reads_password: self.display_rules().password_from_xml,
        };
        effects.push(Effect::Display(domain.connection, id, verb));
        id
    }

    /// Closes a display.
    pub(super) fn close_display(&mut self, id: DisplayId, effects: &mut Vec<Effect>) {
        self.tell_display(id, DisplayVerb::Close, effects);
        self.displays.all.retain(|display| display.id != id);
    }

    /// Who else looks at the domain of a display, as far as events told; untrusted.
    #[must_use]
    pub fn other_viewers(&self, display: &Display) -> Vec<&str> {
        let viewers = self
            .guest(display.domain)
            // Who leaves is known to its host a moment later.
            .filter(|_| display.is_attached())
            .map_or(&[][..], |guest| guest.viewers.as_slice());
        let mut own = display.own.as_deref();
        let others = viewers
            .iter()
            .map(String::as_str)
            .filter(|viewer| own.take_if(|own| *own == *viewer).is_none());
        others.collect()
    }

    /// How displays are shown and typed into.
    #[must_use]
    pub fn display_rules(&self) -> crate::config::Display {
        self.settings
            .as_ref()
            .map(|settings| settings.display.clone())
            .unwrap_or_default()
    }

    /// Asks something of a display.
    pub(super) fn tell_display(&self, id: DisplayId, verb: DisplayVerb, effects: &mut Vec<Effect>) {
        if let Some(display) = self.displays.get(id) {
            effects.push(Effect::Display(display.domain.connection, id, verb));
        }
    }
}

/// Takes in what a display reports.
pub(super) fn take(state: &mut State, id: DisplayId, news: DisplayNews, effects: &mut Vec<Effect>) {
    let Some(display) = state
        .displays
        .all
        .iter_mut()
        .find(|display| display.id == id)
    else {
        return;
    };
    let name = text::visible(&display.domain_name).into_owned();
    match news {
        DisplayNews::Frame(frame) => {
            display.shown = Some(frame.shown);
            display.size = frame.size;
            display.part = frame.part;
            display.blank = frame.blank;
            let (sent, now) = (state.link.bytes(), state.now.instant);
            display.meter.frame(frame.bytes, sent, now);
        }
        DisplayNews::Phase(phase) => {
            let was_lost = matches!(display.phase, DisplayPhase::Lost(_));
            let words = match &phase {
                DisplayPhase::Attached(DisplayWay::Pictures(why)) => Some((
                    Level::Note,
                    format!(
                        "Shown by pictures that libvirt takes, without a pointer: {}.",
                        text::visible(why)
                    ),
                )),
                DisplayPhase::Lost(reason) if !was_lost => Some((
                    Level::Failed,
                    format!(
                        "The display of {name} is not reached: {}.",
                        text::visible(reason)
                    ),
                )),
                _ => None,
            };
            let by_pictures = matches!(phase, DisplayPhase::Attached(DisplayWay::Pictures(_)));
            let domain = display.domain;
            let locked = matches!(phase, DisplayPhase::Locked(_));
            if phase == DisplayPhase::Opening {
                display.own = None;
            }
            display.phase = phase;
            let first = display.is_attached() && !display.recorded;
            display.recorded |= first;
            if first {
                let line = state.viewer_line(domain);
                let call = || format!("{}virDomainScreenshot", record::CALL);
                state.note_done(domain, line.unwrap_or_else(call), effects);
            }
            if let Some((level, words)) = words {
                let tunnel = state.tunnel_line(domain).filter(|_| by_pictures);
                let (words, line) = match tunnel {
                    // Why stands in its heading: room is for the line.
                    Some(line) => ("By pictures; VNC takes a tunnel".to_owned(), Some(line)),
                    None => (words, state.viewer_line(domain).filter(|_| by_pictures)),
                };
                let line = line.map(|line| text::visible(&line).into_owned());
                state.messages.say(level, words, line, state.now);
            }
            if locked && state.pane() == Some(Pane::Display(id)) && state.layers.is_empty() {
                let field = TextField::new(TextUse::DisplayPassword(id), Line::masked());
                state.layers.push(Layer::Text(field));
            }
        }
        DisplayNews::Cut(cut) => {
            let lines: Vec<_> = cut.lines().map(text::visible).collect();
            let count = cut.chars().count();
            display.cut = Some(lines.join("\n"));
            let mut words = format!("{name} copied {count} characters into its clipboard");
            let leader = state.keymap.hint(&[Context::Typing], Action::Leader);
            let take = state.keymap.hint(&[Context::Screen], Action::TakeClipboard);
            if let (Some(leader), Some(take)) = (leader, take) {
                words = format!("{words}; {leader} {take} copies them here");
            }
            state.say(Level::Note, format!("{words}."));
        }
        DisplayNews::Copied(None) => {
            let words = "This is a picture; only a text screen can be copied.";
            state.say(Level::Note, words.to_owned());
        }
        DisplayNews::Copied(Some(copied)) if copied.is_empty() => {
            state.say(Level::Note, "There is nothing to copy.".to_owned());
        }
        DisplayNews::Copied(Some(copied)) => {
            let lines = copied.lines().count();
            state.copying = Some(match lines {
                1 => copied.clone(),
                lines => format!("{lines} lines of {name}"),
            });
            effects.push(Effect::Copy(copied));
        }
        DisplayNews::Saved(Ok(path)) => {
            let path = path.to_string_lossy().into_owned();
            state.say(
                Level::Done,
                format!("The screen of {name} is in {}.", text::visible(&path)),
            );
        }
        DisplayNews::Saved(Err(reason)) => state.say(
            Level::Failed,
            format!(
                "The screen of {name} is not saved: {}.",
                text::visible(&reason)
            ),
        ),
        DisplayNews::NotPressed(reason) => state.say(
            Level::Failed,
            format!("Not pressed in {name}: {}.", text::visible(&reason)),
        ),
        DisplayNews::Typing(typing) => display.typing = typing,
        DisplayNews::TypingStopped(Typing { done, all }) => {
            let words = format!("Stopped: {done} of {all} characters were typed in {name}.");
            state.say(Level::Note, words);
        }
        DisplayNews::NotTyped(refused) => {
            let words = format!("Left out, since no key types it: {}", few(&refused));
            state.say(Level::Note, words);
        }
    }
}

/// The first of some characters, and how many more there are.
pub(super) fn few(characters: &str) -> String {
    const SHOWN: usize = 20;
    let shown: String = characters.chars().take(SHOWN).collect();
    let more = characters.chars().count().saturating_sub(SHOWN);
    let shown = text::visible(&shown);
    match more {
        0 => shown.into_owned(),
        more => format!("{shown} and {more} more"),
    }
}

/// Takes in what happened to a domain: one that starts is looked at again whatever its display did before. Who comes to a display
/// is said; the first one after an opening is this program itself.
pub(super) fn heard(
    state: &mut State,
    domain: DomainId,
    event: &DomainEvent,
    effects: &mut Vec<Effect>,
) {
    if let EventKind::Lifecycle { event: STARTED, .. } = event.kind {
        let refused = |display: &&Display| {
            display.domain == domain && matches!(display.phase, DisplayPhase::Refused(_))
        };
        let again = state.displays.all.iter().filter(refused);
        effects.extend(
            again.map(|display| Effect::Display(domain.connection, display.id, DisplayVerb::Retry)),
        );
    }
    let EventKind::Graphics { phase, remote } = &event.kind else {
        return;
    };
    if *phase != VIEWER_CONNECTED {
        return;
    }
    let mut all = state.displays.all.iter_mut();
    let Some(display) = all.find(|display| display.domain == domain) else {
        return;
    };
    let expected = matches!(
        display.phase,
        DisplayPhase::Opening | DisplayPhase::Locked(_) | DisplayPhase::Attached(DisplayWay::Vnc)
    );
    if display.own.is_none() && expected {
        display.own = Some(remote.clone());
        return;
    }
    let name = text::visible(&display.domain_name);
    let words = format!(
        "{} looks at the display of {name} as well.",
        text::visible(remote)
    );
    state.say(Level::Note, words);
}

/// A domain that runs on another of the hosts now, as after a migration, is looked at there.
fn go_along(state: &mut State, effects: &mut Vec<Effect>) {
    let runs = |state: &State, id: DomainId| {
        let live = state
            .connection(id.connection)
            .is_some_and(Connection::is_live);
        let guest = state.guest(id);
        live && guest.is_some_and(|guest| guest.domain.state.is_active())
    };
    for at in 0..state.displays.all.len() {
        let (id, domain) = (state.displays.all[at].id, state.displays.all[at].domain);
        // What a host says that does not answer may be old.
        let known = state
            .connection(domain.connection)
            .is_some_and(Connection::is_live);
        if !known || runs(state, domain) {
            continue;
        }
        let there = state
            .connections
            .iter()
            .map(|connection| DomainId {
                connection: connection.id,
                ..domain
            })
            .find(|there| runs(state, *there));
        let Some(there) = there else {
            continue;
        };
        effects.push(Effect::Display(domain.connection, id, DisplayVerb::Close));
        let reads_password = state.display_rules().password_from_xml;
        let label = state
            .connection(there.connection)
            .map_or_else(String::new, |one| text::visible(&one.label).into_owned());
        let display = &mut state.displays.all[at];
        display.domain = there;
        display.phase = DisplayPhase::Opening;
        let verb = DisplayVerb::Open {
            domain: there.uuid,
            look: display.told,
            reads_password,
        };
        effects.push(Effect::Display(there.connection, id, verb));
        let words = format!(
            "{} runs on {label} now, and is looked at there.",
            text::visible(&display.domain_name)
        );
        for page in &mut state.pages {
            if let Page::Display(page) = page
                && page.display == id
            {
                page.domain = there;
            }
        }
        state.say(Level::Note, words);
    }
}

/// After every event: displays that no page keeps are closed, one follows its domain to another host, and all learn what the
/// screen has for them.
pub(super) fn follow(state: &mut State, effects: &mut Vec<Effect>) {
    let shown = state.pages.iter().any(Areas::is_greedy);
    let closed: Vec<_> = state
        .displays
        .all
        .iter()
        .filter(|display| !display.kept && !shown)
        .map(|display| display.id)
        .collect();
    for id in closed {
        state.close_display(id, effects);
    }
    go_along(state, effects);
    let displays = &state.displays;
    state.pages.retain(|page| match page {
        Page::Display(page) => displays.get(page.display).is_some(),
        _ => true,
    });
    let looks: Vec<_> = state
        .displays
        .all
        .iter()
        .map(|display| state.look_of(display))
        .collect();
    for (display, look) in state.displays.all.iter_mut().zip(looks) {
        if look != display.told {
            display.told = look;
            let verb = DisplayVerb::Look(look);
            effects.push(Effect::Display(display.domain.connection, display.id, verb));
        }
        if let Some(guest) = state.guests.get(&display.domain)
            && guest.domain.name != display.domain_name
        {
            display.domain_name.clone_from(&guest.domain.name);
        }
    }
}
