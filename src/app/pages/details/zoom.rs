//! Spans of time that graphs show, and graphs that are held still.

use std::time::Duration;

use crate::app::Now;
use crate::stats::{Figures, History};

/// Spans a graph can show, shortest first; the last shows all that is kept.
pub const SPANS: [Duration; 8] = [
    Duration::from_secs(60),
    Duration::from_secs(5 * 60),
    Duration::from_secs(10 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(3600),
    Duration::from_secs(3 * 3600),
    Duration::from_secs(12 * 3600),
    Duration::from_secs(24 * 3600),
];

/// The past as it was when the graphs were frozen; collecting goes on elsewhere.
#[derive(Debug, Clone)]
pub struct Frozen {
    /// The history.
    pub history: History,
    /// The figures of that moment.
    pub figures: Figures,
    /// That moment.
    pub at: Now,
}
