//! Displays that are open: each is shown by a page, and closed with it.

mod keys;
mod link;

pub use keys::stroke;
pub use link::{Link, Meter};

use super::{Effect, Layer, Level, Line, Page, State, TextField, TextUse};
use crate::display::Area;
use crate::model::DomainId;
use crate::protocol::{DisplayId, DisplayNews, DisplayPhase, DisplayVerb, DisplayWay, Look, Shown};
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
            DisplayPhase::Attached(DisplayWay::Pictures(_)) => "pictures".to_owned(),
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

    /// One of them.
    #[must_use]
    pub fn get(&self, id: DisplayId) -> Option<&Display> {
        self.all.iter().find(|display| display.id == id)
    }
}

impl State {
    /// Opens the display of a domain.
    pub(super) fn open_display(
        &mut self,
        domain: DomainId,
        look: Look,
        effects: &mut Vec<Effect>,
    ) -> DisplayId {
        let id = DisplayId(self.displays.next);
        self.displays.next += 1;
        let domain_name = self.guest(domain).map_or_else(
            || domain.uuid.to_string(),
            |guest| guest.domain.name.clone(),
        );
        self.displays.all.push(Display {
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
            told: look,
        });
        let verb = DisplayVerb::Open {
            domain: domain.uuid,
            look,
            reads_password: self.display_rules().password_from_xml,
        };
        effects.push(Effect::Display(domain.connection, id, verb));
        id
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
            let was_attached = display.is_attached();
            let words = match &phase {
                DisplayPhase::Attached(DisplayWay::Pictures(why)) => Some((
                    Level::Note,
                    format!(
                        "Shown by pictures that libvirt takes, without a pointer: {}.",
                        text::visible(why)
                    ),
                )),
                DisplayPhase::Lost(reason) if was_attached => Some((
                    Level::Failed,
                    format!("The display of {name} ended: {}.", text::visible(reason)),
                )),
                _ => None,
            };
            let locked = matches!(phase, DisplayPhase::Locked(_));
            display.phase = phase;
            if let Some((level, words)) = words {
                state.say(level, words);
            }
            let shown = matches!(state.page(), Page::Display(page) if page.display == id);
            if locked && shown && state.layers.is_empty() {
                let field = TextField::new(TextUse::DisplayPassword(id), Line::masked());
                state.layers.push(Layer::Text(field));
            }
        }
        DisplayNews::Cut(cut) => {
            let count = cut.chars().count();
            state.say(
                Level::Note,
                format!("{name} copied {count} characters into its clipboard."),
            );
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
        DisplayNews::NotTyped(refused) => {
            let shown: String = refused.chars().take(20).collect();
            state.say(
                Level::Note,
                format!(
                    "{} characters cannot be typed and were left out: {}",
                    refused.chars().count(),
                    text::visible(&shown)
                ),
            );
        }
    }
}

/// After every event: displays without a page are closed, and the others learn what the screen has for them.
pub(super) fn follow(state: &mut State, effects: &mut Vec<Effect>) {
    let displays = &state.displays;
    state.pages.retain(|page| match page {
        Page::Display(page) => displays.get(page.display).is_some(),
        _ => true,
    });
    let looks: Vec<_> = state
        .displays
        .all
        .iter()
        .map(|display| state.look_of(display.id))
        .collect();
    let mut kept = Vec::new();
    for (mut display, look) in std::mem::take(&mut state.displays.all)
        .into_iter()
        .zip(looks)
    {
        let connection = display.domain.connection;
        let Some(look) = look else {
            effects.push(Effect::Display(connection, display.id, DisplayVerb::Close));
            continue;
        };
        if look != display.told {
            display.told = look;
            effects.push(Effect::Display(
                connection,
                display.id,
                DisplayVerb::Look(look),
            ));
        }
        if let Some(guest) = state.guests.get(&display.domain)
            && guest.domain.name != display.domain_name
        {
            display.domain_name.clone_from(&guest.domain.name);
        }
        kept.push(display);
    }
    state.displays.all = kept;
}
