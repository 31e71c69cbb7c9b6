//! The state and the screen without a host: update and drawing of 10,000 domains.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};
use virtty::app::{self, Column, Event, Grouping};
use virtty::keymap::parse_keys;
use virtty::model::{Domain, DomainSample};
use virtty::protocol::{Epoch, News, Report as Told};
use virtty::ui::theme::{Background, Depth};
use virtty::ui::{Theme, ViewState, render};

use crate::ground::{Ground, MANY};
use crate::report::{ROUNDS, Report, least, median, ms};
use crate::session::{Session, node_sample, off, running, sample};
use crate::terminal::SIZE;

/// Frames in a round.
const FRAMES: u32 = 60;

struct Nowhere;

impl Write for Nowhere {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A terminal whose bytes go nowhere.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<Nowhere>>,
    view: ViewState,
    theme: Theme,
}

impl Screen {
    /// An empty one.
    pub fn new() -> Self {
        let viewport = Viewport::Fixed(Rect::new(0, 0, SIZE.0, SIZE.1));
        let options = TerminalOptions { viewport };
        let backend = CrosstermBackend::new(Nowhere);
        Self {
            terminal: Terminal::with_options(backend, options).unwrap(),
            view: ViewState::default(),
            theme: Theme::new(Background::Dark, Depth::True),
        }
    }

    /// Draws a frame.
    pub fn draw(&mut self, session: &Session) {
        let Self {
            terminal,
            view,
            theme,
        } = self;
        terminal
            .draw(|frame| render(&session.state, view, theme, frame))
            .unwrap();
    }
}

/// Each `part`th of them runs.
pub fn domains(part: usize) -> Vec<Domain> {
    let part = u32::try_from(part).unwrap();
    (0..u32::try_from(MANY).unwrap())
        .map(|number| {
            let name = format!("web-{number:05}.example.org");
            match number % part {
                0 => running(number, &name),
                _ => off(number, &name),
            }
        })
        .collect()
}

/// A frame after a refresh, in two orders, after an event, and a key of the filter.
pub fn measure(_: &Ground, report: &mut Report) {
    let mut session = Session::active(SIZE.0, SIZE.1, domains(3));
    let mut screen = Screen::new();
    screen.draw(&session);
    let mut tick = 0;
    for (what, sort) in [("by name", Column::Name), ("by CPU", Column::Cpu)] {
        session.state.table.sort_by(sort);
        let rounds = (0..ROUNDS).map(|_| {
            let mut times: Vec<f64> = (0..FRAMES)
                .map(|_| {
                    tick += 1;
                    refreshed(&mut session, &mut screen, tick)
                })
                .collect();
            median(&mut times)
        });
        let each = least(rounds.collect::<Vec<_>>());
        report.line(
            &format!("update and drawing of a refresh, {MANY} domains {what}"),
            each,
            5.0,
            "ms",
            "",
        );
    }
    session.state.table.group_by(Grouping::State);
    let rounds = (0..ROUNDS).map(|_| {
        let mut times: Vec<f64> = (0..FRAMES)
            .map(|_| {
                tick += 1;
                refreshed(&mut session, &mut screen, tick)
            })
            .collect();
        median(&mut times)
    });
    let each = least(rounds.collect::<Vec<_>>());
    report.line(
        &format!("the same by CPU in groups, {MANY} domains"),
        each,
        5.0,
        "ms",
        "",
    );
    session.state.table.group_by(Grouping::None);
    session.state.table.sort_by(Column::Name);
    let rounds = (0..ROUNDS).map(|_| {
        let mut times: Vec<f64> = (0..FRAMES)
            .map(|number| changed(&mut session, &mut screen, number))
            .collect();
        median(&mut times)
    });
    let each = least(rounds.collect::<Vec<_>>());
    report.line(
        &format!("update and drawing of an event, {MANY} domains"),
        each,
        5.0,
        "ms",
        "",
    );
    let each = least(
        (0..ROUNDS)
            .map(|_| filtered(&mut session, &mut screen))
            .collect::<Vec<_>>(),
    );
    report.line(
        &format!("slowest key of a filter, {MANY} domains"),
        each,
        16.0,
        "ms",
        "",
    );
    let each = least(
        (0..ROUNDS)
            .map(|_| jumped(&mut session, &mut screen))
            .collect::<Vec<_>>(),
    );
    report.line(
        &format!("slowest key of the finder, {MANY} domains"),
        each,
        16.0,
        "ms",
        "",
    );
}

/// Opens the finder, types, and jumps.
fn jumped(session: &mut Session, screen: &mut Screen) -> f64 {
    let mut slowest: f64 = 0.0;
    for key in parse_keys("<ctrl-p>web9999<Backspace><Backspace>8<Enter>").unwrap() {
        let begun = Instant::now();
        session.event(Event::Key(key));
        screen.draw(session);
        slowest = slowest.max(ms(begun.elapsed()));
    }
    slowest
}

/// The host and two slices answer: fifty samples.
fn refreshed(session: &mut Session, screen: &mut Screen, tick: u32) -> f64 {
    session.now.instant += Duration::from_secs(2);
    let at = session.now.instant;
    let samples: Vec<DomainSample> = (0..150)
        .step_by(3)
        .map(|number| {
            sample(
                number,
                at,
                u64::from(tick * (number + 7) % 900 + tick * 1000),
            )
        })
        .collect();
    let told = |domains, node| Told {
        connection: virtty::model::ConnectionId(0),
        epoch: Epoch(1),
        news: News::Sampled { domains, node },
    };
    let busy = u64::from(tick) * 500;
    let reports = vec![
        told(Vec::new(), Some(node_sample(at, busy, busy * 3))),
        told(samples, None),
    ];
    let now = session.now;
    let begun = Instant::now();
    app::take_reports(&mut session.state, reports, now);
    screen.draw(session);
    ms(begun.elapsed())
}

fn changed(session: &mut Session, screen: &mut Screen, number: u32) -> f64 {
    let name = format!("web-{:05}.example.org", 3);
    let domain = match number % 2 {
        0 => off(3, &name),
        _ => running(3, &name),
    };
    let begun = Instant::now();
    session.changed(domain);
    screen.draw(session);
    ms(begun.elapsed())
}

/// Types a filter, takes it back letter by letter, types digits, which look at ports as well, and terms.
fn filtered(session: &mut Session, screen: &mut Screen) -> f64 {
    let mut slowest: f64 = 0.0;
    for keys in [
        "/web12<Backspace><Backspace><Backspace><Backspace><Backspace><Esc>",
        "/5901<Backspace><Backspace><Backspace><Backspace><Esc>",
        "/exorg9<Esc>",
        "/state:running tag:prod cpu>50 !web title:\"a b\"<Esc>",
        "/mac:52:54 net:br0 disk:/srv -autostart host:web<Esc>",
    ] {
        for key in parse_keys(keys).unwrap() {
            let begun = Instant::now();
            session.event(Event::Key(key));
            screen.draw(session);
            slowest = slowest.max(ms(begun.elapsed()));
        }
    }
    slowest
}
