//! Jobs that take long on all hosts, whoever began them.

use std::time::{Duration, Instant};

use super::{State, Transferred};
use crate::action::Action;
use crate::model::{ConnectionId, DomainId};
use crate::protocol::{JobId, LongJob, LongKind};

/// A request of this program counts as long after this time.
const LONG: Duration = Duration::from_secs(3);

/// A job with what the screen adds to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Running {
    /// Its number here, by which the selection follows it.
    pub number: u64,
    /// The domain.
    pub target: DomainId,
    /// What libvirt tells.
    pub job: LongJob,
    /// When it was seen first.
    pub seen: Instant,
}

impl Running {
    /// How long it runs: as libvirt tells, or at least so long as it was seen (`true`).
    #[must_use]
    pub fn age(&self, now: Instant) -> (Duration, bool) {
        match self.job.elapsed_ms {
            Some(elapsed) => (Duration::from_millis(elapsed), false),
            None => (now.saturating_duration_since(self.seen), true),
        }
    }

    /// How far it is, 0..=1.
    #[must_use]
    pub fn part(&self) -> Option<f64> {
        let (done, end) = self.job.progress?;
        #[allow(clippy::cast_precision_loss, reason = "a share of the whole")]
        (end > 0).then(|| (done as f64 / end as f64).clamp(0.0, 1.0))
    }

    /// How long it will take yet: as libvirt tells, or at the speed of the last two reads (`true`).
    #[must_use]
    pub fn remaining(&self) -> Option<(Duration, bool)> {
        if let Some(left) = self.job.remaining_ms {
            return Some((Duration::from_millis(left), false));
        }
        let (done, end) = self.job.progress?;
        let speed = self.job.speed_bps.filter(|speed| *speed > 0)?;
        let left = Duration::from_secs(end.saturating_sub(done) / speed);
        Some((left, true))
    }
}

/// All of them.
#[derive(Debug, Clone, Default)]
pub struct LongJobs {
    all: Vec<Running>,
    last: u64,
}

impl LongJobs {
    /// What is known, by host and domain.
    #[must_use]
    pub fn all(&self) -> &[Running] {
        &self.all
    }

    /// Those of a domain.
    pub fn of(&self, target: DomainId) -> impl Iterator<Item = &Running> {
        self.all.iter().filter(move |one| one.target == target)
    }

    /// Takes what a host tells now, in place of what it told before.
    pub(super) fn accept(&mut self, connection: ConnectionId, jobs: Vec<LongJob>, now: Instant) {
        let before: Vec<Running> = std::mem::take(&mut self.all);
        let (mine, others): (Vec<_>, Vec<_>) = before
            .into_iter()
            .partition(|one| one.target.connection == connection);
        self.all = others;
        for job in jobs {
            let same = |one: &&Running| one.job.uuid == job.uuid && one.job.kind == job.kind;
            let (number, seen) = match mine.iter().find(same) {
                Some(known) => (known.number, known.seen),
                None => {
                    self.last += 1;
                    (self.last, now)
                }
            };
            self.all.push(Running {
                number,
                target: DomainId {
                    connection,
                    uuid: job.uuid,
                },
                job,
                seen,
            });
        }
        self.all.sort_by_key(|one| one.number);
    }

    /// Nothing is known of a host any more.
    pub(super) fn forget(&mut self, connection: ConnectionId) {
        self.all.retain(|one| one.target.connection != connection);
    }
}

/// A line of the page of jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobRow {
    /// What libvirt tells, by its number.
    Running(u64),
    /// A request of this program that libvirt tells no job of.
    Asked(JobId),
    /// What failed, by its number.
    Failed(u64),
}

impl State {
    /// Everything that takes long on any host: what libvirt tells, what this program waits for, then what failed, the newest
    /// first.
    #[must_use]
    pub fn long_jobs(&self) -> Vec<JobRow> {
        let told = self.long.all().iter();
        let mut rows: Vec<JobRow> = told.map(|one| JobRow::Running(one.number)).collect();
        for (_, job) in self.jobs.actions() {
            let age = self.now.instant.saturating_duration_since(job.since);
            if age >= LONG && self.long.of(job.target).next().is_none() {
                rows.push(JobRow::Asked(job.id));
            }
        }
        let failed = self.outcomes.failed().iter().rev();
        rows.extend(failed.map(|one| JobRow::Failed(one.number)));
        rows
    }

    /// A job that libvirt tells of.
    #[must_use]
    pub fn running_job(&self, number: u64) -> Option<&Running> {
        self.long.all().iter().find(|one| one.number == number)
    }

    /// A request of this program under way.
    #[must_use]
    pub fn asked_job(&self, id: JobId) -> Option<(Action, super::Job)> {
        self.jobs.actions().find(|(_, job)| job.id == id)
    }

    /// What takes long on a host, in a few words; `None` when nothing does.
    #[must_use]
    pub fn status_of_jobs(&self, connection: ConnectionId) -> Option<String> {
        let rows = self.long_jobs();
        let own = rows.iter().filter(|row| match row {
            JobRow::Running(number) => self
                .running_job(*number)
                .is_some_and(|one| one.target.connection == connection),
            JobRow::Asked(id) => self
                .asked_job(*id)
                .is_some_and(|(_, job)| job.target.connection == connection),
            JobRow::Failed(_) => false,
        });
        let own: Vec<JobRow> = own.copied().collect();
        let failed = self.outcomes.failed().iter();
        let failed = failed.filter(|one| one.id.connection == connection).count();
        let words = own.first().map(|row| self.job_words(*row));
        let mut parts = Vec::new();
        match (own.len(), words) {
            (0, _) | (_, None) => {}
            (1, Some(words)) => parts.push(words),
            (number, Some(words)) => parts.push(format!("{number} jobs, {words}")),
        }
        if failed > 0 {
            parts.push(format!("{failed} failed"));
        }
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    /// What a job is, of what, and how far.
    fn job_words(&self, row: JobRow) -> String {
        let name = |target: DomainId| {
            self.guest(target)
                .map_or_else(|| target.uuid.to_string(), |g| g.domain.name.clone())
        };
        match row {
            JobRow::Running(number) => self.running_job(number).map_or_else(String::new, |one| {
                let far = match (one.job.ready, one.part()) {
                    (true, _) => " ready".to_owned(),
                    (false, Some(part)) => format!(" {}", crate::text::percent(part * 100.0)),
                    (false, None) => String::new(),
                };
                format!("{} of {}{far}", one.job.kind.label(), name(one.target))
            }),
            JobRow::Asked(id) => self
                .asked_job(id)
                .map_or_else(String::new, |(action, job)| {
                    let far = self.jobs.progress(id).and_then(Transferred::part);
                    let far = far.map_or_else(String::new, |part| {
                        format!(" {}", crate::text::percent(part * 100.0))
                    });
                    format!(
                        "{} of {}{far}",
                        action.row().label,
                        self.asked_name(id, job.target)
                    )
                }),
            JobRow::Failed(number) => self.outcomes.get(number).map_or_else(String::new, |one| {
                format!("{} of {}", one.action.row().label, one.name)
            }),
        }
    }

    /// What a request of this program is about: a domain, or something of storage; untrusted.
    #[must_use]
    pub fn asked_name(&self, id: JobId, target: DomainId) -> String {
        match self.guest(target) {
            Some(guest) => guest.domain.name.clone(),
            None => self
                .jobs
                .subject(id)
                .map_or_else(|| target.uuid.to_string(), str::to_owned),
        }
    }

    /// Whether an action on a domain goes on for long beside others: it waits for a job of libvirt that others may manage.
    pub(super) fn is_patient(action: Action) -> bool {
        matches!(
            action,
            Action::CommitDisk
                | Action::PullDisk
                | Action::CopyDisk
                | Action::LimitDisk
                | Action::SetShares
                | Action::SetWeight
                | Action::LimitInterface
                | Action::LimitMemory
                | Action::Backup
                | Action::TrimGuest
                | Action::RunInGuest
        )
    }

    /// Whether a job of a domain is on this disk.
    #[must_use]
    pub fn job_on_disk(&self, target: DomainId, disk: &str) -> Option<&Running> {
        self.long
            .of(target)
            .find(|one| matches!(&one.job.kind, LongKind::Block(_, known) if known == disk))
    }
}

impl State {
    /// A job of a host began or ended: the disks that are looked at may be others now.
    pub(super) fn refresh_benches(&mut self, connection: ConnectionId) {
        for page in &mut self.pages {
            if let super::Page::Bench(bench) = page
                && bench.id.connection == connection
            {
                bench.jobs_changed();
            }
        }
    }
}
