//! Keys on their way to a guest: pressed at once by VNC, one after the other by libvirt, and texts at the pace that was set.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::Viewer;
use crate::display::{Keysym, Layout, Stroke, keycodes};
use crate::libvirt::displays::calls::Ask;
use crate::protocol::{DisplayNews, DisplayPhase, Typing};
use crate::rfb::Trouble;

/// Characters that may wait to be typed.
const MOST_TYPED: usize = 64 * 1024;

/// How soon after a stroke its last key is let go once more. QEMU looks at the guest's screen 30 ms after a key, else up to
/// 2 s after it looked last (ui/vnc.c, `VNC_REFRESH_INTERVAL_BASE`), and mostly before the guest has answered the first one.
/// To let go of a key that is not held means nothing to a guest.
const NUDGE: Duration = Duration::from_millis(15);

/// How a text goes on is told no more often than this.
const TELL: Duration = Duration::from_millis(200);

/// A text that is being typed, and keys that libvirt presses.
#[derive(Default)]
pub struct Keys {
    typing: VecDeque<Stroke>,
    /// Characters of the text that were typed.
    done: usize,
    /// From one character to the next.
    gap: Duration,
    type_at: Option<Instant>,
    told_at: Option<Instant>,
    /// Keys that libvirt is to press, and whether it does.
    pressing: VecDeque<Vec<u16>>,
    is_pressing: bool,
    /// The key that is let go once more, and when.
    nudge: Option<(Instant, Keysym)>,
}

impl Keys {
    /// When something is to be done.
    pub fn due(&self) -> Option<Instant> {
        let nudge = self.nudge.map(|(at, _)| at);
        nudge.into_iter().chain(self.next()).min()
    }

    /// When the next character is typed.
    fn next(&self) -> Option<Instant> {
        self.type_at
            .filter(|_| !self.typing.is_empty() && !self.is_pressing)
    }

    /// How far the text is.
    fn progress(&self) -> Option<Typing> {
        (!self.typing.is_empty()).then(|| Typing {
            done: self.done,
            all: self.done + self.typing.len(),
        })
    }
}

impl Viewer {
    /// Presses keys in their order.
    pub(super) async fn press(&mut self, strokes: Vec<Stroke>) {
        if self.takes_pictures() {
            for stroke in strokes {
                match keycodes(&stroke) {
                    Some(keys) => self.keys.pressing.push_back(keys),
                    None => {
                        let reason = "libvirt knows no such key".to_owned();
                        self.said.send(DisplayNews::NotPressed(reason));
                    }
                }
            }
            return;
        }
        for stroke in strokes {
            let result = self.stroke(&stroke).await;
            self.check(result);
            let last = stroke.0.first().copied();
            self.keys.nudge = last.map(|key| (Instant::now() + NUDGE, key));
        }
    }

    async fn nudge(&mut self, now: Instant) {
        if let Some((_, key)) = self.keys.nudge.take_if(|(at, _)| *at <= now)
            && let Some(session) = &self.session
        {
            let result = session.key(key, false).await;
            self.check(result);
        }
    }

    async fn stroke(&self, stroke: &Stroke) -> Result<(), Trouble> {
        let Some(session) = &self.session else {
            return Ok(());
        };
        for key in &stroke.0 {
            session.key(*key, true).await?;
        }
        for key in stroke.0.iter().rev() {
            session.key(*key, false).await?;
        }
        Ok(())
    }

    /// Adds a text to what is typed, so many characters a second.
    pub(super) fn enqueue(&mut self, text: &str, layout: Layout, per_second: u16) {
        let mut refused = String::new();
        self.keys.gap = Duration::from_secs(1) / u32::from(per_second.max(1));
        if self.keys.typing.is_empty() {
            self.keys.done = 0;
            self.keys.type_at = Some(Instant::now());
        }
        for c in text.replace("\r\n", "\n").chars() {
            let stroke = layout
                .stroke(c)
                .filter(|stroke| !self.takes_pictures() || keycodes(stroke).is_some());
            match stroke {
                Some(stroke) if self.keys.typing.len() < MOST_TYPED => {
                    self.keys.typing.push_back(stroke);
                }
                _ => refused.push(c),
            }
        }
        if !refused.is_empty() {
            self.said.send(DisplayNews::NotTyped(refused));
        }
    }

    /// Types no more of a text, because a person wants it so.
    pub(super) fn stop_typing(&mut self) {
        if let Some(typing) = self.keys.progress() {
            self.keys.typing.clear();
            self.tell_typing();
            self.said.send(DisplayNews::TypingStopped(typing));
        }
    }

    /// libvirt has pressed keys, or not.
    pub(super) fn pressed(&mut self, result: Result<(), String>) {
        self.keys.is_pressing = false;
        if let Err(reason) = result {
            self.keys.pressing.clear();
            self.give_up_typing(reason);
        }
    }

    fn give_up_typing(&mut self, reason: String) {
        let reason = match self.keys.progress() {
            Some(Typing { done, all }) => {
                format!("{reason} ({done} of {all} characters of a text were typed)")
            }
            None => reason,
        };
        if !self.keys.typing.is_empty() {
            self.keys.typing.clear();
            self.tell_typing();
        }
        self.said.send(DisplayNews::NotPressed(reason));
    }

    fn tell_typing(&mut self) {
        self.keys.told_at = Some(Instant::now());
        self.said.send(DisplayNews::Typing(self.keys.progress()));
    }

    /// Does what is due.
    pub(super) async fn work_keys(&mut self, now: Instant) {
        self.nudge(now).await;
        if self.keys.is_pressing {
            return;
        }
        if let Some(keys) = self.keys.pressing.pop_front() {
            self.keys.is_pressing = true;
            return self.call(Ask::Press(keys));
        }
        if self.keys.next().is_none_or(|at| at > now) {
            return;
        }
        if !matches!(self.phase, DisplayPhase::Attached(_)) {
            return self.give_up_typing("the display was closed while a text was typed".to_owned());
        }
        self.keys.type_at = Some(now + self.keys.gap);
        let Some(stroke) = self.keys.typing.pop_front() else {
            return;
        };
        self.keys.done += 1;
        self.press(vec![stroke]).await;
        if let Some(keys) = self.keys.pressing.pop_front() {
            self.keys.is_pressing = true;
            self.call(Ask::Press(keys));
        }
        let told = self.keys.told_at.is_some_and(|at| now < at + TELL);
        if self.keys.typing.is_empty() || !told {
            self.tell_typing();
        }
    }
}
