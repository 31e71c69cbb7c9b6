//! `virtty screenshot NAME`: the picture on a display as a PNG file.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};

use super::args::Cli;
use super::hosts::Hosts;
use super::output::Output;
use super::{Error, Exit, Problem};
use crate::display::ppm;
use crate::text::visible;
use crate::virsh::DOMAIN_HELP;

/// Signature of a PNG file (RFC 2083, section 3.1).
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// `virtty screenshot`
#[derive(Debug, Args)]
pub struct Screenshot {
    #[arg(allow_hyphen_values = true, help = DOMAIN_HELP.trim_end_matches('.'))]
    pub name: String,

    /// Where to: a file, which is replaced when it is there, or - for standard output.
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: PathBuf,

    /// Which display, counted from 0.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub screen: u32,
}

/// Takes it.
pub(super) fn run(cli: &Cli, arguments: &Screenshot, out: &mut Output) -> Result<(), Problem> {
    let hosts = Hosts::open(cli)?;
    let (host, domain) = hosts.find(&arguments.name)?;
    let name = &domain.name;
    if !domain.state.is_active() {
        let state = domain.state.virsh_word();
        let message = format!("domain '{name}' is not running ({state})");
        return Err(Error::new(Exit::NotRunning, message).into());
    }
    let (kind, picture) = host.session.screenshot(domain.id.uuid, arguments.screen)?;
    let png = as_png(&picture).map_err(|reason| {
        let message = format!("the picture of '{name}' ({kind}) cannot be read: {reason}");
        Error::new(Exit::Failed, message)
    })?;
    if arguments.output.as_os_str() == "-" {
        out.write_all(&png)?;
        return Ok(());
    }
    write(&arguments.output, &png).map_err(|error| {
        let message = format!("{}: {error}", arguments.output.display());
        Error::new(Exit::Failed, message)
    })?;
    writeln!(
        out,
        "The screen of {} is in {}.",
        visible(name),
        visible(&arguments.output.display().to_string())
    )?;
    Ok(())
}

/// Writes beside the file and puts it in its place: never half a picture under its name.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if path.exists() && !path.is_file() {
        // A device or a pipe cannot be replaced and is written to.
        return File::options().write(true).open(path)?.write_all(bytes);
    }
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{:08x}", fastrand::u32(..)));
    let beside = PathBuf::from(beside);
    let written = File::create_new(&beside)
        .and_then(|mut file| file.write_all(bytes))
        .and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}

/// A picture as PNG: as it is, or made of a PPM, which QEMU gives.
fn as_png(picture: &[u8]) -> Result<Vec<u8>, String> {
    if picture.starts_with(PNG) {
        return Ok(picture.to_vec());
    }
    let (width, height, pixels) = ppm(picture).ok_or("neither a PNG nor a PPM picture")?;
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let written = encoder
        .write_header()
        .and_then(|mut writer| writer.write_image_data(pixels));
    written.map_err(|error| error.to_string())?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_ppm_becomes_a_png_with_its_pixels() {
        let picture = b"P6\n# made by QEMU\n2 1\n255\n\x01\x02\x03\x04\x05\x06";
        let png = as_png(picture).unwrap();
        let decoder = png::Decoder::new(io::Cursor::new(&png));
        let mut reader = decoder.read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        assert_eq!(pixels, [1, 2, 3, 4, 5, 6]);
        assert_eq!(as_png(&png).unwrap(), png);
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
        ] {
            assert!(as_png(bad).is_err(), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = as_png(&bytes);
            let _ = as_png(&[&b"P6 3 2 255\n"[..], &bytes].concat());
        }
    }
}
