//! Drawing into memory.

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use virtty::app::State;
use virtty::ui::theme::{Background, Depth};
use virtty::ui::{Theme, ViewState, render};

/// The screen as text, a line for each line, without blanks at the ends.
pub fn text(state: &State) -> String {
    let terminal = draw(state, state.size.width, state.size.height);
    let buffer = terminal.backend().buffer().clone();
    let mut out = String::new();
    for y in 0..buffer.area.height {
        let mut line = String::new();
        let mut skip = 0_usize;
        for x in 0..buffer.area.width {
            if skip > 0 {
                skip -= 1;
                continue;
            }
            let symbol = buffer[(x, y)].symbol();
            // The second cell of a wide character holds a blank of its own.
            skip = virtty::text::width(symbol).saturating_sub(1);
            line.push_str(symbol);
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// Draws into a terminal of any size, whatever the state believes.
pub fn draw(state: &State, width: u16, height: u16) -> Terminal<TestBackend> {
    let theme = Theme::new(Background::Dark, Depth::True);
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    let mut view = ViewState::default();
    terminal
        .draw(|frame| render(state, &mut view, &theme, frame))
        .unwrap();
    terminal
}
