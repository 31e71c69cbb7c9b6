//! The host's own figures.

use std::time::Instant;

use crate::model::NodeSample;

/// CPU and memory of a host.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NodeFigures {
    /// When they were read.
    pub at: Instant,
    /// Busy part of all CPUs, 0..=100: Δbusy / (Δbusy + Δidle), of `virNodeGetCPUStats`.
    pub cpu_percent: Option<f64>,
    /// Used memory in KiB: total less free, buffers and page cache, of `virNodeGetMemoryStats`.
    pub memory_used_kib: Option<u64>,
    /// Memory in KiB.
    pub memory_total_kib: Option<u64>,
}

impl NodeFigures {
    /// Used part of the memory, 0..=100.
    #[must_use]
    pub fn memory_percent(&self) -> Option<f64> {
        let total = self.memory_total_kib.filter(|total| *total > 0)?;
        Some((self.memory_used_kib? as f64 * 100.0 / total as f64).clamp(0.0, 100.0))
    }
}

/// Figures of the time between two samples of one host; without `previous` there is no CPU figure.
#[must_use]
pub fn node_rates(previous: Option<&NodeSample>, current: &NodeSample) -> NodeFigures {
    let grown = |counter: fn(&NodeSample) -> Option<u64>| {
        counter(current)?.checked_sub(counter(previous?)?)
    };
    let busy = grown(|sample| sample.cpu_busy_ns);
    let idle = grown(|sample| sample.cpu_idle_ns);
    let cpu_percent = busy.zip(idle).and_then(|(busy, idle)| {
        let whole = busy.checked_add(idle).filter(|whole| *whole > 0)?;
        Some(busy as f64 * 100.0 / whole as f64)
    });
    NodeFigures {
        at: current.at,
        cpu_percent,
        memory_used_kib: current.memory_total_kib.zip(current.memory_free_kib).map(
            |(total, free)| {
                total
                    .saturating_sub(free)
                    .saturating_sub(current.memory_cached_kib.unwrap_or(0))
            },
        ),
        memory_total_kib: current.memory_total_kib,
    }
}

/// One host's last sample and what follows from it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NodeTracked {
    last: Option<NodeSample>,
    figures: Option<NodeFigures>,
    shown: Option<NodeFigures>,
}

/// CPU that moves by less than so many points, or by less than this part of itself, stands still on the screen.
const STILL_POINTS: f64 = 1.0;
const STILL_PART: f64 = 0.05;
/// Memory that moves by less than this part of itself does: the last digit shown is worth more.
const STILL_MEMORY: f64 = 0.03;

impl NodeTracked {
    /// Takes the next sample in.
    pub fn accept(&mut self, sample: NodeSample) {
        let now = node_rates(self.last.as_ref(), &sample);
        self.shown = Some(match self.shown {
            Some(shown) => stilled(shown, now),
            None => now,
        });
        self.figures = Some(now);
        self.last = Some(sample);
    }

    /// The connection was lost: what was known says nothing about now, and no rate bridges the time without it.
    pub fn interrupt(&mut self) {
        *self = Self::default();
    }

    /// What is known now.
    #[must_use]
    pub fn figures(&self) -> Option<&NodeFigures> {
        self.figures.as_ref()
    }

    /// What the screen shows: the same, but that noise of an idle host does not flicker.
    #[must_use]
    pub fn shown(&self) -> Option<&NodeFigures> {
        self.shown.as_ref()
    }
}

/// `now`, with what has hardly moved as it was shown before.
fn stilled(shown: NodeFigures, now: NodeFigures) -> NodeFigures {
    let cpu_percent = match (shown.cpu_percent, now.cpu_percent) {
        (Some(shown), Some(now)) if (now - shown).abs() < STILL_POINTS.max(shown * STILL_PART) => {
            Some(shown)
        }
        (_, now) => now,
    };
    let memory_used_kib = match (shown.memory_used_kib, now.memory_used_kib) {
        (Some(shown), Some(now)) if (shown.abs_diff(now) as f64) < shown as f64 * STILL_MEMORY => {
            Some(shown)
        }
        (_, now) => now,
    };
    NodeFigures {
        cpu_percent,
        memory_used_kib,
        ..now
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn sample(at: Instant, busy: u64, idle: u64) -> NodeSample {
        NodeSample {
            at,
            cpu_busy_ns: Some(busy),
            cpu_idle_ns: Some(idle),
            memory_total_kib: Some(1000),
            memory_free_kib: Some(200),
            memory_cached_kib: Some(300),
        }
    }

    #[test]
    fn host_is_busy_by_the_part_that_was_not_idle() {
        let at = Instant::now();
        let mut node = NodeTracked::default();
        node.accept(sample(at, 100, 100));
        assert_eq!(node.figures().unwrap().cpu_percent, None);
        assert_eq!(node.figures().unwrap().memory_percent(), Some(50.0));
        node.accept(sample(at + Duration::from_secs(2), 400, 200));
        assert_eq!(node.figures().unwrap().cpu_percent, Some(75.0));
    }

    #[test]
    fn noise_stands_still_on_the_screen_and_a_drift_does_not() {
        let at = Instant::now();
        let mut node = NodeTracked::default();
        let mut second = 0;
        let mut busy = 0;
        let mut idle = 0;
        let mut accept = |node: &mut NodeTracked, percent: u64, free: u64| {
            second += 2;
            busy += percent;
            idle += 100 - percent;
            let mut sample = sample(at + Duration::from_secs(second), busy, idle);
            sample.memory_free_kib = Some(free);
            node.accept(sample);
            let shown = *node.shown().unwrap();
            (shown.cpu_percent, shown.memory_used_kib)
        };
        accept(&mut node, 0, 200);
        assert_eq!(accept(&mut node, 50, 200), (Some(50.0), Some(500)));
        assert_eq!(accept(&mut node, 52, 190), (Some(50.0), Some(500)));
        assert_eq!(accept(&mut node, 53, 180), (Some(53.0), Some(520)));
        assert_eq!(node.figures().unwrap().cpu_percent, Some(53.0));
        assert_eq!(accept(&mut node, 0, 180).0, Some(0.0));
    }

    #[test]
    fn host_that_restarted_or_stood_still_has_no_cpu_figure() {
        let at = Instant::now();
        let before = sample(at, 100, 100);
        assert_eq!(
            node_rates(Some(&before), &sample(at, 50, 200)).cpu_percent,
            None
        );
        assert_eq!(
            node_rates(Some(&before), &sample(at, 100, 100)).cpu_percent,
            None
        );
        let mut node = NodeTracked::default();
        node.accept(before);
        node.interrupt();
        assert_eq!(node.figures(), None);
    }
}
