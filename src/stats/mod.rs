//! Counters made into rates, and their history in bounded memory.
//!
//! Pure: no clock, no thread, no libvirt; the moment stands in each sample. A rate that cannot be known (first
//! sample, counter going back, no time passed) is `None` and becomes a gap, never a zero.
//!
//! - [`rates()`]: two whole samples → [`Figures`].
//! - [`Tracked`]: one domain; takes samples of any combination of groups, keeps the counters of each group by
//!   itself, and feeds the [`History`].
//! - [`History`], [`Timeline`]: full rate for ten minutes, then minimum, average and maximum up to 24 hours.

mod code;
mod figures;
mod history;
mod node;
mod rates;
mod ring;
mod thinned;
mod timeline;
mod tracked;

pub use figures::{
    CpuFigures, DiskFigures, Figures, MemoryFigures, MemorySource, NicFigures, VcpuFigures,
};
pub use history::{DiskSeries, History, NicSeries, TotalSeries, VcpuSeries};
pub use node::{NodeFigures, NodeTracked, node_rates};
pub use rates::rates;
pub use timeline::{Cell, Reading, Summary, Timeline};
pub use tracked::Tracked;
