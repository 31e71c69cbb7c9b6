//! The loop: events in, state, effects out, a frame when there is something to see.

use std::collections::VecDeque;
use std::io::{self, Write as _};
use std::process::Command;
use std::time::{Instant, SystemTime};

use tokio::sync::mpsc::UnboundedReceiver;

use super::gate::Gate;
use super::input::{Input, Keyboard};
use super::screen::{self, Screen};
use super::signals::Notice;
use super::terminal::Terminal;
use super::{clipboard, history, job_control, panics, signals, terminal};
use crate::app::{self, Column, Effect, Event, History, Mouse, Now, Options, Size, State, Table};
use crate::cli::{self, Start};
use crate::config::{self, Config};
use crate::demo;
use crate::libvirt::{self, Fleet, ReportReceiver};
use crate::model::ConnectionId;
use crate::protocol::{ConnectionSpec, News, Report};
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
    gate: Gate,
    fleet: Fleet,
    reports: ReportReceiver,
    notices: UnboundedReceiver<Notice>,
    failures: UnboundedReceiver<String>,
    keyboard: Keyboard,
    /// Demo hosts live as long as their connections may be opened again.
    demos: Vec<demo::Host>,
    quitting: bool,
}

/// What woke the loop.
enum Woken {
    Notice(Notice),
    Input(Input),
    Report(Box<Report>),
    Failure(String),
    Time,
    /// The keyboard is gone; the thread that watches the terminal ends the process.
    Blind,
}

impl Console {
    fn open(start: Start, readonly: bool) -> io::Result<Self> {
        let failures = panics::catch();
        let notices = signals::start()?;
        let theme = Theme::detect(start.config.theme, |name| std::env::var(name).ok());
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
        let now = now();
        let mut console = Self {
            state: State::new(options, size, now),
            view: ViewState::default(),
            theme,
            screen,
            gate: Gate::new(now.instant),
            fleet: Fleet::new(sender),
            reports,
            notices,
            failures,
            keyboard,
            demos: start.demo.into_iter().collect(),
            quitting: false,
            terminal,
        };
        configure(&mut console.state.table, &start.config);
        take_views(&mut console.state, &start.config);
        console.state.history = History::of(history::read());
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
            News::Sampled { .. } | News::Calls(_) | News::Event(_) => self.gate.moved(),
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
        self.gate.pressed();
        let event = match input {
            Input::Key(key) => Event::Key(key),
            Input::Paste(text) => Event::Paste(text),
            Input::Mouse(kind, column, line) => Event::Mouse(Mouse {
                kind,
                target: self.view.hit(column, line),
            }),
        };
        self.event(event)
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
            Effect::Record(entry) => {
                if let Some(folder) = config::state_dir()
                    && let Err(error) = record::append(&folder, &entry)
                {
                    tracing::warn!("the record of actions: {error}");
                }
            }
            Effect::Remember(line) => history::append(&line),
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
        screen.draw(|frame| ui::render(state, view, theme, frame))?;
        self.gate.drawn(Instant::now());
        Ok(())
    }
}

/// Takes over what the settings say of the table.
fn configure(table: &mut Table, config: &Config) {
    let named = config
        .columns
        .iter()
        .flatten()
        .filter_map(|name| Column::from_name(name));
    let columns: Vec<Column> = match &config.columns {
        Some(_) => named.collect(),
        None => table.columns.clone(),
    };
    let (sort, reversed) = config
        .sort
        .as_deref()
        .and_then(Column::sorting)
        .unwrap_or((table.sort, table.reversed));
    table.configure(&columns, sort, reversed);
}

/// The views of the settings, and those saved from the screen.
fn take_views(state: &mut State, config: &Config) {
    let saved =
        config::views_file().map_or_else(|| Ok(Vec::new()), |path| config::load_views(&path));
    let (saved, trouble) = match saved {
        Ok(saved) => (saved, None),
        Err(error) => (Vec::new(), Some(error.to_string())),
    };
    state.set_views(&config::merged(&config.views, saved), trouble);
}

fn now() -> Now {
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
