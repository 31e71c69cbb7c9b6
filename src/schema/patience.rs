//! How long work may take. On a machine that is busy with other things a moment passes without any work done, and a good
//! document must not be given up for that: what counts is the time that a thread had a processor, where Linux tells it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// However busy the machine is, more is not waited for.
const MOST: Duration = Duration::from_secs(8);
/// When the time is over by the clock alone, it is looked again so much later.
const STEP: Duration = Duration::from_millis(50);

/// The processor time of a thread.
#[derive(Debug, Clone)]
pub struct ThreadClock(PathBuf);

impl ThreadClock {
    /// That of this thread; `None` where there is no such thing.
    pub fn of_this() -> Option<Self> {
        let own = fs::read_link("/proc/thread-self").ok()?;
        let path = Path::new("/proc").join(own).join("schedstat");
        path.is_file().then_some(Self(path))
    }

    /// What it had until now.
    pub fn now(&self) -> Option<Duration> {
        let text = fs::read_to_string(&self.0).ok()?;
        let nanoseconds = text.split_whitespace().next()?.parse().ok()?;
        Some(Duration::from_nanos(nanoseconds))
    }
}

/// A limit on work.
#[derive(Debug)]
pub struct Patience {
    budget: Duration,
    begun: Instant,
    next: Instant,
    clock: Option<(ThreadClock, Duration)>,
}

impl Patience {
    /// So much processor time of a thread from now on; by the clock on the wall where that is not known.
    pub fn new(budget: Duration, clock: Option<ThreadClock>) -> Self {
        let begun = Instant::now();
        Self {
            budget,
            begun,
            next: begun + budget,
            clock: clock.and_then(|clock| {
                let now = clock.now()?;
                Some((clock, now))
            }),
        }
    }

    /// That of this thread.
    pub fn of_this_thread(budget: Duration) -> Self {
        Self::new(budget, ThreadClock::of_this())
    }

    /// Until when nothing needs to be looked at.
    pub fn rest(&self) -> Duration {
        self.next.saturating_duration_since(Instant::now())
    }

    /// Whether it is used up. Costs next to nothing until it may be.
    pub fn is_over(&mut self) -> bool {
        let now = Instant::now();
        if now < self.next {
            return false;
        }
        if now.duration_since(self.begun) >= MOST {
            return true;
        }
        let Some((clock, before)) = &self.clock else {
            return true;
        };
        let used = clock.now().map(|now| now.saturating_sub(*before));
        if used.is_none_or(|used| used >= self.budget) {
            return true;
        }
        self.next = now + STEP;
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_no_work_is_waited_for() {
        let mut none = Patience::of_this_thread(Duration::ZERO);
        assert!(none.is_over());
        let mut much = Patience::of_this_thread(Duration::from_secs(3600));
        assert!(!much.is_over());
        assert!(much.rest() > Duration::from_secs(3000));
    }
}
