//! Making a picture smaller: each pixel is the mean of all that it stands for, so that thin lines and letters do not
//! vanish between two samples.

use super::{Area, Picture};

/// `area` of `picture` in `width` by `height` pixels; larger ones are made of repeated pixels. `None` where there is
/// nothing to see.
#[must_use]
pub fn scaled(picture: &Picture, area: Area, width: u16, height: u16) -> Option<Picture> {
    let area = picture.within(area);
    if area.width == 0 || area.height == 0 {
        return None;
    }
    Picture::black(width, height)?;
    let columns = edges(area.width, width);
    let lines = edges(area.height, height);
    let mut pixels = Vec::with_capacity(usize::from(width) * usize::from(height));
    let mut sums = vec![[0_u32; 3]; usize::from(width)];
    for (top, bottom) in lines {
        sums.fill([0; 3]);
        for y in top..bottom {
            let line = picture.line(area.y + y);
            let line = line
                .get(usize::from(area.x)..usize::from(area.x + area.width))
                .unwrap_or_default();
            for (sum, (left, right)) in sums.iter_mut().zip(&columns) {
                // Two channels are added at once: 16 bits are enough for each as long as a cell has 256 pixels a line.
                let (mut outer, mut green) = (0_u32, 0_u32);
                for pixel in line
                    .get(usize::from(*left)..usize::from(*right))
                    .unwrap_or_default()
                {
                    outer += pixel & 0x00ff_00ff;
                    green += (pixel >> 8) & 0xff;
                }
                sum[0] += outer >> 16;
                sum[1] += green;
                sum[2] += outer & 0xffff;
            }
        }
        let high = u32::from(bottom - top);
        for (sum, (left, right)) in sums.iter().zip(&columns) {
            let count = high * u32::from(right - left);
            let [red, green, blue] = sum.map(|sum| (sum + count / 2) / count);
            pixels.push(red << 16 | green << 8 | blue);
        }
    }
    Picture::of(width, height, pixels)
}

/// Where each of `to` parts of `from` pixels begins and ends; none is empty, none wider than 256.
fn edges(from: u16, to: u16) -> Vec<(u16, u16)> {
    let (from_, to_) = (u32::from(from), u32::from(to));
    let at = |part: u32| u16::try_from(part * from_ / to_).unwrap_or(from);
    (0..to_)
        .map(|part| {
            let first = at(part).min(from - 1);
            (
                first,
                at(part + 1).clamp(first + 1, first.saturating_add(256)),
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_pixel_is_the_mean_of_what_it_stands_for() {
        let picture = Picture::of(
            4,
            2,
            vec![0xff_0000, 0, 0x10, 0x20, 0xff_0000, 0, 0x30, 0x40],
        )
        .unwrap();
        let small = scaled(&picture, picture.area(), 2, 1).unwrap();
        assert_eq!(small.pixels(), [0x80_0000, 0x28]);
        let part = scaled(
            &picture,
            Area {
                x: 2,
                y: 1,
                width: 2,
                height: 1,
            },
            4,
            2,
        )
        .unwrap();
        assert_eq!(
            part.pixels(),
            [0x30, 0x30, 0x40, 0x40, 0x30, 0x30, 0x40, 0x40]
        );
    }

    proptest! {
        #[test]
        fn one_colour_stays_it(size in (1_u16..300, 1_u16..40), to in (1_u16..300, 1_u16..40), colour in 0_u32..0x0100_0000) {
            let count = usize::from(size.0) * usize::from(size.1);
            let picture = Picture::of(size.0, size.1, vec![colour; count]).unwrap();
            let other = scaled(&picture, picture.area(), to.0, to.1).unwrap();
            prop_assert!(other.pixels().iter().all(|pixel| *pixel == colour));
        }

        #[test]
        fn any_place_can_be_asked_for(x in any::<u16>(), y in any::<u16>(), width in any::<u16>(), height in any::<u16>()) {
            let picture = Picture::black(640, 3).unwrap();
            let _ = scaled(&picture, Area { x, y, width, height }, 7, 5);
            let _ = scaled(&picture, picture.area(), width % 400, height % 300);
        }
    }
}
