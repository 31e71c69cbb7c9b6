//! Files of named things that are saved from the screen: read whole, written anew at each change.

use std::fs;
use std::io;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// What such a file holds; nothing where there is none.
///
/// # Errors
/// In words, with the file.
pub(super) fn load<File: DeserializeOwned + Default>(path: &Path) -> Result<File, String> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(File::default()),
        Err(error) => return Err(format!("{}: {error}", path.display())),
    };
    toml::from_str(&text).map_err(|error| format!("{}: {}", path.display(), error.message()))
}

/// Writes it below a line that says what it is.
///
/// # Errors
/// In words, with the file.
pub(super) fn save<File: Serialize>(path: &Path, what: &str, file: &File) -> Result<(), String> {
    let text = toml::to_string(file).map_err(|error| error.to_string())?;
    let text = format!("# {what}\n\n{text}");
    super::views::write(path, &text).map_err(|error| format!("{}: {error}", path.display()))
}
