//! Consoles that are open, whether a page shows them or not.

mod keys;

pub use keys::{bytes, mouse_bytes};

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use super::{Effect, Level, Page, Pane, State};
use crate::console::Screen;
use crate::model::DomainId;
use crate::protocol::{
    ConsoleAccess, ConsoleDevice, ConsoleId, ConsoleNews, ConsolePhase, ConsoleVerb,
};
use crate::record;
use crate::text;

/// One open console.
#[derive(Debug, Clone, PartialEq)]
pub struct Console {
    /// Its number.
    pub id: ConsoleId,
    /// Whose it is.
    pub domain: DomainId,
    /// The name of that domain as it was known last; untrusted.
    pub domain_name: String,
    /// Which line.
    pub device: ConsoleDevice,
    /// How it stands.
    pub phase: ConsolePhase,
    /// What it showed last.
    pub screen: Arc<Screen>,
    /// The file it is written to.
    pub log: Option<PathBuf>,
    /// Typing goes to it as well when it is told to all.
    pub marked: bool,
    /// It was attached before: its end is worth a word.
    pub(super) was_attached: bool,
    /// When a frame came that nobody has seen.
    pub news_since: Option<Instant>,
    /// The bell rang since it was seen.
    pub rang: bool,
    bells: u64,
    bytes: u64,
    /// The button of the mouse that is down over it.
    pub(super) held: Option<u8>,
    /// What it was told of the screen.
    pub(super) told: (u16, u16, bool),
}

impl Console {
    /// The name of its line.
    #[must_use]
    pub fn line(&self) -> &str {
        match &self.device {
            ConsoleDevice::First => "console",
            ConsoleDevice::Alias(name) | ConsoleDevice::Channel(name) => name,
        }
    }

    /// How it stands, in words.
    #[must_use]
    pub fn standing(&self) -> String {
        match &self.phase {
            ConsolePhase::Opening => "opening".to_owned(),
            ConsolePhase::Attached => "attached".to_owned(),
            ConsolePhase::Off => "the domain is off; attaches when it starts".to_owned(),
            ConsolePhase::InUse(_) => {
                "in use by somebody else; attaches when it is free".to_owned()
            }
            ConsolePhase::Lost(reason) => {
                format!("not attached: {}; tried again", text::visible(reason))
            }
            ConsolePhase::Refused(failure) => text::visible(&failure.reason).into_owned(),
        }
    }

    /// Whether what is typed reaches the guest.
    #[must_use]
    pub fn is_attached(&self) -> bool {
        self.phase == ConsolePhase::Attached
    }
}

/// All of them, in the order of their opening.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Consoles {
    /// The consoles.
    pub all: Vec<Console>,
    /// What is typed goes to all that are marked.
    pub broadcast: bool,
    next: u32,
}

impl Consoles {
    /// One of them.
    #[must_use]
    pub fn get(&self, id: ConsoleId) -> Option<&Console> {
        self.all.iter().find(|console| console.id == id)
    }

    pub(super) fn get_mut(&mut self, id: ConsoleId) -> Option<&mut Console> {
        self.all.iter_mut().find(|console| console.id == id)
    }

    /// The console of a line that is open already.
    #[must_use]
    pub fn of(&self, domain: DomainId, device: &ConsoleDevice) -> Option<ConsoleId> {
        self.all
            .iter()
            .find(|console| console.domain == domain && console.device == *device)
            .map(|console| console.id)
    }

    /// Who gets what is typed into `focus`.
    #[must_use]
    pub fn targets(&self, focus: ConsoleId) -> Vec<ConsoleId> {
        if !self.broadcast {
            return vec![focus];
        }
        let marked = self.all.iter().filter(|console| console.marked);
        marked.map(|console| console.id).collect()
    }
}

impl State {
    /// Opens a console of a domain, or finds the one that is open.
    pub(super) fn open_console(
        &mut self,
        domain: DomainId,
        device: ConsoleDevice,
        access: ConsoleAccess,
        effects: &mut Vec<Effect>,
    ) -> ConsoleId {
        if let Some(id) = self.consoles.of(domain, &device) {
            return id;
        }
        let id = ConsoleId(self.consoles.next);
        self.consoles.next += 1;
        let (columns, lines) = (80, 24);
        let domain_name = self.guest(domain).map_or_else(
            || domain.uuid.to_string(),
            |guest| guest.domain.name.clone(),
        );
        self.consoles.all.push(Console {
            id,
            domain,
            domain_name,
            device: device.clone(),
            phase: ConsolePhase::Opening,
            screen: Arc::new(Screen::default()),
            log: None,
            marked: false,
            was_attached: false,
            news_since: None,
            rang: false,
            bells: 0,
            bytes: 0,
            held: None,
            told: (columns, lines, true),
        });
        let verb = ConsoleVerb::Open {
            domain: domain.uuid,
            device,
            access,
            columns,
            lines,
        };
        effects.push(Effect::Console(domain.connection, id, verb));
        id
    }

    /// Puts on record that a console was opened.
    fn note_console(&mut self, id: ConsoleId, effects: &mut Vec<Effect>) {
        let Some(console) = self.consoles.get(id) else {
            return;
        };
        let domain = console.domain;
        let line = match console.device {
            // virsh opens none.
            ConsoleDevice::Channel(_) => Some(format!("{}virDomainOpenChannel", record::CALL)),
            ConsoleDevice::First | ConsoleDevice::Alias(_) => self.console_command(id, ""),
        };
        if let Some(line) = line {
            self.note_done(domain, line, effects);
        }
    }

    /// Asks something of a console.
    pub(super) fn tell_console(&self, id: ConsoleId, verb: ConsoleVerb, effects: &mut Vec<Effect>) {
        if let Some(console) = self.consoles.get(id) {
            effects.push(Effect::Console(console.domain.connection, id, verb));
        }
    }

    /// Closes a console: its line is free for others.
    pub(super) fn close_console(&mut self, id: ConsoleId, effects: &mut Vec<Effect>) {
        self.tell_console(id, ConsoleVerb::Close, effects);
        self.consoles.all.retain(|console| console.id != id);
        if self.consoles.all.iter().filter(|c| c.marked).count() < 2 {
            self.consoles.broadcast = false;
        }
    }

    /// The domain's name with the console's line where that is not the first.
    #[must_use]
    pub fn console_name(&self, console: &Console) -> String {
        let name = text::visible(&console.domain_name).into_owned();
        match console.device {
            ConsoleDevice::First => name,
            _ => format!("{name} {}", text::visible(console.line())),
        }
    }
}

/// Takes in what a console reports.
pub(super) fn take(state: &mut State, id: ConsoleId, news: ConsoleNews, effects: &mut Vec<Effect>) {
    let now = state.now.instant;
    let seen = state.tile_of(Pane::Console(id)).is_some();
    let Some(name) = state
        .consoles
        .get(id)
        .map(|console| state.console_name(console))
    else {
        return;
    };
    let Some(console) = state.consoles.get_mut(id) else {
        return;
    };
    match news {
        ConsoleNews::Frame(frame) => {
            if seen {
                console.rang = false;
                console.news_since = None;
            } else {
                if frame.bytes != console.bytes {
                    console.news_since.get_or_insert(now);
                }
                console.rang |= frame.bells != console.bells;
            }
            console.bells = frame.bells;
            console.bytes = frame.bytes;
            console.screen = frame.screen;
        }
        ConsoleNews::Phase(phase) => {
            let words = match &phase {
                ConsolePhase::Attached if console.was_attached => Some((
                    Level::Done,
                    format!("The console of {name} is attached again."),
                )),
                ConsolePhase::Lost(reason)
                    if console.was_attached && !matches!(console.phase, ConsolePhase::Lost(_)) =>
                {
                    let reason = text::visible(reason);
                    Some((
                        Level::Failed,
                        format!("The console of {name} ended: {reason}."),
                    ))
                }
                ConsolePhase::InUse(reason) if !matches!(console.phase, ConsolePhase::InUse(_)) => {
                    let reason = text::visible(reason);
                    Some((
                        Level::Note,
                        format!("The console of {name} is in use: {reason}."),
                    ))
                }
                _ => None,
            };
            let first = phase == ConsolePhase::Attached && !console.was_attached;
            console.was_attached |= first;
            console.phase = phase;
            if let Some((level, words)) = words {
                state.say(level, words);
            }
            if first {
                state.note_console(id, effects);
            }
        }
        ConsoleNews::Copied(text) if text.is_empty() => {
            state.say(Level::Note, "There is nothing to copy.".to_owned());
        }
        ConsoleNews::Copied(text) => {
            let lines = text.lines().count();
            state.copying = Some(match lines {
                1 => text.clone(),
                lines => format!("{lines} lines of {name}"),
            });
            effects.push(Effect::Copy(text));
        }
        ConsoleNews::Broke(Ok(())) => {
            state.say(Level::Done, format!("A break was sent to {name}."));
        }
        ConsoleNews::Broke(Err(reason)) => state.say(
            Level::Failed,
            format!("No break was sent to {name}: {}.", text::visible(&reason)),
        ),
        ConsoleNews::NotFound => state.say(Level::Note, "The text is not there.".to_owned()),
        ConsoleNews::NotTaken => state.say(
            Level::Failed,
            format!("{name} does not take what is typed: it was not sent."),
        ),
        ConsoleNews::Log(Ok(path)) => {
            let words = match &path {
                Some(path) => format!(
                    "The console of {name} is written to {}.",
                    text::visible(&path.to_string_lossy())
                ),
                None => format!("The console of {name} is no longer written to a file."),
            };
            console.log = path;
            state.say(Level::Done, words);
        }
        ConsoleNews::Log(Err(reason)) => {
            console.log = None;
            state.say(
                Level::Failed,
                format!(
                    "The console of {name} is not written: {}.",
                    text::visible(&reason)
                ),
            );
        }
    }
}

/// After every event: the consoles learn what the screen shows of them. One whose domain is gone stays, with what it
/// said last, until it is closed.
pub(super) fn follow(state: &mut State, effects: &mut Vec<Effect>) {
    let consoles = &state.consoles;
    state.pages.retain(|page| match page {
        Page::Console(page) => consoles.get(page.focus).is_some(),
        _ => true,
    });
    let guests = &state.guests;
    for console in &mut state.consoles.all {
        if let Some(guest) = guests.get(&console.domain)
            && guest.domain.name != console.domain_name
        {
            console.domain_name.clone_from(&guest.domain.name);
        }
    }
    let shown = state.tiles();
    for console in &mut state.consoles.all {
        let pane = Pane::Console(console.id);
        let tile = shown.iter().find(|tile| tile.pane == pane);
        let (columns, lines, watched) = console.told;
        let wanted = match tile {
            Some(tile) => (tile.width, tile.height, true),
            None => (columns, lines, false),
        };
        if tile.is_some() {
            console.news_since = None;
            console.rang = false;
        }
        let (connection, id) = (console.domain.connection, console.id);
        if (wanted.0, wanted.1) != (columns, lines) {
            let verb = ConsoleVerb::Resize {
                columns: wanted.0,
                lines: wanted.1,
            };
            effects.push(Effect::Console(connection, id, verb));
        }
        if wanted.2 != watched {
            effects.push(Effect::Console(
                connection,
                id,
                ConsoleVerb::Watch(wanted.2),
            ));
        }
        console.told = wanted;
    }
}
