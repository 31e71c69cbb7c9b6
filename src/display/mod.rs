//! The graphical screen of a guest as plain values: pixels, the text of a VGA in text mode, keys. Pure: bytes in,
//! values out.

mod keys;
mod layout;
mod picture;
mod pixels;
mod scale;
mod text_screen;

pub use keys::{Keysym, Stroke, keycodes, keysym_of};
pub use layout::Layout;
pub use picture::{Area, MOST_PIXELS, Picture, ppm};
pub use pixels::PixelWay;
pub use scale::scaled;
pub use text_screen::{PALETTE, TEXT_MEMORY, TextCell, TextScreen, is_text_size};
