//! Connections over ssh: one login for all of them, questions in dialogs, nothing left behind.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use virtty::model::ConnectionState;
use virtty::protocol::{DomainVerb, Failure, News, Prompt, Verb};

use crate::support::lab::VNC;
use crate::support::ssh::{PASSWORD, SshHost};
use crate::support::wait::wait_until;
use crate::support::watched::{PATIENCE, Watched};

fn is_active(state: &ConnectionState) -> bool {
    *state == ConnectionState::Active
}

fn is_lost(state: &ConnectionState) -> bool {
    matches!(state, ConnectionState::Lost { .. })
}

fn questions(watched: &Watched) -> Vec<Prompt> {
    let asked = watched.history.iter().filter_map(|news| match news {
        News::Asked(prompt) => Some(prompt.clone()),
        _ => None,
    });
    asked.collect()
}

/// Waits for question number `count` of this connection.
fn question(watched: &mut Watched, count: usize) -> Prompt {
    watched.until("a question", |watched| {
        questions(watched).get(count - 1).cloned()
    })
}

fn answer(watched: &mut Watched, count: usize, text: Option<&str>) -> Prompt {
    let prompt = question(watched, count);
    let text = text.map(str::to_owned);
    watched.fleet.reply(watched.id, prompt.id, text);
    prompt
}

/// The failure of the last loss, and how long until the next try.
fn failure(watched: &mut Watched) -> (Failure, Duration) {
    watched.until("a failure", |watched| {
        watched.history.iter().rev().find_map(|news| match news {
            News::State(ConnectionState::Lost { retry_in, .. }, Some(failure)) => {
                Some((failure.clone(), *retry_in))
            }
            _ => None,
        })
    })
}

/// Fields of /proc/PID/stat behind the name: state, parent, group, session, terminal …
fn stat(process: u32) -> Vec<String> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let fields = stat.rsplit(')').next().unwrap().split_whitespace();
    fields.map(str::to_owned).collect()
}

fn assert_has_no_terminal(process: u32) {
    let stat = stat(process);
    assert_eq!((&stat[3], stat[4].as_str()), (&process.to_string(), "0"));
}

#[test]
fn one_login_carries_all_connections() {
    let ssh = SshHost::up("ssh-all");
    let domain = ssh.host.running("rides");
    let uri = ssh.by_key();
    let mut watched = Watched::open(&uri);
    watched.until("the list", |watched| watched.row(&domain.name).map(drop));
    let uuid = watched.uuid(&domain.name);
    watched
        .ask(Verb::Domain(uuid, DomainVerb::Suspend))
        .unwrap();
    watched.ask(Verb::ReadAddresses(uuid)).unwrap();
    watched.until("figures by a monitor connection", |watched| {
        watched.history.iter().find_map(|news| match news {
            News::Sampled { domains, .. } => (!domains.is_empty()).then_some(()),
            _ => None,
        })
    });
    assert_eq!(ssh.logins(), 1);
    assert!(
        ssh.logged("Starting session") >= 4,
        "control, monitor, actions and streams"
    );
    let shown = watched.until("what the host says of itself", |watched| {
        watched.opened.as_ref().map(|opened| opened.uri.clone())
    });
    assert_eq!(shown, uri);
    assert!(questions(&watched).is_empty());
}

#[test]
fn a_password_is_asked_once_for_all_connections() {
    let ssh = SshHost::up("ssh-password");
    let domain = ssh.host.running("asked");
    let mut watched = Watched::open(&ssh.by_password());
    let prompt = answer(&mut watched, 1, Some(PASSWORD));
    assert!(
        prompt.masked && prompt.text.contains("password"),
        "{prompt:?}"
    );
    watched.until("the list", |watched| watched.row(&domain.name).map(drop));
    let uuid = watched.uuid(&domain.name);
    watched
        .ask(Verb::Domain(uuid, DomainVerb::Suspend))
        .unwrap();
    assert_eq!((ssh.logins(), questions(&watched).len()), (1, 1));
    assert!(!format!("{:?}", watched.history).contains(PASSWORD));
}

#[test]
fn a_passphrase_is_asked_and_remembered_for_the_way_back() {
    let ssh = SshHost::up("ssh-passphrase");
    let mut watched = Watched::open(&ssh.by_locked_key());
    let prompt = answer(&mut watched, 1, Some(PASSWORD));
    assert!(
        prompt.masked && prompt.text.contains("passphrase"),
        "{prompt:?}"
    );
    watched.until_state("the opening", is_active);
    ssh.go_down();
    watched.until_state("the loss", is_lost);
    ssh.come_up();
    watched.until_state("the return", is_active);
    assert_eq!((ssh.logins(), questions(&watched).len()), (2, 1));
}

#[test]
fn a_wrong_password_is_a_failure_with_a_way_out_and_no_loop() {
    let ssh = SshHost::up("ssh-wrong");
    let mut watched = Watched::open(&ssh.by_password());
    for count in 1..=3 {
        let prompt = answer(&mut watched, count, Some("wrong"));
        assert_eq!(prompt.text.starts_with("Not accepted."), count > 1);
    }
    let (refused, retry_in) = failure(&mut watched);
    assert!(refused.reason.contains("Permission denied ("), "{refused}");
    let command = refused.remedy.unwrap().command.unwrap().join(" ");
    assert!(command.starts_with("ssh -p 2222 lab@127."), "{command}");
    assert!(retry_in > Duration::from_secs(10), "{retry_in:?}");
    assert_eq!(questions(&watched).len(), 3);
    // A person who asks for it is asked again.
    watched.fleet.retry(watched.id);
    answer(&mut watched, 4, Some(PASSWORD));
    watched.until_state("the opening", is_active);
    assert_eq!((ssh.logins(), ssh.logged("Failed password")), (1, 3));
}

#[test]
fn giving_up_ends_the_login_at_once() {
    let ssh = SshHost::up("ssh-declined");
    let mut watched = Watched::open(&ssh.by_password());
    answer(&mut watched, 1, None);
    let (given_up, _) = failure(&mut watched);
    assert!(given_up.reason.contains("given up"), "{given_up}");
    assert!(given_up.remedy.unwrap().advice.contains("Retry"));
    assert_eq!(ssh.logged("Failed password"), 0);
    wait_until(PATIENCE, "the end of ssh", || ssh.masters().is_empty());
}

#[test]
fn the_time_that_a_person_takes_is_not_the_hosts() {
    let ssh = SshHost::up("ssh-slow-person");
    let mut watched = Watched::open(&ssh.by_password());
    question(&mut watched, 1);
    // Longer than an opening may take.
    thread::sleep(Duration::from_secs(11));
    answer(&mut watched, 1, Some(PASSWORD));
    watched.until_state("the opening", is_active);
    assert!(
        !watched
            .history
            .iter()
            .any(|news| matches!(news, News::State(ConnectionState::Lost { .. }, _)))
    );
}

#[test]
fn an_unknown_host_is_asked_about_in_the_open() {
    let ssh = SshHost::up("ssh-unknown");
    fs::write(ssh.known_hosts(), "").unwrap();
    let mut watched = Watched::open(&ssh.by_key());
    let prompt = answer(&mut watched, 1, Some("no"));
    assert!(
        !prompt.masked && prompt.text.contains("SHA256:"),
        "{prompt:?}"
    );
    assert!(!prompt.text.contains('\n'));
    let (refused, _) = failure(&mut watched);
    assert!(refused.reason.contains("Host key verification failed"));
    assert!(refused.remedy.unwrap().command.is_some());
    watched.fleet.retry(watched.id);
    answer(&mut watched, 2, Some("yes"));
    watched.until_state("the opening", is_active);
    assert!(!fs::read_to_string(ssh.known_hosts()).unwrap().is_empty());
}

#[test]
fn a_killed_server_is_found_again_without_a_question() {
    let ssh = SshHost::up("ssh-killed");
    let mut watched = Watched::open(&ssh.by_key());
    watched.until_state("the opening", is_active);
    for logins in 2..4 {
        ssh.go_down();
        watched.until_state("the loss", is_lost);
        ssh.come_up();
        watched.until_state("the return", is_active);
        assert_eq!(ssh.logins(), logins);
    }
    assert!(questions(&watched).is_empty());
}

#[test]
fn a_restarted_daemon_costs_no_login() {
    let ssh = SshHost::up("ssh-daemon");
    let mut watched = Watched::open(&ssh.by_password());
    answer(&mut watched, 1, Some(PASSWORD));
    watched.until_state("the opening", is_active);
    ssh.host.end_daemon();
    watched.until_state("the loss", is_lost);
    ssh.host.start_daemon();
    watched.until_state("the return", is_active);
    assert_eq!((ssh.logins(), questions(&watched).len()), (1, 1));
}

#[test]
fn a_host_without_netcat_is_told_how_to_get_it() {
    let ssh = SshHost::bare("ssh-bare");
    let mut watched = Watched::open(&ssh.by_key());
    let (failure, _) = failure(&mut watched);
    assert!(failure.reason.contains("nc: not found"), "{failure}");
    let remedy = failure.remedy.unwrap();
    assert!(remedy.advice.contains("netcat-openbsd"), "{remedy:?}");
    assert!(!failure.reason.contains("virtty-"), "{}", failure.reason);
}

#[test]
fn a_display_is_reached_over_the_same_login() {
    let ssh = SshHost::up("ssh-display");
    let domain = ssh.host.tiny_with("shown", VNC);
    domain.start();
    let shown = ssh.host.virsh(&["domdisplay", &domain.name]);
    let display: u16 = shown.trim().rsplit(':').next().unwrap().parse().unwrap();
    let mut watched = Watched::open(&ssh.by_key());
    watched.until_state("the opening", is_active);
    let place = format!("127.0.0.1:{}", 5900 + display);
    let words = watched
        .fleet
        .ssh_command(watched.id, &["-W", &place])
        .unwrap();
    let mut child = Command::new(&words[0])
        .args(&words[1..])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut greeting = [0; 12];
    let mut output = child.stdout.take().unwrap();
    output.read_exact(&mut greeting).unwrap();
    assert_eq!(&greeting, b"RFB 003.008\n");
    drop(child.stdin.take());
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(ssh.logins(), 1);
    ssh.go_down();
    watched.until_state("the loss", is_lost);
    wait_until(PATIENCE, "no login to go over", || {
        watched.fleet.ssh_command(watched.id, &["-W"]).is_none()
    });
}

#[test]
fn the_login_has_no_terminal_and_ends_with_the_connection() {
    let ssh = SshHost::up("ssh-gone");
    let mut watched = Watched::open(&ssh.by_key());
    watched.until_state("the opening", is_active);
    let masters = ssh.masters();
    assert_eq!(masters.len(), 1);
    assert_has_no_terminal(masters[0]);
    drop(watched);
    wait_until(PATIENCE, "the end of ssh", || ssh.masters().is_empty());
}

/// The program itself, with a folder of its own for what it makes.
fn program(ssh: &SshHost, uri: &str, words: &[&str]) -> (Command, tempfile::TempDir) {
    let runtime = tempfile::tempdir().unwrap();
    assert!(ssh.masters().is_empty());
    let mut command = Command::new("setsid");
    command
        .args(["--wait", env!("CARGO_BIN_EXE_virtty"), "-c", uri])
        .args(words)
        .env("XDG_RUNTIME_DIR", runtime.path())
        .env("XDG_CONFIG_HOME", runtime.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    (command, runtime)
}

#[test]
fn a_command_leaves_nothing_behind_and_shows_the_uri_it_was_given() {
    let ssh = SshHost::up("ssh-command");
    let domain = ssh.host.tiny("listed");
    let uri = ssh.by_key();
    let (mut command, runtime) = program(&ssh, &uri, &["list", "--json"]);
    let output = command.output().unwrap();
    let listed = String::from_utf8(output.stdout).unwrap();
    assert!(listed.contains(&domain.name), "{listed}");
    let rows: serde_json::Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(rows[0]["connection"], uri.as_str());
    assert_eq!(fs::read_dir(runtime.path()).unwrap().count(), 0);
    wait_until(PATIENCE, "the end of ssh", || ssh.masters().is_empty());
}

#[test]
fn without_a_terminal_a_command_says_what_to_run_once() {
    let ssh = SshHost::up("ssh-no-terminal");
    let (mut command, _runtime) = program(&ssh, &ssh.by_password(), &["list"]);
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success());
    assert!(said.contains("ssh -p 2222 lab@127."), "{said}");
    assert_eq!(ssh.logged("Failed password"), 0);
}

/// Runs until it has printed figures.
fn sampling(mut command: Command) -> Child {
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.next().is_some_and(|line| line.is_ok()), "no figures");
    // Whoever reads no more must not end it.
    thread::spawn(move || lines.for_each(drop));
    child
}

#[test]
fn a_killed_program_takes_its_login_along_and_the_next_one_sweeps_up() {
    let ssh = SshHost::up("ssh-kill");
    let _domain = ssh.host.running("sampled");
    let uri = ssh.by_key();
    let words = ["stats", "--json", "--interval", "1", "--count", "1000"];
    let (command, runtime) = program(&ssh, &uri, &words);
    let mut child = sampling(command);
    let masters = ssh.masters();
    assert_eq!(masters.len(), 1);
    let killed = Command::new("kill")
        .args(["-KILL", &stat(masters[0])[1]])
        .status();
    assert!(killed.unwrap().success());
    child.wait().unwrap();
    wait_until(PATIENCE, "the end of ssh", || ssh.masters().is_empty());
    assert_eq!(fs::read_dir(runtime.path()).unwrap().count(), 1);
    let (mut command, _) = program(&ssh, &uri, &["list"]);
    command.env("XDG_RUNTIME_DIR", runtime.path());
    assert!(command.output().unwrap().status.success());
    assert_eq!(fs::read_dir(runtime.path()).unwrap().count(), 0);
}

/// A command on a terminal, to which `typed` is typed when `prompt` has come; what the terminal showed.
fn on_a_terminal(ssh: &SshHost, prompt: &str, typed: &str) -> String {
    let line = format!(
        "{} -c '{}' list",
        env!("CARGO_BIN_EXE_virtty"),
        ssh.by_password()
    );
    let mut child = Command::new("script")
        .args(["-qefc", &line, "/dev/null"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = child.stdout.take().unwrap();
    let mut shown = String::new();
    let start = Instant::now();
    while !shown.contains(prompt) {
        let mut bytes = [0; 256];
        let count = output.read(&mut bytes).unwrap();
        assert!(count > 0 && start.elapsed() < PATIENCE, "{shown}");
        shown.push_str(&String::from_utf8_lossy(&bytes[..count]));
    }
    let masters = ssh.masters();
    assert_eq!(masters.len(), 1);
    assert_has_no_terminal(masters[0]);
    let mut input = child.stdin.take().unwrap();
    input.write_all(typed.as_bytes()).unwrap();
    output.read_to_string(&mut shown).unwrap();
    drop(input);
    child.wait().unwrap();
    shown
}

#[test]
fn on_a_terminal_a_command_asks_without_an_echo() {
    let ssh = SshHost::up("ssh-terminal");
    let domain = ssh.host.tiny("behind");
    let shown = on_a_terminal(&ssh, "password:", &format!("{PASSWORD}\n"));
    assert!(shown.contains(&domain.name), "{shown}");
    assert!(!shown.contains(PASSWORD), "{shown}");
    wait_until(PATIENCE, "the end of ssh", || ssh.masters().is_empty());
    let shown = on_a_terminal(&ssh, "password:", "abc\u{3}");
    assert!(shown.contains("given up"), "{shown}");
    assert_eq!(ssh.logged("Failed password"), 0);
}
