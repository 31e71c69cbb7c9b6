//! How a display is to be shown, and where its picture stands: the drawing and the pointer ask here.

use super::DisplayPage;
use crate::app::{Areas, Display, Page, State};
use crate::display::PixelWay;
use crate::protocol::{DisplayId, Look, Shown};

/// Cells that a picture takes, within the page below its heading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// First column.
    pub x: u16,
    /// First line, below the heading.
    pub y: u16,
    /// Columns.
    pub width: u16,
    /// Lines.
    pub height: u16,
    /// Lines at the top that there is no room for.
    pub skipped: u16,
}

impl State {
    /// How a display is to be shown; `None` for one that no page has.
    #[must_use]
    pub fn look_of(&self, id: DisplayId) -> Option<Look> {
        let page = self.pages.iter().find_map(|page| match page {
            Page::Display(page) if page.display == id => Some(page),
            _ => None,
        })?;
        Some(self.look(page.corner, page.text && !self.prefers_pixels()))
    }

    /// A terminal that draws pixels shows text as sharp as the guest does.
    fn prefers_pixels(&self) -> bool {
        false
    }

    /// How pixels go to the terminal now. What lies above the page would be painted over.
    #[must_use]
    pub fn pixel_way(&self) -> PixelWay {
        match self.pixels {
            Some((way, _)) if self.layers.is_empty() => way,
            _ => PixelWay::Blocks,
        }
    }

    pub(super) fn look(&self, corner: Option<(u16, u16)>, text: bool) -> Look {
        let cell = match (self.pixel_way(), self.pixels) {
            (PixelWay::Blocks, _) | (_, None) => (1, 2),
            (_, Some((_, cell))) => cell,
        };
        Look {
            columns: self.size.width,
            // A line says whose it is.
            lines: Areas::of_greedy(self.size.height).saturating_sub(1),
            cell,
            way: self.pixel_way(),
            corner,
            text,
            coarse: self.link.coarse(),
        }
    }

    /// Where what a display shows stands.
    #[must_use]
    pub fn display_place(&self, display: &Display) -> Option<Place> {
        let (width, height) = match display.shown.as_ref()? {
            Shown::Picture(picture) => (picture.width(), picture.height().div_ceil(2)),
            Shown::Text(text) => (text.columns, text.lines),
            Shown::Pixels(pixels) => (pixels.columns, pixels.lines),
        };
        let room = (self.size.width, Areas::of(self).body.saturating_sub(1));
        Some(Place {
            x: room.0.saturating_sub(width) / 2,
            y: room.1.saturating_sub(height) / 2,
            width: width.min(room.0),
            height: height.min(room.1),
            // The lines at the end are the newest.
            skipped: height.saturating_sub(room.1),
        })
    }
}

impl DisplayPage {
    /// The pixel of the guest that stands in a cell of the screen; `None` beside the picture.
    pub(super) fn pixel_at(
        state: &State,
        display: &Display,
        column: u16,
        line: u16,
    ) -> Option<(u16, u16)> {
        let place = state.display_place(display)?;
        // The heading is above.
        let (column, line) = (column.checked_sub(place.x)?, line.checked_sub(place.y + 1)?);
        if column >= place.width || line >= place.height {
            return None;
        }
        let part = display.part;
        let (wide, high) = (place.width, place.height + place.skipped);
        // The middle of the cell.
        let along = |cell: u16, cells: u16, pixels: u16| {
            let at = (u32::from(cell) * 2 + 1) * u32::from(pixels) / (u32::from(cells.max(1)) * 2);
            u16::try_from(at).unwrap_or(u16::MAX)
        };
        Some((
            part.x.saturating_add(along(column, wide, part.width)),
            part.y
                .saturating_add(along(line + place.skipped, high, part.height)),
        ))
    }
}
