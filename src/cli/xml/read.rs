//! Files of documents.

use std::fs::File;
use std::io::{self, Read as _};

use crate::cli::failure::{Error, Exit};

/// More is not read of a file: it is refused for its size anyway.
const MOST: u64 = 5 * 1024 * 1024;

/// The bytes of a file; `-` is standard input.
pub fn read(file: &str) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if file == "-" {
        io::stdin().lock().take(MOST).read_to_end(&mut bytes)?;
    } else {
        File::open(file)?.take(MOST).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

/// The text of a file that has to be one, without a byte order mark.
///
/// # Errors
/// With exit code 2: that it cannot be read, or at which byte it is no UTF-8.
pub fn read_text(file: &str) -> Result<String, Error> {
    let trouble = |why: String| Error::new(Exit::Usage, format!("{file}: {why}"));
    let bytes = read(file).map_err(|error| trouble(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        trouble(format!("byte {at} is not UTF-8"))
    })?;
    if let Some(at) = text.find('\0') {
        return Err(trouble(format!("a NUL character at byte {at}")));
    }
    Ok(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}
