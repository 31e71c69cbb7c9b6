//! When to draw: at once after a key, at once after a single change of a state, seldom in a storm of them; figures that
//! move can wait for the others of their tick.

use std::time::{Duration, Instant};

/// Frames a second while reports pour in.
const STORM: f64 = 10.0;
/// Frames that may follow each other quickly before that counts as a storm.
const BURST: f64 = 4.0;
/// Frames are never nearer than this, keys aside: no terminal shows more.
const NEAREST: Duration = Duration::from_millis(16);

/// Frames that only show moved figures are no nearer than this: the slices of one tick answer one after the other.
const FIGURES: Duration = Duration::from_millis(50);

/// Frames a second of a console whose guest pours out text; more is nothing but bytes on the way to the terminal.
const ECHOES: f64 = 20.0;
/// Frames of a console that may follow each other quickly: what a person types comes back key by key.
const ECHO_BURST: f64 = 20.0;
/// Frames of a console are no nearer than this.
const ECHO_NEAREST: Duration = Duration::from_millis(8);

/// A bucket of frames that fills with time.
#[derive(Debug)]
pub struct Gate {
    frames: f64,
    filled: Instant,
    drawn: Option<Instant>,
    moved: bool,
    dirty: bool,
    urgent: bool,
    echo: bool,
    echoes: f64,
    /// No frame of a console or display before this: the way to the terminal is busy with the last one.
    rest: Option<Instant>,
}

impl Gate {
    /// A full bucket; the first frame is due.
    pub fn new(now: Instant) -> Self {
        Self {
            frames: BURST,
            filled: now,
            drawn: None,
            moved: false,
            dirty: true,
            urgent: true,
            echo: false,
            echoes: ECHO_BURST,
            rest: None,
        }
    }

    /// Figures may have moved on the screen.
    pub fn moved(&mut self) {
        self.moved = true;
    }

    /// A console has something to show: somebody may be typing into it.
    pub fn echoed(&mut self) {
        self.echo = true;
    }

    /// Something else may have changed on the screen.
    pub fn changed(&mut self) {
        self.dirty = true;
    }

    /// A person waits for it.
    pub fn pressed(&mut self) {
        self.dirty = true;
        self.urgent = true;
    }

    /// No frame of a console or display before this.
    pub fn rest_until(&mut self, until: Instant) {
        self.rest = Some(until);
    }

    /// When the next frame is due; `None` when nothing changed.
    pub fn due(&self, now: Instant) -> Option<Instant> {
        if self.urgent {
            return Some(now);
        }
        let echo = self.echo.then(|| {
            let missing = (1.0 - self.echoes_at(now)).max(0.0);
            let filled = now + Duration::from_secs_f64(missing / ECHOES);
            let near = filled.max(self.no_nearer_than(ECHO_NEAREST, now));
            self.rest.map_or(near, |rest| near.max(rest))
        });
        let other = self.due_otherwise(now);
        match (echo, other) {
            (Some(echo), Some(other)) => Some(echo.min(other)),
            (echo, other) => echo.or(other),
        }
    }

    /// When a frame is due for anything but a console.
    fn due_otherwise(&self, now: Instant) -> Option<Instant> {
        let figures = self.moved.then(|| self.no_nearer_than(FIGURES, now));
        if !self.dirty {
            return figures;
        }
        let missing = (1.0 - self.frames_at(now)).max(0.0);
        let filled = now + Duration::from_secs_f64(missing / STORM);
        let change = filled.max(self.no_nearer_than(NEAREST, now));
        Some(figures.map_or(change, |figures| figures.min(change)))
    }

    fn no_nearer_than(&self, span: Duration, now: Instant) -> Instant {
        self.drawn.map_or(now, |drawn| now.max(drawn + span))
    }

    /// A frame was drawn.
    pub fn drawn(&mut self, now: Instant) {
        // Figures must not use up what changes of states may need.
        let used = if self.dirty { 1.0 } else { 0.0 };
        self.frames = (self.frames_at(now) - used).max(0.0);
        let echo = if self.echo { 1.0 } else { 0.0 };
        self.echoes = (self.echoes_at(now) - echo).max(0.0);
        self.echo = false;
        self.filled = now;
        self.drawn = Some(now);
        self.moved = false;
        self.dirty = false;
        self.urgent = false;
    }

    fn echoes_at(&self, now: Instant) -> f64 {
        let passed = now.saturating_duration_since(self.filled).as_secs_f64();
        (self.echoes + passed * ECHOES).min(ECHO_BURST)
    }

    fn frames_at(&self, now: Instant) -> f64 {
        let passed = now.saturating_duration_since(self.filled).as_secs_f64();
        (self.frames + passed * STORM).min(BURST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Frames in `span` while something changes each millisecond.
    fn frames(span: Duration, mut change: impl FnMut(&mut Gate)) -> usize {
        let start = Instant::now();
        let mut gate = Gate::new(start);
        let mut frames = 0;
        let mut now = start;
        while now < start + span {
            change(&mut gate);
            if gate.due(now).is_some_and(|due| due <= now) {
                gate.drawn(now);
                frames += 1;
            }
            now += Duration::from_millis(1);
        }
        frames
    }

    #[test]
    fn a_storm_of_reports_is_ten_frames_a_second() {
        let frames = frames(Duration::from_secs(10), Gate::changed);
        assert!((95..=110).contains(&frames), "{frames}");
    }

    #[test]
    fn a_single_change_after_a_quiet_time_is_drawn_at_once() {
        let start = Instant::now();
        let mut gate = Gate::new(start);
        gate.drawn(start);
        let later = start + Duration::from_secs(1);
        assert_eq!(gate.due(later), None);
        gate.changed();
        assert_eq!(gate.due(later), Some(later));
    }

    #[test]
    fn figures_are_gathered_and_hold_nothing_up() {
        assert!(frames(Duration::from_secs(10), Gate::moved) <= 201);
        let start = Instant::now();
        let mut gate = Gate::new(start);
        gate.drawn(start);
        let mut now = start + Duration::from_secs(1);
        for _ in 0..20 {
            gate.moved();
            now += FIGURES;
            assert_eq!(gate.due(now), Some(now));
            gate.drawn(now);
        }
        gate.moved();
        let later = now + NEAREST;
        assert_eq!(gate.due(later), Some(now + FIGURES), "with the next slice");
        gate.changed();
        assert_eq!(gate.due(later), Some(later), "a state changed");
    }

    #[test]
    fn a_key_never_waits() {
        let start = Instant::now();
        let mut gate = Gate::new(start);
        for step in 0..50 {
            let now = start + Duration::from_millis(step);
            gate.pressed();
            assert_eq!(gate.due(now), Some(now));
            gate.drawn(now);
        }
    }
}
