//! How documents are edited.

use serde::Deserialize;
use toml::Spanned;

use super::ConfigError;
use crate::schema::FOLDER;

/// The editor of documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditorSettings {
    /// Keys are those of vi.
    pub vi: bool,
    /// The folder of libvirt's schemas.
    pub schemas: String,
    /// Definitions that are kept of each object, the oldest going first; 0 keeps none.
    pub history: u32,
}

impl Default for EditorSettings {
    fn default() -> Self {
        Self {
            vi: false,
            schemas: FOLDER.to_owned(),
            history: 50,
        }
    }
}

/// The section as it is written.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct FileEditor {
    mode: Option<Spanned<String>>,
    schemas: Option<String>,
    history: Option<Spanned<u32>>,
}

/// Reads the section.
///
/// # Errors
/// Unknown keys, or a number that makes no sense.
pub fn editor(text: &str, file: FileEditor) -> Result<EditorSettings, ConfigError> {
    let default = EditorSettings::default();
    let vi = match file.mode {
        None => default.vi,
        Some(word) => match word.get_ref().as_str() {
            "common" => false,
            "vi" => true,
            other => {
                let message = format!("`{other}` is no mode of the editor: common or vi");
                return Err(ConfigError::at(text, word.span().start, message));
            }
        },
    };
    let history = match file.history {
        None => default.history,
        Some(number) if *number.get_ref() <= 1000 => number.into_inner(),
        Some(number) => {
            let message = "history must be 0 to 1000 definitions";
            return Err(ConfigError::at(text, number.span().start, message));
        }
    };
    Ok(EditorSettings {
        vi,
        schemas: file.schemas.unwrap_or(default.schemas),
        history,
    })
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    #[test]
    fn the_editor_is_set() {
        let read = |text: &str| Config::parse(text).map(|config| config.editor);
        let editor = read("[editor]\nmode = \"vi\"\nhistory = 0").unwrap();
        assert!(editor.vi && editor.history == 0);
        let error = read("[editor]\nmode = \"emacs\"").unwrap_err();
        assert_eq!(error.line, Some(2));
        assert!(read("[editor]\nhistory = 2000").is_err());
    }
}
