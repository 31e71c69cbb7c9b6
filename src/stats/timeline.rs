//! Several series on one time axis: each reading for ten minutes, then minimum, average and maximum of whole
//! minutes for two hours and of ten minutes for a day.
//!
//! A figure speaks for the time since the reading before it, as a rate does; it never speaks for a time longer
//! than the timeline's limit, nor across a gap.

use std::time::{Duration, Instant};

use super::code::{self, ABSENT, GAP};
use super::ring::Ring;
use super::thinned::Thinned;

/// How long every reading is kept, in hundredths of a second.
const FULL_SPAN: u32 = 600 * HZ;
/// Most readings kept at full rate: ten minutes of two a second.
const FULL_ROWS: u16 = 1200;
/// Readings nearer than this become one row: the cheap and the monitor tier of one tick.
const SAME_TICK: u32 = HZ / 2;
/// Ticks of the axis a second.
const HZ: u32 = 100;
/// The longest time one figure speaks for, unless said otherwise.
const LONGEST: Duration = Duration::from_secs(40);

/// What was read of one series at one moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reading {
    /// It was not asked for; the next reading speaks for this time too.
    Absent,
    /// It was asked for, and is not known.
    Gap,
    /// A figure.
    Value(f64),
}

impl From<Option<f64>> for Reading {
    fn from(figure: Option<f64>) -> Self {
        figure.map_or(Self::Gap, Self::Value)
    }
}

impl Reading {
    fn code(self) -> u16 {
        match self {
            Self::Absent => ABSENT,
            Self::Gap => GAP,
            Self::Value(figure) => code::encode(figure),
        }
    }
}

/// One column of a graph.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell {
    /// Least figure.
    pub min: f64,
    /// Mean over time.
    pub avg: f64,
    /// Largest figure.
    pub max: f64,
}

/// A series over a stretch of time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// Least figure.
    pub min: f64,
    /// Mean over the time that has figures.
    pub avg: f64,
    /// Largest figure.
    pub max: f64,
    /// The newest figure; `None` when the stretch ends in a gap.
    pub last: Option<f64>,
}

/// What one stored row or bucket says of one series.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch {
    /// In ticks since the timeline's start.
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) cell: Option<Cell>,
}

/// Bounded history of several series.
#[derive(Debug, Clone)]
pub struct Timeline {
    start: Instant,
    longest: u32,
    /// Column 0: ticks since the row before; then a column a series.
    full: Ring,
    first_at: u32,
    last_at: u32,
    /// For each series the moment after its last reading; 0 before the first.
    known: Box<[u32]>,
    minutes: Thinned,
    tens: Thinned,
}

impl Timeline {
    /// A timeline of `series` series that begins at `start`.
    #[must_use]
    pub fn new(series: usize, start: Instant) -> Self {
        Self {
            start,
            longest: ticks(LONGEST),
            full: Ring::new(series + 1, FULL_ROWS, 64),
            first_at: 0,
            last_at: 0,
            known: vec![0; series].into_boxed_slice(),
            minutes: Thinned::new(series, 60 * HZ, 120),
            tens: Thinned::new(series, 600 * HZ, 144),
        }
    }

    /// Lets a figure speak for up to `longest`: for intervals that are long themselves.
    #[must_use]
    pub fn with_longest(mut self, longest: Duration) -> Self {
        self.longest = ticks(longest).max(1);
        self
    }

    /// Takes one reading of each series in. A moment before the last one counts as the last one.
    pub fn record(&mut self, at: Instant, readings: &[Reading]) {
        if readings
            .iter()
            .all(|reading| matches!(reading, Reading::Absent))
        {
            return;
        }
        let at = ticks(at.saturating_duration_since(self.start)).max(self.last_at);
        let silent = |series: usize| {
            let known = self.known[series];
            known > 0 && (at + 1).saturating_sub(known) > self.longest
        };
        let codes: Vec<u16> = readings.iter().map(|reading| reading.code()).collect();
        // A figure after a long silence must not speak for it.
        let gaps: Vec<u16> = codes
            .iter()
            .enumerate()
            .map(|(series, code)| {
                if code::is_figure(*code) && silent(series) {
                    GAP
                } else {
                    ABSENT
                }
            })
            .collect();
        if gaps.contains(&GAP) {
            self.row(at.saturating_sub(1).max(self.last_at), &gaps);
        }
        self.row(at, &codes);
    }

    /// Nothing is known from the last reading to `at`.
    pub fn gap(&mut self, at: Instant) {
        if self.full.len() > 0 {
            let gaps = vec![Reading::Gap; self.known.len()];
            self.record(at, &gaps);
        }
    }

    fn row(&mut self, at: u32, codes: &[u16]) {
        for (series, code) in codes.iter().enumerate() {
            if *code == ABSENT {
                continue;
            }
            let known = self.known[series];
            // A row that joined the last one may have been read a little later than this one.
            self.known[series] = known.max(at + 1);
            if let Some(figure) = code::decode(*code) {
                // The first reading has no time to speak for; it counts as one tick.
                let weight = if known == 0 {
                    1
                } else {
                    (at + 1).saturating_sub(known).max(1)
                };
                self.minutes.add(at, series, *code, figure, weight);
                self.tens.add(at, series, *code, figure, weight);
            }
        }
        if self.joins_last(at, codes) {
            let last = self.full.len() - 1;
            for (series, code) in codes.iter().enumerate() {
                if *code != ABSENT {
                    self.full.set(last, series + 1, *code);
                }
            }
            return;
        }
        let since = at - self.last_at;
        let Ok(since) = u16::try_from(since) else {
            // Everything at full rate is older than ten minutes by now.
            self.restart(at, codes);
            return;
        };
        if self.full.len() == 0 {
            self.restart(at, codes);
            return;
        }
        if self.full.len() == usize::from(FULL_ROWS) {
            self.forget_first();
        }
        self.full
            .push(std::iter::once(since).chain(codes.iter().copied()));
        self.last_at = at;
        while at - self.first_at > FULL_SPAN {
            self.forget_first();
        }
    }

    fn joins_last(&self, at: u32, codes: &[u16]) -> bool {
        let Some(last) = self.full.len().checked_sub(1) else {
            return false;
        };
        at - self.last_at < SAME_TICK
            && codes
                .iter()
                .enumerate()
                .all(|(series, code)| *code == ABSENT || self.full.get(last, series + 1) == ABSENT)
    }

    fn restart(&mut self, at: u32, codes: &[u16]) {
        while self.full.len() > 0 {
            self.full.pop();
        }
        self.full
            .push(std::iter::once(0).chain(codes.iter().copied()));
        self.first_at = at;
        self.last_at = at;
    }

    fn forget_first(&mut self) {
        if self.full.len() > 1 {
            self.first_at += u32::from(self.full.get(1, 0));
        }
        self.full.pop();
    }

    /// The moment of the oldest reading still kept in any form.
    #[must_use]
    pub fn first(&self) -> Option<Instant> {
        (self.full.len() > 0).then_some(())?;
        let first = [self.tens.first(), self.minutes.first(), Some(self.first_at)]
            .into_iter()
            .flatten()
            .min()?;
        Some(self.start + span(first))
    }

    /// The moment of the newest reading.
    #[must_use]
    pub fn last(&self) -> Option<Instant> {
        (self.full.len() > 0).then(|| self.start + span(self.last_at))
    }

    /// The moment of the newest reading of one series, gaps included.
    #[must_use]
    pub fn last_of(&self, series: usize) -> Option<Instant> {
        let known = self.known.get(series)?.checked_sub(1)?;
        Some(self.start + span(known))
    }

    /// A series from `from` to `to` in `columns` equal parts, for a graph; `None` where there is nothing.
    #[must_use]
    pub fn cells(
        &self,
        series: usize,
        from: Instant,
        to: Instant,
        columns: usize,
    ) -> Vec<Option<Cell>> {
        let mut sums = vec![Sum::default(); columns];
        let (from, to) = (self.axis(from), self.axis(to));
        let width = (to - from) / columns as f64;
        if width <= 0.0 {
            return vec![None; columns];
        }
        for stretch in self.stretches(series) {
            let (start, end) = (f64::from(stretch.start), f64::from(stretch.end));
            let Some(cell) = stretch.cell.filter(|_| end > from && start < to) else {
                continue;
            };
            // A reading at the very end of a column belongs to that column.
            let last = (((end - from) / width).ceil() - 1.0).max(0.0) as usize;
            let first = (((start - from) / width).floor().max(0.0) as usize).min(last);
            for (index, sum) in sums.iter_mut().enumerate().take(last + 1).skip(first) {
                let left = from + width * index as f64;
                let overlap = end.min(left + width) - start.max(left);
                sum.add(cell, overlap);
            }
        }
        sums.iter().map(Sum::cell).collect()
    }

    /// Minimum, average and maximum of a series from `from` to `to`; `None` when there is nothing.
    #[must_use]
    pub fn summary(&self, series: usize, from: Instant, to: Instant) -> Option<Summary> {
        let (from, to) = (self.axis(from), self.axis(to));
        let mut sum = Sum::default();
        let mut last = None;
        for stretch in self.stretches(series) {
            let (start, end) = (f64::from(stretch.start), f64::from(stretch.end));
            if end <= from || start > to {
                continue;
            }
            last = stretch.cell.map(|cell| cell.avg);
            if let Some(cell) = stretch.cell {
                sum.add(cell, end.min(to) - start.max(from));
            }
        }
        let Cell { min, avg, max } = sum.cell()?;
        Some(Summary {
            min,
            avg,
            max,
            last,
        })
    }

    /// Bytes on the heap.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.full.heap_bytes()
            + self.minutes.heap_bytes()
            + self.tens.heap_bytes()
            + self.known.len() * size_of::<u32>()
    }

    /// Ticks since the start; before it below zero.
    fn axis(&self, at: Instant) -> f64 {
        let ahead = at.saturating_duration_since(self.start).as_secs_f64();
        let behind = self.start.saturating_duration_since(at).as_secs_f64();
        (ahead - behind) * f64::from(HZ)
    }

    /// What is stored of a series, oldest first: the thinned tiers up to where the finer one begins.
    fn stretches(&self, series: usize) -> impl Iterator<Item = Stretch> {
        let minutes_from = self
            .minutes
            .first()
            .map_or(self.first_at, |first| first.min(self.first_at));
        let coarse = self.tens.stretches(series, minutes_from);
        let middle = self.minutes.stretches(series, self.first_at);
        let mut at = self.first_at;
        let mut since = None;
        let fine = (0..self.full.len()).filter_map(move |row| {
            if row > 0 {
                at += u32::from(self.full.get(row, 0));
            }
            let code = self.full.get(row, series + 1);
            if code == ABSENT {
                return None;
            }
            // The oldest row's predecessor is forgotten: it speaks for its own moment.
            let start = since
                .unwrap_or(at.saturating_sub(1))
                .min(at.saturating_sub(1));
            since = Some(at);
            Some(Stretch {
                start,
                end: at.max(1),
                cell: code::decode(code).map(|figure| Cell {
                    min: figure,
                    avg: figure,
                    max: figure,
                }),
            })
        });
        coarse.chain(middle).chain(fine)
    }
}

/// Sum of cells, weighted by time.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    sum: f64,
    weight: f64,
    bounds: Option<(f64, f64)>,
}

impl Sum {
    fn add(&mut self, cell: Cell, weight: f64) {
        let weight = weight.max(1e-3);
        self.sum += cell.avg * weight;
        self.weight += weight;
        let (min, max) = self.bounds.unwrap_or((cell.min, cell.max));
        self.bounds = Some((min.min(cell.min), max.max(cell.max)));
    }

    fn cell(&self) -> Option<Cell> {
        let (min, max) = self.bounds?;
        Some(Cell {
            min,
            // Rounding must not carry a mean of equal figures past them.
            avg: (self.sum / self.weight).clamp(min, max),
            max,
        })
    }
}

/// A duration in ticks, saturating after 497 days.
fn ticks(span: Duration) -> u32 {
    u32::try_from(span.as_millis() / u128::from(1000 / HZ)).unwrap_or(u32::MAX - 1)
}

fn span(ticks: u32) -> Duration {
    Duration::from_millis(u64::from(ticks) * u64::from(1000 / HZ))
}

#[cfg(test)]
#[path = "timeline_tests.rs"]
mod tests;
