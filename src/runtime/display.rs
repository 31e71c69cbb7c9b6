//! What ratatui draws on.

use std::io::{self, BufWriter};

use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};

use super::terminal::Out;

/// Bytes of a frame that go out together.
const FRAME: usize = 64 * 1024;

/// crossterm's drawing, without its questions. A frame has the size that the state knows, so that both agree while the
/// terminal changes. And nothing is ever asked of the terminal: its answer would come in between the keys, and crossterm
/// would change the terminal's settings to wait for it.
pub struct Display {
    inner: CrosstermBackend<BufWriter<Out>>,
    size: Size,
}

impl Display {
    /// A screen of `width` columns and `height` lines.
    pub fn new(width: u16, height: u16) -> Self {
        let out = BufWriter::with_capacity(FRAME, Out);
        Self {
            inner: CrosstermBackend::new(out),
            size: Size::new(width, height),
        }
    }

    /// The next frame has another size.
    pub fn resize(&mut self, width: u16, height: u16) {
        self.size = Size::new(width, height);
    }
}

impl Backend for Display {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        self.inner.draw(content)
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.inner.hide_cursor()
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.inner.show_cursor()
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(Position::ORIGIN)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.inner.set_cursor_position(position)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.inner.clear()
    }

    fn clear_region(&mut self, clear_type: ClearType) -> io::Result<()> {
        self.inner.clear_region(clear_type)
    }

    fn size(&self) -> io::Result<Size> {
        Ok(self.size)
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize {
            columns_rows: self.size,
            pixels: Size::ZERO,
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Backend::flush(&mut self.inner)
    }
}
