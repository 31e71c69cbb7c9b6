//! `virtty stats`: figures of all domains at intervals.
//!
//! It samples with the same machinery as the console, so a guest that hangs costs the others nothing.

mod line;
mod watch;

use std::collections::BTreeSet;
use std::io::Write as _;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use chrono::{SecondsFormat, Utc};

use super::args::{Cli, Stats};
use super::hosts::{self, Start};
use super::output::{self, Output};
use super::{Error, Exit, Problem};
use crate::libvirt::{self, Fleet};
use crate::model::{ConnectionId, Uuid};
use crate::protocol::{ConnectionSpec, Interest, News, Report};
use watch::Watch;

/// How long a domain's first figures may take before the intervals begin without them.
const PATIENCE: Duration = Duration::from_secs(3);

pub(super) fn run(cli: &Cli, arguments: &Stats, out: &mut Output) -> Result<(), Problem> {
    let start = hosts::start(cli)?;
    let interval = arguments.interval.unwrap_or(start.config.interval);
    let count = match (arguments.count, arguments.interval) {
        (None, None) => Some(1),
        (count, _) => count,
    };
    libvirt::initialise()?;
    let mut session = Session::open(&start, interval)?;
    let names: BTreeSet<&str> = arguments.names.iter().map(String::as_str).collect();
    let began = session.begin(&names)?;
    // Half an interval behind the sampler, so that what it read in time is in.
    let mut due = began + interval / 2;
    let mut printed = 0;
    while count.is_none_or(|count| printed < count) {
        due += interval;
        session.listen_until(due);
        print(
            &session.watch,
            &names,
            arguments.json,
            printed == 0,
            interval,
            out,
        )?;
        out.flush()?;
        printed += 1;
    }
    if session.watch.incomplete() {
        return Err(Problem::AlreadyTold);
    }
    Ok(())
}

fn print(
    watch: &Watch,
    names: &BTreeSet<&str>,
    json: bool,
    first: bool,
    interval: Duration,
    out: &mut Output,
) -> Result<(), Problem> {
    let time = Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true);
    // What is older than this was not read in this interval.
    let oldest = Instant::now().checked_sub(interval * 2);
    let lines: Vec<_> = watch
        .chosen(names)
        .map(|(uri, domain)| line::Line::new(&time, uri, domain, oldest))
        .collect();
    if json {
        for line in &lines {
            output::json_line(out, line)?;
        }
    } else {
        if !first {
            writeln!(out)?;
        }
        line::table(&time, &lines, watch.several(), out)?;
    }
    Ok(())
}

/// The connections, and what they report.
struct Session {
    fleet: Fleet,
    reports: Receiver<Report>,
    watch: Watch,
}

impl Session {
    fn open(start: &Start, interval: Duration) -> Result<Self, Error> {
        let (sender, mut receiver) = libvirt::channel();
        let (forward, reports) = mpsc::channel();
        thread::Builder::new()
            .name("reports".to_owned())
            .spawn(move || {
                while let Some(report) = receiver.blocking_recv() {
                    if forward.send(report).is_err() {
                        break;
                    }
                }
            })
            .map_err(|error| Error::new(Exit::Failed, format!("start a thread: {error}")))?;
        let mut fleet = Fleet::new(sender);
        let mut watch = Watch::default();
        for (number, chosen) in start.connections.iter().enumerate() {
            let id = ConnectionId(u16::try_from(number).unwrap_or(u16::MAX));
            watch.expect(id, chosen.uri.as_ref(), interval);
            fleet.open(ConnectionSpec {
                id,
                uri: chosen.uri.clone(),
                readonly: chosen.readonly,
                interval,
            });
        }
        Ok(Self {
            fleet,
            reports,
            watch,
        })
    }

    /// Waits until every connection has listed its domains or failed, and the first figures are in. Returns when
    /// they came.
    fn begin(&mut self, names: &BTreeSet<&str>) -> Result<Instant, Error> {
        while !self.watch.is_settled() {
            match self.reports.recv() {
                Ok(report) => self.take(report),
                Err(_) => break,
            }
        }
        if self.watch.nothing_open() {
            return Err(Error::new(Exit::Failed, "no connection could be opened"));
        }
        for name in names {
            if self.watch.chosen(&BTreeSet::from([*name])).next().is_none() {
                let exit = if self.watch.incomplete() {
                    Exit::Failed
                } else {
                    Exit::NoDomain
                };
                let message = format!("there is no domain '{name}' ('virtty list' shows all)");
                return Err(Error::new(exit, message));
            }
        }
        let patience = Instant::now() + PATIENCE;
        while !self.watch.is_sampled() && self.listen_once(patience) {}
        Ok(Instant::now())
    }

    fn listen_until(&mut self, until: Instant) {
        while self.listen_once(until) {}
    }

    /// Takes one report in; false when the time is up.
    fn listen_once(&mut self, until: Instant) -> bool {
        let left = until.saturating_duration_since(Instant::now());
        match self.reports.recv_timeout(left) {
            Ok(report) => {
                self.take(report);
                true
            }
            Err(RecvTimeoutError::Timeout) => false,
            Err(RecvTimeoutError::Disconnected) => {
                thread::sleep(left);
                false
            }
        }
    }

    fn take(&mut self, report: Report) {
        let connection = report.connection;
        if let News::Asked(prompt) = &report.news {
            let place = self.watch.uri_of(connection);
            let answer = libvirt::terminal::ask(place, &prompt.text, prompt.masked);
            self.fleet.reply(connection, prompt.id, answer);
        }
        if self.watch.take(report) {
            let domains: BTreeSet<Uuid> = self.watch.domains_of(connection).collect();
            let interest = Interest {
                visible: domains.clone(),
                graphed: domains,
                ..Interest::default()
            };
            self.fleet.interest(connection, interest);
        }
    }
}
