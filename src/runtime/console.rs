//! The loop: events in, state, effects out, a frame when there is something to see.

use std::collections::VecDeque;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Instant, SystemTime};

use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

use super::alarm::{self, Alarms};
use super::definitions::Definitions;
use super::examiner::Examiner;
use super::gate::Gate;
use super::input::{self, Input, Keyboard};
use super::journal::Journal;
use super::pixels::{self, Pixels};
use super::probe::Probes;
use super::screen::{self, Screen};
use super::signals::Notice;
use super::terminal::Terminal;
use super::{
    clipboard, drafts, history, job_control, panics, programs, settings, signals, terminal,
};
use crate::app::{self, Arrival, Effect, Ended, Event, History, Mouse, Now, Options, Size, State};
use crate::cli::{self, Editing, Start};
use crate::config::{self, Config};
use crate::demo;
use crate::journal::Told;
use crate::libvirt::{self, Fleet, ReportReceiver};
use crate::model::ConnectionId;
use crate::protocol::{ConnectionSpec, News, Private, Report};
use crate::record;
use crate::ui::{self, Theme, ViewState};

/// Reports that are taken in between two looks at the keyboard.
const REPORTS_AT_ONCE: usize = 256;

/// Runs until the person leaves.
///
/// # Errors
/// When the terminal cannot be taken or written.
pub fn run(start: Start, readonly: bool) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()?;
    runtime.block_on(async {
        let mut console = Console::open(start, readonly)?;
        console.run().await
    })
}

struct Console {
    // First, so that it is given back before ratatui's screen is dropped: that shows the cursor itself, and complains, or
    // panics over its complaint, when the terminal is gone. What it writes then is forgotten.
    terminal: Terminal,
    state: State,
    view: ViewState,
    theme: Theme,
    screen: Screen,
    pixels: Pixels,
    gate: Gate,
    fleet: Fleet,
    reports: ReportReceiver,
    notices: UnboundedReceiver<Notice>,
    failures: UnboundedReceiver<String>,
    keyboard: Keyboard,
    /// Demo hosts live as long as their connections may be opened again.
    demos: Vec<demo::Host>,
    alarms: Alarms,
    /// Programs of the user's own that end.
    ends: UnboundedReceiver<End>,
    ending: UnboundedSender<End>,
    probes: Probes,
    /// Looks at texts that are edited.
    examiner: Examiner,
    /// Keeps former definitions.
    definitions: Definitions,
    /// The file of settings; `None` for the user's own.
    settings: Option<PathBuf>,
    /// Writes events down.
    journal: Journal,
    /// It was changed.
    edits: UnboundedReceiver<()>,
    quitting: bool,
}

/// Number of a program of the user's own, and how it ended.
type End = (u64, Result<Ended, String>);

/// What woke the loop.
enum Woken {
    Notice(Notice),
    Input(Input),
    Report(Box<Report>),
    Failure(String),
    Edited,
    Remembered(Vec<Told>),
    Ended(End),
    Probed(SocketAddr, bool),
    Examined(Box<app::Examined>),
    Definitions(app::EditorId, Vec<app::PastDefinition>),
    Time,
    /// The keyboard is gone; the thread that watches the terminal ends the process.
    Blind,
}

impl Console {
    fn open(start: Start, readonly: bool) -> io::Result<Self> {
        let failures = panics::catch();
        let notices = signals::start()?;
        let theme = theme(&start.config);
        let terminal = Terminal::take(start.config.mouse)?;
        let keyboard = Keyboard::start()?;
        let size = size();
        let screen = screen::open(size.width, size.height)?;
        let options = Options {
            interval: start.config.interval,
            readonly,
            here: cli::here(),
        };
        let (sender, reports) = libvirt::channel();
        let (ending, ends) = mpsc::unbounded_channel();
        let now = now();
        let mut console = Self {
            state: State::new(options, size, now),
            view: ViewState::default(),
            theme,
            screen,
            pixels: Pixels::default(),
            gate: Gate::new(now.instant),
            fleet: Fleet::new(sender),
            reports,
            notices,
            failures,
            keyboard,
            demos: start.demo.into_iter().collect(),
            alarms: Alarms::default(),
            ends,
            ending,
            probes: Probes::default(),
            examiner: Examiner::start(),
            definitions: Definitions::start(),
            edits: settings::watch(start.settings.as_deref()),
            settings: start.settings,
            journal: Journal::start(),
            quitting: false,
            terminal,
        };
        let edit = start.edit.map(|edit| match edit {
            Editing::Domain(name) => Arrival::Edit(name),
            Editing::Document(what, name) => Arrival::Document(what, name),
            Editing::Snapshot(domain, name) => Arrival::Snapshot(domain, name),
        });
        console.state.arrival = (start.console.map(Arrival::Console))
            .or(start.view.map(Arrival::Display))
            .or(edit);
        console.state.configure(&start.config);
        console.examiner.set_folder(&start.config.editor.schemas);
        console.definitions.set_most(start.config.editor.history);
        let (views, trouble) = settings::views(&start.config);
        console.state.set_views(&views, trouble);
        console.state.set_templates(settings::templates());
        console.state.set_pinnings(settings::pinnings());
        if settings::is_first_time() {
            console.state.welcome();
        }
        console.state.history = History::of(history::read(config::history_file()));
        console.state.monitor_history = History::of(history::read(config::monitor_history_file()));
        let interval = start.config.interval;
        let mut specs = Vec::new();
        let mut names = Vec::new();
        for (number, chosen) in (0..).zip(start.connections) {
            let id = ConnectionId(number);
            names.extend(chosen.name.map(|name| (id, name)));
            specs.push(ConnectionSpec {
                id,
                uri: chosen.uri,
                readonly: chosen.readonly,
                interval,
            });
        }
        let effects = console.state.start(specs);
        for (id, name) in names {
            console.state.name(id, name);
        }
        // The first frame waits for nobody, not even for libvirt's own initialisation.
        console.draw()?;
        if let Err(failure) = libvirt::initialise() {
            return Err(io::Error::other(failure));
        }
        console.perform(effects)?;
        let drafts = drafts::found();
        if !drafts.is_empty() {
            console.event(Event::Drafts(drafts))?;
        }
        Ok(console)
    }

    async fn run(&mut self) -> io::Result<()> {
        while !self.quitting {
            let woken = self.next().await;
            self.take(woken)?;
            self.drain()?;
            let now = Instant::now();
            if self.gate.due(now).is_some_and(|due| due <= now) {
                self.draw()?;
            }
        }
        // What is typed from here on is for the shell.
        self.keyboard.pause();
        drafts::flush();
        self.journal.finish();
        Ok(())
    }

    /// Waits until something happens or time alone changes the screen.
    async fn next(&mut self) -> Woken {
        let now = Instant::now();
        let until = [self.gate.due(now), self.state.next_wake()]
            .into_iter()
            .flatten()
            .min();
        let time = async {
            match until {
                Some(until) => tokio::time::sleep_until(until.into()).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            Some(notice) = self.notices.recv() => Woken::Notice(notice),
            input = self.keyboard.recv() => input.map_or(Woken::Blind, Woken::Input),
            Some(failure) = self.failures.recv() => Woken::Failure(failure),
            Some(events) = self.journal.remembered() => Woken::Remembered(events),
            Some((address, open)) = self.probes.recv() => Woken::Probed(address, open),
            Some((id, all)) = self.definitions.found() => Woken::Definitions(id, all),
            Some(examined) = self.examiner.answered() => Woken::Examined(Box::new(examined)),
            Some(()) = self.edits.recv() => Woken::Edited,
            Some(end) = self.ends.recv() => Woken::Ended(end),
            Some(report) = self.reports.recv() => Woken::Report(Box::new(report)),
            () = time => Woken::Time,
        }
    }

    fn take(&mut self, woken: Woken) -> io::Result<()> {
        match woken {
            Woken::Notice(notice) => self.notice(notice),
            Woken::Input(input) => self.input(input),
            Woken::Report(report) => {
                self.told(&report);
                let effects = app::update(&mut self.state, Event::Report(report), now());
                self.perform(effects)
            }
            Woken::Failure(failure) => self.event(Event::ThreadFailed(failure)),
            Woken::Remembered(events) => self.event(Event::Remembered(events)),
            Woken::Ended((number, result)) => self.event(Event::Ended(number, result)),
            Woken::Probed(address, open) => self.event(Event::Probed(address, open)),
            Woken::Definitions(id, all) => self.event(Event::Definitions(id, all)),
            Woken::Examined(examined) => self.event(Event::Examined(examined)),
            Woken::Edited => {
                while self.edits.try_recv().is_ok() {}
                let event = self.reload(true)?;
                self.event(event)
            }
            Woken::Time => {
                // The gate alone may have been waited for; then nothing is to be told.
                if self
                    .state
                    .next_wake()
                    .is_some_and(|at| at <= Instant::now())
                {
                    self.event(Event::Tick)?;
                }
                Ok(())
            }
            Woken::Blind => {
                self.quitting = true;
                Ok(())
            }
        }
    }

    /// Takes in all that waits: keys one by one, reports many at a time.
    fn drain(&mut self) -> io::Result<()> {
        loop {
            while let Ok(notice) = self.notices.try_recv() {
                self.notice(notice)?;
            }
            while let Some(input) = self.keyboard.try_recv() {
                self.input(input)?;
            }
            let mut reports = Vec::new();
            while reports.len() < REPORTS_AT_ONCE
                && let Some(report) = self.reports.try_recv()
            {
                reports.push(report);
            }
            if reports.is_empty() || self.quitting {
                return Ok(());
            }
            let more = reports.len() == REPORTS_AT_ONCE;
            for report in &reports {
                self.told(report);
            }
            let effects = app::take_reports(&mut self.state, reports, now());
            self.perform(effects)?;
            if !more {
                return Ok(());
            }
        }
    }

    fn told(&mut self, report: &Report) {
        match report.news {
            News::Sampled { .. } | News::Calls(_) | News::Event(_) | News::ObjectEvent(_) => {
                self.gate.moved()
            }
            News::Console(..) | News::Display(..) | News::Thumbnail(..) => self.gate.echoed(),
            _ => self.gate.changed(),
        }
    }

    fn notice(&mut self, notice: Notice) -> io::Result<()> {
        match notice {
            Notice::Resized => self.event(Event::Resize(size())),
            Notice::Stop => self.suspend(),
            // Whoever stopped it by force may have changed the terminal meanwhile.
            Notice::Continued => {
                self.terminal.enter()?;
                self.redraw()?;
                self.event(Event::Resize(size()))
            }
        }
    }

    fn input(&mut self, input: Input) -> io::Result<()> {
        // What goes to a guest shows when the guest answers.
        let in_guest = |state: &State| state.types_to_guest() || state.presses_in_guest();
        let quiet = in_guest(&self.state);
        let event = match input {
            Input::Key(key) => Event::Key(key),
            Input::Paste(text) => Event::Paste(text),
            Input::Mouse(pointer, column, line) if self.state.points_in_guest(column, line) => {
                Event::Pointed(pointer, column, line)
            }
            Input::Mouse(pointer, column, line) => match input::on_a_page(pointer) {
                Some(kind) => Event::Mouse(Mouse {
                    kind,
                    target: self.view.hit(column, line),
                }),
                None => return Ok(()),
            },
        };
        let effects = app::update(&mut self.state, event, now());
        if !quiet || !in_guest(&self.state) {
            self.gate.pressed();
        }
        self.perform(effects)
    }

    fn event(&mut self, event: Event) -> io::Result<()> {
        let effects = app::update(&mut self.state, event, now());
        self.gate.changed();
        self.perform(effects)
    }

    /// Does what the state asks for; what comes of it goes back into the state.
    fn perform(&mut self, effects: Vec<Effect>) -> io::Result<()> {
        let mut waiting = VecDeque::from(effects);
        while let Some(effect) = waiting.pop_front() {
            let Some(event) = self.effect(effect)? else {
                continue;
            };
            waiting.extend(app::update(&mut self.state, event, now()));
            self.gate.pressed();
        }
        Ok(())
    }

    fn effect(&mut self, effect: Effect) -> io::Result<Option<Event>> {
        match effect {
            Effect::Open(spec) => self.fleet.open(spec),
            Effect::OpenDemo(spec) => return Ok(self.open_demo(spec)),
            Effect::Close(id) => self.fleet.close(id),
            Effect::Retry(id) => self.fleet.retry(id),
            Effect::Cancel(id) => self.fleet.cancel(id),
            Effect::Send(id, request) => self.fleet.send(id, request),
            Effect::Console(id, console, verb) => self.fleet.console(id, console, verb),
            Effect::Display(id, display, verb) => self.fleet.display(id, display, verb),
            Effect::Wall(id, wish) => self.fleet.wall(id, wish),
            Effect::Interest(id, interest) => self.fleet.interest(id, interest),
            Effect::Reply {
                connection,
                prompt,
                text,
            } => self.fleet.reply(connection, prompt, text),
            Effect::Copy(text) => {
                let copied = clipboard::copy(&text).map_err(|error| error.to_string());
                return Ok(Some(Event::Copied(copied)));
            }
            Effect::SaveTemplate(template) => {
                let saved = match config::templates_file() {
                    Some(path) => {
                        config::save_template(&path, &template).map(|()| path.display().to_string())
                    }
                    None => Err("there is no directory for it".to_owned()),
                };
                return Ok(Some(Event::TemplateSaved(saved)));
            }
            Effect::SavePinning(pinning) => {
                let saved = match config::pinnings_file() {
                    Some(path) => {
                        config::save_pinning(&path, &pinning).map(|()| path.display().to_string())
                    }
                    None => Err("there is no directory for it".to_owned()),
                };
                return Ok(Some(Event::PinningSaved(saved)));
            }
            Effect::SaveView(view) => {
                let saved = match config::views_file() {
                    Some(path) => {
                        config::save_view(&path, &view).map(|()| path.display().to_string())
                    }
                    None => Err("there is no directory for it".to_owned()),
                };
                return Ok(Some(Event::ViewSaved(saved)));
            }
            Effect::Run(command) => return self.lend(&command).map(Some),
            Effect::Start(number, command) => {
                let ending = self.ending.clone();
                let told = move |result| {
                    // Nobody hears of it any more when the console has ended.
                    let _ = ending.send((number, result));
                };
                let started = programs::start(&command, told);
                return Ok(started.err().map(|why| Event::Ended(number, Err(why))));
            }
            Effect::Reload => return self.reload(false).map(Some),
            Effect::Examine(examine) => self.examiner.ask(examine),
            Effect::KeepDraft(id, draft) => drafts::keep(&id, *draft),
            Effect::ForgetDraft(id, uri) => drafts::forget(&id, &uri),
            Effect::KeepDefinition(seen) => self.definitions.keep(*seen),
            Effect::ReadDefinitions(id, uri) => self.definitions.read(id, uri),
            Effect::DropDraft(file) => drafts::drop_file(&file),
            Effect::EditOutside(id, text) => {
                let text = self.edit_outside(text.text())?;
                return Ok(Some(Event::EditedOutside(id, text.map(Private::new))));
            }
            Effect::Journal(event) => self.journal.keep(event),
            Effect::Record(entry) => {
                if let Some(folder) = config::state_dir()
                    && let Err(error) = record::append(&folder, &entry)
                {
                    tracing::warn!("the record of actions: {error}");
                }
            }
            Effect::Alert { bell, command } => {
                if bell {
                    alarm::ring();
                }
                return Ok(self.alarms.start(&command).err().map(Event::AlertFailed));
            }
            Effect::Remember(line) => history::append(config::history_file(), &line),
            Effect::RememberMonitor(line) => {
                history::append(config::monitor_history_file(), &line);
            }
            Effect::Probe(address) => self.probes.start(address),
            Effect::FindPixels => {
                let wanted = self.state.display_rules().pixels;
                self.keyboard.pause();
                let (way, cell) = pixels::find(wanted);
                self.keyboard.resume();
                return Ok(Some(Event::PixelsFound(way, cell)));
            }
            Effect::Suspend => self.suspend()?,
            Effect::Redraw => {
                #[cfg(debug_assertions)]
                super::provoke::accident()?;
                self.redraw()?;
            }
            Effect::Quit => self.quitting = true,
        }
        Ok(None)
    }

    /// Reads the settings anew. Theme and mouse are of this room; the state takes the rest.
    fn reload(&mut self, by_itself: bool) -> io::Result<Event> {
        let read = settings::read(self.settings.as_deref(), by_itself);
        if let Ok(read) = &read {
            let theme = theme(&read.config);
            if theme != self.theme {
                self.theme = theme;
                self.redraw()?;
            }
            self.terminal.set_mouse(read.config.mouse)?;
            self.examiner.set_folder(&read.config.editor.schemas);
            self.definitions.set_most(read.config.editor.history);
        }
        Ok(Event::Reread(read))
    }

    fn open_demo(&mut self, mut spec: ConnectionSpec) -> Option<Event> {
        match demo::Host::new() {
            Ok(host) => {
                spec.uri = host.uri().parse().ok();
                self.demos.push(host);
                self.fleet.open(spec);
                None
            }
            Err(error) => Some(Event::Ran(Err(format!("the demo host: {error}")))),
        }
    }

    /// Gives the terminal to a command and takes it back when that has ended.
    fn lend(&mut self, command: &[String]) -> io::Result<Event> {
        let Some((program, arguments)) = command.split_first() else {
            return Ok(Event::Ran(Err("there is no command".to_owned())));
        };
        self.keyboard.pause();
        signals::lend(true);
        terminal::leave();
        let status = Command::new(program).args(arguments).status();
        if status.is_ok() {
            wait_for_enter();
        }
        signals::lend(false);
        self.take_back()?;
        Ok(Event::Ran(match status {
            // A command that a signal ended has no code; shells say 128 and more.
            Ok(status) => Ok(status.code().unwrap_or(128)),
            Err(error) => Err(format!("{program}: {error}")),
        }))
    }

    /// Gives the terminal to the user's editor with a text.
    fn edit_outside(&mut self, text: &str) -> io::Result<Result<String, String>> {
        let variable = |name: &str| {
            std::env::var(name)
                .ok()
                .filter(|value| !value.trim().is_empty())
        };
        let command = variable("VISUAL")
            .or_else(|| variable("EDITOR"))
            .unwrap_or_else(|| "vi".to_owned());
        let mut words = command.split_whitespace();
        let program = words.next().unwrap_or("vi");
        let file = match drafts::write_for_editor(text) {
            Ok(file) => file,
            Err(error) => return Ok(Err(format!("a file for the editor: {error}"))),
        };
        self.keyboard.pause();
        signals::lend(true);
        terminal::leave();
        let status = Command::new(program).args(words).arg(&file).status();
        signals::lend(false);
        self.take_back()?;
        let read = std::fs::read_to_string(&file);
        let _ = std::fs::remove_file(&file);
        Ok(match (status, read) {
            (Ok(status), Ok(text)) if status.success() => Ok(text),
            (Ok(status), Ok(_)) => Err(format!("{program} ended with {status}")),
            (Ok(_), Err(error)) => Err(format!("{}: {error}", file.display())),
            (Err(error), _) => Err(format!("{program}: {error}")),
        })
    }

    /// Stops until the shell lets the program go on.
    fn suspend(&mut self) -> io::Result<()> {
        if !job_control::can_stop() {
            return self.event(Event::NobodyToContinue);
        }
        self.keyboard.pause();
        terminal::leave();
        job_control::stop();
        self.take_back()?;
        self.event(Event::Resumed)
    }

    fn take_back(&mut self) -> io::Result<()> {
        self.terminal.enter()?;
        self.keyboard.resume();
        self.redraw()?;
        self.event(Event::Resize(size()))
    }

    /// Forgets what is on the screen, so that the next frame is drawn whole.
    fn redraw(&mut self) -> io::Result<()> {
        self.screen.backend_mut().forget();
        self.screen.clear()?;
        self.pixels.forget();
        self.gate.pressed();
        Ok(())
    }

    fn draw(&mut self) -> io::Result<()> {
        let Self {
            state,
            view,
            theme,
            screen,
            ..
        } = self;
        screen
            .backend_mut()
            .resize(state.size.width, state.size.height);
        let (began, before) = (Instant::now(), terminal::written());
        screen.draw(|frame| ui::render(state, view, theme, frame))?;
        let erased = self.pixels.show(&self.state)?;
        let (now, bytes) = (Instant::now(), terminal::written() - before);
        self.gate.drawn(now);
        if erased {
            // What stood there is gone, and with it what the screen knows of its cells.
            self.screen.backend_mut().forget();
            self.screen.clear()?;
            self.gate.changed();
        }
        if self.state.shows_displays() {
            let took = now - began;
            self.state.link.wrote(bytes, took);
            self.gate.rest_until(
                now + pixels::rest(bytes, took, self.state.display_rules().max_kib_per_s),
            );
        }
        Ok(())
    }
}

/// The colours of the settings, as this terminal can show them.
fn theme(config: &Config) -> Theme {
    Theme::detect(&config.theme, |name| std::env::var(name).ok())
}

pub(super) fn now() -> Now {
    Now {
        instant: Instant::now(),
        wall: SystemTime::now(),
    }
}

fn size() -> Size {
    let (width, height) = terminal::size().unwrap_or_default();
    Size { width, height }
}

/// Lets the person read what the command printed.
fn wait_for_enter() {
    let mut out = io::stdout();
    let _ = write!(out, "\n[Enter] back to virtty ");
    let _ = out.flush();
    let _ = io::stdin().read_line(&mut String::new());
}
