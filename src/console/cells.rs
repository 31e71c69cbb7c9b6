//! What can be seen of a console, as plain values.

/// A colour as the guest named it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Colour {
    /// The terminal's own.
    #[default]
    Default,
    /// One of xterm's 256; the first 16 are the terminal's.
    Indexed(u8),
    /// 24 bits: red, green, blue.
    Rgb(u8, u8, u8),
}

/// How a cell looks apart from its colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs, reason = "the names are the attributes of a terminal")]
#[allow(
    clippy::struct_excessive_bools,
    reason = "they are independent of each other"
)]
pub struct Look {
    pub bold: bool,
    pub dim: bool,
    pub italic: bool,
    pub underlined: bool,
    pub reversed: bool,
    pub crossed_out: bool,
    /// Marked by the person, to be copied.
    pub selected: bool,
}

/// Columns of a cell's character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Wide {
    /// One.
    #[default]
    No,
    /// Two: the next cell is its second half.
    First,
    /// The second half of the cell before.
    Second,
}

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cell {
    /// Its character, a blank where there is none; never one that is hidden (`text::is_hidden`).
    pub symbol: char,
    /// Marks that combine with it.
    pub marks: Option<Box<str>>,
    /// Colour of the character.
    pub front: Colour,
    /// Colour behind it.
    pub back: Colour,
    /// The rest.
    pub look: Look,
    /// How many columns it takes.
    pub wide: Wide,
}

/// What the guest asked of the keyboard and the mouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "they are independent of each other"
)]
pub struct Modes {
    /// Cursor keys send `ESC O` instead of `ESC [`.
    pub application_cursor: bool,
    /// Pasted text is put into brackets.
    pub bracketed_paste: bool,
    /// Enter sends CR and LF.
    pub new_line: bool,
    /// A full-screen program runs.
    pub alternate_screen: bool,
    /// Clicks and the wheel are told to the guest.
    pub mouse: bool,
    /// So are movements with a button.
    pub mouse_drag: bool,
    /// So are movements without a button.
    pub mouse_motion: bool,
    /// They are told in the SGR form; otherwise in the old one.
    pub sgr_mouse: bool,
}

/// All that can be seen of a console at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Screen {
    /// Columns of the terminal.
    pub columns: u16,
    /// Lines of the terminal.
    pub lines: u16,
    /// The cells, line by line.
    pub cells: Vec<Cell>,
    /// Column and line of the cursor; `None` where the guest hides it or it is scrolled out of sight.
    pub cursor: Option<(u16, u16)>,
    /// What was asked of the keyboard.
    pub modes: Modes,
    /// Lines that have left the screen and are kept.
    pub history: usize,
    /// How many lines above its end the view stands.
    pub scrolled: usize,
    /// The person moves through the lines, and keys do not go to the guest.
    pub looking: bool,
    /// Bytes of the guest that nobody had the time to look at, since the console was opened.
    pub dropped: u64,
}

impl Screen {
    /// The cell at a column and a line.
    #[must_use]
    pub fn cell(&self, column: u16, line: u16) -> Option<&Cell> {
        if column >= self.columns {
            return None;
        }
        self.cells
            .get(usize::from(line) * usize::from(self.columns) + usize::from(column))
    }

    /// The text of a line without the blanks at its end.
    #[must_use]
    pub fn line(&self, line: u16) -> String {
        let mut out = String::new();
        for column in 0..self.columns {
            let Some(cell) = self.cell(column, line) else {
                break;
            };
            if cell.wide != Wide::Second {
                out.push(cell.symbol);
                out.extend(cell.marks.iter().map(|marks| &**marks));
            }
        }
        out.truncate(out.trim_end().len());
        out
    }

    /// All lines.
    #[must_use]
    pub fn text(&self) -> String {
        let lines: Vec<_> = (0..self.lines).map(|line| self.line(line)).collect();
        lines.join("\n")
    }
}
