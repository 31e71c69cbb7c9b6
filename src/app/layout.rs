//! How the lines of the terminal are shared out. Both the keys (how far is a page?) and the drawing ask here.

use super::{Page, PortLines, State, Storage, Volumes};

/// Lines of each part, from top to bottom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Areas {
    /// The hosts.
    pub header: u16,
    /// The page.
    pub body: u16,
    /// Messages, hints or the filter.
    pub footer: u16,
}

impl Areas {
    /// Shares out the lines of the terminal. The page gets most of a small one.
    #[must_use]
    pub fn of(state: &State) -> Self {
        let height = state.size.height;
        let footer = u16::from(height >= 3);
        let wanted = match state.connections.len() {
            // A guest needs every line there is.
            _ if Self::is_greedy(state.page()) => 0,
            0 => 0,
            1 => 2,
            hosts => u16::try_from(hosts).unwrap_or(u16::MAX),
        };
        let most = if height < 8 {
            u16::from(height >= 5)
        } else {
            (height / 5).max(2)
        };
        let header = wanted.min(most);
        Self {
            header,
            footer,
            body: height.saturating_sub(header + footer),
        }
    }

    /// Lines of a page that needs every one, in a terminal of `height` lines.
    #[must_use]
    pub fn of_greedy(height: u16) -> u16 {
        height.saturating_sub(u16::from(height >= 3))
    }

    /// Rows of the table of domains: the page without its line of headings.
    #[must_use]
    pub fn table_rows(self) -> usize {
        usize::from(self.body.saturating_sub(1))
    }
}

impl State {
    /// Lines of the page below `heading` lines of its own.
    #[must_use]
    pub fn page_lines_below(&self, heading: u16) -> usize {
        usize::from(Areas::of(self).body.saturating_sub(heading)).max(1)
    }

    /// Lines that PgDn moves by on the present page.
    #[must_use]
    pub fn page_lines(&self) -> usize {
        let areas = Areas::of(self);
        match self.page() {
            Page::Domains => areas.table_rows(),
            Page::Events(_) | Page::Debug(_) => usize::from(areas.body.saturating_sub(1)),
            Page::Host(host) => host.lines_in(areas.body),
            Page::Ports(_) => usize::from(PortLines::of(areas).rows),
            Page::Storage(_) => usize::from(Storage::lines_in(areas.body)),
            Page::Volumes(_) => usize::from(Volumes::lines_in(areas.body)),
            _ => usize::from(areas.body.saturating_sub(2)),
        }
        .max(1)
    }
}
