//! What happens when a thread panics.

use std::panic::{self, PanicHookInfo};
use std::thread;

use signal_hook::low_level::exit;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::terminal;
use crate::libvirt;
use crate::text::visible;

/// Exit code of a Rust program that panicked.
const PANICKED: i32 = 101;

/// From here on a panic of the loop or of its own threads gives the terminal back before it is told; one of a thread
/// that talks to libvirt goes to the log and to the receiver, and the screen lives on.
pub fn catch() -> UnboundedReceiver<String> {
    let (sender, failed) = unbounded_channel();
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let current = thread::current();
        let name = current.name().unwrap_or("unnamed");
        if name == "main" || name.starts_with("runtime-") {
            terminal::leave_for_good();
            before(info);
            libvirt::end_logins();
            // Nothing is unwound: what would be dropped on the way may wait for whatever went wrong.
            exit(PANICKED);
        }
        let words = describe(name, info);
        tracing::error!("{}", visible(&words));
        let _ = sender.send(words);
    }));
    failed
}

fn describe(thread: &str, info: &PanicHookInfo<'_>) -> String {
    let place = info
        .location()
        .map_or_else(String::new, |place| format!(" at {place}"));
    let payload = info.payload();
    let what = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("unknown");
    format!("thread '{thread}' failed{place}: {what}")
}
