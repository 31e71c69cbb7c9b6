//! Plans for the bridges of a host: which commands change them now, which take that back, and what the host's own files must
//! say for its next start. A plan changes nothing by itself.

use std::net::IpAddr;

mod moving;
mod steps;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use super::carriers;
use super::keeper::{self, NextStart};
use crate::model::{HostNetworks, KeeperFiles};
use steps::{add, make, remove, take_out};

/// What is wanted of a bridge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BridgeWish {
    /// Make one, over a device where one is named: its addresses and routes move onto the bridge.
    Make {
        /// Its name.
        bridge: String,
        /// The device that goes into it.
        member: Option<String>,
        /// Speak the spanning tree protocol.
        stp: bool,
        /// Seconds until a new member forwards.
        delay_seconds: u32,
    },
    /// Take a bridge away; addresses and routes go back to its only device.
    Remove {
        /// Its name.
        bridge: String,
    },
    /// Put a device into a bridge; addresses that it has are moved onto that.
    Add {
        /// The bridge.
        bridge: String,
        /// The device.
        member: String,
    },
    /// Take a device out of a bridge.
    TakeOut {
        /// The bridge.
        bridge: String,
        /// The device.
        member: String,
    },
}

/// What is going to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BridgePlan {
    /// In a few words: `bridge br0 over eth0`.
    pub title: String,
    /// Commands as argument vectors, in order.
    pub commands: Vec<Vec<String>>,
    /// Commands that take it back, in order; each is tried, whatever became of the one before.
    pub back: Vec<Vec<String>>,
    /// What the host's own files must say.
    pub next_start: NextStart,
    /// What should be considered; the first are the gravest.
    pub remarks: Vec<String>,
    /// The SSH connection of whoever asks comes through a device that is changed.
    pub cuts_ssh: bool,
}

/// Longest name of a link, in bytes.
const LONGEST: usize = 15;

/// Makes the plan for a wish; `ssh` names the links that carry the present SSH connection.
///
/// # Errors
/// Why it cannot be done, in a sentence with the way out.
pub fn plan(
    wish: &BridgeWish,
    all: &HostNetworks,
    files: &KeeperFiles,
    ssh: Option<IpAddr>,
) -> Result<BridgePlan, String> {
    let mut made = match wish {
        BridgeWish::Make {
            bridge,
            member,
            stp,
            delay_seconds,
        } => make(all, bridge, member.as_deref(), *stp, *delay_seconds)?,
        BridgeWish::Remove { bridge } => remove(all, bridge)?,
        BridgeWish::Add { bridge, member } => add(all, bridge, member)?,
        BridgeWish::TakeOut { bridge, member } => take_out(all, bridge, member)?,
    };
    if let Some(address) = ssh {
        let touched = |name: &&str| made.commands.iter().flatten().any(|word| word == name);
        made.cuts_ssh = carriers(all, address).iter().any(touched);
        if made.cuts_ssh {
            made.remarks.insert(
                0,
                "Your own SSH connection comes through it: if it does not survive, wait for the change to be taken back."
                    .to_owned(),
            );
        }
    }
    made.next_start = keeper::next_start(wish, all, files);
    Ok(made)
}

fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(str::to_owned).collect()
}

/// A command whose words hold names: each `{}` stands for one of them, whatever is in it.
fn command(line: &str, names: &[&str]) -> Vec<String> {
    let mut names = names.iter();
    words(line)
        .into_iter()
        .map(|word| match word.as_str() {
            "{}" => names.next().copied().unwrap_or_default().to_owned(),
            _ => word,
        })
        .collect()
}

/// Why a text is no name for a link; `None` where it is one.
#[must_use]
pub fn bad_name(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        return Some("a bridge needs a name, such as br0");
    }
    if name.len() > LONGEST {
        return Some("a link's name has 15 characters at most");
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if !name.chars().all(plain) || name.starts_with(['-', '.']) {
        return Some("a link's name holds letters, digits, - _ . and does not begin with - or .");
    }
    if matches!(name, "all" | "default" | "lo") {
        return Some("this name means something else to the kernel");
    }
    None
}
