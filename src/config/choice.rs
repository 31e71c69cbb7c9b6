//! Which connections a start opens.

use super::Config;
use crate::model::{Uri, UriError};

/// A connection to open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// The name it was saved under.
    pub name: Option<String>,
    /// Where it leads; `None` lets libvirt choose its default.
    pub uri: Option<Uri>,
    /// Open it read-only.
    pub readonly: bool,
}

/// The connections to open, in this order of preference: those of the command line (`given`: URIs, or names of saved
/// connections), those saved with `autoconnect`, `LIBVIRT_DEFAULT_URI` (`environment`), libvirt's own default.
///
/// # Errors
/// When a given text is neither a saved name nor a URI, or the environment's is no URI.
pub fn choose(
    given: &[String],
    config: &Config,
    environment: Option<&str>,
) -> Result<Vec<Chosen>, UriError> {
    if !given.is_empty() {
        return given.iter().map(|text| given_one(text, config)).collect();
    }
    let saved: Vec<_> = config
        .connections
        .iter()
        .filter(|saved| saved.autoconnect)
        .map(|saved| Chosen {
            name: saved.name.clone(),
            uri: Some(saved.uri.clone()),
            readonly: saved.readonly,
        })
        .collect();
    if !saved.is_empty() {
        return Ok(saved);
    }
    let uri = environment
        .filter(|text| !text.is_empty())
        .map(str::parse)
        .transpose()?;
    Ok(vec![Chosen {
        name: None,
        uri,
        readonly: false,
    }])
}

fn given_one(text: &str, config: &Config) -> Result<Chosen, UriError> {
    if let Some(saved) = config
        .connections
        .iter()
        .find(|saved| saved.name.as_deref() == Some(text))
    {
        return Ok(Chosen {
            name: saved.name.clone(),
            uri: Some(saved.uri.clone()),
            readonly: saved.readonly,
        });
    }
    Ok(Chosen {
        name: None,
        uri: Some(text.parse()?),
        readonly: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAVED: &str = r#"
        [[connection]]
        name = "lab"
        uri = "qemu+ssh://lab/system"
        readonly = true
        [[connection]]
        uri = "qemu:///session"
        autoconnect = true
    "#;

    fn uris(chosen: &[Chosen]) -> Vec<Option<&str>> {
        chosen
            .iter()
            .map(|one| one.uri.as_ref().map(Uri::as_str))
            .collect()
    }

    #[test]
    fn command_line_wins_and_may_name_a_saved_one() {
        let config = Config::parse(SAVED).unwrap();
        let given = ["test:///default".to_owned(), "lab".to_owned()];
        let chosen = choose(&given, &config, Some("xen:///")).unwrap();
        assert_eq!(
            uris(&chosen),
            [Some("test:///default"), Some("qemu+ssh://lab/system")]
        );
        assert!(chosen[1].readonly);
    }

    #[test]
    fn saved_ones_come_before_the_environment_and_that_before_the_default() {
        let config = Config::parse(SAVED).unwrap();
        let chosen = choose(&[], &config, Some("xen:///")).unwrap();
        assert_eq!(uris(&chosen), [Some("qemu:///session")]);
        let none = Config::default();
        assert_eq!(
            uris(&choose(&[], &none, Some("xen:///")).unwrap()),
            [Some("xen:///")]
        );
        assert_eq!(uris(&choose(&[], &none, Some("")).unwrap()), [None]);
        assert_eq!(uris(&choose(&[], &none, None).unwrap()), [None]);
    }

    #[test]
    fn what_is_neither_name_nor_uri_is_refused() {
        let error = choose(&["nosuch".to_owned()], &Config::default(), None).unwrap_err();
        assert!(error.to_string().contains("nosuch"), "{error}");
    }
}
