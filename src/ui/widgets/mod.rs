//! Drawing that no page owns: graphs, bars, sparklines and their scales.

mod bar;
mod panel;
mod plot;
mod scale;
mod sparkline;
mod symbols;

pub use bar::bar;
pub use panel::{Panel, Series, Window};
pub use plot::{Grows, Plot};
pub use scale::{Unit, age_label, time_axis};
pub use sparkline::sparkline;
pub use symbols::Symbols;
