//! A sender of reports that knows whose they are.

use super::ReportSender;
use crate::model::ConnectionId;
use crate::protocol::{Epoch, News, Report};

/// Sends reports of one incarnation of one connection.
#[derive(Debug, Clone)]
pub struct Reporter {
    /// The connection.
    pub connection: ConnectionId,
    /// Its incarnation.
    pub epoch: Epoch,
    /// Where reports go.
    pub sender: ReportSender,
}

impl Reporter {
    /// Sends one report; never blocks.
    pub fn send(&self, news: News) {
        self.sender.send(Report {
            connection: self.connection,
            epoch: self.epoch,
            news,
        });
    }
}
