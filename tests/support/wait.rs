//! Waiting for something that happens elsewhere, with an end.

use std::thread;
use std::time::{Duration, Instant};

/// How long a guest may take to boot: it is emulated, and beside it all others may be too.
pub const BOOT: Duration = Duration::from_secs(240);

/// Asks every 20 ms until `ready` says yes. Panics with `what` after `limit`.
///
/// Limits are there to end a broken test, not to judge speed: the machines that run tests are small and shared.
#[track_caller]
pub fn wait_until(limit: Duration, what: &str, mut ready: impl FnMut() -> bool) {
    wait_for(limit, what, || ready().then_some(()));
}

/// Like [`wait_until`], for a question whose answer is wanted.
#[track_caller]
pub fn wait_for<T>(limit: Duration, what: &str, mut answer: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = answer() {
            return found;
        }
        assert!(start.elapsed() < limit, "not within {limit:?}: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}
