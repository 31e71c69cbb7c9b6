//! Every intent a person can have, one row each: the only place that names, words and describes them.
//!
//! The key table binds keys to these names; footer hints, the help overlay, `virtty keys` and the documentation
//! are views of this table and that one. Adding an action is one row in `table.rs`, a key in `assets/keymap.toml`,
//! and an arm where the page or layer that owns it acts.

mod legal;
mod storage;
mod table;

pub use legal::{illegal, needs_words, verb};
pub use storage::{storage_action, storage_done, storage_lines, storage_loses, storage_subject};
pub use table::{ACTIONS, Action};

/// Where a key is pressed: the part of the screen that an action belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Context {
    /// Everywhere, dialogs and text fields included.
    Always,
    /// Every page, while no dialog is open.
    Global,
    /// Anything with lines to move through.
    List,
    /// A page on which one domain is selected.
    Domain,
    /// The table of domains.
    Table,
    /// The page shown while no connection is open.
    Welcome,
    /// The details of one domain.
    Details,
    /// The graphs of one domain.
    Graph,
    /// The XML of one domain.
    Xml,
    /// Lines that are wider than the screen.
    Wide,
    /// The list of ports.
    Ports,
    /// The events of all hosts.
    Events,
    /// The page of a host.
    Host,
    /// The disks of a domain.
    Bench,
    /// The snapshots of a domain.
    Snapshots,
    /// The hardware of a domain.
    Hardware,
    /// The agent in a guest.
    Agent,
    /// QEMU's monitor, in a line that is typed into.
    Monitor,
    /// What takes long on all hosts.
    Jobs,
    /// The networks of a host.
    Networks,
    /// The storage of a host.
    Storage,
    /// The storage pools of a host.
    Pools,
    /// The secrets of a host.
    Secrets,
    /// Files that nobody needs.
    Leftovers,
    /// The volumes of a pool.
    Volumes,
    /// Power plans.
    Plans,
    /// The editor of a document.
    Editor,
    /// What an edited document would change.
    Review,
    /// The debug page.
    Debug,
    /// A console that keys are typed into.
    Typing,
    /// A console, behind its leader key.
    Console,
    /// A display, behind its leader key.
    Screen,
    /// The screens of all running domains.
    Wall,
    /// Looking back at what a console said.
    Looking,
    /// A dialog with buttons.
    Dialog,
    /// Fields to fill in.
    Form,
    /// A menu, or a list of choices.
    Menu,
    /// The chooser of columns.
    Columns,
    /// The finder: a line to type, and what matches.
    Finder,
    /// A field of text.
    Text,
    /// The command line.
    Command,
    /// A text to read: help, a message in full.
    Reader,
}

impl Context {
    /// All of them, in the order of the documentation.
    const ALL: &[Self] = &[
        Self::Table,
        Self::Domain,
        Self::List,
        Self::Details,
        Self::Graph,
        Self::Xml,
        Self::Wide,
        Self::Ports,
        Self::Events,
        Self::Host,
        Self::Bench,
        Self::Snapshots,
        Self::Hardware,
        Self::Agent,
        Self::Monitor,
        Self::Jobs,
        Self::Networks,
        Self::Storage,
        Self::Pools,
        Self::Volumes,
        Self::Plans,
        Self::Secrets,
        Self::Leftovers,
        Self::Editor,
        Self::Review,
        Self::Debug,
        Self::Typing,
        Self::Console,
        Self::Screen,
        Self::Wall,
        Self::Looking,
        Self::Welcome,
        Self::Global,
        Self::Dialog,
        Self::Form,
        Self::Menu,
        Self::Columns,
        Self::Finder,
        Self::Text,
        Self::Command,
        Self::Reader,
        Self::Always,
    ];

    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied()
    }

    /// Its name in the key table.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Global => "global",
            Self::List => "list",
            Self::Domain => "domain",
            Self::Table => "table",
            Self::Welcome => "welcome",
            Self::Details => "details",
            Self::Graph => "graph",
            Self::Xml => "xml",
            Self::Wide => "wide",
            Self::Ports => "ports",
            Self::Events => "events",
            Self::Host => "host",
            Self::Bench => "disks",
            Self::Snapshots => "snapshots",
            Self::Hardware => "hardware",
            Self::Agent => "agent",
            Self::Monitor => "monitor",
            Self::Jobs => "jobs",
            Self::Networks => "networks",
            Self::Storage => "storage",
            Self::Pools => "pools",
            Self::Secrets => "secrets",
            Self::Leftovers => "leftovers",
            Self::Volumes => "volumes",
            Self::Plans => "plans",
            Self::Editor => "editor",
            Self::Review => "review",
            Self::Debug => "debug",
            Self::Typing => "typing",
            Self::Console => "console",
            Self::Screen => "screen",
            Self::Wall => "wall",
            Self::Looking => "looking",
            Self::Dialog => "dialog",
            Self::Form => "form",
            Self::Menu => "menu",
            Self::Columns => "columns",
            Self::Finder => "finder",
            Self::Text => "text",
            Self::Command => "command",
            Self::Reader => "reader",
        }
    }

    /// Its heading in the help.
    #[must_use]
    pub fn heading(self) -> &'static str {
        match self {
            Self::Always => "Everywhere, dialogs and text fields included",
            Self::Global => "On every page",
            Self::List => "Moving",
            Self::Domain => "The selected domain",
            Self::Table => "The table of domains",
            Self::Welcome => "While no connection is open",
            Self::Details => "Details of a domain",
            Self::Graph => "Graphs",
            Self::Xml => "XML of a domain",
            Self::Wide => "XML and log",
            Self::Ports => "Ports",
            Self::Events => "Events page",
            Self::Host => "Host page",
            Self::Bench => "Disks of a domain",
            Self::Snapshots => "Snapshots of a domain",
            Self::Hardware => "Hardware of a domain",
            Self::Agent => "Guest agent of a domain",
            Self::Monitor => "QEMU monitor of a domain",
            Self::Jobs => "Jobs page",
            Self::Networks => "Networks page",
            Self::Storage => "Storage page",
            Self::Pools => "Storage pools",
            Self::Secrets => "Secrets",
            Self::Leftovers => "Leftovers",
            Self::Volumes => "Volumes of a pool",
            Self::Plans => "Plans page",
            Self::Editor => "Editor of XML",
            Self::Review => "Before a document is saved",
            Self::Debug => "Debug page",
            Self::Typing => "Typing into a console or a display",
            Self::Console => "A console, behind its leader key",
            Self::Screen => "A display, behind its leader key",
            Self::Wall => "Screens of all running domains",
            Self::Looking => "Looking back in a console",
            Self::Dialog => "Dialogs",
            Self::Form => "Forms",
            Self::Menu => "Menus",
            Self::Columns => "Choosing columns",
            Self::Finder => "Jump anywhere",
            Self::Text => "Text fields",
            Self::Command => "The command line",
            Self::Reader => "Help and messages",
        }
    }

    /// The context of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::all().find(|context| context.name() == name)
    }
}

/// One row of the table of actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Which action.
    pub action: Action,
    /// Stable name, as the key table and the log write it.
    pub name: &'static str,
    /// Its word on the screen: virt-manager's, where that has one.
    pub label: &'static str,
    /// virsh's command that does the same, where there is one.
    pub virsh: Option<&'static str>,
    /// What it does, a sentence.
    pub doc: &'static str,
    /// How it behaves.
    pub traits: Traits,
    /// Where it can be bound.
    pub contexts: &'static [Context],
}

/// How an action behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Traits {
    /// It changes something on the host: not on a read-only connection.
    pub mutating: bool,
    /// It can destroy work: asked before done.
    pub dangerous: bool,
    /// It is worth a place in the footer.
    pub hinted: bool,
}

impl Action {
    /// Its row.
    #[must_use]
    pub fn row(self) -> &'static Row {
        // The rows are made by the same macro, in the order of the variants.
        &ACTIONS[self as usize]
    }

    /// The action of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        ACTIONS
            .iter()
            .find(|row| row.name == name)
            .map(|row| row.action)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_in_the_order_of_the_variants() {
        for row in ACTIONS {
            assert_eq!(row.action.row(), row);
        }
    }

    #[test]
    fn names_are_unique_kebab_case_and_lead_back() {
        for row in ACTIONS {
            assert_eq!(Action::from_name(row.name), Some(row.action));
            assert!(
                row.name
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c == '-' || c.is_ascii_digit()),
                "{}",
                row.name
            );
        }
    }

    #[test]
    fn every_action_is_described_and_bindable() {
        for row in ACTIONS {
            assert!(row.doc.ends_with('.'), "{}", row.name);
            assert!(
                !row.label.is_empty() && !row.contexts.is_empty(),
                "{}",
                row.name
            );
        }
    }

    #[test]
    fn what_is_dangerous_is_mutating() {
        for row in ACTIONS {
            assert!(row.traits.mutating || !row.traits.dangerous, "{}", row.name);
        }
    }

    #[test]
    fn contexts_lead_back_from_their_names() {
        for context in Context::all() {
            assert_eq!(Context::from_name(context.name()), Some(context));
        }
    }
}
