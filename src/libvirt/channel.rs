//! The way of reports to the screen: statistics may be dropped, nothing else ever is.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::mpsc;

use crate::protocol::{News, Report};

/// Statistics reports that may wait for a receiver that lags; counters are cumulative, so a dropped one is made up
/// for by the next.
const SAMPLES_IN_QUEUE: usize = 64;

/// The sending end; sending never blocks. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ReportSender {
    queue: mpsc::UnboundedSender<Report>,
    samples: Arc<AtomicUsize>,
}

/// The receiving end.
#[derive(Debug)]
pub struct ReportReceiver {
    queue: mpsc::UnboundedReceiver<Report>,
    samples: Arc<AtomicUsize>,
}

/// Both ends of a new channel.
#[must_use]
pub fn channel() -> (ReportSender, ReportReceiver) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let samples = Arc::new(AtomicUsize::new(0));
    (
        ReportSender {
            queue: sender,
            samples: Arc::clone(&samples),
        },
        ReportReceiver {
            queue: receiver,
            samples,
        },
    )
}

impl ReportSender {
    /// Puts a report into the queue. [`News::Sampled`] is dropped while too many of its kind wait; a receiver that
    /// is gone is no error.
    pub fn send(&self, report: Report) {
        if matches!(report.news, News::Sampled { .. })
            && self.samples.fetch_add(1, Ordering::Relaxed) >= SAMPLES_IN_QUEUE
        {
            self.samples.fetch_sub(1, Ordering::Relaxed);
            return;
        }
        let _ = self.queue.send(report);
    }
}

impl ReportReceiver {
    /// The next report; `None` when every sender is gone.
    pub async fn recv(&mut self) -> Option<Report> {
        let report = self.queue.recv().await?;
        self.taken(&report);
        Some(report)
    }

    /// The next report if one waits.
    pub fn try_recv(&mut self) -> Option<Report> {
        let report = self.queue.try_recv().ok()?;
        self.taken(&report);
        Some(report)
    }

    /// The next report, for threads outside of an async runtime; `None` when every sender is gone.
    pub fn blocking_recv(&mut self) -> Option<Report> {
        let report = self.queue.blocking_recv()?;
        self.taken(&report);
        Some(report)
    }

    fn taken(&self, report: &Report) {
        if matches!(report.news, News::Sampled { .. }) {
            self.samples.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ConnectionId, Uuid};
    use crate::protocol::Epoch;

    fn report(news: News) -> Report {
        Report {
            connection: ConnectionId(0),
            epoch: Epoch(1),
            news,
        }
    }

    #[test]
    fn statistics_are_dropped_when_nobody_listens_and_nothing_else_is() {
        let (sender, mut receiver) = channel();
        for _ in 0..1000 {
            sender.send(report(News::Sampled {
                domains: Vec::new(),
                node: None,
            }));
            sender.send(report(News::Gone(Uuid([0; 16]))));
        }
        let (mut samples, mut others) = (0, 0);
        while let Some(report) = receiver.try_recv() {
            match report.news {
                News::Sampled { .. } => samples += 1,
                _ => others += 1,
            }
        }
        assert_eq!((samples, others), (SAMPLES_IN_QUEUE, 1000));
        sender.send(report(News::Sampled {
            domains: Vec::new(),
            node: None,
        }));
        assert!(
            receiver.try_recv().is_some(),
            "an emptied queue takes statistics again"
        );
    }
}
