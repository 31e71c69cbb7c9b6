//! Commands of the user's own, as a person runs them.

use std::os::unix::fs::PermissionsExt as _;

use crate::harness::Setup;

/// The demo host with these commands; `%` stands for the folder of the test.
fn demo(settings: &str) -> Setup {
    let setup = Setup::demo();
    let folder = setup.home().path().display().to_string();
    let file = setup
        .home()
        .write("own.toml", &settings.replace('%', &folder));
    setup
        .argument("--config")
        .argument(&file.display().to_string())
}

#[test]
fn a_command_has_the_terminal_and_what_it_was_given() {
    let setup = demo(
        "[[command]]\nlabel = \"Say\"\nkey = \"Z\"\nargv = [\"%/say\", \"$NAME\", \"$URI\"]\nrun = \"terminal\"",
    );
    let script = "#!/bin/sh\nstty -a | grep -q ' icanon' && echo \"cooked <$1> <$2>\"\nexit 3\n";
    let path = setup.home().write("say", script);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut console = setup.size(100, 30).start();
    console.wait_for("web");
    console.press("/name=web-1<Enter>");
    console.press("Z");
    let screen = console.wait_for("cooked <web");
    assert!(!screen.is_alternate(), "{}", screen.text());
    console.press("<Enter>");
    console.wait_for("exit code 3");
    console.press("<C-c>");
    assert_eq!(console.code(), 0);
    console.assert_restored();
}

#[test]
fn one_in_the_background_tells_its_last_words() {
    let settings =
        "[[command]]\nlabel = \"Echo\"\nkey = \"Z\"\nargv = [\"echo\", \"it is $NAME; $(reboot)\"]";
    // A `$` that stands for nothing is a mistake of the file, told with its line.
    let mut refused = demo(settings).start();
    refused.wait_for("stands for nothing");
    assert_ne!(refused.code(), 0);
    let mut console = demo(&settings.replace("$(", "$$(")).size(100, 30).start();
    console.wait_for("web");
    console.press("/web-1");
    console.press("<Enter>");
    console.press("Z");
    console.wait_for("it is web");
    console.wait_for("; $(reboot)");
    console.press("<C-c>");
    assert_eq!(console.code(), 0);
}
