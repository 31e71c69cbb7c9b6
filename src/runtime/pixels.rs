//! Pictures on terminals that draw pixels: what the terminal can, and drawing beside ratatui's cells.
//!
//! A terminal is asked once, when a display is opened first, and only one that tells how many pixels it has: nobody else
//! draws any. The keyboard rests meanwhile, so that no answer comes in between the keys.

use std::io::{self, Write as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::terminal;
use crate::app::{Areas, DisplayPlace, State};
use crate::display::PixelWay;
use crate::protocol::{PixelFrame, Shown};

/// How long a terminal may take to answer.
const ANSWER: Duration = Duration::from_millis(300);

/// Bytes of answers that are read at most.
const MOST: usize = 4096;

/// May kitty's graphics be used? Which terminal is it? What can it in general? The last is answered by every terminal,
/// after the others.
const QUESTIONS: &[u8] = b"\x1b_Gi=7619,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\\x1b[>q\x1b[c";

/// Pixels of a cell where the terminal does not tell.
const CELL: (u16, u16) = (8, 16);

/// How pixels go to this terminal, and pixels of a cell. What is wanted is not doubted.
pub fn find(wanted: Option<PixelWay>) -> (PixelWay, (u16, u16)) {
    let cell = terminal::cell_pixels();
    if let Some(way) = wanted {
        return (way, cell.unwrap_or(CELL));
    }
    match cell {
        None => (PixelWay::Blocks, CELL),
        Some(cell) => (proven(&answers().unwrap_or_default()), cell),
    }
}

/// What a terminal has proven to be able to.
fn proven(answers: &[u8]) -> PixelWay {
    let text = String::from_utf8_lossy(answers);
    if text.contains("_Gi=7619;OK") {
        return PixelWay::Kitty;
    }
    if text.contains(">|iTerm2") || text.contains(">|WezTerm") {
        return PixelWay::Iterm2;
    }
    let attributes = text
        .split("\x1b[?")
        .skip(1)
        .filter_map(|rest| rest.split_once('c'));
    let can_sixel = attributes
        .flat_map(|(list, _)| list.split(';'))
        .any(|one| one == "4");
    if can_sixel {
        PixelWay::Sixel
    } else {
        PixelWay::Blocks
    }
}

fn answers() -> io::Result<Vec<u8>> {
    let tty = terminal::keyboard()?;
    terminal::Out.write_all(QUESTIONS)?;
    let until = Instant::now() + ANSWER;
    let mut answers = Vec::new();
    let mut piece = [0; 256];
    while answers.len() < MOST && !is_whole(&answers) {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        let mut ready = [PollFd::new(&tty, PollFlags::IN)];
        let limit = Timespec::try_from(left).map_err(io::Error::other)?;
        match poll(&mut ready, Some(&limit)) {
            Ok(0) => break,
            Ok(_) => match rustix::io::read(&tty, &mut piece)? {
                0 => break,
                count => answers.extend_from_slice(&piece[..count]),
            },
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(answers)
}

/// Whether the last answer has come.
fn is_whole(answers: &[u8]) -> bool {
    let text = String::from_utf8_lossy(answers);
    text.rsplit_once("\x1b[?")
        .is_some_and(|(_, rest)| rest.ends_with('c'))
}

/// How long the next frame waits after one of so many bytes that was written in `took`: as long again, so that keys are
/// not stuck behind pictures; and as the limit wants.
pub fn rest(bytes: u64, took: Duration, most_kib_per_s: Option<u32>) -> Duration {
    let by_limit = most_kib_per_s.map_or(0.0, |most| {
        let per_second = f64::from(most) * 1024.0;
        bytes as f64 / per_second
    });
    took.max(Duration::from_secs_f64(by_limit.min(60.0)))
}

/// A picture of a display, and where it stands.
struct Drawn {
    number: u32,
    frame: Arc<PixelFrame>,
    place: DisplayPlace,
}

/// What is drawn beside the cells.
#[derive(Default)]
pub struct Pixels {
    drawn: Vec<Drawn>,
}

impl Pixels {
    /// Nothing is known of the terminal any more.
    pub fn forget(&mut self) {
        self.drawn.clear();
    }

    /// Draws the pictures that the state shows; `true` when one was taken away and the cells are to be drawn anew.
    ///
    /// # Errors
    /// When the terminal cannot be written.
    pub fn show(&mut self, state: &State) -> io::Result<bool> {
        self.show_in(wanted(state), Areas::of(state).header, &mut terminal::Out)
    }

    /// The same below so many lines.
    fn show_in(
        &mut self,
        wanted: Vec<Drawn>,
        header: u16,
        out: &mut impl io::Write,
    ) -> io::Result<bool> {
        // One of another size would leave a rim of the last. What stands there goes with its cells, whosever it is.
        let gone = self.drawn.iter().any(|shown| {
            let same = |one: &Drawn| one.number == shown.number && one.place == shown.place;
            !wanted.iter().any(same)
        });
        if gone {
            for shown in self.drawn.drain(..) {
                out.write_all(&shown.frame.way.erase(shown.number))?;
            }
            return Ok(true);
        }
        for one in wanted {
            let known = self
                .drawn
                .iter()
                .position(|shown| shown.number == one.number);
            if known.is_some_and(|at| Arc::ptr_eq(&self.drawn[at].frame, &one.frame)) {
                continue;
            }
            let mut bytes = Vec::with_capacity(one.frame.bytes.len() + 32);
            // The cursor goes back to where it was.
            let line = header + 1 + one.place.y;
            write!(bytes, "\x1b7\x1b[{line};{}H", one.place.x + 1)?;
            bytes.extend_from_slice(&one.frame.bytes);
            bytes.extend_from_slice(b"\x1b8");
            out.write_all(&bytes)?;
            match known {
                Some(at) => self.drawn[at] = one,
                None => self.drawn.push(one),
            }
        }
        Ok(false)
    }
}

fn wanted(state: &State) -> Vec<Drawn> {
    let shown = state.displays.all.iter().filter_map(|display| {
        let Some(Shown::Pixels(frame)) = &display.shown else {
            return None;
        };
        // One that was made before a dialog opened would lie over it.
        (frame.way == state.pixel_way()).then_some(())?;
        Some(Drawn {
            number: display.id.0,
            frame: Arc::clone(frame),
            place: state.display_place(display)?,
        })
    });
    shown.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_proven_is_used() {
        for (answers, way) in [
            (&b""[..], PixelWay::Blocks),
            (b"\x1b[?62;22c", PixelWay::Blocks),
            (b"\x1b[?62;4;22c", PixelWay::Sixel),
            (b"\x1b[?64c", PixelWay::Blocks),
            (b"\x1bP>|WezTerm 2024\x1b\\\x1b[?65;4c", PixelWay::Iterm2),
            (
                b"\x1b_Gi=7619;OK\x1b\\\x1bP>|kitty(0.38)\x1b\\\x1b[?62c",
                PixelWay::Kitty,
            ),
            (b"\x1b_Gi=7619;EINVAL\x1b\\\x1b[?62;4c", PixelWay::Sixel),
        ] {
            assert_eq!(proven(answers), way, "{}", answers.escape_ascii());
        }
        assert!(!is_whole(b"\x1b_Gi=7619;OK\x1b\\"));
        assert!(is_whole(b"\x1b_Gi=7619;OK\x1b\\\x1b[?62;4c"));
    }

    fn drawn(number: u32, x: u16, way: PixelWay, bytes: &[u8]) -> Drawn {
        Drawn {
            number,
            frame: Arc::new(PixelFrame {
                way,
                bytes: bytes.to_vec(),
                columns: 10,
                lines: 5,
            }),
            place: DisplayPlace {
                x,
                y: 1,
                width: 10,
                height: 5,
                skipped: 0,
            },
        }
    }

    fn again(one: &Drawn) -> Drawn {
        Drawn {
            number: one.number,
            frame: Arc::clone(&one.frame),
            place: one.place,
        }
    }

    #[test]
    fn pictures_stand_side_by_side_and_each_is_drawn_when_it_changes() {
        let mut pixels = Pixels::default();
        let mut show = |wanted: Vec<Drawn>| {
            let mut out = Vec::new();
            let anew = pixels.show_in(wanted, 2, &mut out).unwrap();
            (anew, String::from_utf8(out).unwrap())
        };
        let left = drawn(1, 0, PixelWay::Kitty, b"<left>");
        let right = drawn(2, 40, PixelWay::Kitty, b"<right>");
        let both = "\x1b7\x1b[4;1H<left>\x1b8\x1b7\x1b[4;41H<right>\x1b8";
        assert_eq!(
            show(vec![again(&left), again(&right)]),
            (false, both.to_owned())
        );
        assert_eq!(
            show(vec![again(&left), again(&right)]),
            (false, String::new())
        );
        let newer = drawn(2, 40, PixelWay::Kitty, b"<newer>");
        let only = "\x1b7\x1b[4;41H<newer>\x1b8";
        assert_eq!(
            show(vec![again(&left), again(&newer)]),
            (false, only.to_owned())
        );
        // One moves: both are taken away with the cells below, and drawn anew.
        let moved = drawn(2, 30, PixelWay::Kitty, b"<moved>");
        let erased = "\x1b_Ga=d,d=I,i=7621,q=2\x1b\\\x1b_Ga=d,d=I,i=7622,q=2\x1b\\";
        assert_eq!(
            show(vec![again(&left), again(&moved)]),
            (true, erased.to_owned())
        );
        let (anew, bytes) = show(vec![again(&left), again(&moved)]);
        assert!(!anew && bytes.contains("<left>") && bytes.contains("<moved>"));
        assert!(show(Vec::new()).0);
        assert!(!show(Vec::new()).0);
    }

    #[test]
    fn a_limit_spreads_frames_out() {
        let ms = Duration::from_millis;
        assert_eq!(rest(102_400, ms(3), None), ms(3));
        assert_eq!(rest(102_400, ms(3), Some(100)), ms(1000));
        assert_eq!(rest(0, ms(200), Some(100)), ms(200));
    }
}
