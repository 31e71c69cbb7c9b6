//! How a display begins and ends: what is said of it, and when it is sought again.

use std::time::{Duration, Instant};

use super::Viewer;
use crate::libvirt::displays::calls::{Ask, Missed};
use crate::protocol::{DisplayPhase, DisplayWay};
use crate::rfb::{Session, Trouble};

/// How long until a domain that is off is looked at again.
const AGAIN: Duration = Duration::from_secs(1);

/// The longest wait for a host that is gone.
const LONGEST: Duration = Duration::from_secs(10);

/// How long a display that ended is looked for before its end is told: most often the domain has stopped or begins anew, and
/// libvirt takes up to two seconds to know of a QEMU that was killed.
const GRACE: Duration = Duration::from_secs(4);

impl Viewer {
    /// Begins anew.
    pub(super) fn reach(&mut self) {
        if let Some(task) = self.beginning.take() {
            task.abort();
        }
        self.session = None;
        self.retry_at = None;
        self.say(DisplayPhase::Opening);
        self.call(Ask::Reach(self.reads_password && self.password.is_none()));
    }

    pub(super) fn missed(&mut self, missed: Missed) {
        self.text = None;
        match missed {
            Missed::Off => {
                self.ended_at = None;
                self.retry_at = Some(Instant::now() + AGAIN);
                if self.phase != DisplayPhase::Off {
                    self.say(DisplayPhase::Off);
                }
            }
            Missed::Lost(reason) => self.lose(reason),
            Missed::Refused(failure) => self.say(DisplayPhase::Refused(failure)),
        }
    }

    /// The display is gone, for now. What is to be told of it depends on what its host says next.
    pub(super) fn lose(&mut self, reason: String) {
        self.session = None;
        let now = Instant::now();
        if matches!(self.phase, DisplayPhase::Attached(_)) {
            self.ended_at = Some(now);
            self.say(DisplayPhase::Opening);
        }
        if let Some(ended) = self.ended_at
            && now.saturating_duration_since(ended) < GRACE
        {
            self.retry_at = Some(now + AGAIN / 5);
            return;
        }
        self.ended_at = None;
        let wait = (AGAIN * 2_u32.saturating_pow(self.failures.min(4))).min(LONGEST);
        self.failures += 1;
        self.retry_at = Some(now + wait);
        self.say(DisplayPhase::Lost(reason));
    }

    pub(super) fn begun(&mut self, result: Result<Session, Trouble>) {
        match result {
            Ok(session) => {
                self.failures = 0;
                self.ended_at = None;
                self.session = Some(session);
                // The first picture is asked for by the beginning.
                self.asked = true;
                self.dirty = true;
                self.say(DisplayPhase::Attached(DisplayWay::Vnc));
            }
            Err(trouble) => self.trouble(trouble),
        }
    }

    pub(super) fn trouble(&mut self, trouble: Trouble) {
        self.session = None;
        self.text = None;
        match trouble {
            Trouble::NoPassword => self.say(DisplayPhase::Locked(None)),
            Trouble::WrongPassword(words) => {
                self.password = None;
                // What libvirt tells is not right either.
                self.reads_password = false;
                self.say(DisplayPhase::Locked(Some(words)));
            }
            Trouble::Stream(_) | Trouble::Late(_) => self.lose(trouble.to_string()),
            // It would do the same again.
            Trouble::Security(_) => {
                self.shoot_at = Instant::now();
                self.say(DisplayPhase::Attached(DisplayWay::Pictures(
                    trouble.to_string(),
                )));
            }
            Trouble::Protocol(_) => self.refuse(&trouble.to_string()),
        }
    }

    pub(super) fn check(&mut self, result: Result<(), Trouble>) {
        if let Err(trouble) = result {
            self.trouble(trouble);
        }
    }
}
