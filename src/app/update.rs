//! From one state to the next.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use super::{
    Areas, CommandLine, Connection, Effect, Event, Events, Finder, JobsPage, Layer, Level, Line,
    Menu, MenuEntry, Mouse, MouseKind, Now, Page, PlanRun, PlansPage, Ports, Reader, State, Target,
    TextField, TextUse, actions, consoles, displays, forms, layers, leaving, own, pages, plans,
    reports, settings, split,
};
use super::{Debug, Details, EditorId, EditorPage};
use crate::action::Action;
use crate::keymap::Key;
use crate::model::{ConnectionState, DomainId, Uri};
use crate::ports::{self, Subject};
use crate::protocol::{Interest, Report};

/// The editor of a document.
fn editor<'a>(state: &'a mut State, id: &EditorId) -> Option<&'a mut EditorPage> {
    state.pages.iter_mut().find_map(|page| match page {
        Page::Editor(page) if (page.connection, &page.what) == (id.0, &id.1) => Some(&mut **page),
        _ => None,
    })
}

/// Two clicks within this time are a double click.
const DOUBLE_CLICK: Duration = Duration::from_millis(400);
/// Rows that a notch of the wheel moves.
const NOTCH: isize = 3;

/// Takes in what happened, changes the state, and says what is to be done.
pub fn update(state: &mut State, event: Event, now: Now) -> Vec<Effect> {
    let mut effects = Vec::new();
    state.now = now;
    state.messages.fade(now.instant);
    match event {
        Event::Key(key) => press(state, key, &mut effects),
        Event::Mouse(mouse) => point(state, mouse, &mut effects),
        Event::Paste(text) if state.layers.is_empty() => match state.page() {
            Page::Display(_) => pages::display::paste(state, &text, &mut effects),
            Page::Editor(_) => pages::editor::paste(state, &text),
            Page::Monitor(_) => pages::monitor::paste(state, &text),
            _ => pages::console::paste(state, &text, &mut effects),
        },
        Event::Paste(text) => layers::paste(state, &text),
        Event::Pointed(pointer, column, line) => {
            split::pointed(state, pointer, column, line, &mut effects);
        }
        Event::PixelsFound(way, cell) => state.pixels = Some((way, cell)),
        Event::Resize(size) => state.size = size,
        Event::Report(report) => reports::take(state, *report, &mut effects),
        Event::Ran(result) => ran(state, result, &mut effects),
        Event::Ended(number, result) => own::ended(state, number, result, &mut effects),
        Event::Copied(result) => copied(state, result),
        Event::ViewSaved(result) => state.view_saved(result),
        Event::TemplateSaved(result) => state.template_saved(result),
        Event::PinningSaved(result) => state.pinning_saved(result),
        Event::Remembered(events) => state.happened.remember(events),
        Event::Reread(result) => state.reread(result),
        Event::AlertFailed(why) => {
            state.say(Level::Failed, format!("The command of [alerts]: {why}"))
        }
        Event::Probed(address, open) => plans::probed(state, address, open),
        Event::Examined(examined) => {
            if let Some(page) = editor(state, &examined.editor) {
                page.examined(&examined);
            }
        }
        Event::Drafts(drafts) => state.found_drafts(drafts),
        Event::Definitions(id, all) => {
            if let Some(page) = editor(state, &id) {
                page.show_past(all);
            }
        }
        Event::EditedOutside(id, text) => {
            if let Some(page) = editor(state, &id) {
                page.edited_outside(text);
            }
        }
        Event::Resumed => effects.push(Effect::Redraw),
        Event::NobodyToContinue => state.say(
            Level::Note,
            "There is no shell to go back to: this terminal runs virtty alone.".to_owned(),
        ),
        Event::ThreadFailed(what) => state.say(
            Level::Failed,
            format!("Something in virtty failed ({what}). The rest goes on; the log has more."),
        ),
        Event::Tick => {}
    }
    settle(state);
    forms::follow(state, &mut effects);
    plans::follow(state, &mut effects);
    pages::follow(state, &mut effects);
    consoles::follow(state, &mut effects);
    displays::follow(state, &mut effects);
    pages::wall::follow(state, &mut effects);
    tell_interest(state, &mut effects);
    effects
}

/// Takes in many reports of one moment; sorting and filtering are done once for all of them.
pub fn take_reports(state: &mut State, reports: Vec<Report>, now: Now) -> Vec<Effect> {
    let mut effects = Vec::new();
    state.now = now;
    state.messages.fade(now.instant);
    for report in reports {
        reports::take(state, report, &mut effects);
    }
    settle(state);
    plans::follow(state, &mut effects);
    pages::follow(state, &mut effects);
    consoles::follow(state, &mut effects);
    displays::follow(state, &mut effects);
    pages::wall::follow(state, &mut effects);
    tell_interest(state, &mut effects);
    effects
}

fn press(state: &mut State, key: Key, effects: &mut Vec<Effect>) {
    if state.layers.is_empty() && matches!(state.page(), Page::Console(_)) {
        // Only commands go the ordinary way: every other key is the guest's.
        if let Some(action) = pages::console::press(state, key, effects) {
            perform(state, action, effects);
        }
        return;
    }
    if state.layers.is_empty() && matches!(state.page(), Page::Display(_)) {
        if let Some(action) = pages::display::press(state, key, effects) {
            perform(state, action, effects);
        }
        return;
    }
    if state.layers.is_empty() && matches!(state.page(), Page::Monitor(_)) {
        if let Some(action) = pages::monitor::press(state, key) {
            perform(state, action, effects);
        }
        return;
    }
    if let Some(command) = state.own_command(key) {
        return own::run(state, command, effects);
    }
    if state.layers.is_empty() && matches!(state.page(), Page::Editor(_)) {
        if let Some(action) = pages::editor::press(state, key, effects) {
            perform(state, action, effects);
        }
        return;
    }
    let contexts = match state.layers.last() {
        Some(layer) => layer.contexts(),
        None => state.page_contexts(),
    };
    match state.keymap.resolve(contexts, key) {
        Some(action) => {
            state.pressed = Some(key);
            perform(state, action, effects);
        }
        None => layers::press(state, key),
    }
}

/// Does what a key, a click on a hint or a button stands for.
pub(super) fn perform(state: &mut State, action: Action, effects: &mut Vec<Effect>) {
    match action {
        Action::Quit | Action::Suspend | Action::Redraw => perform_on_page(state, action, effects),
        _ if !state.layers.is_empty() => layers::act(state, action, effects),
        _ => perform_on_page(state, action, effects),
    }
}

/// Does what a key of the page stands for, whatever lies above the page.
pub(super) fn perform_on_page(state: &mut State, action: Action, effects: &mut Vec<Effect>) {
    match action {
        Action::Quit => leaving::quit(state, effects),
        Action::Suspend => effects.push(Effect::Suspend),
        Action::Redraw => effects.push(Effect::Redraw),
        _ if pages::act(state, action, effects) => {}
        _ => act(state, action, effects),
    }
}

/// What every page has in common.
fn act(state: &mut State, action: Action, effects: &mut Vec<Effect>) {
    match action {
        Action::Start
        | Action::ShutDown
        | Action::ShutDownWith
        | Action::Reboot
        | Action::Pause
        | Action::Resume
        | Action::ForceReset
        | Action::ForceOff
        | Action::MendTexts
        | Action::Save
        | Action::DiscardSaved
        | Action::Autostart
        | Action::Rename
        | Action::Describe
        | Action::InjectNmi
        | Action::CoreDump
        | Action::SetMemory
        | Action::SetMaxMemory
        | Action::SetVcpus
        | Action::SnapshotCreate
        | Action::SnapshotEdit
        | Action::CheckpointCreate
        | Action::CheckpointDelete
        | Action::Backup
        | Action::SnapshotRevert
        | Action::SnapshotDelete
        | Action::SetShares
        | Action::SetCells
        | Action::SetWeight
        | Action::LimitDisk
        | Action::LimitInterface
        | Action::PinVcpu
        | Action::PinEmulator
        | Action::PinIoThread
        | Action::AttachDisk
        | Action::DetachDisk
        | Action::ChangeMedia
        | Action::ResizeDisk
        | Action::CommitDisk
        | Action::PullDisk
        | Action::CopyDisk
        | Action::BlockJob
        | Action::CancelJob
        | Action::Clone
        | Action::AttachNic
        | Action::DetachNic
        | Action::AttachDevice
        | Action::UpdateDevice
        | Action::RemoveHardware
        | Action::SetLink
        | Action::GuestCpus
        | Action::LimitMemory
        | Action::FreezeGuest
        | Action::ThawGuest
        | Action::TrimGuest
        | Action::SyncTime
        | Action::SetPassword
        | Action::ShowKeys
        | Action::AddKey
        | Action::RemoveKey
        | Action::RunInGuest
        | Action::Delete => actions::act(state, action, effects),
        Action::NewDomain => forms::open_create(state, effects),
        Action::OpenConsole => split::open(state, pages::console::open_of, effects),
        Action::OpenDisplay => split::open(state, pages::display::open_of, effects),
        Action::Copy => offer_copies(state),
        Action::Retry => retry(state, effects),
        Action::Reload => settings::reload(effects),
        Action::Connect => {
            let field = TextField::new(TextUse::Connect, Line::new(""));
            state.layers.push(Layer::Text(field));
        }
        Action::CommandLine => {
            let layer = CommandLine::new(state);
            state.layers.push(Layer::Command(layer));
        }
        // Where the page is open already, its key does nothing.
        Action::ShowPorts
        | Action::ShowAllEvents
        | Action::ShowHost
        | Action::ShowJobs
        | Action::ShowNetworks
        | Action::ShowStorage
        | Action::ShowWall
        | Action::ShowDebug
            if !state.offers(action) => {}
        Action::ShowWall => pages::wall::open(state),
        Action::ShowPorts => state.pages.push(Page::Ports(Ports::default())),
        Action::ShowAllEvents => state.pages.push(Page::Events(Events::default())),
        Action::ShowHost => pages::host::open(state),
        Action::ShowNetworks => pages::networks::open(state),
        Action::ShowBench => pages::bench::open(state),
        Action::ShowSnapshots => pages::snapshots::open(state),
        Action::ShowStorage => pages::storage::open(state),
        Action::ShowPlans => state.pages.push(Page::Plans(PlansPage::default())),
        Action::ShowHardware => pages::hardware::open(state),
        Action::ShowAgent => pages::agent::open(state),
        Action::ShowMonitor => pages::monitor::open(state),
        Action::EditXml => pages::editor::open(state),
        Action::DefineNew => state
            .layers
            .push(Layer::Finder(Box::new(Finder::definitions(state)))),
        Action::ShowJobs => state.pages.push(Page::Jobs(JobsPage::default())),
        Action::ShowDebug => state.pages.push(Page::Debug(Debug::default())),
        Action::ActMenu => match Finder::acts(state) {
            Some(finder) => state.layers.push(Layer::Finder(Box::new(finder))),
            None => state.say(Level::Note, "No domain is selected.".to_owned()),
        },
        Action::Jump => {
            let finder = Finder::new(state);
            state.layers.push(Layer::Finder(Box::new(finder)));
        }
        Action::ShowMessages => {
            let reader = Reader::messages(state);
            state.layers.push(Layer::Reader(reader));
        }
        Action::ShowActions => {
            let reader = Reader::log(state);
            state.layers.push(Layer::Reader(reader));
        }
        Action::Help => {
            let reader = Reader::help(&state.keymap, state.page_contexts(), &state.own.all);
            state.layers.push(Layer::Reader(reader));
        }
        Action::Back | Action::LeaveMonitor if !state.pages.is_empty() => {
            if let Some(Page::Agent(page)) = state.pages.pop() {
                state.turn_from(page.id);
            }
        }
        Action::Back => {
            state.messages.dismiss();
            cancel_openings(state, effects);
        }
        _ => {}
    }
}

fn offer_copies(state: &mut State) {
    let Some(guest) = state.target().and_then(|id| state.guest(id)) else {
        state.say(Level::Note, "No domain is selected.".to_owned());
        return;
    };
    let Some(connection) = state.connection(guest.domain.id.connection) else {
        return;
    };
    let mut entries = Vec::new();
    let uri: Option<Uri> = connection.uri().parse().ok();
    if let Some(uri) = &uri {
        let subject = Subject {
            uuid: guest.domain.id.uuid,
            uri,
        };
        for choice in ports::choices(subject, guest.endpoints(), &state.options.here) {
            let label = match choice.kind {
                Some(kind) => format!("{} ({})", choice.form.label(), kind.word()),
                None => choice.form.label().to_owned(),
            };
            entries.push(MenuEntry {
                label,
                text: choice.text,
            });
        }
    }
    if let Some(address) = guest.address() {
        entries.push(MenuEntry {
            label: "Address of the guest".to_owned(),
            text: address.address.to_string(),
        });
    }
    entries.push(MenuEntry {
        label: "UUID".to_owned(),
        text: guest.domain.id.uuid.to_string(),
    });
    let title = format!("Copy from {}", guest.domain.name);
    state.layers.push(Layer::Menu(Menu {
        title,
        entries,
        chosen: 0,
    }));
}

/// Whoever waits for a host that does not answer may stop waiting.
fn cancel_openings(state: &State, effects: &mut Vec<Effect>) {
    let connecting = |c: &&Connection| c.state == ConnectionState::Connecting;
    let ids = state.connections.iter().filter(connecting).map(|c| c.id);
    effects.extend(ids.map(Effect::Cancel));
}

fn retry(state: &mut State, effects: &mut Vec<Effect>) {
    let ids = state.connections.iter().map(|c| c.id);
    effects.extend(ids.map(Effect::Retry));
    if state.connections.iter().all(Connection::is_live) {
        effects.push(Effect::Redraw);
    }
}

fn point(state: &mut State, mouse: Mouse, effects: &mut Vec<Effect>) {
    let rows = Areas::of(state).table_rows();
    let lines = state.page_lines();
    match mouse.kind {
        MouseKind::WheelUp | MouseKind::WheelDown => {
            let down = mouse.kind == MouseKind::WheelDown;
            if state.layers.is_empty() && matches!(state.page(), Page::Editor(_)) {
                pages::editor::wheel(state, if down { NOTCH } else { -NOTCH });
            } else if state.layers.is_empty() && state.pages.is_empty() {
                state.table.scroll(if down { NOTCH } else { -NOTCH }, rows);
            } else if let (true, Some(Page::Ports(ports))) =
                (state.layers.is_empty(), state.pages.last_mut())
            {
                ports.scroll(if down { NOTCH } else { -NOTCH }, lines);
            } else {
                let action = if down { Action::Down } else { Action::Up };
                for _ in 0..NOTCH {
                    perform(state, action, effects);
                }
            }
        }
        MouseKind::Menu => {
            if let Some(target) = mouse.target {
                menu(state, target, effects);
            }
        }
        MouseKind::Click => {
            let Some(target) = mouse.target else {
                state.clicked = None;
                return;
            };
            let now = state.now.instant;
            let double = state.clicked.is_some_and(|(last, at)| {
                last == target && now.saturating_duration_since(at) <= DOUBLE_CLICK
            });
            state.clicked = (!double).then_some((target, now));
            click(state, target, double, effects);
        }
    }
}

fn click(state: &mut State, target: Target, double: bool, effects: &mut Vec<Effect>) {
    match target {
        Target::Action(action) => perform(state, action, effects),
        Target::Choice(index) => {
            layers::choose(state, index);
            if double {
                perform(state, Action::Accept, effects);
            }
        }
        // Behind a layer, the page is not to be touched.
        _ if !state.layers.is_empty() => {}
        Target::Domain(id) if matches!(state.page(), Page::Wall(_)) => {
            if let Some(Page::Wall(wall)) = state.pages.last_mut() {
                wall.select(id);
            }
            if double {
                pages::display::open_of(state, id, effects);
            }
        }
        Target::Domain(id) => select(state, id, double),
        Target::Column(column) => state.table.sort_by(column),
        Target::Group(group) => state.table.fold(group),
        Target::Endpoint(_)
        | Target::Event(_)
        | Target::Finding(_)
        | Target::PortColumn(_)
        | Target::CallColumn(_)
        | Target::Text(_) => {
            pages::click(state, target, double);
        }
        Target::Tab(index) => pages::show_tab(state, index),
    }
}

/// The menu of what can be done to the domain under the pointer, or to all that is marked when it is one of those.
fn menu(state: &mut State, target: Target, effects: &mut Vec<Effect>) {
    let Target::Domain(id) = target else { return };
    if !state.layers.is_empty() {
        return;
    }
    select(state, id, false);
    if !state.marked.is_empty() && !state.marked.contains(&id) {
        // The pointer says which is meant.
        state.marked.clear();
    }
    perform(state, Action::ActMenu, effects);
}

fn select(state: &mut State, id: DomainId, open: bool) {
    if state.guests.contains_key(&id) {
        state.table.select(id);
        if open {
            state
                .pages
                .push(Page::Details(Box::new(Details::new(id, state.now.instant))));
        }
    }
}

fn ran(state: &mut State, result: Result<i32, String>, effects: &mut Vec<Effect>) {
    effects.push(Effect::Redraw);
    if own::ran(state, &result, effects) {
        return;
    }
    let connection = state.remedy.take();
    match result {
        Ok(0) => effects.extend(connection.map(Effect::Retry)),
        Ok(code) => state.say(
            Level::Failed,
            format!("The command ended with exit code {code}."),
        ),
        Err(why) => state.say(
            Level::Failed,
            format!("The command could not be run: {why}"),
        ),
    }
}

/// Shows the text in full all the same: a terminal that ignores the sequence says nothing about it.
fn copied(state: &mut State, result: Result<(), String>) {
    let Some(text) = state.copying.take() else {
        return;
    };
    match result {
        Ok(()) => state.say(Level::Done, format!("Copied: {text}")),
        Err(why) => state.say(Level::Failed, format!("Not copied ({why}): {text}")),
    }
}

/// After every event: the view fits the domains, and pages of vanished domains close.
fn settle(state: &mut State) {
    state.settle_frozen();
    let guests = &state.guests;
    state.marked.retain(|id| guests.contains_key(id));
    state.pages.retain(|page| {
        // Under fingers that type, a page must not go: the next keys would be commands of the table.
        matches!(page, Page::Editor(_))
            || Areas::is_greedy(page)
            || page.domain().is_none_or(|id| guests.contains_key(&id))
    });
    let rows = Areas::of(state).table_rows();
    let mut table = std::mem::take(&mut state.table);
    table.settle(&state.scene(), rows);
    state.table = table;
    pages::settle(state);
}

/// Tells the connections what the screen looks at, when that changed.
fn tell_interest(state: &mut State, effects: &mut Vec<Effect>) {
    let mut wanted: BTreeMap<_, Interest> = BTreeMap::new();
    let rows = Areas::of(state).table_rows();
    for id in state.table.visible(rows) {
        wanted
            .entry(id.connection)
            .or_default()
            .visible
            .insert(id.uuid);
    }
    let planned = state.plans.run().into_iter().flat_map(PlanRun::waited_for);
    for id in state.marked.iter().copied().chain(planned) {
        wanted
            .entry(id.connection)
            .or_default()
            .visible
            .insert(id.uuid);
    }
    for page in &state.pages {
        if let Page::Host(host) = page {
            let looked_at = wanted.entry(host.connection).or_default();
            looked_at.visible.extend(host.sampled());
        }
        let graphed: BTreeSet<_> = page.graphed();
        if let Some(id) = page.domain() {
            wanted
                .entry(id.connection)
                .or_default()
                .graphed
                .extend(graphed);
        }
    }
    let mut asides = state.table.asides(&state.placed_columns());
    asides.pools = state.alerts.rules.pool_above.is_some();
    asides.resources = matches!(state.layers.last(), Some(Layer::Finder(_)));
    asides.jobs = matches!(state.page(), Page::Jobs(_) | Page::Bench(_));
    for connection in &state.connections {
        let mut now = wanted.remove(&connection.id).unwrap_or_default();
        now.asides = asides;
        if state.interest.get(&connection.id) != Some(&now) && connection.listed {
            effects.push(Effect::Interest(connection.id, now.clone()));
            state.interest.insert(connection.id, now);
        }
    }
}

impl State {
    /// When time alone will change the screen; `None` when only an event can.
    #[must_use]
    pub fn next_wake(&self) -> Option<Instant> {
        let now = self.now.instant;
        let counted = self
            .jobs
            .actions()
            .map(|(_, job)| job.since)
            .chain(self.guests_on_screen_silent())
            .chain(self.page_waits_since())
            .chain(self.plans.run().and_then(PlanRun::waits_since))
            .map(|since| next_second(since, now));
        let headers = self.connections.iter().filter_map(|c| next_change(c, now));
        let message = self.messages.current().map(|message| message.until);
        let flash = self.alerts.flashing(now);
        let compare = self.editor_page().and_then(|page| page.wakes_at());
        counted
            .chain(headers)
            .chain(message)
            .chain(flash)
            .chain(compare)
            .min()
    }

    fn guests_on_screen_silent(&self) -> impl Iterator<Item = Instant> {
        let rows = Areas::of(self).table_rows();
        let (ids, shown): (Vec<DomainId>, _) = if self.silent == 0 {
            (Vec::new(), None)
        } else {
            (self.table.visible(rows), self.page().domain())
        };
        ids.into_iter()
            .chain(shown)
            .filter_map(|id| self.guest(id)?.silent_since)
    }

    /// Since when the present page shows nothing but that it waits.
    fn page_waits_since(&self) -> Option<Instant> {
        match self.page() {
            Page::Details(details) => details.waits_since(self),
            Page::Networks(networks) => networks.counts_since(),
            Page::Agent(page) => page.waits_since(self),
            Page::Monitor(page) => page.waits_since(self),
            _ => None,
        }
    }
}

/// When the words about a connection change by themselves.
fn next_change(connection: &Connection, now: Instant) -> Option<Instant> {
    let ages = connection.data_at.map(|at| match connection.stale(now) {
        Some(_) => next_second(at, now),
        None => at + connection.stale_after(),
    });
    let state = match connection.state {
        ConnectionState::Connecting | ConnectionState::NotResponding => {
            Some(next_second(connection.since, now))
        }
        ConnectionState::Lost { .. } => connection
            .retry_at
            .filter(|at| *at > now)
            .map(|at| next_second_down(at, now)),
        ConnectionState::Active | ConnectionState::Disconnected => None,
    };
    ages.into_iter().chain(state).min()
}

/// The next moment a whole number of seconds after `since`.
fn next_second(since: Instant, now: Instant) -> Instant {
    since + Duration::from_secs(now.saturating_duration_since(since).as_secs() + 1)
}

/// The next moment a whole number of seconds before `until`.
fn next_second_down(until: Instant, now: Instant) -> Instant {
    let part = until.saturating_duration_since(now).subsec_nanos();
    let rest = match part {
        0 => Duration::from_secs(1),
        part => Duration::from_nanos(u64::from(part)),
    };
    now + rest
}
