//! The columns of the list of pools.

use crate::app::table::{Claim, Placed, share_out};
use crate::app::{Cell, State, Tone};
use crate::model::{Pool, PoolState};
use crate::text;

/// From here on a pool is nearly full.
pub const NEARLY_FULL: f64 = 85.0;
/// From here on it is full.
pub const FULL: f64 = 98.0;

/// A column of the list of pools.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PoolColumn {
    /// Its name.
    Name,
    /// Active or not.
    State,
    /// dir, netfs, logical, ...
    Type,
    /// Its size.
    Capacity,
    /// Given away of it.
    Allocation,
    /// Left of it.
    Available,
    /// How full it is, as a bar.
    Full,
    /// Whether it starts with its host.
    Autostart,
    /// How many volumes it has.
    Volumes,
    /// Its folder or device.
    Path,
}

impl PoolColumn {
    /// Every column, from left to right.
    pub const ALL: [Self; 10] = [
        Self::Name,
        Self::State,
        Self::Type,
        Self::Capacity,
        Self::Allocation,
        Self::Available,
        Self::Full,
        Self::Autostart,
        Self::Volumes,
        Self::Path,
    ];

    /// Its heading.
    #[must_use]
    pub fn header(self) -> &'static str {
        match self {
            Self::Name => "Pool",
            Self::State => "State",
            Self::Type => "Type",
            Self::Capacity => "Size",
            Self::Allocation => "Used",
            Self::Available => "Left",
            Self::Full => "Full",
            Self::Autostart => "Auto",
            Self::Volumes => "Volumes",
            Self::Path => "Path",
        }
    }

    fn claim(self) -> Claim {
        let (least, most, rank) = match self {
            Self::Name => (16, 30, 0),
            Self::State => (8, 12, 1),
            Self::Full => (15, 25, 2),
            Self::Available => (6, 6, 3),
            Self::Capacity => (6, 6, 4),
            Self::Type => (7, 12, 5),
            Self::Autostart => (4, 4, 6),
            Self::Volumes => (7, 7, 7),
            Self::Allocation => (6, 6, 8),
            Self::Path => (16, 90, 9),
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
        matches!(
            self,
            Self::Capacity | Self::Allocation | Self::Available | Self::Volumes
        )
    }

    /// What stands in its cell of `width` columns.
    #[must_use]
    pub fn cell(self, pool: &Pool, width: usize) -> Cell {
        let size = |bytes: Option<u64>| {
            bytes.map_or_else(Cell::unknown, |bytes| {
                Cell::new(text::bytes(bytes), Tone::Normal)
            })
        };
        match self {
            Self::Name => Cell::new(text::visible(&pool.name).into_owned(), Tone::Strong),
            Self::State => Cell::new(pool.state.label(), state_tone(pool.state)),
            Self::Type => Cell::new(text::visible(&pool.kind).into_owned(), Tone::Normal),
            Self::Capacity => size(pool.capacity_bytes),
            Self::Allocation => size(pool.allocation_bytes),
            Self::Available => size(pool.available_bytes),
            Self::Full => match pool.percent() {
                Some(percent) => Cell::new(bar(percent, width), full_tone(percent)),
                None => Cell::unknown(),
            },
            Self::Autostart => match pool.autostart {
                Some(true) => Cell::new("yes", Tone::Normal),
                Some(false) => Cell::new("no", Tone::Dim),
                None => Cell::unknown(),
            },
            Self::Volumes => pool.volumes.map_or_else(Cell::unknown, |number| {
                Cell::new(number.to_string(), Tone::Normal)
            }),
            Self::Path => match pool.path.as_ref().or(pool.source.as_ref()) {
                Some(path) => {
                    let path = text::visible(path);
                    Cell::new(text::tail(&path, width).into_owned(), Tone::Dim)
                }
                None => Cell::unknown(),
            },
        }
    }
}

fn state_tone(state: PoolState) -> Tone {
    match state {
        PoolState::Running => Tone::Good,
        PoolState::Building => Tone::Info,
        PoolState::Degraded => Tone::Warn,
        PoolState::Inaccessible => Tone::Bad,
        PoolState::Inactive | PoolState::Unknown => Tone::Dim,
    }
}

/// What a share of a pool in use means.
#[must_use]
pub fn full_tone(percent: f64) -> Tone {
    if percent >= FULL {
        Tone::Bad
    } else if percent >= NEARLY_FULL {
        Tone::Warn
    } else {
        Tone::Normal
    }
}

/// `━━━━─────  45%`, and from 85 % on an exclamation mark instead of a blank before the figure.
fn bar(percent: f64, width: usize) -> String {
    let figure = format!("{:>4}", text::percent(percent));
    let room = width.saturating_sub(figure.chars().count() + 1);
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a bar of at most some dozens of columns"
    )]
    let filled = ((percent / 100.0 * room as f64).round() as usize).min(room);
    let mark = if percent >= NEARLY_FULL { '!' } else { ' ' };
    format!(
        "{}{}{mark}{figure}",
        "━".repeat(filled),
        "─".repeat(room - filled)
    )
}

impl State {
    /// The columns of the list of pools that fit.
    #[must_use]
    pub fn pool_columns(&self) -> Vec<Placed<PoolColumn>> {
        let width = self.size.width.saturating_sub(1);
        share_out(&PoolColumn::ALL, PoolColumn::claim, 5, width)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_fills_its_cell_and_warns_in_a_sign_too() {
        for (percent, shown) in [
            (0.0, "─────   0%"),
            (50.0, "━━━──  50%"),
            (85.0, "━━━━─! 85%"),
            (100.0, "━━━━━!100%"),
        ] {
            assert_eq!(bar(percent, 10), shown);
        }
        assert_eq!(full_tone(84.9), Tone::Normal);
        assert_eq!(full_tone(85.0), Tone::Warn);
        assert_eq!(full_tone(99.0), Tone::Bad);
    }
}
