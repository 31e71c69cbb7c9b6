//! The columns of the list of volumes.

use std::time::SystemTime;

use super::volumes::{VolumeRow, Volumes};
use crate::app::table::{Claim, Placed, share_out};
use crate::app::{Cell, State, Tone};
use crate::text;

/// A column of the list of volumes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum VolumeColumn {
    /// Its name.
    Name,
    /// raw, qcow2, iso, ...
    Format,
    /// What a guest sees.
    Size,
    /// What it takes of the pool.
    OnDisk,
    /// How much of a sparse one there is.
    Filled,
    /// Domains, and volumes that are based on it.
    UsedBy,
    /// What it is based on.
    Backing,
    /// When it was written last.
    Changed,
}

impl VolumeColumn {
    /// Every column, from left to right.
    pub const ALL: [Self; 8] = [
        Self::Name,
        Self::Format,
        Self::Size,
        Self::OnDisk,
        Self::Filled,
        Self::UsedBy,
        Self::Backing,
        Self::Changed,
    ];

    /// Columns that it can be sorted by.
    pub const SORTED: [Self; 5] = [
        Self::Name,
        Self::Format,
        Self::Size,
        Self::OnDisk,
        Self::Changed,
    ];

    /// Its heading.
    #[must_use]
    pub fn header(self) -> &'static str {
        match self {
            Self::Name => "Volume",
            Self::Format => "Format",
            Self::Size => "Size",
            Self::OnDisk => "On disk",
            Self::Filled => "Filled",
            Self::UsedBy => "Used by",
            Self::Backing => "Based on",
            Self::Changed => "Changed",
        }
    }

    fn claim(self) -> Claim {
        let (least, most, rank) = match self {
            Self::Name => (22, 50, 0),
            Self::Size => (6, 6, 1),
            Self::OnDisk => (8, 8, 2),
            Self::Format => (7, 7, 3),
            Self::UsedBy => (14, 40, 4),
            Self::Filled => (6, 6, 5),
            Self::Changed => (10, 10, 6),
            Self::Backing => (16, 60, 7),
        };
        Claim {
            least,
            most,
            rank,
            turn: rank,
        }
    }

    /// Whether its content stands on the right.
    #[must_use]
    pub fn right(self) -> bool {
        matches!(self, Self::Size | Self::OnDisk | Self::Filled)
    }

    /// What stands in its cell of `width` columns.
    #[must_use]
    pub fn cell(self, page: &Volumes, row: VolumeRow, state: &State, width: usize) -> Cell {
        let Some(facts) = page.facts(row) else {
            return match self {
                Self::Name => page.name(row).map_or_else(Cell::blank, |name| {
                    Cell::new(text::visible(name).into_owned(), Tone::Normal)
                }),
                // Nothing stands there until it is known.
                _ => Cell::new("…", Tone::Dim),
            };
        };
        let size = |bytes: Option<u64>| {
            bytes.map_or_else(Cell::unknown, |bytes| {
                Cell::new(text::bytes(bytes), Tone::Normal)
            })
        };
        match self {
            Self::Name => Cell::new(text::visible(&facts.name).into_owned(), Tone::Strong),
            Self::Format => match (&facts.format, facts.kind.as_str()) {
                (Some(format), _) => Cell::new(text::visible(format).into_owned(), Tone::Normal),
                (None, "dir" | "netdir" | "block") => {
                    Cell::new(text::visible(&facts.kind).into_owned(), Tone::Normal)
                }
                (None, _) => Cell::unknown(),
            },
            Self::Size => size(facts.capacity_bytes),
            Self::OnDisk => size(facts.allocation_bytes),
            Self::Filled => match (
                facts.allocation_bytes,
                facts.physical_bytes.or(facts.capacity_bytes),
            ) {
                #[allow(clippy::cast_precision_loss, reason = "a share in percent")]
                (Some(taken), Some(whole)) if taken < whole => Cell::new(
                    text::percent(taken as f64 * 100.0 / whole as f64),
                    Tone::Dim,
                ),
                _ => Cell::blank(),
            },
            Self::UsedBy => {
                let users = page.users(row, state);
                let words = users.join(", ");
                let words = if text::width(&words) > width && users.len() > 1 {
                    format!("{} users", users.len())
                } else {
                    words
                };
                Cell::new(words, Tone::Info)
            }
            Self::Backing => match &facts.backing {
                Some(path) => {
                    let path = text::visible(path);
                    Cell::new(text::tail(&path, width).into_owned(), Tone::Dim)
                }
                None => Cell::blank(),
            },
            Self::Changed => facts.changed.map_or_else(Cell::unknown, |at| {
                Cell::new(age(state.now.wall, at), Tone::Dim)
            }),
        }
    }
}

/// How long ago, such as `3 d ago`.
fn age(now: SystemTime, at: SystemTime) -> String {
    match now.duration_since(at) {
        Ok(age) => format!("{} ago", text::duration_short(age)),
        Err(_) => "now".to_owned(),
    }
}

impl State {
    /// The columns of the list of volumes that fit.
    #[must_use]
    pub fn volume_columns(&self) -> Vec<Placed<VolumeColumn>> {
        // One more for the mark.
        let width = self.size.width.saturating_sub(2);
        share_out(&VolumeColumn::ALL, VolumeColumn::claim, 5, width)
    }
}
