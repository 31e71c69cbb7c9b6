//! Saved views: those of the settings, and those that were saved from the screen. The latter are kept in a file of
//! their own in the state directory: the settings with their comments are the user's to write.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::ConfigError;
use super::file::{columns, explain, sort};
use crate::query::Query;
use crate::text::nearest;

/// What rows can be grouped by, as `app::Grouping` has them; a test keeps the two lists the same.
pub const GROUPINGS: [&str; 4] = ["none", "host", "state", "tag"];

/// A saved view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SavedView {
    /// Its name.
    pub name: String,
    /// The filter.
    pub query: String,
    /// Names of columns in order; `None` for those of the beginning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub columns: Option<Vec<String>>,
    /// Column to sort by, with `-` before it for descending.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<String>,
    /// What the rows are grouped by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
}

/// As it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileView {
    name: Spanned<String>,
    query: Option<Spanned<String>>,
    columns: Option<Spanned<Vec<Spanned<String>>>>,
    sort: Option<Spanned<String>>,
    group: Option<Spanned<String>>,
}

/// A file of views alone.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    view: Vec<FileView>,
}

#[derive(Serialize)]
struct Written<'a> {
    view: &'a [SavedView],
}

/// Checks the views of a text: names once, known columns, a filter without mistakes.
pub(super) fn views(text: &str, written: Vec<FileView>) -> Result<Vec<SavedView>, ConfigError> {
    let mut views: Vec<SavedView> = Vec::new();
    for view in written {
        let at = view.name.span().start;
        let name = view.name.into_inner();
        if name.trim().is_empty() {
            return Err(ConfigError::at(text, at, "a view needs a name"));
        }
        if views.iter().any(|known| known.name == name) {
            let twice = format!("there are two views `{name}`");
            return Err(ConfigError::at(text, at, twice));
        }
        let query = match view.query {
            Some(query) => checked_query(text, &query)?,
            None => String::new(),
        };
        views.push(SavedView {
            name,
            query,
            columns: view.columns.map(|names| columns(text, names)).transpose()?,
            sort: view.sort.map(|word| sort(text, word)).transpose()?,
            group: view.group.map(|word| group(text, word)).transpose()?,
        });
    }
    Ok(views)
}

fn checked_query(text: &str, query: &Spanned<String>) -> Result<String, ConfigError> {
    match Query::parse(query.get_ref()).mistakes.first() {
        Some(mistake) => {
            let words = format!("query: {}", mistake.wrong);
            Err(ConfigError::at(text, query.span().start, words))
        }
        None => Ok(query.get_ref().clone()),
    }
}

fn group(text: &str, word: Spanned<String>) -> Result<String, ConfigError> {
    if GROUPINGS.contains(&word.get_ref().as_str()) {
        return Ok(word.into_inner());
    }
    let known = GROUPINGS.join("`, `");
    let words = format!("rows are grouped by `{known}`, not by `{}`", word.get_ref());
    Err(ConfigError {
        nearest: nearest(word.get_ref(), GROUPINGS).map(str::to_owned),
        ..ConfigError::at(text, word.span().start, words)
    })
}

/// The views of the settings with those saved from the screen: one of the same name stands in the place of the other.
#[must_use]
pub fn merged(settings: &[SavedView], saved: Vec<SavedView>) -> Vec<SavedView> {
    let mut views = settings.to_vec();
    for view in saved {
        match views.iter_mut().find(|known| known.name == view.name) {
            Some(known) => *known = view,
            None => views.push(view),
        }
    }
    views
}

/// Where views are saved from the screen; `None` where nothing can be kept.
#[must_use]
pub fn views_file() -> Option<PathBuf> {
    Some(super::state_dir()?.join("views.toml"))
}

/// The views saved from the screen.
///
/// # Errors
/// When the file cannot be read or holds what it may not.
pub fn load_views(path: &Path) -> Result<Vec<SavedView>, ConfigError> {
    let because = |error: ConfigError| ConfigError {
        path: Some(path.to_owned()),
        ..error
    };
    match fs::read_to_string(path) {
        Ok(text) => {
            let file: File = toml::from_str(&text).map_err(|e| because(explain(&text, &e)))?;
            views(&text, file.view).map_err(because)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(because(ConfigError {
            path: None,
            line: None,
            message: error.to_string(),
            nearest: None,
        })),
    }
}

/// Adds a view to the file, in the place of one of the same name.
///
/// # Errors
/// In words. A file that cannot be read is left as it is.
pub fn save_view(path: &Path, view: &SavedView) -> Result<(), String> {
    let mut views = load_views(path).map_err(|error| error.to_string())?;
    match views.iter_mut().find(|known| known.name == view.name) {
        Some(known) => known.clone_from(view),
        None => views.push(view.clone()),
    }
    let text = toml::to_string(&Written { view: &views }).map_err(|error| error.to_string())?;
    let text = format!(
        "# Views saved from virtty's screen. The file is written anew at each of them.\n\n{text}"
    );
    write(path, &text).map_err(|error| format!("{}: {error}", path.display()))
}

/// Writes a file whole or not at all, for its owner alone.
pub(super) fn write(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let beside = path.with_extension(format!("toml.{}", std::process::id()));
    let result = (|| {
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, path)
    })();
    if result.is_err() {
        let _ = fs::remove_file(&beside);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn view(name: &str, query: &str) -> SavedView {
        SavedView {
            name: name.to_owned(),
            query: query.to_owned(),
            columns: Some(vec!["name".to_owned(), "cpu".to_owned()]),
            sort: Some("-cpu".to_owned()),
            group: None,
        }
    }

    #[test]
    fn views_of_the_settings_are_checked() {
        let text =
            "[[view]]\nname = \"busy\"\nquery = \"cpu>50\"\nsort = \"-cpu\"\ngroup = \"host\"";
        let views = Config::parse(text).unwrap().views;
        assert_eq!(views[0].query, "cpu>50");
        assert_eq!(views[0].group.as_deref(), Some("host"));
        for (text, line, words) in [
            ("[[view]]\nname = \"a\"\nquery = \"cpuu>5\"", 3, "`cpu`"),
            ("[[view]]\nname = \"a\"\ngroup = \"hosts\"", 3, "`host`"),
            ("[[view]]\nname = \"a\"\nsort = \"x\"", 3, "column"),
            (
                "[[view]]\nname = \"a\"\n[[view]]\nname = \"a\"",
                4,
                "two views",
            ),
            ("[[view]]\nname = \"a\"\ncolums = []", 3, "`columns`"),
        ] {
            let error = Config::parse(text).unwrap_err();
            assert_eq!(error.line, Some(line), "{error}");
            assert!(error.to_string().contains(words), "{error}");
        }
    }

    #[test]
    fn saved_views_are_read_again_and_replaced_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/views.toml");
        assert_eq!(load_views(&path).unwrap(), []);
        save_view(&path, &view("one \"quoted\"", "title:\"a b\"")).unwrap();
        save_view(&path, &view("two", "")).unwrap();
        save_view(&path, &view("one \"quoted\"", "tag:prod")).unwrap();
        let views = load_views(&path).unwrap();
        assert_eq!(views.len(), 2);
        assert_eq!(views[0].query, "tag:prod");
        let merged = merged(&[view("two", "x"), view("own", "")], views);
        let names: Vec<_> = merged.iter().map(|view| view.name.as_str()).collect();
        assert_eq!(names, ["two", "own", "one \"quoted\""]);
        assert_eq!(merged[0].query, "", "the one saved last");
        let left: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().collect();
        assert_eq!(left.len(), 1, "nothing is left beside it");
    }

    #[test]
    fn a_file_that_cannot_be_read_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("views.toml");
        fs::write(&path, "# mine\nnot toml").unwrap();
        assert!(save_view(&path, &view("a", "")).is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "# mine\nnot toml");
    }
}
