//! How a display is to be shown, and where its picture stands: the drawing and the pointer ask here.

use super::DisplayPage;
use crate::app::{Display, Pane, State};
use crate::display::PixelWay;
use crate::protocol::{Look, Shown};

/// Cells that a picture takes, within the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// First column.
    pub x: u16,
    /// First line.
    pub y: u16,
    /// Columns.
    pub width: u16,
    /// Lines.
    pub height: u16,
    /// Lines at the top that there is no room for.
    pub skipped: u16,
}

impl State {
    /// How a display is to be shown; without any room for one that cannot be seen.
    #[must_use]
    pub fn look_of(&self, display: &Display) -> Look {
        let tiles = self.tiles();
        let room = tiles
            .iter()
            .find(|tile| tile.pane == Pane::Display(display.id))
            .map_or((0, 0), |tile| (tile.width, tile.height));
        let way = self.pixel_way();
        let cell = match (way, self.pixels) {
            (PixelWay::Blocks, _) | (_, None) => (1, 2),
            (_, Some((_, cell))) => cell,
        };
        Look {
            columns: room.0,
            lines: room.1,
            cell,
            way,
            corner: display.corner,
            text: display.text,
            coarse: self.link.coarse(),
        }
    }

    /// How pixels go to the terminal now. What lies above the page would be painted over.
    #[must_use]
    pub fn pixel_way(&self) -> PixelWay {
        match self.pixels {
            Some((way, _)) if self.layers.is_empty() => way,
            _ => PixelWay::Blocks,
        }
    }

    /// Where what a display shows stands; `None` while it shows nothing or cannot be seen.
    #[must_use]
    pub fn display_place(&self, display: &Display) -> Option<Place> {
        let tile = self.tile_of(Pane::Display(display.id))?;
        let (width, height) = match display.shown.as_ref()? {
            Shown::Picture(picture) => (picture.width(), picture.height().div_ceil(2)),
            Shown::Text(text) => (text.columns, text.lines),
            Shown::Pixels(pixels) => (pixels.columns, pixels.lines),
        };
        Some(Place {
            x: tile.x + tile.width.saturating_sub(width) / 2,
            y: tile.y + tile.height.saturating_sub(height) / 2,
            width: width.min(tile.width),
            height: height.min(tile.height),
            skipped: match display.shown.as_ref()? {
                Shown::Text(text) => text.last_written().saturating_sub(tile.height),
                Shown::Picture(_) | Shown::Pixels(_) => height.saturating_sub(tile.height),
            },
        })
    }
}

impl DisplayPage {
    /// The pixel of the guest that stands in a cell of the page; `None` beside the picture.
    pub(super) fn pixel_at(
        state: &State,
        display: &Display,
        column: u16,
        line: u16,
    ) -> Option<(u16, u16)> {
        let place = state.display_place(display)?;
        let (column, line) = (column.checked_sub(place.x)?, line.checked_sub(place.y)?);
        if column >= place.width || line >= place.height {
            return None;
        }
        let part = display.part;
        let (wide, high) = match &display.shown {
            Some(Shown::Text(text)) => (text.columns, text.lines),
            _ => (place.width, place.height + place.skipped),
        };
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
