//! What travels between the screen and the threads of a display.

use std::path::PathBuf;
use std::sync::Arc;

use super::Failure;
use crate::display::{Area, Layout, Picture, PixelWay, Stroke, TextScreen};
use crate::model::Uuid;

/// Number of an opened display of this process, unique over all connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DisplayId(pub u32);

/// How a display is to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Look {
    /// Columns there are for it; 0 while nobody sees it: then nothing is asked of the guest.
    pub columns: u16,
    /// Lines there are for it.
    pub lines: u16,
    /// Pixels of the terminal in a cell: columns and lines. One by two where a cell is two blocks.
    pub cell: (u16, u16),
    /// How pixels go to the terminal.
    pub way: PixelWay,
    /// The pixel of the guest in the upper left corner, where one of its pixels is one here; `None` for the whole screen,
    /// made to fit.
    pub corner: Option<(u16, u16)>,
    /// The text of a VGA in text mode is shown as text.
    pub text: bool,
    /// Lowest bits of each colour that are left out, for a slow way to the terminal: fewer cells change, in fewer colours.
    pub coarse: u8,
}

impl Look {
    /// Whether there is any room for it.
    #[must_use]
    pub fn is_seen(&self) -> bool {
        self.columns > 0 && self.lines > 0
    }
}

/// What can be asked of a display.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DisplayVerb {
    /// Open it, and open it again whenever it ends, until it is closed.
    Open {
        /// Of which domain.
        domain: Uuid,
        /// How it is shown.
        look: Look,
        /// Its password may be read from libvirt.
        reads_password: bool,
    },
    /// It is to be shown otherwise.
    Look(Look),
    /// Press keys, one stroke after the other.
    Press(Vec<Stroke>),
    /// Put a text into the guest's clipboard, where its display has one.
    Cut(String),
    /// Type a text in a guest, key by key.
    Type {
        /// The text.
        text: String,
        /// The layout that the guest has.
        layout: Layout,
        /// Characters a second.
        per_second: u16,
    },
    /// Type no more of it.
    StopTyping,
    /// The pointer is at a pixel of the guest, with these buttons held: bit 0 left, 1 middle, 2 right, 3 and 4 the wheel.
    Point {
        /// Column.
        x: u16,
        /// Line.
        y: u16,
        /// Buttons.
        buttons: u8,
    },
    /// The password that was asked for.
    Password(String),
    /// Tell the text that is shown.
    Copy,
    /// Write what is on it into a PNG file.
    Save(PathBuf),
    /// Try to open it now.
    Retry,
    /// Close it for good.
    Close,
}

/// By which way a display is seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DisplayWay {
    /// VNC: each change as it comes, keys and pointer.
    Vnc,
    /// Pictures that libvirt takes again and again, and keys that it presses; why there is no VNC.
    Pictures(String),
}

/// How a display stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DisplayPhase {
    /// The host was asked for it.
    Opening,
    /// It is seen, and keys reach the guest.
    Attached(DisplayWay),
    /// The domain does not run; it is opened when it does.
    Off,
    /// It wants a password; what it said of the last one.
    Locked(Option<String>),
    /// The host or the display is gone, with the reason; it is tried again.
    Lost(String),
    /// It cannot be had; nothing is tried until somebody asks.
    Refused(Failure),
}

/// What is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// Pixels, as many as were asked for.
    Picture(Arc<Picture>),
    /// Text.
    Text(Arc<TextScreen>),
    /// Pixels as the terminal takes them.
    Pixels(Arc<PixelFrame>),
}

/// A picture as bytes for a terminal that draws pixels.
#[derive(Clone, PartialEq, Eq)]
pub struct PixelFrame {
    /// In which language.
    pub way: PixelWay,
    /// What draws it where the cursor stands.
    pub bytes: Vec<u8>,
    /// Columns that it covers.
    pub columns: u16,
    /// Lines that it covers.
    pub lines: u16,
}

impl std::fmt::Debug for PixelFrame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "PixelFrame({:?}, {}x{})",
            self.way, self.columns, self.lines
        )
    }
}

/// Which screens are wanted as small pictures; the newest replaces the former.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WallWish {
    /// Of which domains; none for no pictures at all.
    pub domains: Vec<Uuid>,
    /// Columns of pixels that there is room for.
    pub width: u16,
    /// Lines of pixels that there is room for.
    pub height: u16,
}

/// How far a text is that is being typed, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Typing {
    /// So many were typed.
    pub done: usize,
    /// Of so many.
    pub all: usize,
}

/// What a display shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisplayFrame {
    /// What is to be seen.
    pub shown: Shown,
    /// Columns and lines of the guest's screen, in pixels.
    pub size: (u16, u16),
    /// Which part of it is shown.
    pub part: Area,
    /// Every pixel has one colour: the guest shows nothing.
    pub blank: bool,
    /// Bytes that came from the display so far; 0 for pictures.
    pub bytes: u64,
    /// Dropped by whoever has taken the frame in: only then the next is sent, the newest there is.
    pub ticket: Arc<()>,
}

/// What a display reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DisplayNews {
    /// It stands otherwise.
    Phase(DisplayPhase),
    /// It shows something else.
    Frame(DisplayFrame),
    /// The guest put a text into its clipboard; untrusted.
    Cut(String),
    /// The text that was asked for; `None` where a picture is shown.
    Copied(Option<String>),
    /// A picture was written to a file, or why not.
    Saved(Result<PathBuf, String>),
    /// What was pressed did not reach the guest, and why.
    NotPressed(String),
    /// These characters of a text cannot be typed.
    NotTyped(String),
    /// How far a text is; `None` when none is being typed any more.
    Typing(Option<Typing>),
    /// A person stopped it there.
    TypingStopped(Typing),
}
