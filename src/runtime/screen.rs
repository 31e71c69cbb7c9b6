//! The screen that frames are drawn on: a backend of ratatui that says nothing to the terminal when nothing changed, and
//! asks the terminal nothing.
//!
//! Drawing ends each frame with colours put back and the cursor hidden, and so sends some bytes for a frame that changed
//! nothing: over a slow line those add up to more than an idle fleet's figures. And clearing the screen asks the terminal
//! where the cursor stands. A terminal that does not answer stops the program, and in one that does the answer goes to
//! whoever reads the keyboard.

use std::io::{self, BufWriter, Write};

use ratatui::Terminal;
use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};

use super::pen;
use super::terminal::Out;

/// A terminal's screen.
pub type Screen = Terminal<Quiet<BufWriter<Out>>>;

/// Bytes of a frame that go out together.
const FRAME: usize = 64 * 1024;

/// The screen of this process, of `width` columns and `height` lines.
///
/// # Errors
/// Those of writing to the terminal.
pub fn open(width: u16, height: u16) -> io::Result<Screen> {
    let out = BufWriter::with_capacity(FRAME, Out);
    Terminal::new(Quiet::new(out, Size::new(width, height)))
}

/// See the module's words.
pub struct Quiet<W: Write> {
    inner: CrosstermBackend<W>,
    /// What the state knows, so that both agree on every frame while the terminal changes.
    size: Size,
    /// Where the cursor was put since it was last moved by drawing; `None` when nobody knows.
    cursor: Option<Position>,
    /// Whether it is shown; `None` when nobody knows.
    shown: Option<bool>,
    /// Nothing is on the screen.
    cleared: bool,
}

impl<W: Write> Quiet<W> {
    /// Draws to `out`, frames of this size.
    pub fn new(out: W, size: Size) -> Self {
        Self {
            inner: CrosstermBackend::new(out),
            size,
            cursor: None,
            shown: None,
            cleared: false,
        }
    }

    /// The next frame has another size.
    pub fn resize(&mut self, width: u16, height: u16) {
        self.size = Size::new(width, height);
    }

    /// Somebody else wrote to the terminal: what is known of it no longer holds.
    pub fn forget(&mut self) {
        self.cursor = None;
        self.shown = None;
        self.cleared = false;
    }
}

impl<W: Write> Backend for Quiet<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut content = content.peekable();
        if content.peek().is_none() {
            return Ok(());
        }
        self.cursor = None;
        pen::write(&mut self.inner, content, std::mem::take(&mut self.cleared))
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        if self.shown == Some(false) {
            return Ok(());
        }
        self.inner.hide_cursor()?;
        self.shown = Some(false);
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        if self.shown == Some(true) {
            return Ok(());
        }
        self.inner.show_cursor()?;
        self.shown = Some(true);
        Ok(())
    }

    /// The corner: the screen is drawn by positions from there, and nobody needs to know more.
    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(Position::ORIGIN)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        let position = position.into();
        if self.cursor == Some(position) {
            return Ok(());
        }
        self.inner.set_cursor_position(position)?;
        self.cursor = Some(position);
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        self.clear_region(ClearType::All)
    }

    fn clear_region(&mut self, clear_type: ClearType) -> io::Result<()> {
        self.cursor = None;
        // Whoever wrote before may have left its colours, which some terminals would clear with.
        self.inner.write_all(b"\x1b[m")?;
        self.cleared = matches!(clear_type, ClearType::All);
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

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use ratatui::layout::Rect;
    use ratatui::{TerminalOptions, Viewport};

    use super::*;

    #[derive(Clone, Default)]
    struct Sink(Rc<RefCell<Vec<u8>>>);

    impl Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.borrow_mut().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Bytes that a frame with these words costs.
    fn cost(terminal: &mut Terminal<Quiet<Sink>>, sink: &Sink, words: &str, typing: bool) -> usize {
        let before = sink.0.borrow().len();
        terminal
            .draw(|frame| {
                frame.render_widget(words, frame.area());
                if typing {
                    frame.set_cursor_position((3, 0));
                }
            })
            .unwrap();
        sink.0.borrow().len() - before
    }

    #[test]
    fn a_frame_that_changes_nothing_costs_nothing() {
        let sink = Sink::default();
        let viewport = Viewport::Fixed(Rect::new(0, 0, 20, 2));
        let backend = Quiet::new(sink.clone(), Size::new(20, 2));
        let mut terminal = Terminal::with_options(backend, TerminalOptions { viewport }).unwrap();
        for typing in [false, true] {
            assert!(cost(&mut terminal, &sink, "words", typing) > 0);
            assert_eq!(cost(&mut terminal, &sink, "words", typing), 0);
        }
        // The cursor goes back to its place after other cells were drawn.
        assert!(cost(&mut terminal, &sink, "other words", true) > 0);
        let text = String::from_utf8(sink.0.borrow().clone()).unwrap();
        assert!(text.ends_with("\u{1b}[1;4H"), "{text:?}");
        terminal.backend_mut().forget();
        assert!(cost(&mut terminal, &sink, "other words", true) > 0);
    }
}
