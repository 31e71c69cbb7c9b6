//! Displays and consoles without a host: reading VNC, making cells of pixels, the bytes that go out, emulating a terminal.

use std::time::Instant;

use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};
use std::cell::Cell;
use std::io::{self, Write};
use std::rc::Rc;
use std::sync::Arc;

use tokio::io::AsyncWriteExt as _;
use virtty::console::Terminal as Emulator;
use virtty::display::{Area, Picture, PixelWay, scaled};
use virtty::protocol::{
    DisplayFrame, DisplayId, DisplayNews, DisplayPhase, DisplayWay, News, Shown,
};
use virtty::rfb::Session as Rfb;
use virtty::ui::theme::{Background, Depth};
use virtty::ui::{Theme, ViewState, render};

use crate::ground::Ground;
use crate::report::{ROUNDS, Report, least, median, ms};
use crate::session::{Session, running};
use crate::terminal::SIZE;

/// Frames in a round.
const FRAMES: u16 = 20;

/// Screens of guests: a text mode, and a busy desktop.
const SCREENS: [(&str, u16, u16); 2] = [("720x400", 720, 400), ("1024x768", 1024, 768)];

/// Counts what goes to the terminal.
#[derive(Clone, Default)]
struct Counter(Rc<Cell<usize>>);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.set(self.0.get() + bytes.len());
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A picture without two neighbours of one colour; another for each `seed`, in its upper `lines`.
fn noise(width: u16, height: u16, seed: u32, lines: u16) -> Picture {
    let changed = u32::from(lines) * u32::from(width);
    let pixels = (0..u32::from(width) * u32::from(height))
        .map(|at| {
            let seed = if at < changed { seed } else { 0 };
            (at.wrapping_mul(2_654_435_761) ^ seed.wrapping_mul(40_503)) & 0x00ff_ffff
        })
        .collect();
    Picture::of(width, height, pixels).unwrap()
}

/// See the module's words.
pub fn measure(_: &Ground, report: &mut Report) {
    for (name, width, height) in SCREENS {
        let decode = least((0..ROUNDS).map(|_| decoded(width, height)));
        report.line(
            &format!("VNC: a whole frame of {name} read"),
            decode,
            60.0,
            "ms",
            "",
        );
        for (what, lines, time, bytes) in [
            ("full", height, 12.0, 420.0),
            ("1 % changed", height.div_ceil(100), 8.0, 16.0),
        ] {
            let rounds: Vec<_> = (0..ROUNDS).map(|_| drawn(width, height, lines)).collect();
            let spent = least(rounds.iter().map(|(spent, _)| *spent));
            let sent = least(rounds.iter().map(|(_, sent)| *sent));
            report.line(
                &format!("{name} into half blocks, {what}"),
                spent,
                time,
                "ms",
                "",
            );
            report.line(&format!("bytes of it, {what}"), sent, bytes, "KB", "");
        }
        let picture = noise(width, height, 1, height);
        let small = scaled(&picture, picture.area(), 800, 600).unwrap();
        for (way, budget) in [
            (PixelWay::Kitty, 120.0),
            (PixelWay::Iterm2, 120.0),
            (PixelWay::Sixel, 250.0),
        ] {
            let began = Instant::now();
            let bytes = way.encode(&small, 100, 38).unwrap();
            let detail = format!("{} KB", bytes.len() / 1024);
            report.line(
                &format!("{name} as {}, 800x600", way.word()),
                ms(began.elapsed()),
                budget,
                "ms",
                detail,
            );
        }
    }
    let lines =
        "\x1b[32mword\x1b[0m and the rest of a line of text that a build prints\r\n".repeat(20_000);
    let rounds = (0..ROUNDS).map(|_| {
        let mut emulator = Emulator::new(SIZE.0, SIZE.1);
        let began = Instant::now();
        for piece in lines.as_bytes().chunks(16 * 1024) {
            emulator.feed(piece);
        }
        began.elapsed().as_secs_f64() * 1000.0 * 1e6 / lines.len() as f64
    });
    report.line(
        "console: 1 MB of a guest's output read",
        least(rounds.collect::<Vec<_>>()),
        60.0,
        "ms",
        "",
    );
}

/// Milliseconds of a frame: scaling, the state, and drawing; and KB of it.
fn drawn(width: u16, height: u16, lines: u16) -> (f64, f64) {
    let counter = Counter::default();
    let viewport = Viewport::Fixed(Rect::new(0, 0, SIZE.0, SIZE.1));
    let backend = CrosstermBackend::new(counter.clone());
    let mut terminal = Terminal::with_options(backend, TerminalOptions { viewport }).unwrap();
    let (mut view, theme) = (
        ViewState::default(),
        Theme::new(Background::Dark, Depth::True),
    );
    let mut session = Session::active(SIZE.0, SIZE.1, vec![running(1, "web-1")]);
    session.keys("v");
    let phase = DisplayPhase::Attached(DisplayWay::Vnc);
    session.news(0, 0, News::Display(DisplayId(0), DisplayNews::Phase(phase)));
    let high = (SIZE.1 - 2) * 2;
    let wide = u16::try_from(u32::from(high) * u32::from(width) / u32::from(height))
        .unwrap_or(SIZE.0)
        .min(SIZE.0);
    let (mut times, mut sizes) = (Vec::new(), Vec::new());
    for seed in 0..u32::from(FRAMES) {
        let picture = noise(width, height, seed, lines);
        let (began, before) = (Instant::now(), counter.0.get());
        let small = scaled(&picture, picture.area(), wide, high).unwrap();
        let frame = DisplayFrame {
            shown: Shown::Picture(Arc::new(small)),
            size: (width, height),
            part: Area {
                x: 0,
                y: 0,
                width,
                height,
            },
            blank: false,
            bytes: 0,
            ticket: Arc::new(()),
        };
        session.news(0, 0, News::Display(DisplayId(0), DisplayNews::Frame(frame)));
        terminal
            .draw(|frame| render(&session.state, &mut view, &theme, frame))
            .unwrap();
        if seed > 0 {
            times.push(ms(began.elapsed()));
            sizes.push((counter.0.get() - before) as f64 / 1000.0);
        }
    }
    (median(&mut times), median(&mut sizes))
}

/// Milliseconds from the first byte of a frame to its last pixel.
fn decoded(width: u16, height: u16) -> f64 {
    let mut frame = vec![0, 0, 0, 1, 0, 0, 0, 0];
    frame.extend(width.to_be_bytes());
    frame.extend(height.to_be_bytes());
    frame.extend(0_i32.to_be_bytes());
    frame.extend((0..u32::from(width) * u32::from(height)).flat_map(u32::to_le_bytes));
    let mut beginning = b"RFB 003.008\n\x01\x01\0\0\0\0".to_vec();
    beginning.extend(width.to_be_bytes());
    beginning.extend(height.to_be_bytes());
    beginning.extend([
        32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0, 0, 0, 0, 0,
    ]);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let (here, mut there) = tokio::io::duplex(4 * 1024 * 1024);
        tokio::spawn(async move {
            there.write_all(&beginning).await.unwrap();
            for _ in 0..FRAMES {
                there.write_all(&frame).await.unwrap();
            }
            std::future::pending::<()>().await;
        });
        let mut session = Rfb::begin(Box::new(here), None).await.unwrap();
        let began = Instant::now();
        for _ in 0..FRAMES {
            session.next().await.unwrap();
        }
        ms(began.elapsed()) / f64::from(FRAMES)
    })
}
