//! The sections of the page.

use crate::action::Action;

/// A section.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tab {
    /// What it is.
    Overview,
    /// Its graphs.
    Performance,
    /// Its disks.
    Disks,
    /// Its network interfaces and their addresses.
    Nics,
    /// Displays and consoles.
    Displays,
    /// What its agent says.
    Guest,
    /// What happened to it.
    Events,
    /// Its XML.
    Xml,
    /// The end of its hypervisor's log.
    Log,
}

impl Tab {
    /// All of them, in order.
    pub const ALL: [Self; 9] = [
        Self::Overview,
        Self::Performance,
        Self::Disks,
        Self::Nics,
        Self::Displays,
        Self::Guest,
        Self::Events,
        Self::Xml,
        Self::Log,
    ];

    /// The action that shows it.
    #[must_use]
    pub fn action(self) -> Action {
        match self {
            Self::Overview => Action::ShowOverview,
            Self::Performance => Action::ShowPerformance,
            Self::Disks => Action::ShowDisks,
            Self::Nics => Action::ShowNics,
            Self::Displays => Action::ShowDisplays,
            Self::Guest => Action::ShowGuest,
            Self::Events => Action::ShowEvents,
            Self::Xml => Action::ShowXml,
            Self::Log => Action::ShowLog,
        }
    }

    /// The section that an action shows.
    #[must_use]
    pub fn of(action: Action) -> Option<Self> {
        Self::ALL.into_iter().find(|tab| tab.action() == action)
    }

    /// Its word on the screen.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Performance => "Performance",
            Self::Disks => "Disks",
            Self::Nics => "NICs",
            Self::Displays => "Displays",
            Self::Guest => "Guest",
            Self::Events => "Events",
            Self::Xml => "XML",
            Self::Log => "Log",
        }
    }

    /// The section `by` places further, round and round.
    #[must_use]
    pub fn beside(self, by: isize) -> Self {
        let count = Self::ALL.len();
        let at = (self as usize).wrapping_add(count).wrapping_add_signed(by) % count;
        Self::ALL[at]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_go_round() {
        assert_eq!(Tab::Overview.beside(-1), Tab::Log);
        assert_eq!(Tab::Log.beside(1), Tab::Overview);
        for (index, tab) in Tab::ALL.into_iter().enumerate() {
            assert_eq!(tab as usize, index);
        }
    }
}
