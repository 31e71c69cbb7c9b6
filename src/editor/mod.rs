//! A text being edited: cursor, selection, undo, what the keys of an editor do to it, and what of it is seen. Pure.
//!
//! The text, its cursor, selection and undo are those of a widget ([`Buffer`] is the one place that names it); what the words
//! of the text mean is read anew after each change ([`Anatomy`]). [`Editor`] is both with folds and the place on the screen.

mod anatomy;
mod blocks;
mod buffer;
mod finding;
mod keys;
mod motion;
mod typing;
mod vi;

pub use anatomy::{Anatomy, Device};
pub use buffer::{Buffer, LARGEST_LINE, MOST_LINES, Place};
pub use finding::{Pattern, Replaced};
pub use motion::Motion;
pub use typing::Editor;
pub use vi::{Vi, ViAsk, ViDone, ViMode};

#[cfg(test)]
mod tests;
