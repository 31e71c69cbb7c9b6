//! The text of a screen in text mode: read where the picture agrees with it, and kept for a moment where it does not.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{PEEK, Viewer};
use crate::display::TextScreen;

/// The longest wait for the text memory, in times of [`PEEK`].
const MOST_MISSES: u32 = 40;

/// How long text stays that no longer fits the picture, before the picture is shown.
const TEXT_HOLDS: Duration = Duration::from_millis(700);

impl Viewer {
    pub(super) fn read_text(&mut self, memory: Option<&[u8]>) {
        let now = Instant::now();
        let read = memory.and_then(|memory| TextScreen::read(memory, self.picture()));
        match read {
            Some(text) => {
                self.missed_since = None;
                self.misses = 0;
                self.peek_at = None;
                self.text = Some(Arc::new(text));
                self.dirty = true;
            }
            None => {
                // The picture may be older than the memory, or came in part: once it has caught up, they agree. One that
                // never does is no text, and is asked about ever more seldom.
                self.misses = (self.misses + 1).min(MOST_MISSES);
                let since = *self.missed_since.get_or_insert(now);
                let recent = now.saturating_duration_since(self.changed_at) < TEXT_HOLDS;
                self.peek_at = match memory {
                    Some(_) => recent.then_some(now + PEEK * self.misses),
                    // The guest is busy with another's call, or its driver has no such thing.
                    None => (self.misses < MOST_MISSES).then_some(now + PEEK * MOST_MISSES),
                };
                let held = now.saturating_duration_since(since) < TEXT_HOLDS;
                if !held && self.text.take().is_some() {
                    self.dirty = true;
                }
            }
        }
    }
}
