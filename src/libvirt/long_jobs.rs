//! Jobs that take long, whoever began them: looked for among the running domains of a host.
//!
//! libvirt tells no event when a job begins. Who is known to have one is looked at each round, as is who was just asked for
//! something; the others take turns, one a round, and all at once while somebody looks at the page of jobs. A domain whose
//! monitor is busy is left alone: its answer would not come.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::ffi::{self, Control, Error, JobStats, Result};
use super::opener::OnDemand;
use super::reporter::Reporter;
use super::roster::Roster;
use crate::domxml;
use crate::model::{DomainState, Uuid};
use crate::protocol::{LongJob, LongKind, News, XmlKind};

/// How often it is looked.
const ROUND: Duration = Duration::from_secs(1);

/// Rounds before the first look at domains that nothing hints at: a host that was just opened has better to do.
const QUIET: u32 = 10;

/// A domain that nothing hints at is asked in every so many rounds.
const TURN: u32 = 2;

/// Domains looked at in one round.
const MOST: usize = 200;

/// Rounds that a hint holds without a job being seen.
const HINT: u32 = 5;

/// How long a monitor may be busy and still be asked.
const BUSY: Duration = Duration::from_secs(1);

/// The thread. Dropping it ends it when its call returns.
pub struct LongJobs {
    _stop: Sender<()>,
}

/// What the thread works with.
pub struct Context {
    /// Where its reports go.
    pub reporter: Reporter,
    /// Domains, and what the screen wants.
    pub roster: Roster,
    /// For what may wait for a guest.
    pub connection: Arc<OnDemand>,
}

impl LongJobs {
    /// Starts the thread.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(context: Context) -> Result<Self> {
        let (stop, stopped) = channel();
        let name = format!("jobs-{}", context.reporter.connection.0);
        let mut watcher = Watcher {
            context,
            hinted: BTreeMap::new(),
            handles: HashMap::new(),
            before: Vec::new(),
            seen: HashMap::new(),
            last: None,
            rounds: 0,
            without: Unsupported::default(),
        };
        thread::Builder::new()
            .name(name)
            .spawn(move || watcher.run(&stopped))
            .map_err(|error| Error::own(format!("cannot start a thread: {error}")))?;
        Ok(Self { _stop: stop })
    }
}

/// What the driver does not have.
#[derive(Default)]
struct Unsupported {
    domain_jobs: bool,
    block_jobs: bool,
}

struct Watcher {
    context: Context,
    /// Domains that may have one, and for how many rounds that is believed.
    hinted: BTreeMap<Uuid, u32>,
    handles: HashMap<Uuid, ffi::Domain>,
    before: Vec<LongJob>,
    /// How far each job was, and when.
    seen: HashMap<(Uuid, LongKind), (u64, Instant)>,
    /// The domain that had its turn last.
    last: Option<Uuid>,
    rounds: u32,
    without: Unsupported,
}

/// A domain to be looked at.
struct Candidate {
    uuid: Uuid,
    control: ffi::Domain,
    disks: Vec<String>,
}

impl Watcher {
    fn run(&mut self, stopped: &Receiver<()>) {
        while stopped.recv_timeout(ROUND) == Err(RecvTimeoutError::Timeout) {
            self.rounds = self.rounds.saturating_add(1);
            if self.without.domain_jobs && self.without.block_jobs {
                return;
            }
            for uuid in self.context.roster.take_hints() {
                self.hinted.insert(uuid, HINT);
            }
            let candidates = self.candidates();
            let looked: BTreeSet<Uuid> = candidates.iter().map(|one| one.uuid).collect();
            let mut found = Vec::new();
            for candidate in &candidates {
                // A call that fails says nothing of the job: it is kept as it was.
                match self.look(candidate) {
                    Ok(jobs) => found.extend(jobs),
                    Err(_) => {
                        self.handles.remove(&candidate.uuid);
                    }
                }
            }
            for (uuid, rounds) in &mut self.hinted {
                if found.iter().any(|job| job.uuid == *uuid) {
                    *rounds = HINT;
                } else if looked.contains(uuid) {
                    *rounds = rounds.saturating_sub(1);
                }
            }
            self.hinted.retain(|_, rounds| *rounds > 0);
            for job in &found {
                self.hinted.insert(job.uuid, HINT);
            }
            self.seen.retain(|(uuid, kind), _| {
                found
                    .iter()
                    .any(|job| job.uuid == *uuid && job.kind == *kind)
            });
            if found != self.before {
                self.before.clone_from(&found);
                self.context.reporter.send(News::LongJobs(found));
            }
        }
    }

    /// Who is looked at in this round.
    fn candidates(&mut self) -> Vec<Candidate> {
        let all = self.context.roster.interest().asides.jobs;
        let turn = self.rounds >= QUIET && self.rounds.is_multiple_of(TURN);
        let roster = self.context.roster.lock();
        self.handles.retain(|uuid, _| roster.contains_key(uuid));
        let mut active: Vec<Uuid> = roster
            .iter()
            .filter(|(_, entry)| entry.domain.state.is_active())
            .map(|(uuid, _)| *uuid)
            .collect();
        active.sort_unstable();
        // `VIR_DOMAIN_PAUSED_MIGRATION`, `_SAVE`, `_DUMP` and `_SNAPSHOT` are the work of jobs.
        for uuid in &active {
            let domain = &roster[uuid].domain;
            if domain.state == DomainState::Paused && matches!(domain.reason.0, 2 | 3 | 4 | 9) {
                self.hinted.insert(*uuid, HINT);
            }
        }
        let at = self
            .last
            .and_then(|last| active.iter().position(|uuid| *uuid > last))
            .unwrap_or(0);
        active.rotate_left(at);
        let others = match (all, turn) {
            (true, _) => MOST,
            (false, true) => 1,
            (false, false) => 0,
        };
        let is_hinted = |uuid: &&Uuid| self.hinted.contains_key(uuid);
        let mut chosen: Vec<Uuid> = active.iter().filter(is_hinted).copied().collect();
        let rest = active.iter().filter(|uuid| !self.hinted.contains_key(uuid));
        let rest: Vec<Uuid> = rest.take(others).copied().collect();
        if let Some(last) = rest.last() {
            self.last = Some(*last);
        }
        chosen.extend(rest);
        chosen.truncate(MOST);
        chosen.sort_unstable();
        chosen
            .into_iter()
            .filter_map(|uuid| {
                let entry = roster.get(&uuid)?;
                let definition = entry.domain.definition.as_ref();
                let disks = definition.map(|definition| &definition.disks[..]);
                let with_medium = disks.unwrap_or_default().iter();
                Some(Candidate {
                    uuid,
                    control: entry.handle.clone(),
                    disks: with_medium
                        .filter(|disk| disk.source.is_some())
                        .map(|disk| disk.target.clone())
                        .collect(),
                })
            })
            .collect()
    }

    fn look(&mut self, candidate: &Candidate) -> Result<Vec<LongJob>> {
        match candidate.control.control() {
            Ok(Control::Occupied(since)) if since > BUSY => {
                let kept = self.before.iter().filter(|job| job.uuid == candidate.uuid);
                return Ok(kept.cloned().collect());
            }
            Ok(_) => {}
            Err(error) if error.is_unsupported() => {}
            Err(error) => return Err(error),
        }
        let domain = match self.handles.get(&candidate.uuid) {
            Some(handle) => handle.clone(),
            None => {
                let handle = self.context.connection.get()?.domain(candidate.uuid)?;
                self.handles.insert(candidate.uuid, handle.clone());
                handle
            }
        };
        let mut found = Vec::new();
        if !self.without.domain_jobs {
            match domain.has_job() {
                Ok(true) => found.push(of_domain(candidate.uuid, &domain.job_stats()?)),
                Ok(false) => {}
                Err(error) if error.is_unsupported() => self.without.domain_jobs = true,
                Err(error) => return Err(error),
            }
        }
        for target in &candidate.disks {
            if self.without.block_jobs {
                break;
            }
            match domain.block_job(target) {
                Ok(Some(job)) => found.push(self.of_disk(candidate.uuid, target, &domain, &job)),
                Ok(None) => {}
                Err(error) if error.is_unsupported() => self.without.block_jobs = true,
                // The disk may have been taken out meanwhile.
                Err(_) => {}
            }
        }
        Ok(found)
    }

    fn of_disk(
        &mut self,
        uuid: Uuid,
        target: &str,
        domain: &ffi::Domain,
        job: &crate::model::BlockJob,
    ) -> LongJob {
        let kind = LongKind::Block(job.kind, target.to_owned());
        let now = Instant::now();
        let before = self.seen.insert((uuid, kind.clone()), (job.done, now));
        let speed = before.and_then(|(done, at)| {
            let passed = now.saturating_duration_since(at).as_secs_f64();
            #[allow(
                clippy::cast_precision_loss,
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a rate is shown with three digits"
            )]
            (passed > 0.0).then(|| (job.done.saturating_sub(done) as f64 / passed) as u64)
        });
        // Equal figures do not mean that one can pivot; the mirror's own word does.
        let ready = job.kind.pivots()
            && job.done == job.end
            && domain
                .xml(XmlKind::Live)
                .ok()
                .and_then(|xml| domxml::disks(&xml).ok())
                .into_iter()
                .flatten()
                .any(|disk| {
                    disk.target == target && disk.mirror.is_some_and(|mirror| mirror.ready)
                });
        LongJob {
            uuid,
            kind,
            progress: (job.end > 0).then_some((job.done, job.end)),
            speed_bps: speed.filter(|_| !ready),
            limit_bps: Some(job.limit_bps).filter(|limit| *limit > 0),
            elapsed_ms: None,
            remaining_ms: None,
            ready,
        }
    }
}

/// A job of a domain by what libvirt tells of it.
pub fn of_domain(uuid: Uuid, stats: &JobStats) -> LongJob {
    let pair = |done: &str, all: &str| {
        let all = stats.get(all).filter(|all| *all > 0)?;
        Some((stats.get(done)?, all))
    };
    let progress = pair("data_processed", "data_total")
        .or_else(|| pair("memory_processed", "memory_total"))
        .or_else(|| pair("disk_processed", "disk_total"));
    let rates = ["memory_bps", "disk_bps"].map(|name| stats.get(name));
    LongJob {
        uuid,
        kind: LongKind::Domain(
            stats
                .get("operation")
                .and_then(|operation| i32::try_from(operation).ok())
                .unwrap_or_default(),
        ),
        progress,
        speed_bps: rates.into_iter().flatten().reduce(u64::saturating_add),
        limit_bps: None,
        elapsed_ms: stats.get("time_elapsed"),
        remaining_ms: stats.get("time_remaining").filter(|left| *left > 0),
        ready: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_libvirt_does_not_tell_is_not_known() {
        let job = of_domain(Uuid([1; 16]), &JobStats::default());
        assert_eq!(
            (job.progress, job.speed_bps, job.remaining_ms),
            (None, None, None)
        );
        let fields = [
            ("operation", 2),
            ("time_elapsed", 1500),
            ("time_remaining", 0),
            ("data_total", 100),
            ("data_processed", 25),
            ("memory_bps", 7),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec();
        let job = of_domain(Uuid([1; 16]), &JobStats { kind: 2, fields });
        assert_eq!(job.kind.label(), "Save");
        assert_eq!((job.progress, job.speed_bps), (Some((25, 100)), Some(7)));
        assert_eq!((job.elapsed_ms, job.remaining_ms), (Some(1500), None));
    }
}
