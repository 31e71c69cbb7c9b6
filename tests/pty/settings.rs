//! Settings while the program runs, and the first start.

use std::fs;

use crate::harness::Setup;

#[test]
fn a_changed_file_is_taken_over_and_a_broken_one_is_not() {
    let setup = Setup::demo();
    let path = setup.home().write(
        "config/virtty/config.toml",
        "[keys.global]\nhelp = \"F2\"\n",
    );
    let console = setup.start();
    console.wait_for("F2 Help");
    // As editors do it: another file in its place.
    let fresh = path.with_extension("new");
    fs::write(&fresh, "mouse = false\n[keys.global]\nhelp = \"F4\"\n").unwrap();
    fs::rename(&fresh, &path).unwrap();
    console.wait_for("The settings are changed.");
    fs::write(&path, "mose = true\n").unwrap();
    console.wait_for("stay as they were");
    console.press("<Esc>");
    console.wait_for("F4 Help");
    fs::write(&path, "mouse = true\n").unwrap();
    console.wait_for("The settings are changed.");
}

#[test]
fn who_is_new_is_greeted_once() {
    let setup = Setup::demo();
    let mark = setup.home().path().join("state/virtty/welcomed");
    fs::remove_file(&mark).unwrap();
    let mut console = setup.start();
    console.wait_for("New here? ? keys, / filter");
    assert!(mark.is_file());
    console.press("q");
    assert_eq!(console.code(), 0);
}
