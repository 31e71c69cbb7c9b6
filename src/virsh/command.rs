//! What a row of the table of commands is made of.

use std::fmt::Write as _;

/// A command of virsh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Command {
    /// Its name, as virsh has it.
    pub name: &'static str,
    /// What it does, a sentence.
    pub doc: &'static str,
    /// What it takes, in virsh's order: words without an option's name fill them in this order.
    pub options: &'static [Opt],
    /// What kind of command it is.
    pub effect: Effect,
}

/// What a command does to a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It reads.
    Reads,
    /// It changes something.
    Changes,
}

/// An option of a command.
#[derive(Debug, PartialEq, Eq)]
pub struct Opt {
    /// Its name without the dashes.
    pub name: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// Whether it must be given.
    pub need: Need,
    /// What it is, for help.
    pub doc: &'static str,
}

/// What an option takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nothing: it is given or not.
    Flag,
    /// A domain.
    Domain,
    /// A virtual network.
    Network,
    /// A network filter.
    Filter,
    /// An interface of the host.
    Interface,
    /// Any text.
    Text,
    /// A size, KiB without a unit.
    Size,
    /// A number of bytes, which may have a unit.
    Bytes,
    /// A whole number.
    Count,
    /// The path of a file on the host.
    File,
    /// The path of a file on this machine.
    LocalFile,
    /// A storage pool.
    Pool,
    /// A storage volume.
    Volume,
    /// A secret, by its UUID.
    Secret,
    /// Disks of the domain, separated by commas.
    Disks,
    /// Keys of a keyboard, a word each.
    Keys,
    /// One of these words.
    Choice(&'static [&'static str]),
}

/// Whether an option must be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// It must.
    Required,
    /// It may.
    Optional,
    /// It takes all words that are left, joined by blanks.
    Rest,
    /// It may be given several times, always by its name; a line each in its value.
    Many,
}

impl Kind {
    /// Whether it is what a command is about: named by the line, or selected on the screen.
    #[must_use]
    pub fn is_subject(self) -> bool {
        matches!(
            self,
            Self::Domain | Self::Network | Self::Filter | Self::Interface
        )
    }
}

impl Opt {
    /// Whether a word without its name can fill it.
    #[must_use]
    pub fn takes_value(&self) -> bool {
        self.kind != Kind::Flag
    }

    /// What stands for its value in help.
    #[must_use]
    pub fn placeholder(&self) -> String {
        match self.kind {
            Kind::Choice(words) => words.join("|"),
            _ => self.name.replace('-', "_").to_uppercase(),
        }
    }
}

impl Command {
    /// The option of this name.
    #[must_use]
    pub fn option(&self, name: &str) -> Option<&'static Opt> {
        self.options.iter().find(|option| option.name == name)
    }

    /// Whether it acts on a domain.
    #[must_use]
    pub fn takes_domain(&self) -> bool {
        self.options
            .iter()
            .any(|option| option.kind == Kind::Domain)
    }

    /// `setmem DOMAIN SIZE [--config] [--live]`.
    #[must_use]
    pub fn usage(&self) -> String {
        let mut line = self.name.to_owned();
        for option in self.options {
            let place = option.placeholder();
            let _ = match (option.kind, option.need) {
                (Kind::Flag, _) => write!(line, " [--{}]", option.name),
                (_, Need::Required) => write!(line, " {place}"),
                (_, Need::Rest) => write!(line, " [{place}...]"),
                (_, Need::Optional) => write!(line, " [--{} {place}]", option.name),
                (_, Need::Many) => write!(line, " [--{} {place}]...", option.name),
            };
        }
        line
    }
}
