//! The networks of a host in their sections.

use crate::networks::page;
use crate::pages::snapshot;

fn section(name: &str, keys: &'static str) {
    snapshot(name, move |width, height| {
        let mut session = page(width, height);
        session.keys(keys);
        session
    });
}

#[test]
fn virtual_networks() {
    section("networks", "");
}

#[test]
fn somebody_on_a_network() {
    section("networks-client", "j");
}

#[test]
fn bridges_and_links() {
    section("networks-bridges", "<Tab>");
}

#[test]
fn filters() {
    section("networks-filters", "<Tab><Tab>");
}

#[test]
fn a_new_network() {
    section("networks-new", "n");
}

#[test]
fn a_new_bridge() {
    section("networks-bridge", "<Tab>Gkn");
}
