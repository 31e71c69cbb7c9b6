//! `virtty events`: what happened, from the file that the console keeps, or as it happens.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Local};

use super::args::{Cli, Events};
use super::failure::complain;
use super::hosts;
use super::output::{self, Output};
use super::{Error, Exit, Problem};
use crate::config;
use crate::journal::{self, Told, Wanted};
use crate::libvirt::{self, Fleet};
use crate::model::{ConnectionId, ConnectionState, Uri};
use crate::protocol::{ConnectionSpec, Epoch, News, Report};
use crate::query::EventQuery;
use crate::text::visible;

/// Events that are read from the file.
const MOST: usize = 100_000;
/// Nobody looks at figures here.
const INTERVAL: Duration = Duration::from_secs(3600);

/// Prints them.
pub(super) fn run(cli: &Cli, arguments: &Events, out: &mut Output) -> Result<(), Problem> {
    // A term with a blank in it was one word of the shell's.
    let terms: Vec<_> = arguments.terms.iter().map(|term| quoted(term)).collect();
    let query = EventQuery::parse(&terms.join(" "));
    if let Some(mistake) = query.mistakes.first() {
        return Err(Error::new(Exit::Usage, mistake.wrong.to_string()).into());
    }
    if arguments.follow {
        return follow(cli, arguments, &query, out);
    }
    let kept = config::state_dir().map(|folder| journal::read(&folder, MOST));
    let wanted = Wanted::new(query, SystemTime::now());
    let found: Vec<_> = kept
        .into_iter()
        .flatten()
        .filter(|event| wanted.holds(event))
        .collect();
    let skipped = match arguments.count {
        Some(count) => found.len().saturating_sub(count as usize),
        None => 0,
    };
    for event in &found[skipped..] {
        print(event, arguments.json, out)?;
    }
    Ok(())
}

/// A word of the shell as one term: `text:I/O error` is written `text:"I/O error"`.
fn quoted(term: &str) -> String {
    if !term.contains(char::is_whitespace) || term.contains('"') {
        return term.to_owned();
    }
    match term.split_once(':') {
        Some((name, value)) if !name.contains(char::is_whitespace) => format!("{name}:\"{value}\""),
        _ => format!("\"{term}\""),
    }
}

fn print(event: &Told, json: bool, out: &mut Output) -> Result<(), Problem> {
    if json {
        output::json_line(out, &event.line())?;
        return Ok(());
    }
    let time: DateTime<Local> = event.time.into();
    writeln!(
        out,
        "{}  {}  {} {}: {}",
        time.format("%Y-%m-%d %H:%M:%S"),
        visible(&event.host),
        event.object.word(),
        visible(&event.name),
        visible(&event.text),
    )?;
    Ok(())
}

/// A connection that is listened to.
struct Heard {
    uri: String,
    host: String,
    epoch: Epoch,
    /// It was open once.
    opened: bool,
}

fn follow(
    cli: &Cli,
    arguments: &Events,
    query: &EventQuery,
    out: &mut Output,
) -> Result<(), Problem> {
    let start = hosts::start(cli)?;
    libvirt::initialise()?;
    let (sender, mut reports) = libvirt::channel();
    let mut fleet = Fleet::new(sender);
    let mut heard = BTreeMap::new();
    for (number, chosen) in (0..).zip(&start.connections) {
        let id = ConnectionId(number);
        let uri = chosen.uri.as_ref();
        if let Some(uri) = uri {
            hosts::check_document(uri)?;
        }
        let host = chosen.name.clone().or_else(|| uri.map(Uri::short_name));
        heard.insert(
            id,
            Heard {
                uri: uri.map(|uri| uri.as_str().to_owned()).unwrap_or_default(),
                host: host.unwrap_or_else(|| "localhost".to_owned()),
                epoch: Epoch::default(),
                opened: false,
            },
        );
        fleet.open(ConnectionSpec {
            id,
            uri: chosen.uri.clone(),
            readonly: chosen.readonly,
            interval: INTERVAL,
        });
    }
    let mut printed = 0;
    while let Some(report) = reports.blocking_recv() {
        let Some(event) = take(report, &mut heard, &mut fleet)? else {
            continue;
        };
        // "Since 2 h" is meant anew for each.
        if !Wanted::new(query.clone(), SystemTime::now()).holds(&event) {
            continue;
        }
        print(&event, arguments.json, out)?;
        out.flush()?;
        printed += 1;
        if arguments.count == Some(printed) {
            break;
        }
    }
    Ok(())
}

/// The event that a report tells of. A host that cannot be opened is told, and is the end when no other is left.
fn take(
    report: Report,
    heard: &mut BTreeMap<ConnectionId, Heard>,
    fleet: &mut Fleet,
) -> Result<Option<Told>, Problem> {
    let id = report.connection;
    let Some(host) = heard.get_mut(&id) else {
        return Ok(None);
    };
    if report.epoch < host.epoch {
        return Ok(None);
    }
    host.epoch = report.epoch;
    match report.news {
        News::Opened(opened) => {
            host.uri.clone_from(&opened.uri);
            host.opened = true;
        }
        News::Event(event) => return Ok(Some(Told::domain(&host.uri, &host.host, &event))),
        News::ObjectEvent(event) => return Ok(Some(Told::object(&host.uri, &host.host, &event))),
        News::Asked(prompt) => {
            let answer = libvirt::terminal::ask(&host.uri, &prompt.text, prompt.masked);
            fleet.reply(id, prompt.id, answer);
        }
        News::State(
            ConnectionState::Lost { .. } | ConnectionState::Disconnected,
            Some(failure),
        ) => {
            if host.opened {
                complain(&format!("{}: {failure}; trying again", host.host));
                return Ok(None);
            }
            fleet.close(id);
            heard.remove(&id);
            let error = Error::from(failure);
            if heard.is_empty() {
                return Err(error.into());
            }
            error.print();
        }
        _ => {}
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_shell_are_terms() {
        for (word, term) in [
            ("web", "web"),
            ("a b", "\"a b\""),
            ("text:I/O error", "text:\"I/O error\""),
            ("say \"x\"", "say \"x\""),
        ] {
            assert_eq!(quoted(word), term);
        }
    }
}
