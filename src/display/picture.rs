//! A picture, bounded in its size whoever says how large it is.

use std::io::Cursor;

/// Pixels of the largest picture: 3840 by 2160.
pub const MOST_PIXELS: usize = 3840 * 2160;

/// Pixels of a side, at most.
const MOST_SIDE: u16 = 8192;

/// Signature of a PNG file (RFC 2083, section 3.1).
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// A rectangle of pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Area {
    /// First column.
    pub x: u16,
    /// First line.
    pub y: u16,
    /// Columns.
    pub width: u16,
    /// Lines.
    pub height: u16,
}

/// Pixels, line by line from the top.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Picture {
    width: u16,
    height: u16,
    /// `0x00RRGGBB`.
    pixels: Vec<u32>,
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({}x{})", self.width, self.height)
    }
}

impl Picture {
    /// A black picture; `None` for one without pixels or larger than any display has.
    #[must_use]
    pub fn black(width: u16, height: u16) -> Option<Self> {
        let count = usize::from(width) * usize::from(height);
        let sound = count > 0 && count <= MOST_PIXELS && width.max(height) <= MOST_SIDE;
        sound.then(|| Self {
            width,
            height,
            pixels: vec![0; count],
        })
    }

    /// A picture of these pixels, `0x00RRGGBB` each; `None` when they are not as many, or too many.
    #[must_use]
    pub fn of(width: u16, height: u16, pixels: Vec<u32>) -> Option<Self> {
        let mut picture = Self::black(width, height)?;
        if pixels.len() != picture.pixels.len() {
            return None;
        }
        picture.pixels = pixels;
        Some(picture)
    }

    /// Columns.
    #[must_use]
    pub fn width(&self) -> u16 {
        self.width
    }

    /// Lines.
    #[must_use]
    pub fn height(&self) -> u16 {
        self.height
    }

    /// Whether it has no pixels.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pixels.is_empty()
    }

    /// The whole of it.
    #[must_use]
    pub fn area(&self) -> Area {
        Area {
            x: 0,
            y: 0,
            width: self.width,
            height: self.height,
        }
    }

    /// A line; empty below the last.
    #[must_use]
    pub fn line(&self, y: u16) -> &[u32] {
        let width = usize::from(self.width);
        let from = usize::from(y) * width;
        self.pixels.get(from..from + width).unwrap_or_default()
    }

    /// All pixels.
    #[must_use]
    pub fn pixels(&self) -> &[u32] {
        &self.pixels
    }

    /// `area` as far as it lies within.
    #[must_use]
    pub fn within(&self, area: Area) -> Area {
        let (x, y) = (area.x.min(self.width), area.y.min(self.height));
        Area {
            x,
            y,
            width: area.width.min(self.width - x),
            height: area.height.min(self.height - y),
        }
    }

    /// Puts pixels of four bytes (blue, green, red, anything) at a place; `false`, and nothing, when they are fewer than
    /// the place has or the place lies outside.
    #[must_use]
    pub fn put(&mut self, at: Area, bytes: &[u8]) -> bool {
        if at != self.within(at) {
            return false;
        }
        let (width, height) = (usize::from(at.width), usize::from(at.height));
        if bytes.len() < width * height * 4 {
            return false;
        }
        if width == 0 {
            return true;
        }
        let stride = usize::from(self.width);
        let mut from = usize::from(at.y) * stride + usize::from(at.x);
        for line in bytes.chunks_exact(width * 4).take(height) {
            let place = self.pixels.iter_mut().skip(from).take(width);
            for (pixel, bytes) in place.zip(line.chunks_exact(4)) {
                *pixel = u32::from_be_bytes([0, bytes[2], bytes[1], bytes[0]]);
            }
            from += stride;
        }
        true
    }

    /// Copies what stands at `from` to a place of the same size; `false`, and nothing, when either lies outside.
    #[must_use]
    pub fn copy(&mut self, to: Area, from: Area) -> bool {
        let same = (to.width, to.height) == (from.width, from.height);
        if !same || to != self.within(to) || from != self.within(from) {
            return false;
        }
        let (stride, width) = (usize::from(self.width), usize::from(to.width));
        let start =
            |area: Area, line: usize| (usize::from(area.y) + line) * stride + usize::from(area.x);
        let mut copy = |line: usize| {
            let source = start(from, line);
            self.pixels
                .copy_within(source..source + width, start(to, line));
        };
        // They may overlap.
        if to.y > from.y {
            (0..usize::from(to.height)).rev().for_each(&mut copy);
        } else {
            (0..usize::from(to.height)).for_each(&mut copy);
        }
        true
    }

    /// Leaves the lowest bits of each colour out, at most seven.
    pub fn coarsen(&mut self, bits: u8) {
        let kept = 0xff_u32 << bits.min(7) & 0xff;
        let mask = kept << 16 | kept << 8 | kept;
        for pixel in &mut self.pixels {
            *pixel &= mask;
        }
    }

    /// Whether every pixel is the same: a display that shows nothing.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.pixels
            .first()
            .is_none_or(|first| self.pixels.iter().all(|pixel| pixel == first))
    }

    /// Reads a PNG or PPM picture, as libvirt gives screenshots.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        if bytes.starts_with(PNG) {
            return read_png(bytes);
        }
        let read = ppm(bytes).and_then(|(width, height, pixels)| {
            Some((width.try_into().ok()?, height.try_into().ok()?, pixels))
        });
        let (width, height, pixels) = read.ok_or("neither a PNG nor a PPM picture")?;
        let pixels = pixels
            .chunks_exact(3)
            .map(|rgb| u32::from_be_bytes([0, rgb[0], rgb[1], rgb[2]]));
        Self::of(width, height, pixels.collect())
            .ok_or_else(|| "larger than any display".to_owned())
    }

    /// The picture as a PNG file.
    ///
    /// # Errors
    /// For a picture without pixels.
    pub fn png(&self) -> Result<Vec<u8>, String> {
        let mut out = Vec::new();
        let mut encoder =
            png::Encoder::new(&mut out, u32::from(self.width), u32::from(self.height));
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_compression(png::Compression::Fast);
        let bytes: Vec<u8> = self
            .pixels
            .iter()
            .flat_map(|pixel| {
                let [_, red, green, blue] = pixel.to_be_bytes();
                [red, green, blue]
            })
            .collect();
        encoder
            .write_header()
            .and_then(|mut writer| writer.write_image_data(&bytes))
            .map_err(|error| error.to_string())?;
        Ok(out)
    }
}

fn read_png(bytes: &[u8]) -> Result<Picture, String> {
    let limits = png::Limits {
        bytes: MOST_PIXELS * 4,
    };
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), limits);
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(|error| error.to_string())?;
    let (width, height) = (reader.info().width, reader.info().height);
    let small = |side: u32| u16::try_from(side).ok();
    let (Some(width), Some(height)) = (small(width), small(height)) else {
        return Err("larger than any display".to_owned());
    };
    // Bounds the buffer as well.
    let mut picture = Picture::black(width, height).ok_or("larger than any display")?;
    let size = reader.output_buffer_size().ok_or("too large")?;
    let mut buffer = vec![0; size.min(MOST_PIXELS * 4)];
    let frame = reader
        .next_frame(&mut buffer)
        .map_err(|error| error.to_string())?;
    let samples = frame.color_type.samples();
    let pixels = buffer.chunks_exact(samples).map(|sample| match *sample {
        [grey] | [grey, _] => u32::from_be_bytes([0, grey, grey, grey]),
        [red, green, blue, ..] => u32::from_be_bytes([0, red, green, blue]),
        [] => 0,
    });
    for (place, pixel) in picture.pixels.iter_mut().zip(pixels) {
        *place = pixel;
    }
    Ok(picture)
}

/// Width, height and pixels of a PPM picture of three bytes a pixel (ppm(5): `P6`, width, height, 255, one white space).
#[must_use]
pub fn ppm(picture: &[u8]) -> Option<(u32, u32, &[u8])> {
    let mut rest = picture.strip_prefix(b"P6")?;
    let mut number = || {
        loop {
            let blank = rest
                .iter()
                .take_while(|byte| byte.is_ascii_whitespace())
                .count();
            rest = &rest[blank..];
            if rest.first() != Some(&b'#') {
                break;
            }
            let line = rest.iter().position(|byte| *byte == b'\n')?;
            rest = &rest[line..];
        }
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let value: u32 = std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()?;
        rest = &rest[digits..];
        Some(value)
    };
    let (width, height, most) = (number()?, number()?, number()?);
    let pixels = rest.get(1..)?;
    let size = usize::try_from(width)
        .ok()?
        .checked_mul(usize::try_from(height).ok()?)?
        .checked_mul(3)?;
    let sound = most == 255 && width > 0 && height > 0 && pixels.len() >= size;
    sound.then(|| (width, height, &pixels[..size]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn area(x: u16, y: u16, width: u16, height: u16) -> Area {
        Area {
            x,
            y,
            width,
            height,
        }
    }

    #[test]
    fn what_would_be_too_large_is_refused() {
        for (width, height) in [
            (0, 5),
            (5, 0),
            (u16::MAX, u16::MAX),
            (8193, 1),
            (3841, 2160),
        ] {
            assert_eq!(Picture::black(width, height), None, "{width}x{height}");
        }
        assert!(Picture::black(3840, 2160).is_some());
    }

    #[test]
    fn pixels_go_where_they_belong() {
        let mut picture = Picture::black(4, 2).unwrap();
        assert!(picture.put(area(1, 1, 2, 1), &[1, 2, 3, 255, 4, 5, 6, 0]));
        assert_eq!(picture.line(1), [0, 0x0003_0201, 0x0006_0504, 0]);
        assert!(picture.copy(area(2, 0, 2, 2), area(1, 0, 2, 2)));
        assert_eq!(picture.line(1), [0, 0x0003_0201, 0x0003_0201, 0x0006_0504]);
        for outside in [area(3, 0, 2, 1), area(0, 1, 1, 2), area(5, 5, 0, 0)] {
            assert!(!picture.put(outside, &[0; 64]), "{outside:?}");
        }
        assert!(!picture.put(area(0, 0, 2, 2), &[0; 15]));
    }

    #[test]
    fn pictures_are_the_same_after_a_file() {
        let picture = Picture::of(2, 1, vec![0x0001_0203, 0x00ff_fefd]).unwrap();
        assert_eq!(Picture::read(&picture.png().unwrap()).unwrap(), picture);
        let ppm = b"P6\n# made by QEMU\n2 1\n255\n\x01\x02\x03\xff\xfe\xfd";
        assert_eq!(Picture::read(ppm).unwrap(), picture);
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        for bad in [
            &b""[..],
            b"P6",
            b"P6 0 0 255 ",
            b"P6 2 2 255 \x01",
            b"P6 99999 99999 255 x",
            b"P6 1 1 65535 abcdef",
            b"P6 4294967295 4294967295 255 x",
            b"GIF89a",
            b"\x89PNG\r\n\x1a\n",
        ] {
            assert!(Picture::read(bad).is_err(), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(
            bytes in proptest::collection::vec(any::<u8>(), 0..64),
            at in any::<(u16, u16, u16, u16)>(),
            from in any::<(u16, u16, u16, u16)>(),
        ) {
            let _ = Picture::read(&bytes);
            let _ = Picture::read(&[PNG, &bytes].concat());
            let _ = Picture::read(&[&b"P6 3 2 255\n"[..], &bytes].concat());
            let mut picture = Picture::black(5, 4).unwrap();
            let (at, from) = (area(at.0 % 8, at.1 % 8, at.2 % 8, at.3), area(from.0 % 8, from.1 % 8, at.2 % 8, at.3));
            let _ = picture.put(at, &bytes);
            let _ = picture.copy(at, from);
        }
    }
}
