//! The lines that are printed.

use std::fmt::Display;
use std::time::{Duration, Instant};

/// Rounds of which the best counts: a shared machine makes things slower, never faster.
pub const ROUNDS: usize = 3;

/// What was measured so far.
pub struct Report {
    begun: Instant,
    lines: usize,
    over: usize,
}

impl Report {
    /// Prints the headings.
    pub fn begin() -> Self {
        println!("{}", machine());
        println!("{:<62} {:>10} {:>10}", "", "figure", "budget");
        Self {
            begun: Instant::now(),
            lines: 0,
            over: 0,
        }
    }

    /// Prints one figure, which should not be above its budget.
    pub fn line(&mut self, what: &str, figure: f64, budget: f64, unit: &str, detail: impl Display) {
        let verdict = if figure <= budget { "ok" } else { "over" };
        self.lines += 1;
        self.over += usize::from(figure > budget);
        println!(
            "{what:<62} {:>10} {:>10}  {verdict:<4} {detail}",
            with_unit(figure, unit),
            with_unit(budget, unit)
        );
    }

    /// Prints one figure, which should not be below its budget.
    pub fn at_least(&mut self, what: &str, figure: f64, budget: f64, unit: &str) {
        let verdict = if figure >= budget { "ok" } else { "over" };
        self.lines += 1;
        self.over += usize::from(figure < budget);
        println!(
            "{what:<62} {:>10} {:>10}  {verdict:<4} at least",
            with_unit(figure, unit),
            with_unit(budget, unit)
        );
    }

    /// Prints the sum.
    pub fn end(&self) {
        println!(
            "{} figures, {} over their budget, measured in {} s",
            self.lines,
            self.over,
            self.begun.elapsed().as_secs()
        );
    }
}

fn with_unit(figure: f64, unit: &str) -> String {
    let digits = match figure.abs() {
        small if small < 10.0 => 2,
        middle if middle < 100.0 => 1,
        _ => 0,
    };
    let blank = if unit.is_empty() { "" } else { " " };
    format!("{figure:.digits$}{blank}{unit}")
}

/// The machine, for whoever reads the figures elsewhere.
fn machine() -> String {
    let cpus = std::thread::available_parallelism().map_or(1, usize::from);
    let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpuinfo
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(':'))
        .map_or("unknown processor", |(_, name)| name.trim());
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!("{cpus} x {model}, Linux {}", kernel.trim())
}

/// Milliseconds.
pub fn ms(span: Duration) -> f64 {
    span.as_secs_f64() * 1000.0
}

/// The value that `part` of all are not above; sorts them.
pub fn quantile(values: &mut [f64], part: f64) -> f64 {
    assert!(!values.is_empty());
    values.sort_by(f64::total_cmp);
    let at = (values.len() as f64 * part).ceil() as usize;
    values[at.clamp(1, values.len()) - 1]
}

/// The middle one; sorts them.
pub fn median(values: &mut [f64]) -> f64 {
    quantile(values, 0.5)
}

/// The smallest.
pub fn least(values: impl IntoIterator<Item = f64>) -> f64 {
    values.into_iter().fold(f64::INFINITY, f64::min)
}
