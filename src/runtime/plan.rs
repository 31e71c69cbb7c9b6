//! A power plan without a screen: the state that decides is the console's own, what it decides is told line by line.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use super::probe::Probes;
use crate::app::{
    self, Connection, Effect, Event, MemberState, Options, Phase, Plan, PlanRun, Size, State,
};
use crate::cli::{self, Cli, Exit, RunPlan, Start};
use crate::config;
use crate::libvirt::{self, Fleet, ReportReceiver};
use crate::model::{ConnectionId, ConnectionState, Domain};
use crate::protocol::{ConnectionSpec, Report};
use crate::record;
use crate::text;

/// How long the hosts are waited for, with all that their domains' XML says: a step may ask for a tag of it.
const READ_WITHIN: Duration = Duration::from_secs(60);

/// Nobody looks at this screen; its rows are those whose figures are asked for.
const SIZE: Size = Size {
    width: 80,
    height: 24,
};

/// Runs `virtty run-plan` to its end.
pub(super) fn run(cli: &Cli, arguments: &RunPlan, start: Start) -> ExitCode {
    let opened = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
    let ended = opened.and_then(|runtime| {
        runtime.block_on(async {
            let mut runner = Runner::open(start, cli.readonly)?;
            runner.all(arguments).await
        })
    });
    libvirt::end_logins();
    match ended {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(Trouble(exit, why))) => {
            cli::complain(&why);
            ExitCode::from(exit as u8)
        }
        // Whoever read the lines has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            cli::complain(&format!("standard output: {error}"));
            ExitCode::from(Exit::Failed as u8)
        }
    }
}

/// Why it did not go well.
struct Trouble(Exit, String);

struct Runner {
    state: State,
    fleet: Fleet,
    reports: ReportReceiver,
    probes: Probes,
    /// Questions of a login that were declined: there is nobody to ask.
    declined: BTreeSet<(ConnectionId, u64)>,
    _demo: Option<crate::demo::Host>,
}

/// What woke the loop.
enum Woken {
    Report(Box<Report>),
    Probed(std::net::SocketAddr, bool),
    Time,
}

impl Runner {
    fn open(start: Start, readonly: bool) -> io::Result<Self> {
        libvirt::initialise().map_err(io::Error::other)?;
        let options = Options {
            interval: start.config.interval,
            readonly,
            here: cli::here(),
        };
        let (sender, reports) = libvirt::channel();
        let mut runner = Self {
            state: State::new(options, SIZE, super::console::now()),
            fleet: Fleet::new(sender),
            reports,
            probes: Probes::default(),
            declined: BTreeSet::new(),
            _demo: start.demo,
        };
        runner.state.configure(&start.config);
        let mut specs = Vec::new();
        let mut names = Vec::new();
        for (number, chosen) in (0..).zip(start.connections) {
            let id = ConnectionId(number);
            names.extend(chosen.name.map(|name| (id, name)));
            specs.push(ConnectionSpec {
                id,
                uri: chosen.uri,
                readonly: chosen.readonly,
                interval: start.config.interval,
            });
        }
        let effects = runner.state.start(specs);
        for (id, name) in names {
            runner.state.name(id, name);
        }
        runner.perform(effects);
        Ok(runner)
    }

    async fn all(&mut self, arguments: &RunPlan) -> io::Result<Result<(), Trouble>> {
        let mut out = io::stdout().lock();
        if let Err(trouble) = self.read_hosts().await {
            return Ok(Err(trouble));
        }
        let plans = self.state.plans();
        let Some(name) = &arguments.name else {
            for plan in &plans {
                self.tell_plan(plan, &mut out)?;
            }
            return Ok(Ok(()));
        };
        let Some(plan) = plans.iter().find(|plan| plan.name == *name) else {
            return Ok(Err(Trouble(Exit::Usage, app::no_plan(name, &plans))));
        };
        self.tell_plan(plan, &mut out)?;
        if arguments.dry_run {
            return Ok(Ok(()));
        }
        self.follow(plan.clone(), &mut out).await
    }

    /// Waits until every host has told all of its domains.
    async fn read_hosts(&mut self) -> Result<(), Trouble> {
        let until = Instant::now() + READ_WITHIN;
        loop {
            let unread = self.state.connections.iter().find(|one| !one.listed);
            if let Some(failed) = unread.filter(|one| has_failed(one)) {
                let label = text::visible(&failed.label).into_owned();
                return Err(Trouble(
                    Exit::Failed,
                    match &failed.failure {
                        Some(failure) => cli::Error::from(failure.clone()).message,
                        None => format!("{label} is not open"),
                    },
                ));
            }
            let all = |known: fn(&Domain) -> bool| {
                let mut guests = self.state.guests.values();
                guests.all(|guest| known(&guest.domain))
            };
            let defined = unread.is_none()
                && all(|one| one.definition.is_some() || one.definition_error.is_some());
            let late = Instant::now() >= until;
            // Not every driver knows of autostart.
            if defined && (late || all(|one| one.autostart.is_some())) {
                return Ok(());
            }
            if late {
                let silent = self.state.connections.iter().find(|one| !one.listed);
                let who = silent.map_or("a host", |one| one.label.as_str());
                let seconds = READ_WITHIN.as_secs();
                return Err(Trouble(
                    Exit::Failed,
                    format!("{who} has not told all of its domains within {seconds} s"),
                ));
            }
            self.turn(Some(until)).await;
        }
    }

    /// Says what a plan is, and whom its steps would act on now.
    fn tell_plan(&self, plan: &Plan, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "{}", text::visible(&plan.name))?;
        for (number, step) in (1..).zip(&plan.steps) {
            let names = self.state.step_names(step, usize::MAX);
            writeln!(out, "  {number}. {}: {names}", step.words())?;
        }
        out.flush()
    }

    /// Runs a plan, and tells of each domain what becomes of it.
    async fn follow(
        &mut self,
        plan: Plan,
        out: &mut impl Write,
    ) -> io::Result<Result<(), Trouble>> {
        let mut effects = Vec::new();
        self.state.run_plan(plan, &mut effects);
        self.perform(effects);
        let mut told: Option<PlanRun> = None;
        loop {
            let Some(run) = self.state.plans.run().cloned() else {
                return Ok(Ok(()));
            };
            tell_progress(told.as_ref(), &run, out)?;
            if !run.is_running() {
                return Ok(outcome(&run));
            }
            told = Some(run);
            self.turn(None).await;
        }
    }

    /// Waits for something to happen, and takes it in.
    async fn turn(&mut self, until: Option<Instant>) {
        let wake = [until, self.state.next_wake()].into_iter().flatten().min();
        let time = async {
            match wake {
                Some(wake) => tokio::time::sleep_until(wake.into()).await,
                None => std::future::pending().await,
            }
        };
        let woken = tokio::select! {
            biased;
            Some((address, open)) = self.probes.recv() => Woken::Probed(address, open),
            Some(report) = self.reports.recv() => Woken::Report(Box::new(report)),
            () = time => Woken::Time,
        };
        let event = match woken {
            Woken::Report(report) => Event::Report(report),
            Woken::Probed(address, open) => Event::Probed(address, open),
            Woken::Time => Event::Tick,
        };
        let effects = app::update(&mut self.state, event, super::console::now());
        self.perform(effects);
        for connection in &self.state.connections {
            for prompt in &connection.prompts {
                if self.declined.insert((connection.id, prompt.id)) {
                    self.fleet.reply(connection.id, prompt.id, None);
                }
            }
        }
    }

    /// What the plan needs of the outside; the rest is of a screen.
    fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Open(spec) => self.fleet.open(spec),
                Effect::Close(id) => self.fleet.close(id),
                Effect::Retry(id) => self.fleet.retry(id),
                Effect::Cancel(id) => self.fleet.cancel(id),
                Effect::Send(id, request) => self.fleet.send(id, request),
                Effect::Interest(id, interest) => self.fleet.interest(id, interest),
                Effect::Probe(address) => self.probes.start(address),
                Effect::Record(entry) => {
                    if let Some(folder) = config::state_dir()
                        && let Err(error) = record::append(&folder, &entry)
                    {
                        cli::complain(&format!("the record of actions: {error}"));
                    }
                }
                _ => {}
            }
        }
    }
}

/// Whether it was tried and is not open.
fn has_failed(connection: &Connection) -> bool {
    connection.failure.is_some()
        && matches!(
            connection.state,
            ConnectionState::Disconnected | ConnectionState::Lost { .. }
        )
}

/// What has become of domains since it was told last.
fn tell_progress(before: Option<&PlanRun>, run: &PlanRun, out: &mut impl Write) -> io::Result<()> {
    for (at, members) in run.steps.iter().enumerate() {
        let former = before.and_then(|run| run.steps.get(at));
        if former.is_none()
            && let Some(step) = run.plan.steps.get(at)
        {
            writeln!(out, "step {}: {}", at + 1, step.words())?;
        }
        for member in members {
            let known = former.and_then(|all| all.iter().find(|one| one.id == member.id));
            if known.is_some_and(|known| known.state == member.state) {
                continue;
            }
            let name = text::visible(&member.name);
            match &member.state {
                MemberState::Asked(_) => writeln!(out, "  {name}: asked")?,
                MemberState::Waiting => writeln!(out, "  {name}: waits")?,
                MemberState::Ready => writeln!(out, "  {name}: ready")?,
                MemberState::Failed(why) => {
                    writeln!(out, "  {name}: failed: {}", text::visible(why))?;
                }
            }
        }
    }
    out.flush()
}

/// How the plan ended.
fn outcome(run: &PlanRun) -> Result<(), Trouble> {
    let name = &run.plan.name;
    let again = "what is reached already is left alone when it is run again";
    match (&run.phase, run.failed()) {
        (Phase::Stopped(why), _) => Err(Trouble(
            Exit::Failed,
            format!("{name} has stopped: {why} ({again})"),
        )),
        (_, 0) => Ok(()),
        (_, failed) => Err(Trouble(
            Exit::Failed,
            format!("{name}: done, but not for {failed} domains ({again})"),
        )),
    }
}
