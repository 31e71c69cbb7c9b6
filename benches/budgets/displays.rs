//! Displays and consoles without a host: reading VNC, making cells of pixels, the bytes that go out, emulating a terminal.

use std::time::Instant;

use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};
use std::cell::Cell;
use std::io::{self, Write};
use std::rc::Rc;
use std::sync::Arc;

use flate2::{Compress, Compression, FlushCompress};
use tokio::io::AsyncWriteExt as _;
use virtty::console::Terminal as Emulator;
use virtty::display::{Area, Picture, PixelWay, scaled};
use virtty::protocol::{
    DisplayFrame, DisplayId, DisplayNews, DisplayPhase, DisplayWay, News, Shown,
};
use virtty::rfb::{Happened, Session as Rfb};
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
        for (way, sent, times) in [("raw", Sent::Raw, 1.0), ("ZRLE", Sent::Zrle, 2.0)] {
            for (what, lines, budget) in [
                ("full", height, 30.0),
                ("1 % changed", height.div_ceil(100), 1.0),
            ] {
                let rounds = (0..ROUNDS).map(|_| decoded(width, height, lines, sent));
                let read = least(rounds.collect::<Vec<_>>());
                let what = format!("VNC: {name} read, {way}, {what}");
                report.line(&what, read, budget * times, "ms", "");
            }
        }
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
            let bytes = way.encode(&small, (100, 38), 0).unwrap();
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
        lines.len() as f64 / 1e6 / began.elapsed().as_secs_f64()
    });
    let most = rounds.fold(0.0, f64::max);
    report.at_least("console: a guest's output read", most, 16.0, "MB/s");
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

/// How a server sends its pixels.
#[derive(Clone, Copy)]
enum Sent {
    /// As they are.
    Raw,
    /// Compressed, as QEMU does (RFC 6143, section 7.7.6).
    Zrle,
}

/// An update of the upper `lines` of a screen, whose pixels are hard to compress.
fn update(width: u16, lines: u16, sent: Sent, packer: &mut Compress) -> Vec<u8> {
    let mut update = vec![0, 0, 0, 1, 0, 0, 0, 0];
    update.extend(width.to_be_bytes());
    update.extend(lines.to_be_bytes());
    let picture = noise(width, lines, 7, lines);
    match sent {
        Sent::Raw => {
            update.extend(0_i32.to_be_bytes());
            update.extend(
                picture
                    .pixels()
                    .iter()
                    .flat_map(|pixel| pixel.to_le_bytes()),
            );
        }
        Sent::Zrle => {
            let mut tiles = Vec::new();
            for top in (0..lines).step_by(64) {
                for left in (0..width).step_by(64) {
                    // A tile of pixels as they are.
                    tiles.push(0);
                    for y in top..lines.min(top + 64) {
                        let right = usize::from(width.min(left + 64));
                        for pixel in &picture.line(y)[usize::from(left)..right] {
                            tiles.extend(&pixel.to_le_bytes()[..3]);
                        }
                    }
                }
            }
            let mut packed = Vec::with_capacity(tiles.len() + 4096);
            let done = packer.compress_vec(&tiles, &mut packed, FlushCompress::Sync);
            assert!(done.is_ok() && packed.len() < packed.capacity());
            update.extend(16_i32.to_be_bytes());
            update.extend(u32::try_from(packed.len()).unwrap().to_be_bytes());
            update.extend(packed);
        }
    }
    update
}

/// Milliseconds from the first byte of an update to its last pixel.
fn decoded(width: u16, height: u16, lines: u16, sent: Sent) -> f64 {
    let mut beginning = b"RFB 003.008\n\x01\x01\0\0\0\0".to_vec();
    beginning.extend(width.to_be_bytes());
    beginning.extend(height.to_be_bytes());
    beginning.extend([
        32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0, 0, 0, 0, 0,
    ]);
    let mut packer = Compress::new(Compression::fast(), true);
    let updates: Vec<_> = (0..FRAMES)
        .map(|_| update(width, lines, sent, &mut packer))
        .collect();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let (here, mut there) = tokio::io::duplex(4 * 1024 * 1024);
        tokio::spawn(async move {
            there.write_all(&beginning).await.unwrap();
            for update in updates {
                there.write_all(&update).await.unwrap();
            }
            // What a guest copied comes behind all of them, however many parts they are told in.
            there
                .write_all(&[3, 0, 0, 0, 0, 0, 0, 1, b'x'])
                .await
                .unwrap();
            std::future::pending::<()>().await;
        });
        let mut session = Rfb::begin(Box::new(here), None).await.unwrap();
        let began = Instant::now();
        while !matches!(session.next().await.unwrap(), Happened::Cut(_)) {}
        ms(began.elapsed()) / f64::from(FRAMES)
    })
}
