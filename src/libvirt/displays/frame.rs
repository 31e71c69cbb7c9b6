//! What is shown of a display: text where it is text, else as many pixels as there is room for.

use std::sync::Arc;

use crate::display::{Area, Picture, TextScreen, scaled};
use crate::protocol::{Look, PixelFrame, Shown};

/// Makes what `look` asks for; `None` for a picture or a terminal without room. Also tells which part of the guest's
/// screen it is. The terminal keeps one picture of each `number`.
pub fn shown(
    picture: &Picture,
    text: Option<&Arc<TextScreen>>,
    look: &Look,
    number: u32,
) -> Option<(Shown, Area)> {
    if picture.is_empty() || look.columns == 0 || look.lines == 0 {
        return None;
    }
    if let Some(text) = text {
        return Some((Shown::Text(Arc::clone(text)), picture.area()));
    }
    let room = (
        u32::from(look.columns) * u32::from(look.cell.0),
        u32::from(look.lines) * u32::from(look.cell.1),
    );
    let (part, width, height) = match look.corner {
        Some(corner) => {
            let part = window(picture, corner, room);
            (part, part.width, part.height)
        }
        None => {
            let (width, height) = fitted((picture.width(), picture.height()), room);
            (picture.area(), width, height)
        }
    };
    let mut made = scaled(picture, part, width, height)?;
    if look.coarse > 0 {
        made.coarsen(look.coarse);
    }
    let columns = width.div_ceil(look.cell.0.max(1));
    let lines = height.div_ceil(look.cell.1.max(1));
    Some(match look.way.encode(&made, (columns, lines), number) {
        Some(bytes) => {
            let frame = PixelFrame {
                way: look.way,
                bytes,
                columns,
                lines,
            };
            (Shown::Pixels(Arc::new(frame)), part)
        }
        None => (Shown::Picture(Arc::new(made)), part),
    })
}

/// A picture in at most so many pixels, its proportions kept.
pub fn thumbnail(picture: &Picture, width: u16, height: u16) -> Option<Picture> {
    if picture.is_empty() || width == 0 || height == 0 {
        return None;
    }
    let room = (u32::from(width), u32::from(height));
    let (width, height) = fitted((picture.width(), picture.height()), room);
    scaled(picture, picture.area(), width, height)
}

/// The largest size with the proportions of `size` in `room`; never nothing.
fn fitted(size: (u16, u16), room: (u32, u32)) -> (u16, u16) {
    let (width, height) = (u64::from(size.0), u64::from(size.1));
    let (wide, high) = (u64::from(room.0), u64::from(room.1));
    let (width, height) = if width * high > height * wide {
        (wide, (height * wide).div_euclid(width))
    } else {
        ((width * high).div_euclid(height), high)
    };
    let small = |side: u64| u16::try_from(side.max(1)).unwrap_or(u16::MAX);
    (small(width), small(height))
}

/// A part of the size of the room, moved so that it lies within the picture.
fn window(picture: &Picture, corner: (u16, u16), room: (u32, u32)) -> Area {
    let side = |room: u32, all: u16| u16::try_from(room).unwrap_or(u16::MAX).min(all);
    let width = side(room.0, picture.width());
    let height = side(room.1, picture.height());
    Area {
        x: corner.0.min(picture.width() - width),
        y: corner.1.min(picture.height() - height),
        width,
        height,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proportions_are_kept() {
        assert_eq!(fitted((720, 400), (200, 100)), (180, 100));
        assert_eq!(fitted((1024, 768), (80, 46)), (61, 46));
        assert_eq!(fitted((1000, 10), (80, 46)), (80, 1));
        assert_eq!(fitted((1, 8192), (80, 46)), (1, 46));
    }

    #[test]
    fn the_window_stays_within_the_picture() {
        let picture = Picture::black(720, 400).unwrap();
        let part = window(&picture, (700, 10), (80, 46));
        assert_eq!((part.x, part.y, part.width, part.height), (640, 10, 80, 46));
        assert_eq!(window(&picture, (5, 5), (2000, 2000)), picture.area());
    }
}
