//! Which links of a host a connection to one of its addresses comes through.

use std::net::IpAddr;

use crate::model::{HostNetworks, Link};

/// The link that has the address, what is in it, and what it lies on, taps of guests apart; empty where none has it.
#[must_use]
pub fn carriers(all: &HostNetworks, address: IpAddr) -> Vec<&str> {
    let mut found: Vec<&str> = Vec::new();
    let holds = |link: &&Link| link.addresses.iter().any(|one| one.address == address);
    if let Some(link) = all.links.iter().find(holds) {
        found.push(&link.name);
    }
    let mut at = 0;
    while let Some(name) = found.get(at).copied() {
        at += 1;
        for link in &all.links {
            let is_in = link.master.as_deref() == Some(name) && !link.is_tap();
            let is_below = all
                .links
                .iter()
                .any(|one| one.name == name && one.parent.as_ref() == Some(&link.name));
            if (is_in || is_below) && !found.contains(&link.name.as_str()) {
                found.push(&link.name);
            }
        }
    }
    found
}
