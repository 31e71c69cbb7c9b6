//! The agent in a real guest: asked, acted by, hung, and lying; and QEMU's monitor.

use std::process::Command;
use std::time::Duration;

use virtty::agent::{GuestOutput, MonitorKind};
use virtty::model::Uuid;
use virtty::protocol::{
    AgentReport, AgentVerb, Answer, DomainVerb, Failure, GuestRun, GuestTime, KeysChange, Private,
    RawCommand, SshKeys, Verb, XmlKind,
};

use crate::support::lab::{Lab, OwnHost, control};
use crate::support::wait::wait_for;
use crate::support::watched::Watched;

/// What tests wait for at most; much is emulated, and the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(180);

/// A guest of a test's own, with its agent up.
struct Guest {
    host: OwnHost,
    name: String,
    uuid: Uuid,
}

impl Guest {
    fn start(purpose: &str) -> Self {
        let host = Lab::get().own_host(purpose);
        let name = format!("{purpose}-linux");
        control(&["linux", &name, &host.name]);
        wait_for(PATIENCE, "the agent", || {
            let ping =
                host.try_virsh(&["qemu-agent-command", &name, "{\"execute\":\"guest-ping\"}"]);
            ping.status.success().then_some(())
        });
        let uuid = host.virsh(&["domuuid", &name]).trim().parse().unwrap();
        Self { host, name, uuid }
    }

    /// Watched from the screen's side, until it is known that the agent is there.
    fn watched(&self) -> Watched {
        let mut watched = Watched::open(&self.host.uri);
        watched.until("the agent", |watched| {
            let definition = watched.row(&self.name)?.definition.as_ref()?;
            (definition.guest_agent == Some(true)).then_some(())
        });
        watched
    }

    /// Runs a script in the guest and waits for its end.
    fn script(&self, watched: &mut Watched, script: &str) -> GuestOutput {
        let run = GuestRun {
            program: "/bin/sh".to_owned(),
            arguments: vec!["-c".to_owned(), script.to_owned()],
            input: None,
            seconds: 60,
        };
        match watched.ask(Verb::RunInGuest(self.uuid, run)) {
            Ok(Answer::GuestOutput(output)) => *output,
            other => panic!("{other:?}"),
        }
    }

    fn act(&self, watched: &mut Watched, verb: AgentVerb) {
        let answer = watched.ask(Verb::Domain(self.uuid, DomainVerb::Agent(verb)));
        assert_eq!(answer, Ok(Answer::Done));
    }

    fn report(&self, watched: &mut Watched) -> AgentReport {
        match watched.ask(Verb::ReadAgent(self.uuid)) {
            Ok(Answer::Agent(report)) => *report,
            other => panic!("{other:?}"),
        }
    }

    /// Puts a program in the place of the agent, which ends.
    fn replace_agent(&self, watched: &mut Watched, program: &str) {
        let put = format!("cat >/run/fake <<'END'\n{program}\nEND\nchmod +x /run/fake");
        assert_eq!(self.script(watched, &put).code, Some(0));
        // Its own end is nothing that the agent could answer to: it happens a moment later.
        let swap = "(sleep 1; kill -9 $(cat /run/qemu-ga.pid); sleep 1; exec /run/fake) >/dev/null 2>&1 </dev/null &";
        assert_eq!(self.script(watched, swap).code, Some(0));
    }
}

#[test]
fn an_agent_tells_and_acts() {
    let guest = Guest::start("agents");
    let mut watched = guest.watched();
    let told = guest.report(&mut watched);
    assert!(!told.frozen);
    assert_eq!(told.info.hostname.as_deref(), Some(guest.name.as_str()));
    assert_eq!(told.info.system(), Some("virtty lab guest"));
    assert!(told.info.nics.iter().any(|nic| nic.name == "lo"));
    let mount = told
        .info
        .file_systems
        .iter()
        .find(|system| system.mountpoint == "/mnt");
    let mount = mount.expect("the disk is mounted");
    assert_eq!(mount.disks, ["vda"]);
    assert!(mount.used_bytes < mount.total_bytes);

    // Frozen, in libvirt's eyes, in the agent's and in the kernel's.
    let status = || {
        let ask = "{\"execute\":\"guest-fsfreeze-status\"}";
        guest.host.virsh(&["qemu-agent-command", &guest.name, ask])
    };
    guest.act(&mut watched, AgentVerb::Freeze(Vec::new()));
    assert!(status().contains("\"frozen\""));
    assert!(guest.report(&mut watched).frozen);
    guest.act(&mut watched, AgentVerb::Thaw(Vec::new()));
    assert!(status().contains("\"thawed\""));
    assert!(!guest.report(&mut watched).frozen);
    guest.act(
        &mut watched,
        AgentVerb::Trim {
            mountpoint: None,
            minimum_bytes: 0,
        },
    );

    // Keys.
    let (mine, other) = ("ssh-ed25519 AAAAmine me", "ssh-ed25519 AAAAother it's");
    let keys = |watched: &mut Watched| match watched
        .ask(Verb::ReadSshKeys(guest.uuid, "root".to_owned()))
    {
        Ok(Answer::SshKeys(user, keys)) => {
            assert_eq!(user, "root");
            keys
        }
        other => panic!("{other:?}"),
    };
    assert!(keys(&mut watched).is_empty(), "no file is no key");
    let change = |watched: &mut Watched, lines: &[&str], change| {
        let lines = lines.iter().map(|line| (*line).to_owned()).collect();
        let user = "root".to_owned();
        let keys = SshKeys::Lines(lines);
        guest.act(watched, AgentVerb::SetKeys { user, keys, change });
    };
    change(&mut watched, &[mine], KeysChange::Add);
    change(&mut watched, &[other], KeysChange::Add);
    let mut both = keys(&mut watched);
    both.sort();
    assert_eq!(both, [mine, other]);
    let shown = guest.host.virsh(&["get-user-sshkeys", &guest.name, "root"]);
    assert!(shown.contains("AAAAmine"), "{shown}");
    change(&mut watched, &[mine], KeysChange::Remove);
    assert_eq!(keys(&mut watched), [other]);
    change(&mut watched, &[], KeysChange::Replace);
    assert!(keys(&mut watched).is_empty());

    // A password; the lab's guest has no passwords, so it gets a program that would set one.
    let program = "printf '#!/bin/sh\\ncat >/run/told\\n' >/bin/chpasswd; chmod +x /bin/chpasswd; cp /bin/chpasswd /sbin/hwclock";
    assert_eq!(guest.script(&mut watched, program).code, Some(0));
    let password = AgentVerb::SetPassword {
        user: "root".to_owned(),
        password: Private::new("pass wörd'"),
        encrypted: false,
    };
    guest.act(&mut watched, password);
    let told = guest.script(&mut watched, "cat /run/told");
    assert_eq!(told.out.trim_end(), "root:pass wörd'");

    // Commands with their output, exit code and input.
    let output = guest.script(&mut watched, "echo out; echo err >&2; exit 3");
    assert_eq!(
        (output.out.as_str(), output.err.as_str()),
        ("out\n", "err\n")
    );
    assert_eq!(output.code, Some(3));
    let run = |program: &str, input: Option<&str>, seconds| GuestRun {
        program: program.to_owned(),
        arguments: Vec::new(),
        input: input.map(Private::new),
        seconds,
    };
    let read = watched.ask(Verb::RunInGuest(
        guest.uuid,
        run("/bin/cat", Some("tipped in"), 60),
    ));
    let Ok(Answer::GuestOutput(read)) = read else {
        panic!("{read:?}")
    };
    assert_eq!(read.out, "tipped in");
    let missing = watched.ask(Verb::RunInGuest(guest.uuid, run("/bin/nobody", None, 60)));
    assert!(missing.unwrap_err().reason.contains("/bin/nobody"));
    let mut endless = run("/bin/sleep", None, 1);
    endless.arguments = vec!["1000".to_owned()];
    let left = watched.ask(Verb::RunInGuest(guest.uuid, endless));
    assert!(matches!(left, Ok(Answer::GuestOutput(output)) if output.left_running.is_some()));

    // A clock that is years behind is seen, and set.
    let set = guest.script(&mut watched, "date -s @1000000000");
    assert_eq!(set.code, Some(0), "{set:?}");
    let clock = guest.report(&mut watched).clock.unwrap();
    assert!(
        !clock.is_right() && clock.drift_ms < -700_000_000_000,
        "{clock:?}"
    );
    guest.act(&mut watched, AgentVerb::SetTime(GuestTime::Now));
    let clock = guest.report(&mut watched).clock.unwrap();
    assert!(clock.drift_ms.abs() < 60_000, "{clock:?}");
}

#[test]
fn a_hung_agent_ends_by_itself_and_holds_nobody_up() {
    let guest = Guest::start("hung-agent");
    let mut watched = guest.watched();
    let stop = "(sleep 1; kill -STOP $(cat /run/qemu-ga.pid)) >/dev/null 2>&1 </dev/null &";
    assert_eq!(guest.script(&mut watched, stop).code, Some(0));
    wait_for(PATIENCE, "the agent to stop", || {
        let ping = [
            "qemu-agent-command",
            "--timeout",
            "2",
            &guest.name,
            "{\"execute\":\"guest-ping\"}",
        ];
        (!guest.host.try_virsh(&ping).status.success()).then_some(())
    });
    // More questions than a host has places for, all to the one guest.
    let asked: Vec<_> = [
        Verb::ReadAgent(guest.uuid),
        Verb::ReadSshKeys(guest.uuid, "root".to_owned()),
        Verb::ReadGuestVcpus(guest.uuid),
        Verb::ReadFileSystems(guest.uuid),
    ]
    .map(|verb| watched.submit(verb))
    .into_iter()
    .collect();
    // Others are answered meanwhile.
    let xml = watched.ask(Verb::ReadXml(guest.uuid, XmlKind::Live));
    assert!(matches!(xml, Ok(Answer::Xml { .. })), "{xml:?}");
    let refused: Failure = watched.answer(asked[0]).unwrap_err();
    assert!(
        refused.reason.to_lowercase().contains("agent"),
        "{refused:?}"
    );
    assert!(refused.remedy.is_some());
    for job in &asked[1..] {
        assert!(watched.answer(*job).is_err());
    }
}

/// An agent that greets and then lies, as far as a shell can.
const LIAR: &str = r#"#!/bin/sh
exec 3<>"$(readlink -f /dev/virtio-ports/org.qemu.guest_agent.0)"
# Until the host has opened its end, there is nothing to read.
while :; do while read -r line <&3; do
	id=$(echo "$line" | sed -n 's/.*"id": *\([0-9]*\).*/\1/p')
	case $line in
	*guest-sync-delimited*) printf '\377{"return":%s}\n' "$id" >&3 ;;
	*guest-sync*) printf '{"return":%s}\n' "$id" >&3 ;;
	*guest-get-time*) printf '{"return":9223372036854775807}\n' >&3 ;;
	*guest-get-host-name*) printf '{"return":{"host-name":"a\\u001b[31mb\\u009b\\u202eevil\\n"}}\n' >&3 ;;
	*guest-get-users*) printf '{"return":[{"user":"\\u001b]0;x\\u0007","login-time":"never"}]}\n' >&3 ;;
	*guest-get-osinfo*) printf '{"return":{"pretty-name":"%s"}}\n' "$(head -c 100000 /dev/zero | tr '\0' A)" >&3 ;;
	*guest-ssh-get*) printf '{"return":{"keys":["ssh-rsa \\u001b[2J"]}}\n' >&3 ;;
	*) printf '{"error":{"class":"CommandNotFound","desc":"no \\u001b[5m"}}\n' >&3 ;;
	esac
done; sleep 1; done
"#;

#[test]
fn an_agent_that_lies_harms_nobody() {
    let guest = Guest::start("liar");
    let mut watched = guest.watched();
    guest.replace_agent(&mut watched, LIAR);
    let told = wait_for(PATIENCE, "the lies", || {
        let told = match watched.ask(Verb::ReadAgent(guest.uuid)) {
            Ok(Answer::Agent(told)) => told,
            _ => return None,
        };
        let lies = told
            .info
            .hostname
            .as_ref()
            .is_some_and(|name| name.contains("evil"));
        lies.then_some(*told)
    });
    assert!(
        told.info.system().unwrap().len() < 2000,
        "endless words are cut"
    );
    // What makes no sense spoils nothing else.
    assert!(
        told.missing.iter().any(|(what, _)| *what == "its users"),
        "{told:?}"
    );
    assert!(told.clock.is_some_and(|clock| !clock.is_right()));
    // What is printed acts on no terminal.
    for words in [
        &["guestinfo", &guest.name][..],
        &["domhostname", &guest.name],
        &["domtime", "--pretty", &guest.name],
        &["get-user-sshkeys", &guest.name, "root"],
        &["domfsinfo", &guest.name],
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_virtty"))
            .args(["-c", &guest.host.uri])
            .args(words)
            .output()
            .unwrap();
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(!text.is_empty(), "{words:?}");
        let acts = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
        assert!(!text.contains(acts), "{words:?}: {text:?}");
    }
}

/// An agent that greets and then says nothing more.
const MUTE: &str = r#"#!/bin/sh
exec 3<>"$(readlink -f /dev/virtio-ports/org.qemu.guest_agent.0)"
# Until the host has opened its end, there is nothing to read.
while :; do while read -r line <&3; do
	id=$(echo "$line" | sed -n 's/.*"id": *\([0-9]*\).*/\1/p')
	case $line in
	*guest-sync-delimited*) printf '\377{"return":%s}\n' "$id" >&3 ;;
	*guest-sync*) printf '{"return":%s}\n' "$id" >&3 ;;
	esac
done; sleep 1; done
"#;

#[test]
fn an_agent_that_greets_and_falls_silent_is_given_up() {
    let guest = Guest::start("mute");
    let mut watched = guest.watched();
    guest.replace_agent(&mut watched, MUTE);
    // It greets, so libvirt alone would wait for ever. What comes first is that nobody is there, or that the old one goes.
    let refused = wait_for(PATIENCE, "the silence", || {
        let answer = watched.ask(Verb::ReadAgent(guest.uuid));
        answer.err().filter(|failure| {
            let early = ["not connected", "disappeared"];
            !early.iter().any(|words| failure.reason.contains(words))
        })
    });
    assert!(refused.reason.contains("respond"), "{refused:?}");
    // The guest itself goes on.
    let shown = guest.host.virsh(&["domstate", &guest.name]);
    assert_eq!(shown.trim(), "running");
}

#[test]
fn the_monitor_answers_and_libvirt_notes_it() {
    let host = Lab::get().own_host("monitored");
    let domain = host.running("monitored");
    let uuid: Uuid = domain.uuid().parse().unwrap();
    let mut watched = Watched::open(&host.uri);
    watched.until("the domain", |watched| watched.row(&domain.name).map(drop));
    let mut say = |text: &str, kind| {
        let raw = RawCommand::Monitor(Private::new(text), kind);
        watched.ask(Verb::Raw(uuid, raw))
    };
    let Ok(Answer::Said(said)) = say("info status", MonitorKind::Hmp) else {
        panic!("another answer")
    };
    assert!(said.contains("running"), "{said}");
    let Ok(Answer::Said(said)) = say("{\"execute\":\"query-status\"}", MonitorKind::Qmp) else {
        panic!("another answer")
    };
    assert!(
        said.contains("\"running\":true") || said.contains("\"running\": true"),
        "{said}"
    );
    let Ok(Answer::Said(said)) = say("{\"execute\":\"no-such\"}", MonitorKind::Qmp) else {
        panic!("another answer")
    };
    assert!(said.contains("CommandNotFound"), "{said}");
    assert!(
        host.virsh(&["dominfo", &domain.name])
            .contains("custom monitor")
    );
    // Without a screen; read-only it is refused.
    let run = |words: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_virtty"))
            .args(["-c", &host.uri])
            .args(words)
            .output()
            .unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(text).unwrap())
    };
    let (well, text) = run(&[
        "qemu-monitor-command",
        "--hmp",
        &domain.name,
        "info",
        "balloon",
    ]);
    assert!(well && text.starts_with("balloon: actual="), "{text}");
    let (well, text) = run(&[
        "qemu-monitor-command",
        "--pretty",
        &domain.name,
        "{\"execute\":\"query-balloon\"}",
    ]);
    assert!(well && text.contains("\n    \"actual\": "), "{text}");
    let (well, text) = run(&[
        "--readonly",
        "qemu-monitor-command",
        "--hmp",
        &domain.name,
        "info",
        "balloon",
    ]);
    assert!(!well && text.contains("read-only"), "{text}");
}
