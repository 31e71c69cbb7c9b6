//! What calls for attention, as the terminal and a program of the user's get it.

use std::fs;

use crate::harness::Setup;
use crate::support::lab::Lab;

#[test]
fn a_crash_rings_and_starts_the_command() {
    let host = Lab::get().own_host("pty-alert");
    let domain = host.running("doomed");
    let setup = Setup::virtty(&["-c", &host.uri]).size(120, 30);
    let told = setup.home().path().join("told $(touch x)");
    let settings = format!(
        "[alerts]\ncommand = [\"/bin/sh\", \"-c\", 'printf \"%s\\n\" \"$@\" > \"$0\"', \"{}\", \"$KIND\", \"$NAME\", \"$TEXT\"]\n",
        told.display()
    );
    setup.home().write("config/virtty/config.toml", &settings);
    let mut console = setup.start();
    console.wait_for("Running");
    assert!(!console.raw().contains(&7));
    domain.crash();
    console.wait_for(&format!("{}: Stopped (failed)", domain.name));
    assert!(console.raw().contains(&7), "the bell");
    console.wait_until("the command", |_| {
        let expected = format!("crash\n{0}\n{0}: Stopped (failed)\n", domain.name);
        fs::read_to_string(&told).is_ok_and(|text| text == expected)
    });
    console.press("<C-c>");
    assert_eq!(console.code(), 0);
    console.assert_restored_and_empty();
}
