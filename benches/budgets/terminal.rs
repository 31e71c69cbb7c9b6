//! The program in a terminal whose every byte has a time.

use std::fs::OpenOptions;
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use alacritty_terminal::Term;
use alacritty_terminal::event::VoidListener;
use alacritty_terminal::grid::Dimensions;
use alacritty_terminal::index::{Column, Line};
use alacritty_terminal::term::Config;
use alacritty_terminal::vte::ansi::Processor;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

/// The terminal of the budgets.
pub const SIZE: (u16, u16) = (200, 50);

/// Lines of the table in it: without header, headings and footer.
pub const ROWS: usize = 46;

/// Longest wait for anything; a measurement that works never waits for it.
const PATIENCE: Duration = Duration::from_secs(60);

/// Bytes further apart than this are of two frames: the program writes a frame at once.
const SAME_FRAME: Duration = Duration::from_millis(4);

/// A running program and its screen.
pub struct Console {
    child: Child,
    keyboard: OwnedFd,
    output: Receiver<(Instant, Vec<u8>)>,
    term: Term<VoidListener>,
    parser: Processor,
    /// When it was started.
    pub begun: Instant,
    /// Bytes so far.
    pub bytes: usize,
    /// When the last of them came.
    last: Instant,
}

struct Extent;

impl Dimensions for Extent {
    fn total_lines(&self) -> usize {
        self.screen_lines()
    }
    fn screen_lines(&self) -> usize {
        usize::from(SIZE.1)
    }
    fn columns(&self) -> usize {
        usize::from(SIZE.0)
    }
}

impl Console {
    /// Starts virtty on a connection.
    pub fn open(uri: &str) -> Self {
        Self::run(env!("CARGO_BIN_EXE_virtty"), &["-c", uri])
    }

    /// Starts a program.
    pub fn run(program: &str, words: &[&str]) -> Self {
        let master =
            openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let size = Winsize {
            ws_col: SIZE.0,
            ws_row: SIZE.1,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        tcsetwinsize(&master, size).unwrap();
        let path = ptsname(&master, Vec::new()).unwrap();
        let tty = OpenOptions::new()
            .read(true)
            .write(true)
            .open(path.to_str().unwrap())
            .unwrap();
        let reader = master.try_clone().unwrap();
        let (sender, output) = channel();
        thread::spawn(move || {
            let mut buffer = vec![0; 1 << 16];
            while let Ok(count) = rustix::io::read(&reader, &mut buffer) {
                if count == 0
                    || sender
                        .send((Instant::now(), buffer[..count].to_vec()))
                        .is_err()
                {
                    return;
                }
            }
        });
        let begun = Instant::now();
        // A session of its own with this terminal, in the same process.
        let child = Command::new("setsid")
            .args(["--ctty", program])
            .args(words)
            .env("TERM", "xterm-256color")
            .env("COLORTERM", "truecolor")
            .env("HOME", "/nonexistent")
            .env_remove("XDG_CONFIG_HOME")
            .env_remove("NO_COLOR")
            .stdin(tty.try_clone().unwrap())
            .stdout(tty)
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self {
            child,
            keyboard: master,
            output,
            term: Term::new(Config::default(), &Extent, VoidListener),
            parser: Processor::new(),
            begun,
            bytes: 0,
            last: begun,
        }
    }

    /// Its process number.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Types; gives the moment.
    pub fn press(&mut self, keys: &str) -> Instant {
        let now = Instant::now();
        let written = rustix::io::write(&self.keyboard, keys.as_bytes()).unwrap();
        assert_eq!(written, keys.len());
        now
    }

    /// Waits until the screen shows what is meant; gives the moment of the last byte of the frame that shows it.
    pub fn until(&mut self, what: &str, mut seen: impl FnMut(&Self) -> bool) -> Instant {
        let end = Instant::now() + PATIENCE;
        while !seen(self) {
            assert!(
                self.take(Duration::from_millis(100)) || Instant::now() < end,
                "{what} is not seen within {PATIENCE:?}:\n{}",
                self.screen()
            );
            assert!(
                Instant::now() < end,
                "{what} is not seen:\n{}",
                self.screen()
            );
        }
        let mut shown = self.last;
        while self.take(SAME_FRAME) {
            if self.last.duration_since(shown) > SAME_FRAME {
                break;
            }
            shown = self.last;
        }
        shown
    }

    /// Reads what comes for so long.
    pub fn watch(&mut self, span: Duration) {
        let end = Instant::now() + span;
        loop {
            let rest = end.saturating_duration_since(Instant::now());
            if rest.is_zero() {
                return;
            }
            self.take(rest);
        }
    }

    /// Reads until nothing has come for so long.
    pub fn settle(&mut self, span: Duration) {
        while self.take(span) {}
    }

    /// Takes one piece of output; false when none comes in time.
    fn take(&mut self, span: Duration) -> bool {
        match self.output.recv_timeout(span) {
            Ok((at, bytes)) => {
                self.parser.advance(&mut self.term, &bytes);
                self.bytes += bytes.len();
                self.last = at;
                true
            }
            Err(RecvTimeoutError::Timeout) => false,
            Err(RecvTimeoutError::Disconnected) => panic!("virtty has ended:\n{}", self.screen()),
        }
    }

    /// One line of the screen, without blanks at its end.
    pub fn line(&self, number: usize) -> String {
        let line = &self.term.grid()[Line(i32::try_from(number).unwrap())];
        let text: String = (0..usize::from(SIZE.0))
            .map(|x| line[Column(x)].c)
            .collect();
        text.trim_end().to_owned()
    }

    /// The whole screen.
    pub fn screen(&self) -> String {
        let lines: Vec<_> = (0..usize::from(SIZE.1))
            .map(|line| self.line(line))
            .collect();
        lines.join("\n")
    }

    /// The last line above the footer that is not empty.
    pub fn last_line(&self) -> String {
        let lines = (0..usize::from(SIZE.1) - 1).rev();
        lines
            .map(|line| self.line(line))
            .find(|line| !line.is_empty())
            .unwrap_or_default()
    }

    /// The rows of the table.
    pub fn rows(&self) -> impl Iterator<Item = String> {
        (3..3 + ROWS).map(|line| self.line(line))
    }

    /// The name on the first row, where one is.
    pub fn first(&self) -> Option<String> {
        let row = self.rows().next()?;
        let named = |word: &&str| word.starts_with("vm-") || word.starts_with("many-");
        row.split_whitespace().find(named).map(str::to_owned)
    }

    /// The line that shows this domain.
    pub fn row_of(&self, name: &str) -> Option<String> {
        self.rows().find(|row| row.contains(name))
    }

    /// The line of the screen that is selected.
    pub fn selected(&self) -> Option<usize> {
        let marked = |line: &usize| {
            self.term.grid()[Line(i32::try_from(*line).unwrap())][Column(0)].c == '▌'
        };
        (0..usize::from(SIZE.1)).find(marked)
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// State and name are on every row.
pub fn is_complete(console: &Console) -> bool {
    console.rows().all(|row| {
        let has_state = row.contains("Running") || row.contains("Shutoff");
        has_state && (row.contains("vm-") || row.contains("many-"))
    })
}

/// CPU and memory are on every row of a running domain: no dash is left in front of the display's column.
pub fn has_figures(console: &Console) -> bool {
    let headings = console.line(2);
    let place = |word: &str| headings.find(word).map(|at| headings[..at].chars().count());
    let (Some(cpu), Some(memory)) = (place("CPU"), place("Memory")) else {
        return false;
    };
    is_complete(console)
        && console
            .rows()
            .filter(|row| row.contains("Running"))
            .all(|row| {
                let cell = |to: usize| -> Option<char> { row.chars().nth(to) };
                // Figures stand on the right, below the last letter of their heading.
                let cpu_end = cell(cpu + 2);
                let memory_end = cell(memory + 5);
                cpu_end == Some('%') && memory_end.is_some_and(|c| c != '–' && c != ' ')
            })
}
