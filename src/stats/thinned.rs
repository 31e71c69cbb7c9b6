//! A tier of the history: minimum, average and maximum of buckets of equal length.

use super::code::{self, GAP};
use super::ring::Ring;
use super::timeline::{Cell, Stretch};

/// Columns a series takes: minimum, average, maximum.
const COLUMNS: usize = 3;

/// Buckets of one length for several series.
#[derive(Debug, Clone)]
pub(super) struct Thinned {
    /// Length of a bucket in ticks.
    length: u32,
    /// Number of the bucket that is being filled.
    open: u32,
    /// What it holds so far, a sum a series.
    sums: Box<[Sum]>,
    /// Finished buckets. Column 0: buckets since the one before; then three columns a series.
    closed: Ring,
    /// Number of the newest finished bucket.
    newest: u32,
    /// Number of the oldest finished bucket.
    oldest: u32,
    limit: u16,
}

#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    sum: f32,
    weight: f32,
    min: u16,
    max: u16,
}

impl Thinned {
    pub(super) fn new(series: usize, length: u32, limit: u16) -> Self {
        Self {
            length,
            open: 0,
            sums: vec![Sum::default(); series].into_boxed_slice(),
            closed: Ring::new(series * COLUMNS + 1, limit, 12),
            newest: 0,
            oldest: 0,
            limit,
        }
    }

    /// Takes a figure in that was read at `at` and speaks for `weight` ticks before it. It counts in the bucket of
    /// its own moment.
    pub(super) fn add(&mut self, at: u32, series: usize, code: u16, figure: f64, weight: u32) {
        let bucket = at / self.length;
        if bucket > self.open {
            self.close();
            self.open = bucket;
            while self.closed.len() > 0 && self.open - self.oldest > u32::from(self.limit) {
                self.forget_first();
            }
        }
        let sum = &mut self.sums[series];
        let weight = weight as f32;
        if sum.weight == 0.0 {
            (sum.min, sum.max) = (code, code);
        }
        sum.sum += figure as f32 * weight;
        sum.weight += weight;
        sum.min = sum.min.min(code);
        sum.max = sum.max.max(code);
    }

    fn close(&mut self) {
        if self.sums.iter().all(|sum| sum.weight == 0.0) {
            return;
        }
        let since = self.open - self.newest;
        let since = match u16::try_from(since) {
            Ok(since) if self.closed.len() > 0 => since,
            _ => {
                while self.closed.len() > 0 {
                    self.closed.pop();
                }
                self.oldest = self.open;
                0
            }
        };
        if self.closed.len() == usize::from(self.limit) {
            self.forget_first();
        }
        let sums = std::mem::take(&mut self.sums);
        let codes = sums.iter().flat_map(|sum| {
            if sum.weight == 0.0 {
                return [GAP; COLUMNS];
            }
            let avg = code::encode(f64::from(sum.sum / sum.weight));
            [sum.min, avg.clamp(sum.min, sum.max), sum.max]
        });
        self.closed.push(std::iter::once(since).chain(codes));
        self.newest = self.open;
        self.sums = sums;
        self.sums.fill(Sum::default());
    }

    fn forget_first(&mut self) {
        self.oldest = match self.closed.len() {
            0 | 1 => self.newest,
            _ => self.oldest + u32::from(self.closed.get(1, 0)),
        };
        self.closed.pop();
    }

    /// Start of the oldest finished bucket, in ticks.
    pub(super) fn first(&self) -> Option<u32> {
        (self.closed.len() > 0).then(|| self.oldest * self.length)
    }

    /// Finished buckets of a series, oldest first, as far as `until`.
    pub(super) fn stretches(&self, series: usize, until: u32) -> impl Iterator<Item = Stretch> {
        let mut bucket = self.oldest;
        (0..self.closed.len()).filter_map(move |row| {
            if row > 0 {
                bucket += u32::from(self.closed.get(row, 0));
            }
            let start = bucket * self.length;
            let code = |part| code::decode(self.closed.get(row, series * COLUMNS + part));
            (start < until).then(|| Stretch {
                start,
                end: (start + self.length).min(until),
                cell: code(1)
                    .zip(code(2))
                    .zip(code(3))
                    .map(|((min, avg), max)| Cell { min, avg, max }),
            })
        })
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.closed.heap_bytes() + self.sums.len() * size_of::<Sum>()
    }
}
