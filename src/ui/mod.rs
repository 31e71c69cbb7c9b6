//! Drawing: the screen as a function of the state.

pub mod theme;
pub mod widgets;
