//! `virtty create --template`: a form that was saved, or a domain that is off.

use std::env;

use clap::Parser as _;

use super::Create;
use crate::cli::args::{Cli, Command};
use crate::cli::clone::Clone;
use crate::cli::output::Output;
use crate::cli::{Error, Exit, Problem};
use crate::config::{self, Template};
use crate::text::visible;

/// Makes a domain after a template.
pub fn run(cli: &Cli, create: &Create, name: &str, out: &mut Output) -> Result<(), Problem> {
    let usage = |message: String| Error::new(Exit::Usage, message);
    let templates = match config::templates_file() {
        Some(path) => config::load_templates(&path).map_err(usage)?,
        None => Vec::new(),
    };
    let given: Vec<String> = env::args()
        .skip_while(|word| word != "create")
        .skip(1)
        .collect();
    let given = without(&given, "--template");
    if let Some(template) = templates.iter().find(|known| known.name == name) {
        let words = merged(template, &given);
        let words = ["virtty", "create"]
            .into_iter()
            .map(str::to_owned)
            .chain(words);
        let parsed = Cli::try_parse_from(words)
            .map_err(|error| usage(format!("--template {}: {error}", visible(name))))?;
        return match parsed.command {
            Some(Command::Create(made)) => super::run(cli, &made, out),
            _ => Ok(()),
        };
    }
    let others = groups(&given).into_iter().find(|group| {
        let option = option_of(group);
        !matches!(
            option,
            "--name"
                | "-n"
                | "--no-start"
                | "--noreboot"
                | "--noautoconsole"
                | "--dry-run"
                | "--print-xml"
                | "-c"
                | "--connect"
        )
    });
    if let Some(group) = others {
        return Err(usage(format!(
            "--template {0}: there is no saved template of that name; as a domain it is cloned as it is, and {1} cannot be given \
             (virtty clone {0} --name …)",
            visible(name),
            visible(option_of(&group))
        ))
        .into());
    }
    let clone = Clone::of(
        name,
        &create.name,
        !create.no_start && !create.noreboot,
        create.dry_run,
        create.print_xml.is_some(),
    );
    crate::cli::clone::run(cli, &clone, out)
}

/// Options with their values: each begins with a dash.
fn groups(words: &[String]) -> Vec<Vec<String>> {
    let mut groups: Vec<Vec<String>> = Vec::new();
    for word in words {
        match groups.last_mut() {
            Some(group) if !word.starts_with('-') => group.push(word.clone()),
            _ => groups.push(vec![word.clone()]),
        }
    }
    groups
}

/// The option of a group, without a value behind an equals sign.
fn option_of(group: &[String]) -> &str {
    let word = group.first().map_or("", String::as_str);
    word.split('=').next().unwrap_or(word)
}

/// The words without an option.
fn without(words: &[String], option: &str) -> Vec<String> {
    let groups = groups(words).into_iter();
    groups
        .filter(|group| option_of(group) != option)
        .flatten()
        .collect()
}

/// The words of a template, those options apart that are given, and then what is given.
fn merged(template: &Template, given: &[String]) -> Vec<String> {
    let over = groups(given);
    let sources = ["--cdrom", "--location", "--pxe", "--import", "--install"];
    let is_over = |group: &Vec<String>| {
        let option = option_of(group);
        let of_source = sources.contains(&option)
            && over.iter().any(|given| sources.contains(&option_of(given)));
        of_source || over.iter().any(|given| option_of(given) == option)
    };
    let mut words: Vec<String> = groups(&template.line)
        .into_iter()
        .filter(|group| !is_over(group))
        .flatten()
        .collect();
    words.extend(given.iter().cloned());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_stands_over_the_template() {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let template = Template {
            name: "web".to_owned(),
            line: words("--memory 2048 --cdrom /a.iso --disk size=1 --disk size=2 --noautoconsole"),
            fields: std::collections::BTreeMap::new(),
        };
        let given = words("--name x --memory=512 --pxe");
        assert_eq!(
            merged(&template, &given),
            words("--disk size=1 --disk size=2 --noautoconsole --name x --memory=512 --pxe")
        );
        assert_eq!(
            without(&words("--template web --name x"), "--template"),
            words("--name x")
        );
    }
}
