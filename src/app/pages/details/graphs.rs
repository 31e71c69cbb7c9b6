//! Which graphs a domain has, and how many of them fit.

use crate::app::Size;
use crate::stats::{Figures, History};

/// Lines of one graph on a screen of ordinary height, and on a tall one.
const HEIGHT: (u16, u16) = (6, 8);
/// A page with fewer lines is not tall.
const TALL: u16 = 32;
/// Columns that one graph needs to be read.
const WIDTH: u16 = 60;
/// Blanks between two graphs.
const GAP: u16 = 3;

/// One graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Graph {
    /// CPU of all vCPUs.
    Cpu,
    /// Memory.
    Memory,
    /// Bytes of all disks.
    Disks,
    /// Bytes of all NICs.
    Network,
    /// Bytes of one disk, by target.
    DiskBytes(String),
    /// Its requests.
    DiskRequests(String),
    /// How long they take.
    DiskLatency(String),
    /// Bytes of one NIC, by its name on the host.
    NicBytes(String),
    /// Its packets.
    NicPackets(String),
    /// Its errors and drops.
    NicTrouble(String),
    /// One vCPU's work.
    Vcpu(u32),
    /// The time it was held up.
    VcpuHeld(u32),
}

/// How graphs are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grid {
    /// Graphs side by side.
    pub across: usize,
    /// Columns of one.
    pub width: u16,
    /// Lines of one.
    pub height: u16,
    /// Rows of graphs on the screen.
    pub shown: usize,
}

impl Grid {
    /// The layout of `rows` rows of graphs in `room`.
    #[must_use]
    pub fn of(room: Size, rows: usize) -> Self {
        let across = across(room.width);
        let least = if room.height < TALL {
            HEIGHT.0
        } else {
            HEIGHT.1
        };
        let shown = usize::from((room.height / least).max(1)).min(rows.max(1));
        // What does not divide evenly goes to the graphs, within reason.
        let height = room.height / u16::try_from(shown).unwrap_or(1).max(1);
        let gaps = GAP * u16::try_from(across - 1).unwrap_or(0);
        Self {
            across,
            width: room.width.saturating_sub(gaps) / u16::try_from(across).unwrap_or(1).max(1),
            height: height.min(least * 2),
            shown,
        }
    }

    /// Columns from the left edge to the graph at this place of its row.
    #[must_use]
    pub fn x(&self, place: usize) -> u16 {
        u16::try_from(place)
            .unwrap_or(0)
            .saturating_mul(self.width + GAP)
    }
}

/// Graphs side by side in this many columns.
fn across(width: u16) -> usize {
    usize::from((width.saturating_add(GAP) / (WIDTH + GAP)).clamp(1, 3))
}

/// The graphs in rows for a screen of `width` columns. Each device begins a row. Devices are those of the present
/// figures, and those that only the past knows.
pub(super) fn rows(history: &History, figures: &Figures, width: u16) -> Vec<Vec<Graph>> {
    let mut groups = vec![
        vec![Graph::Cpu, Graph::Memory],
        vec![Graph::Disks, Graph::Network],
    ];
    let disks = figures.disks.iter().map(|disk| disk.name.as_str());
    for disk in both(disks, history.disks()) {
        groups.push(vec![
            Graph::DiskBytes(disk.to_owned()),
            Graph::DiskRequests(disk.to_owned()),
            Graph::DiskLatency(disk.to_owned()),
        ]);
    }
    let nics = figures.nics.iter().map(|nic| nic.name.as_str());
    for nic in both(nics, history.nics()) {
        groups.push(vec![
            Graph::NicBytes(nic.to_owned()),
            Graph::NicPackets(nic.to_owned()),
            Graph::NicTrouble(nic.to_owned()),
        ]);
    }
    let vcpus = figures.vcpus.iter().map(|vcpu| vcpu.number);
    groups.extend(
        both(vcpus, history.vcpus())
            .into_iter()
            .map(|number| vec![Graph::Vcpu(number), Graph::VcpuHeld(number)]),
    );
    let across = across(width);
    groups
        .iter()
        .flat_map(|group| group.chunks(across).map(<[Graph]>::to_vec))
        .collect()
}

/// Those of now in their order, then those that only the past has.
fn both<T: PartialEq>(now: impl Iterator<Item = T>, past: impl Iterator<Item = T>) -> Vec<T> {
    let mut all: Vec<T> = now.collect();
    for one in past {
        if !all.contains(&one) {
            all.push(one);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn graphs_use_the_room_and_never_more() {
        for width in 0..300 {
            for height in 0..120 {
                let grid = Grid::of(Size { width, height }, 9);
                assert!(grid.height * u16::try_from(grid.shown).unwrap() <= height.max(1));
                assert!(grid.x(grid.across - 1) + grid.width <= width);
            }
        }
        let usual = Size {
            width: 78,
            height: 18,
        };
        let grid = Grid::of(usual, 9);
        assert_eq!((grid.across, grid.shown, grid.height), (1, 3, 6));
        let wide = Size {
            width: 198,
            height: 50,
        };
        assert_eq!(Grid::of(wide, 9).across, 3);
    }
}
