//! Options of `virtty create` about the way to the domain and what follows, in the words of virt-install.

use clap::{ArgAction, Args};

use crate::create::{Invalid, Suboptions, Unchecked};

/// How it is made, and what follows.
#[derive(Debug, Args)]
pub struct Course {
    /// A file of this machine that is put into the root of the installer's initrd (--location), such as preseed.cfg. May be given
    /// several times.
    #[arg(long, value_name = "FILE", action = ArgAction::Append, requires = "location")]
    pub initrd_inject: Vec<String>,

    /// Start it and define nothing: it is gone when it stops.
    #[arg(long, conflicts_with_all = ["autostart", "no_start", "noreboot"])]
    pub transient: bool,

    /// Wait until the installation has ended, and start it then; where nothing is installed until it stops. MINUTES at most,
    /// without a number however long it takes.
    #[arg(long, value_name = "MINUTES", num_args = 0..=1, default_missing_value = "-1", allow_negative_numbers = true)]
    pub wait: Option<i64>,

    /// Force it off when the console of --autoconsole is left.
    #[arg(long)]
    pub destroy_on_exit: bool,

    /// What is told and does not stand in the way: path_in_use=off, disk_size=off, mac_in_use=off, all=off.
    #[arg(long, value_name = "CHECKS")]
    pub check: Option<String>,

    /// Tell no steps.
    #[arg(short, long)]
    pub quiet: bool,

    /// Accepted: --log FILE says what is done.
    #[arg(long, hide = true)]
    pub debug: bool,

    /// As --print-xml STEP, for lines that were written for older virt-installs.
    #[arg(long, hide = true, value_name = "STEP", value_parser = ["1", "2", "all"], conflicts_with = "print_xml")]
    pub print_step: Option<String>,
}

impl Course {
    /// What is told alone.
    ///
    /// # Errors
    /// A word that is not known, or anything but yes and no.
    pub fn unchecked(&self) -> Result<Unchecked, Invalid> {
        let Some(text) = &self.check else {
            return Ok(Unchecked::default());
        };
        let mut words = Suboptions::read("--check", text)?;
        let mut off = |key| Ok(words.take_switch(key)? == Some(false));
        let all = off("all")?;
        let unchecked = Unchecked {
            paths: off("path_in_use")? || all,
            sizes: off("disk_size")? || all,
            macs: off("mac_in_use")? || all,
        };
        words.finish()?;
        Ok(unchecked)
    }
}
