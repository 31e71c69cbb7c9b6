//! Which columns fit, and where they stand.

use super::Column;

/// A column with its place on the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placed {
    /// Which.
    pub column: Column,
    /// First terminal column, from the left edge of the table.
    pub x: u16,
    /// Width in terminal columns.
    pub width: u16,
}

/// Blanks between two columns.
const GAP: u16 = 1;

/// Chooses from `wanted` what fits into `width`, by importance, and gives the rest of the room to columns that grow.
/// `several_hosts` shows the host.
#[must_use]
pub fn place(wanted: &[Column], width: u16, several_hosts: bool) -> Vec<Placed> {
    let mut chosen: Vec<Column> = Vec::new();
    let mut used = 0;
    let mut candidates: Vec<Column> = wanted
        .iter()
        .copied()
        .filter(|column| several_hosts || *column != Column::Host)
        .collect();
    candidates.sort_by_key(|column| column.rank());
    for column in candidates {
        let more = column.width() + if chosen.is_empty() { 0 } else { GAP };
        if used + more <= width || chosen.is_empty() {
            used += more;
            chosen.push(column);
        } else if column.rank() > Column::ESSENTIAL {
            // What matters less must not jump a queue that what matters more could not join.
            break;
        }
    }
    let mut spare = width.saturating_sub(used);
    let mut placed = Vec::new();
    let mut x: u16 = 0;
    let order: Vec<Column> = wanted
        .iter()
        .copied()
        .filter(|column| chosen.contains(column))
        .collect();
    let mut widths: Vec<u16> = order.iter().map(|column| column.width()).collect();
    let mut growing: Vec<usize> = (0..order.len()).collect();
    growing.sort_by_key(|index| order[*index].rank());
    for index in growing {
        let more = order[index].most().saturating_sub(widths[index]).min(spare);
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
        let placed = place(&Column::DEFAULT, 79, false);
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
                for p in place(&Column::ALL, width, several) {
                    assert!(p.x >= end, "{width}");
                    end = p.x + p.width;
                    assert!(end <= width, "{width}");
                }
            }
        }
    }
}
