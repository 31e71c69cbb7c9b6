//! The page of a host in its sections.

use crate::host::page;
use crate::pages::snapshot;

fn section(name: &str, tree: &'static str, keys: &'static str) {
    snapshot(name, move |width, height| {
        let mut session = page(width, height, tree);
        session.keys(keys);
        session
    });
}

#[test]
fn checks() {
    section("host-checks", "amd", "jjj");
}

#[test]
fn facts() {
    section("host-facts", "numa", "<Tab>");
}

#[test]
fn pinning() {
    section("host-pinning", "numa", "<Tab><Tab>jll<Space>");
}

#[test]
fn tuning() {
    section("host-tuning", "numa", "<Tab><Tab><Tab><Tab>");
}

#[test]
fn capabilities() {
    section("host-capabilities", "intel", "<BackTab>");
}

#[test]
fn domains() {
    section("host-domains", "numa", "<Tab><Tab><Tab>");
}

#[test]
fn pins() {
    section("host-pins", "numa", "<Tab><Tab>p");
}

#[test]
fn limits() {
    section("host-limits", "numa", "<Tab><Tab><Tab><Enter>");
}
