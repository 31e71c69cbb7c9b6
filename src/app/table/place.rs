//! Which columns fit, and where they stand.

use super::Column;

/// A column with its place on the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placed<C = Column> {
    /// Which.
    pub column: C,
    /// First terminal column, from the left edge of the table.
    pub x: u16,
    /// Width in terminal columns.
    pub width: u16,
}

/// What a column asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// Least width.
    pub least: u16,
    /// The width it grows to where there is room.
    pub most: u16,
    /// Importance: the lowest stays longest on a narrow terminal.
    pub rank: u8,
    /// The lowest grows first.
    pub turn: u8,
}

/// Blanks between two columns.
const GAP: u16 = 1;

/// Chooses from `wanted` what fits into `width`, by importance, and gives the rest of the room to columns that grow.
/// `several_hosts` shows the host; names take no more than the longest of them, `names`, needs.
#[must_use]
pub fn place(wanted: &[Column], width: u16, several_hosts: bool, names: u16) -> Vec<Placed> {
    let wanted: Vec<Column> = wanted
        .iter()
        .copied()
        .filter(|column| several_hosts || *column != Column::Host)
        .collect();
    let claim = |column: Column| {
        let claim = column.claim();
        let most = match column {
            Column::Name => names.clamp(claim.least, claim.most),
            _ => claim.most,
        };
        Claim { most, ..claim }
    };
    share_out(&wanted, claim, Column::ESSENTIAL, width)
}

/// Chooses from `wanted` what fits into `width` by the columns' claims. Up to the rank `essential`, a column that does
/// not fit leaves its room to the next.
#[must_use]
pub fn share_out<C: Copy + PartialEq>(
    wanted: &[C],
    claim: impl Fn(C) -> Claim,
    essential: u8,
    width: u16,
) -> Vec<Placed<C>> {
    let mut chosen: Vec<C> = Vec::new();
    let mut used = 0;
    let mut candidates: Vec<C> = wanted.to_vec();
    candidates.sort_by_key(|column| claim(*column).rank);
    for column in candidates {
        let Claim { least, rank, .. } = claim(column);
        let more = least + if chosen.is_empty() { 0 } else { GAP };
        if used + more <= width || chosen.is_empty() {
            used += more;
            chosen.push(column);
        } else if rank > essential {
            // What matters less must not jump a queue that what matters more could not join.
            break;
        }
    }
    let mut spare = width.saturating_sub(used);
    let mut placed = Vec::new();
    let mut x: u16 = 0;
    let order: Vec<C> = wanted
        .iter()
        .copied()
        .filter(|column| chosen.contains(column))
        .collect();
    let mut widths: Vec<u16> = order.iter().map(|column| claim(*column).least).collect();
    let mut growing: Vec<usize> = (0..order.len()).collect();
    growing.sort_by_key(|index| claim(order[*index]).turn);
    for index in growing {
        let most = claim(order[index]).most;
        let more = most.saturating_sub(widths[index]).min(spare);
        widths[index] += more;
        spare -= more;
    }
    for (column, wide) in order.into_iter().zip(widths) {
        let wide = wide.min(width.saturating_sub(x));
        if wide == 0 {
            break;
        }
        placed.push(Placed {
            column,
            x,
            width: wide,
        });
        x = x.saturating_add(wide + GAP);
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eighty_columns_keep_what_people_come_for() {
        let placed = place(&Column::DEFAULT, 79, false, 14);
        for column in [
            Column::State,
            Column::Name,
            Column::Cpu,
            Column::Memory,
            Column::Display,
        ] {
            assert!(placed.iter().any(|p| p.column == column), "{column:?}");
        }
    }

    #[test]
    fn nothing_stands_outside_or_on_another() {
        for width in 0..400 {
            for several in [false, true] {
                let mut end = 0;
                for p in place(&Column::ALL, width, several, 400) {
                    assert!(p.x >= end, "{width}");
                    end = p.x + p.width;
                    assert!(end <= width, "{width}");
                }
            }
        }
    }
}
