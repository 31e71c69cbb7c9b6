//! The hardware of a domain: what it runs with and what it starts with next, and changing either.

mod acting;
mod lines;

pub use lines::HardwareLine;

use std::time::{Duration, Instant};

use super::{Page, Place};
use crate::action::{Action, Context};
use crate::app::{Areas, Effect, Level, List, Purpose, State, Target, forms};
use crate::hardware::{Hardware, Item, ItemId, Kind};
use crate::model::DomainId;
use crate::protocol::{Answer, Failure, GuestVcpus, JobId, Verb};

pub(super) const CONTEXTS: &[Context] = &[
    Context::Hardware,
    Context::Domain,
    Context::List,
    Context::Global,
    Context::Always,
];

/// How old the definitions may get while one looks at them: most changes of a stored one send no event.
const REREAD: Duration = Duration::from_secs(2);

/// How often the guest's agent is asked.
const AGENT: Duration = Duration::from_secs(20);

/// Columns of the list: at least, and at most.
const NARROWEST: u16 = 27;
const WIDEST: u16 = 40;

/// What the page knows and where one stands.
#[derive(Debug, Clone, PartialEq)]
pub struct HardwarePage {
    /// The domain.
    pub id: DomainId,
    hardware: Option<Hardware>,
    failure: Option<Failure>,
    asked: Option<JobId>,
    read_at: Option<Instant>,
    /// What the guest's agent says of its CPUs, or why it does not.
    cpus: Option<Result<GuestVcpus, String>>,
    cpus_asked: Option<JobId>,
    cpus_at: Option<Instant>,
    list: List<ItemId>,
    /// Lines of the selected item that are scrolled away.
    scrolled: usize,
}

impl HardwarePage {
    /// The page of a domain, before anything is read.
    #[must_use]
    pub fn new(id: DomainId) -> Self {
        Self {
            id,
            hardware: None,
            failure: None,
            asked: None,
            read_at: None,
            cpus: None,
            cpus_asked: None,
            cpus_at: None,
            list: List::default(),
            scrolled: 0,
        }
    }

    /// What was read last.
    #[must_use]
    pub fn hardware(&self) -> Option<&Hardware> {
        self.hardware.as_ref()
    }

    /// Why it could not be read.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    /// The items and the selected one.
    #[must_use]
    pub fn list(&self) -> &List<ItemId> {
        &self.list
    }

    /// An item.
    #[must_use]
    pub fn item(&self, id: ItemId) -> Option<&Item> {
        self.hardware.as_ref()?.item(id)
    }

    /// The selected item.
    #[must_use]
    pub fn selected(&self) -> Option<&Item> {
        self.item(self.list.selected()?)
    }

    /// Where in the list it stands.
    #[must_use]
    pub fn place(&self) -> Place<'_> {
        Place::of(&self.list, "")
    }

    /// Columns that the list gets of a page this wide.
    #[must_use]
    pub fn list_width(width: u16) -> u16 {
        (width / 3).clamp(NARROWEST, WIDEST).min(width)
    }

    /// Columns that the lines of the selected item get.
    #[must_use]
    pub fn line_width(width: u16) -> u16 {
        width.saturating_sub(Self::list_width(width) + 3)
    }

    /// Lines that are scrolled away of the selected item.
    #[must_use]
    pub fn scrolled(&self) -> usize {
        self.scrolled
    }

    /// Lines of the list, below the heading of the page.
    fn height(state: &State) -> usize {
        usize::from(Areas::of(state).body.saturating_sub(1)).max(1)
    }

    pub(super) fn follow(&mut self, state: &mut State, effects: &mut Vec<Effect>) {
        let now = state.now.instant;
        let live = state
            .connection(self.id.connection)
            .is_some_and(|connection| connection.is_live());
        if !live || state.guest(self.id).is_none() {
            self.asked = None;
            self.read_at = None;
            self.cpus_asked = None;
            return;
        }
        self.follow_cpus(state, effects);
        let due = self
            .read_at
            .is_none_or(|at| now.saturating_duration_since(at) >= REREAD);
        if self.asked.is_none() && due {
            self.read_at = Some(now);
            let verb = Verb::ReadHardware(self.id.uuid);
            self.asked = Some(state.ask(self.id, Purpose::Read, verb, effects));
        }
    }

    /// Asks the agent while the CPUs are looked at.
    fn follow_cpus(&mut self, state: &mut State, effects: &mut Vec<Effect>) {
        let now = state.now.instant;
        let Some(guest) = state.guest(self.id) else {
            return;
        };
        let agent = guest.domain.definition.as_ref().and_then(|d| d.guest_agent);
        let answers = agent == Some(true) && guest.silent_since.is_none();
        if !answers || !guest.domain.state.is_active() {
            self.cpus = None;
            return;
        }
        let looked_at = self.selected().is_some_and(|item| item.kind == Kind::Cpus);
        let due = self
            .cpus_at
            .is_none_or(|at| now.saturating_duration_since(at) >= AGENT);
        if looked_at && due && self.cpus_asked.is_none() {
            self.cpus_at = Some(now);
            let verb = Verb::ReadGuestVcpus(self.id.uuid);
            self.cpus_asked = Some(state.ask(self.id, Purpose::Read, verb, effects));
        }
    }

    pub(super) fn answered(&mut self, job: JobId, result: &Result<Answer, Failure>) {
        if self.cpus_asked == Some(job) {
            self.cpus_asked = None;
            self.cpus = match result {
                Ok(Answer::GuestVcpus(told)) => Some(Ok(told.clone())),
                Ok(_) => None,
                Err(failure) => Some(Err(failure.reason.clone())),
            };
        }
        if self.asked != Some(job) {
            return;
        }
        self.asked = None;
        match result {
            Ok(Answer::Hardware(found)) => {
                let read = Hardware::read(found.running.as_deref(), found.stored.as_deref());
                match read {
                    Ok(hardware) => {
                        self.hardware = Some(hardware);
                        self.failure = None;
                    }
                    Err(malformed) => {
                        self.failure = Some(Failure {
                            what: "read the hardware".to_owned(),
                            reason: malformed.to_string(),
                            code: None,
                            remedy: None,
                        });
                    }
                }
            }
            Ok(_) => {}
            Err(failure) => self.failure = Some(failure.clone()),
        }
    }

    /// Something was done: all is read anew.
    pub(in crate::app) fn stale(&mut self) {
        self.read_at = None;
        self.cpus_at = None;
    }

    pub(super) fn settle(&mut self, state: &State) {
        let items = self.hardware.as_ref().map_or(&[][..], |found| &found.items);
        let before = self.list.selected();
        self.list
            .replace(items.iter().map(|item| item.id).collect());
        self.list.settle(Self::height(state));
        if before.is_some() && self.list.selected() != before {
            self.scrolled = 0;
        }
        let lines = self.lines(state, Self::line_width(state.size.width)).len();
        self.scrolled = self.scrolled.min(lines.saturating_sub(Self::height(state)));
    }

    pub(super) fn click(&mut self, target: Target) {
        if let Target::Choice(index) = target
            && let Some(row) = self.list.rows().get(index)
        {
            self.list.select(*row);
            self.scrolled = 0;
        }
    }

    pub(super) fn act(
        &mut self,
        state: &mut State,
        action: Action,
        effects: &mut Vec<Effect>,
    ) -> bool {
        let page = Self::height(state).saturating_sub(2).max(1);
        match action {
            Action::Down => self.step(1),
            Action::Up => self.step(-1),
            Action::First => self.step(isize::MIN),
            Action::Last => self.step(isize::MAX),
            // How far it can be scrolled is settled afterwards.
            Action::PageDown => self.scrolled = self.scrolled.saturating_add(page),
            Action::PageUp => self.scrolled = self.scrolled.saturating_sub(page),
            Action::Retry => self.stale(),
            // It is open.
            Action::ShowHardware => {}
            Action::EditHardware => match (self.selected(), self.hardware.as_ref()) {
                (Some(item), Some(hardware)) => forms::open_edit(state, self.id, item, hardware),
                _ => state.say(Level::Note, "Nothing is selected.".to_owned()),
            },
            Action::AddHardware => forms::open_add(state, self, effects),
            Action::RemoveHardware => self.remove(state, effects),
            Action::SetLink => self.link(state, effects),
            _ => return false,
        }
        true
    }

    /// Whether an action leads to the XML of the selected item: asked for, or since no form can change it.
    pub(super) fn leads_to_xml(&self, action: Action) -> bool {
        let selected = self.selected();
        match action {
            Action::EditXml => selected.is_some(),
            Action::EditHardware => selected.is_some_and(|item| !forms::has_form(item)),
            _ => false,
        }
    }

    fn step(&mut self, by: isize) {
        self.list.step(by);
        self.scrolled = 0;
    }
}

/// Opens the page of the domain that keys act on; with several marked ones, the form of the same change on all.
pub(in crate::app) fn open(state: &mut State) {
    let marked = state.marked_targets();
    if marked.len() > 1 {
        return forms::open_bulk(state, marked);
    }
    match marked.first().copied().or_else(|| state.target()) {
        Some(id) => {
            let page = HardwarePage::new(id);
            state.pages.push(Page::Hardware(Box::new(page)));
        }
        None => state.say(Level::Note, "No domain is selected.".to_owned()),
    }
}
