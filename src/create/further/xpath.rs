//! `--xml`: a value at a place of the finished document, by the part of XPath that names one place.

use super::{Leaf, Makes, Setting, Step};
use crate::create::suboptions::{Invalid, Suboptions};
use crate::text::visible;

/// What is done at a place.
enum Deed {
    Set,
    Create,
    Delete,
}

/// `--xml ./devices/disk[2]/@snapshot=no`, `--xml xpath.set=PATH,xpath.value=TEXT`, `xpath.create=PATH`, `xpath.delete=PATH`.
///
/// # Errors
/// What is wrong.
pub fn xml(text: &str) -> Result<Makes, Invalid> {
    let wrong = |message: String| Invalid {
        option: "--xml",
        message,
    };
    let (deed, path, value) = if text.starts_with("xpath.") {
        named_words(text)?
    } else {
        let (path, value) = parted(text).ok_or_else(|| {
            wrong(format!(
                "{}: PATH=VALUE, such as ./devices/disk[1]/@snapshot=no",
                visible(text)
            ))
        })?;
        (Deed::Set, path, Some(value))
    };
    let (steps, attribute) = steps(&path).map_err(wrong)?;
    let value = value.filter(|value| !value.is_empty());
    let leaf = match (deed, attribute, value) {
        (Deed::Set, Some(name), value) => Leaf::Attribute(name, value),
        (Deed::Set, None, Some(text)) => Leaf::Text(text),
        (Deed::Set | Deed::Delete, None, None) | (Deed::Delete, None, Some(_)) => Leaf::Absent,
        (Deed::Delete, Some(name), _) => Leaf::Attribute(name, None),
        (Deed::Create, None, _) => Leaf::Present,
        (Deed::Create, Some(_), _) => {
            return Err(wrong(format!(
                "{}: an attribute cannot be made without a value",
                visible(&path)
            )));
        }
    };
    Ok(Makes::Settings(vec![Setting {
        word: String::new(),
        steps,
        leaf,
    }]))
}

/// A path and a value. A condition in brackets may have an equals sign of its own.
fn parted(text: &str) -> Option<(String, String)> {
    let from = text.rfind(']').map_or(0, |at| at + 1);
    let at = from + text[from..].find('=')?;
    Some((text[..at].to_owned(), text[at + 1..].to_owned()))
}

fn named_words(text: &str) -> Result<(Deed, String, Option<String>), Invalid> {
    let mut words = Suboptions::read("--xml", text)?;
    let (set, create) = (words.take("xpath.set"), words.take("xpath.create"));
    let delete = words.take("xpath.delete");
    let value = words.take("xpath.value");
    let read = match (set, create, delete, value) {
        (Some(path), None, None, Some(value)) => (Deed::Set, path, Some(value)),
        (Some(set), None, None, None) => match parted(&set) {
            Some((path, value)) => (Deed::Set, path, Some(value)),
            None => (Deed::Set, set, None),
        },
        (None, Some(path), None, None) => (Deed::Create, path, None),
        (None, None, Some(path), None) => (Deed::Delete, path, None),
        _ => {
            words.finish()?;
            return Err(Invalid {
                option: "--xml",
                message: "takes one of xpath.set=, xpath.create=, xpath.delete=".to_owned(),
            });
        }
    };
    words.finish()?;
    Ok(read)
}

/// `./a/b[2]/@c`, `/domain/a`: steps and an attribute.
fn steps(path: &str) -> Result<(Vec<Step>, Option<String>), String> {
    let below = path
        .strip_prefix("./")
        .or(path.strip_prefix("/domain/"))
        .or(path.strip_prefix("domain/"));
    let Some(below) = below else {
        return Err(format!(
            "{}: a path begins with ./ , the domain's own element",
            visible(path)
        ));
    };
    let mut steps = Vec::new();
    let mut attribute = None;
    for part in below.split('/') {
        if attribute.is_some() {
            return Err(format!(
                "{}: nothing stands below an attribute",
                visible(path)
            ));
        }
        if let Some(name) = part.strip_prefix('@') {
            attribute = Some(named(name, path)?);
            continue;
        }
        let (name, number) = match part.strip_suffix(']').and_then(|part| part.split_once('[')) {
            Some((name, number)) => {
                let number = number
                    .parse::<usize>()
                    .ok()
                    .filter(|number| (1..=1000).contains(number));
                let Some(number) = number else {
                    return Err(format!(
                        "{}: only numbers from 1 stand in brackets here, as in disk[2]",
                        visible(path)
                    ));
                };
                (name, number - 1)
            }
            None => (part, 0),
        };
        steps.push(Step::Nth(named(name, path)?, number));
    }
    Ok((steps, attribute))
}

/// XML 1.0, section 2.3, as far as libvirt's names go.
fn named(name: &str, path: &str) -> Result<String, String> {
    let is_name = name
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ':' | '.'))
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if is_name {
        return Ok(name.to_owned());
    }
    Err(format!(
        "{}: '{}' is no name of an element or attribute",
        visible(path),
        visible(name)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::Element;

    fn edited(texts: &[&str]) -> Result<String, String> {
        let mut domain = Element::new("domain")
            .with("type", "qemu")
            .child(Element::text("name", "a"));
        for text in texts {
            let Makes::Settings(settings) = xml(text).map_err(|error| error.message)? else {
                continue;
            };
            super::super::apply(&settings, &mut domain);
        }
        Ok(domain.document())
    }

    #[test]
    fn values_are_written_where_the_path_leads() {
        let text = edited(&[
            "./@type=kvm",
            "./devices/disk[2]/@snapshot=no",
            "xpath.create=./devices/disk[1]/readonly",
            "xpath.set=./title,xpath.value=a=b",
            "xpath.delete=./name",
        ]);
        assert_eq!(
            text.unwrap(),
            "<domain type='kvm'>\n  <devices>\n    <disk>\n      <readonly/>\n    </disk>\n    <disk snapshot='no'/>\n  \
             </devices>\n  <title>a=b</title>\n</domain>\n"
        );
    }

    #[test]
    fn what_cannot_be_followed_is_told() {
        for (text, part) in [
            ("name=x", "begins with ./"),
            ("./a", "PATH=VALUE"),
            ("./disk[@x='y']/@a=b", "only numbers"),
            ("./@a/b=c", "below an attribute"),
            ("./a b=c", "no name"),
            ("xpath.create=./@a", "without a value"),
            ("xpath.sett=./a=b", "did you mean 'xpath.set'"),
            ("xpath.value=a", "takes one of"),
        ] {
            let error = edited(&[text]).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
