//! Templates of new domains, saved from the form: what stood in its fields, and the virt-install line that asks for the same. They
//! are kept in a file of their own in the state directory.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::kept;

/// A saved template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// Its name.
    pub name: String,
    /// Words behind `virtty create`, without a name.
    pub line: Vec<String>,
    /// What stood in the fields of the form.
    pub fields: BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    template: Vec<Template>,
}

/// Where templates are kept; `None` where nothing can be kept.
#[must_use]
pub fn templates_file() -> Option<PathBuf> {
    Some(super::state_dir()?.join("templates.toml"))
}

/// The saved templates.
///
/// # Errors
/// In words, with the file.
pub fn load_templates(path: &Path) -> Result<Vec<Template>, String> {
    Ok(kept::load::<File>(path)?.template)
}

/// Adds a template to the file, in the place of one of the same name.
///
/// # Errors
/// In words. A file that cannot be read is left as it is.
pub fn save_template(path: &Path, template: &Template) -> Result<(), String> {
    let mut templates = load_templates(path)?;
    match templates
        .iter_mut()
        .find(|known| known.name == template.name)
    {
        Some(known) => known.clone_from(template),
        None => templates.push(template.clone()),
    }
    let file = File {
        template: templates,
    };
    let what = "Templates of new domains, saved from virtty's form. The file is written anew at each of them.";
    kept::save(path, what, &file)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_template_is_read_as_it_was_saved() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state/templates.toml");
        assert_eq!(load_templates(&path), Ok(Vec::new()));
        let mut template = Template {
            name: "web".to_owned(),
            line: vec!["--memory".to_owned(), "2048".to_owned()],
            fields: [("memory".to_owned(), "2G".to_owned())].into(),
        };
        save_template(&path, &template).unwrap();
        template.line[1] = "4096".to_owned();
        save_template(&path, &template).unwrap();
        assert_eq!(load_templates(&path), Ok(vec![template]));
        fs::write(&path, "template = 3").unwrap();
        assert!(
            load_templates(&path)
                .unwrap_err()
                .contains("templates.toml")
        );
    }
}
