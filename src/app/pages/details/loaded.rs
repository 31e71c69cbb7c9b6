//! Something that is read from libvirt when it is looked at.

use crate::protocol::{Answer, Failure, JobId};

/// How far the reading has come. While it is read anew, what was read before stays.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Loaded<T> {
    /// Not asked for.
    #[default]
    Not,
    /// Asked for, the answer is on its way; what was known before.
    Asked(JobId, Option<T>),
    /// Out of date, to be read anew.
    Old(T),
    /// Read.
    Got(T),
    /// It could not be read.
    Failed(Failure),
}

impl<T> Loaded<T> {
    /// What is known, perhaps from before.
    #[must_use]
    pub fn got(&self) -> Option<&T> {
        match self {
            Self::Got(value) | Self::Old(value) | Self::Asked(_, Some(value)) => Some(value),
            Self::Not | Self::Asked(_, None) | Self::Failed(_) => None,
        }
    }

    /// Why it could not be read.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed(failure) => Some(failure),
            _ => None,
        }
    }

    /// The request under way.
    #[must_use]
    pub fn asked(&self) -> Option<JobId> {
        match self {
            Self::Asked(job, _) => Some(*job),
            _ => None,
        }
    }

    /// Whether it must be asked for.
    pub(super) fn is_wanted(&self) -> bool {
        matches!(self, Self::Not | Self::Old(_))
    }

    /// It has been asked for.
    pub(super) fn ask(&mut self, job: JobId) {
        let before = match std::mem::take(self) {
            Self::Got(value) | Self::Old(value) | Self::Asked(_, Some(value)) => Some(value),
            _ => None,
        };
        *self = Self::Asked(job, before);
    }

    /// What is known is out of date; an answer on its way would be as well.
    pub(super) fn forget(&mut self) {
        *self = match std::mem::take(self) {
            Self::Got(value) | Self::Old(value) | Self::Asked(_, Some(value)) => Self::Old(value),
            _ => Self::Not,
        };
    }

    /// A person wants it read anew.
    pub(super) fn refresh(&mut self) {
        if self.asked().is_none() {
            self.forget();
        }
    }

    /// Takes the answer in.
    pub(super) fn take(
        &mut self,
        result: &Result<Answer, Failure>,
        read: impl FnOnce(&Answer) -> Option<T>,
    ) {
        match result {
            Ok(answer) => {
                if let Some(value) = read(answer) {
                    *self = Self::Got(value);
                }
            }
            Err(failure) => *self = Self::Failed(failure.clone()),
        }
    }
}
