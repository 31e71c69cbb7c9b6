//! A power plan on a real guest: it boots, its agent answers, and it is off again.

use std::process::Command;

use crate::support::lab::Lab;
use crate::support::linux::Guest;

const PLAN: &str = "[[plan]]\nname = \"once round\"\n\
    [[plan.step]]\naction = \"shut-down\"\ndomains = \"name:NAME\"\nforce-after = 120\n\
    [[plan.step]]\naction = \"start\"\ndomains = \"name:NAME\"\nwait = \"agent\"\ntimeout = 240\n\
    [[plan.step]]\naction = \"shut-down\"\ndomains = \"name:NAME\"\nforce-after = 120\n";

#[test]
fn a_plan_waits_for_a_guests_agent_and_shuts_it_down() {
    let host = Lab::get().own_host("plans");
    let guest = Guest::new(&host);
    let folder = tempfile::tempdir().unwrap();
    let settings = folder.path().join("plans.toml");
    std::fs::write(&settings, PLAN.replace("NAME", &guest.name)).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_virtty"))
        .arg("--config")
        .arg(&settings)
        .args(["-c", &host.uri, "run-plan", "once round"])
        .env("XDG_STATE_HOME", folder.path())
        .output()
        .unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{told}{said}");
    let name = &guest.name;
    let steps: Vec<&str> = told.split("step ").skip(1).collect();
    assert_eq!(steps.len(), 3, "{told}");
    for step in steps {
        let way: Vec<usize> = ["asked", "ready"]
            .iter()
            .filter_map(|word| step.find(&format!("{name}: {word}")))
            .collect();
        assert!(matches!(way[..], [asked, ready] if asked < ready), "{told}");
    }
    assert_eq!(host.virsh(&["domstate", name]).trim(), "shut off");
}
