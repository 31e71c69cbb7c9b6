//! The agent in a guest, and QEMU's monitor.

use std::collections::BTreeSet;
use std::time::Duration;

use virtty::agent::{GuestClock, GuestInfo, GuestOutput, MonitorKind};
use virtty::app::{
    AgentLine, AgentPage, AgentWhat, Effect, Form, Layer, MonitorPage, MonitorRole, Page, Standing,
};
use virtty::config::Config;
use virtty::protocol::{
    AgentReport, AgentVerb, Answer, DomainVerb, Failure, GuestTime, GuestVcpus, JobId, KeysChange,
    News, Private, RawCommand, SshKeys, Verb,
};

use crate::material::define;
use crate::session::{Session, id, off, running, uuid};

/// Requests made since they were asked for last.
pub fn requests(session: &mut Session) -> Vec<(JobId, Verb)> {
    let sent = session.done().into_iter();
    sent.filter_map(|effect| match effect {
        Effect::Send(_, request) => Some((request.job, request.verb)),
        _ => None,
    })
    .collect()
}

fn fields(text: &str) -> GuestInfo {
    let lines = text.lines().filter_map(|line| line.trim().split_once(": "));
    GuestInfo::read(lines.map(|(field, value)| (field.to_owned(), value.to_owned())))
}

/// What an agent says of a server.
pub fn report() -> AgentReport {
    AgentReport {
        took: Duration::from_millis(3),
        clock: Some(GuestClock {
            seconds: 1_700_000_002,
            nanoseconds: 0,
            drift_ms: 2400,
            margin_ms: 2,
        }),
        info: fields(
            "hostname: db-1
             os.pretty-name: Debian GNU/Linux 12 (bookworm)
             os.machine: x86_64
             os.kernel-release: 6.1.0-18-amd64
             timezone.name: CET
             timezone.offset: 3600
             load.1m: 0.42
             load.5m: 0.30
             user.0.name: ann
             user.0.login-time: 1699990000000
             fs.0.name: vda1
             fs.0.mountpoint: /
             fs.0.fstype: ext4
             fs.0.total-bytes: 42949672960
             fs.0.used-bytes: 39513699123
             fs.0.disk.0.alias: vda
             fs.1.name: vdb
             fs.1.mountpoint: /var/lib/postgresql
             fs.1.fstype: xfs
             fs.1.total-bytes: 107374182400
             fs.1.used-bytes: 21474836480
             fs.1.disk.0.alias: vdb
             if.0.name: lo
             if.0.hwaddr: 00:00:00:00:00:00
             if.0.addr.0.addr: 127.0.0.1
             if.0.addr.0.prefix: 8
             if.1.name: enp1s0
             if.1.hwaddr: 52:54:00:aa:00:01
             if.1.addr.0.addr: 10.0.0.5
             if.1.addr.0.prefix: 24
             if.1.addr.1.addr: fe80::5054:ff:feaa:1
             if.1.addr.1.prefix: 64",
        ),
        cpus: Some(GuestVcpus {
            known: BTreeSet::from([0, 1, 2, 3]),
            online: BTreeSet::from([0, 1, 2]),
            offlinable: BTreeSet::from([1, 2, 3]),
        }),
        ..AgentReport::default()
    }
}

/// A session with web-01, whose agent stands so.
pub fn session(width: u16, height: u16, agent: Option<bool>) -> Session {
    let domain = define(running(1, "web-01"), |definition| {
        definition.guest_agent = agent
    });
    let mut session = Session::active(width, height, vec![domain]);
    session.done();
    session
}

/// The page of web-01, its agent asked and answered.
pub fn page(width: u16, height: u16) -> Session {
    let mut session = session(width, height, Some(true));
    session.keys("A");
    answer(&mut session, Ok(report()));
    session
}

/// Answers what the agent was asked.
pub fn answer(session: &mut Session, said: Result<AgentReport, &str>) {
    let asked = requests(session);
    let job = asked
        .into_iter()
        .find_map(|(job, verb)| matches!(verb, Verb::ReadAgent(_)).then_some(job))
        .expect("the agent is asked");
    let result = match said {
        Ok(report) => Ok(Answer::Agent(Box::new(report))),
        Err(reason) => Err(failure(reason)),
    };
    session.news(0, 1, News::JobFinished(job, result));
}

fn failure(reason: &str) -> Failure {
    Failure {
        what: "ask the guest agent".to_owned(),
        reason: reason.to_owned(),
        code: Some(86),
        remedy: None,
    }
}

/// Lets commands run in guests.
pub fn allow(session: &mut Session) {
    let config = Config::parse("[guest]\nrun-commands = true").unwrap();
    session.state.configure(&config);
}

/// The page on the screen.
pub fn shown(session: &Session) -> &AgentPage {
    match session.state.page() {
        Page::Agent(page) => page,
        other => panic!("another page: {}", other.title()),
    }
}

fn monitor(session: &Session) -> &MonitorPage {
    match session.state.page() {
        Page::Monitor(page) => page,
        other => panic!("another page: {}", other.title()),
    }
}

/// The lines as text.
fn text(session: &Session) -> String {
    let line = |line: AgentLine| match line.what {
        AgentWhat::Blank => String::new(),
        AgentWhat::Heading(name, note) => format!("{name} {note}"),
        AgentWhat::Text(_, words) => words,
        AgentWhat::Fact(label, _, value) => format!("{label}: {value}"),
        AgentWhat::FileSystem(system) => format!("fs {}", system.mountpoint),
        AgentWhat::User(name, about) => format!("user {name} {about}"),
        AgentWhat::Key(user, key) => format!("key {user} {key}"),
        AgentWhat::Nic(nic) => format!("nic {} {}", nic.name, nic.addresses.join(" ")),
    };
    let lines = shown(session).lines(&session.state).into_iter().map(line);
    lines.collect::<Vec<_>>().join("\n")
}

/// Goes to the line that holds this.
fn go(session: &mut Session, wanted: &str) {
    session.keys("g");
    for _ in 0..80 {
        let selected = shown(session).list().selected();
        let lines = shown(session).lines(&session.state);
        let line = lines.into_iter().find(|line| Some(line.id) == selected);
        if line.is_some_and(|line| format!("{:?}", line.what).contains(wanted)) {
            return;
        }
        session.keys("j");
    }
    panic!("no line with {wanted}");
}

fn form(session: &Session) -> &Form {
    match session.state.layers.last() {
        Some(Layer::Form(form)) => form,
        other => panic!("no form but {other:?}"),
    }
}

/// Verbs on the domain since they were asked for last.
fn verbs(session: &mut Session) -> Vec<(JobId, DomainVerb)> {
    let sent = requests(session).into_iter();
    sent.filter_map(|(job, verb)| match verb {
        Verb::Domain(_, verb) => Some((job, verb)),
        _ => None,
    })
    .collect()
}

/// What was put on record.
fn recorded(session: &mut Session) -> Vec<String> {
    let done = session.done().into_iter();
    done.filter_map(|effect| match effect {
        Effect::Record(entry) => Some(entry.line),
        _ => None,
    })
    .collect()
}

fn message(session: &Session) -> String {
    let message = session.state.messages.current();
    message.map_or_else(String::new, |message| message.text.clone())
}

#[test]
fn the_page_shows_all_that_the_agent_tells() {
    let session = page(80, 24);
    let text = text(&session);
    for part in [
        "Host name: db-1",
        "OS: Debian GNU/Linux 12 (bookworm) x86_64",
        "Clock: 2023-11-14 22:13:22 UTC, 2.4 s ahead of this machine",
        "Time zone: CET  UTC+01:00",
        "Load: 0.42 (1m)  0.30 (5m)",
        "fs /var/lib/postgresql",
        "user ann since 2023-11-14 19:26 UTC",
        "nic enp1s0 10.0.0.5/24 fe80::5054:ff:feaa:1/64",
        "Online: 0-2",
        "Offline: 3",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn it_is_asked_again_by_itself_and_less_often_when_it_does_not_answer() {
    let mut session = page(80, 24);
    session.wait(5.0);
    assert!(requests(&mut session).is_empty());
    session.wait(5.5);
    answer(
        &mut session,
        Err("Guest agent is not responding: timed out"),
    );
    assert!(text(&session).contains("not responding"));
    // What was told before stays readable.
    assert!(text(&session).contains("Host name: db-1"));
    session.wait(12.0);
    assert!(requests(&mut session).is_empty());
    session.wait(20.0);
    answer(
        &mut session,
        Err("Guest agent is not responding: timed out"),
    );
    session.keys("r");
    answer(&mut session, Ok(report()));
    assert!(!text(&session).contains("not responding"));
}

#[test]
fn without_an_agent_it_is_said_how_to_get_one() {
    let mut bare = session(80, 24, None);
    bare.keys("A");
    assert!(requests(&mut bare).is_empty());
    assert_eq!(shown(&bare).standing(&bare.state), Standing::NoChannel);
    let words = text(&bare);
    for part in [
        "org.qemu.guest_agent.0",
        "h opens the hardware, where + adds",
        "apt install qemu-guest-agent",
        "systemctl enable --now qemu-guest-agent",
    ] {
        assert!(words.contains(part), "{part}: {words}");
    }
    let mut waiting = session(80, 24, Some(false));
    waiting.keys("A");
    assert!(requests(&mut waiting).is_empty());
    assert!(!text(&waiting).contains("<channel"));
    // The key that opens the hardware works from here.
    waiting.keys("h");
    assert!(matches!(waiting.state.page(), Page::Hardware(_)));
    let mut stopped = Session::active(80, 24, vec![off(1, "web-01")]);
    stopped.done();
    stopped.keys("A");
    assert!(requests(&mut stopped).is_empty());
    assert!(text(&stopped).contains("does not run"));
}

#[test]
fn a_silent_hypervisor_and_a_read_only_connection_are_not_asked() {
    let mut silent = session(80, 24, Some(true));
    silent.silent(&[(uuid(1), 20)]);
    silent.keys("A");
    assert!(requests(&mut silent).is_empty());
    assert_eq!(shown(&silent).standing(&silent.state), Standing::Silent);
    let mut reading = Session::new(80, 24, &["qemu:///system"]);
    reading.open(0, true);
    let domain = define(running(1, "web-01"), |d| d.guest_agent = Some(true));
    reading.list(0, vec![domain]);
    reading.done();
    reading.keys("A");
    assert!(requests(&mut reading).is_empty());
    assert!(text(&reading).contains("--readonly"));
    reading.keys("F");
    assert!(reading.state.layers.is_empty());
    assert!(
        message(&reading).contains("read-only"),
        "{}",
        message(&reading)
    );
}

#[test]
fn a_frozen_guest_is_told_everywhere_and_thawing_is_offered_on_leaving() {
    let mut session = page(80, 24);
    session.keys("F");
    let Some(Layer::Confirm(confirm)) = session.state.layers.last() else {
        panic!("it is not asked")
    };
    assert!(!confirm.yes);
    assert!(confirm.body[0].contains("hangs"), "{:?}", confirm.body);
    assert!(
        confirm
            .command
            .as_ref()
            .unwrap()
            .ends_with("domfsfreeze -- web-01")
    );
    session.keys("y");
    let sent = verbs(&mut session);
    let [(job, DomainVerb::Agent(AgentVerb::Freeze(places)))] = sent.as_slice() else {
        panic!("{sent:?}")
    };
    assert!(places.is_empty());
    session.news(0, 1, News::JobFinished(*job, Ok(Answer::Done)));
    assert!(session.state.frozen_since(id(1)).is_some());
    assert_eq!(
        session.state.status_of_frozen(id(1).connection).unwrap(),
        "web-01 is FROZEN"
    );
    assert!(text(&session).starts_with("FROZEN"));
    // The agent says so itself, when it is asked.
    let frozen = AgentReport {
        frozen: true,
        ..AgentReport::default()
    };
    answer(&mut session, Ok(frozen));
    assert!(session.state.frozen_since(id(1)).is_some());
    // Leaving the program tells of it.
    session.keys("q");
    let Some(Layer::Confirm(confirm)) = session.state.layers.last() else {
        panic!("it is not asked")
    };
    assert!(
        confirm.body[0].contains("web-01 is frozen"),
        "{:?}",
        confirm.body
    );
    session.keys("<Esc>");
    // Leaving the page offers to thaw, and Enter does it.
    session.keys("<Esc>");
    let Some(Layer::Confirm(confirm)) = session.state.layers.last() else {
        panic!("it is not offered")
    };
    assert!(confirm.yes && confirm.title.contains("web-01"));
    session.keys("<Enter>");
    assert!(matches!(session.state.page(), Page::Domains));
    let sent = verbs(&mut session);
    let [(job, DomainVerb::Agent(AgentVerb::Thaw(_)))] = sent.as_slice() else {
        panic!("{sent:?}")
    };
    session.news(0, 1, News::JobFinished(*job, Ok(Answer::Done)));
    assert!(session.state.frozen_since(id(1)).is_none());
}

#[test]
fn a_guest_that_others_froze_is_found_and_one_that_stops_is_not_frozen() {
    let mut session = session(80, 24, Some(true));
    session.keys("A");
    let frozen = AgentReport {
        frozen: true,
        ..AgentReport::default()
    };
    answer(&mut session, Ok(frozen));
    assert!(session.state.frozen_since(id(1)).is_some());
    session.changed(off(1, "web-01"));
    assert!(session.state.frozen_since(id(1)).is_none());
}

#[test]
fn the_clock_is_set_and_file_systems_are_trimmed() {
    let mut session = page(80, 24);
    session.keys("=");
    let sent = verbs(&mut session);
    assert_eq!(
        sent[0].1,
        DomainVerb::Agent(AgentVerb::SetTime(GuestTime::Now))
    );
    session.news(0, 1, News::JobFinished(sent[0].0, Ok(Answer::Done)));
    assert!(recorded(&mut session)[0].contains("domtime --now -- web-01"));
    session.keys("t");
    let sent = verbs(&mut session);
    assert!(matches!(
        sent[0].1,
        DomainVerb::Agent(AgentVerb::Trim {
            mountpoint: None,
            ..
        })
    ));
}

#[test]
fn a_password_is_masked_asked_twice_and_on_no_record() {
    let mut session = page(80, 24);
    go(&mut session, "ann");
    session.keys("U");
    assert_eq!(form(&session).text("user"), "ann");
    session.keys("<Tab>hunter2<Tab>hunter3<Enter>");
    assert!(form(&session).field("again").unwrap().error.is_some());
    assert!(verbs(&mut session).is_empty());
    session.keys("<ctrl-u>hunter2<Enter>");
    let sent = verbs(&mut session);
    let [
        (
            job,
            DomainVerb::Agent(AgentVerb::SetPassword {
                user,
                password,
                encrypted,
            }),
        ),
    ] = sent.as_slice()
    else {
        panic!("{sent:?}")
    };
    assert_eq!(
        (user.as_str(), password.text(), *encrypted),
        ("ann", "hunter2", false)
    );
    assert!(form(&session).waiting.is_some());
    session.news(0, 1, News::JobFinished(*job, Ok(Answer::Done)));
    assert!(session.state.layers.is_empty());
    let recorded = recorded(&mut session);
    assert!(recorded[0].contains("set-user-password"), "{recorded:?}");
    assert!(!recorded[0].contains("hunter"), "{recorded:?}");
    // Nor does the form bring it back.
    session.keys("U");
    assert_eq!(form(&session).text("password"), "");
}

#[test]
fn keys_are_shown_added_and_taken_off() {
    let mut session = page(80, 24);
    session.keys("K<ctrl-u>ann<Enter>");
    let asked = requests(&mut session);
    let [(job, Verb::ReadSshKeys(of, user))] = asked.as_slice() else {
        panic!("{asked:?}")
    };
    assert_eq!((*of, user.as_str()), (uuid(1), "ann"));
    let keys = ["ssh-ed25519 AAAA ann@laptop", "ssh-rsa BBBB \u{1b}[31mevil"].map(str::to_owned);
    let answer = Answer::SshKeys("ann".to_owned(), keys.to_vec());
    session.news(0, 1, News::JobFinished(*job, Ok(answer)));
    assert!(text(&session).contains("key ann ssh-ed25519 AAAA ann@laptop"));
    session.keys("+nonsense<Enter>");
    assert!(form(&session).field("key").unwrap().error.is_some());
    session.keys("<ctrl-u>ssh-ed25519<Space>CCCC<Space>new<Enter>");
    let sent = verbs(&mut session);
    let [(job, DomainVerb::Agent(AgentVerb::SetKeys { user, keys, change }))] = sent.as_slice()
    else {
        panic!("{sent:?}")
    };
    assert_eq!((user.as_str(), *change), ("ann", KeysChange::Add));
    assert_eq!(
        *keys,
        SshKeys::Lines(vec!["ssh-ed25519 CCCC new".to_owned()])
    );
    session.news(0, 1, News::JobFinished(*job, Ok(Answer::Done)));
    // They are read anew by themselves.
    assert!(
        requests(&mut session)
            .iter()
            .any(|(_, verb)| matches!(verb, Verb::ReadSshKeys(..)))
    );
    let mut session = page(80, 24);
    session.keys("K<Enter>");
    let (job, _) = requests(&mut session)[0].clone();
    let answer = Answer::SshKeys("root".to_owned(), vec!["ssh-rsa X me".to_owned()]);
    session.news(0, 1, News::JobFinished(job, Ok(answer)));
    go(&mut session, "ssh-rsa X me");
    session.keys("-");
    let Some(Layer::Confirm(confirm)) = session.state.layers.last() else {
        panic!("it is not asked")
    };
    assert!(confirm.body.iter().any(|line| line == "ssh-rsa X me"));
    session.keys("y");
    assert!(matches!(
        &verbs(&mut session)[0].1,
        DomainVerb::Agent(AgentVerb::SetKeys {
            change: KeysChange::Remove,
            ..
        })
    ));
}

#[test]
fn commands_in_guests_are_off_until_the_settings_allow_them() {
    let mut session = page(80, 24);
    session.keys("R");
    assert!(session.state.layers.is_empty());
    assert!(
        message(&session).contains("run-commands"),
        "{}",
        message(&session)
    );
    session.keys(":qemu-agent-command<Space>web-01<Space>x<Enter>");
    let Some(Layer::Command(line)) = session.state.layers.last() else {
        panic!("the line stays")
    };
    assert!(line.error.as_ref().unwrap().contains("run-commands"));
    assert!(requests(&mut session).is_empty());
}

#[test]
fn a_command_runs_its_output_is_read_and_its_secrets_are_on_no_record() {
    let mut session = page(80, 24);
    allow(&mut session);
    session.keys("R/bin/tool<Space>--password=hunter2<Space>'a<Space>b'");
    let command = form(&session).command.clone().unwrap();
    assert!(
        command.contains("guest-exec") && !command.contains("hunter2"),
        "{command}"
    );
    session.keys("<Tab><Tab>typed-in<Enter>");
    let asked = requests(&mut session);
    let [(job, Verb::RunInGuest(_, run))] = asked.as_slice() else {
        panic!("{asked:?}")
    };
    assert_eq!(run.program, "/bin/tool");
    assert_eq!(run.arguments, ["--password=hunter2", "a b"]);
    assert_eq!(run.input, Some(Private::new("typed-in")));
    assert_eq!(run.seconds, 60);
    assert!(text(&session).contains("/bin/tool"), "{}", text(&session));
    let output = GuestOutput {
        code: Some(3),
        out: "one\n\u{1b}]0;title\u{7}two\n\tthree\n".to_owned(),
        err: "oh".to_owned(),
        ..GuestOutput::default()
    };
    session.news(
        0,
        1,
        News::JobFinished(*job, Ok(Answer::GuestOutput(Box::new(output)))),
    );
    let Some(Layer::Reader(reader)) = session.state.layers.last() else {
        panic!("the output is not shown")
    };
    let lines: Vec<_> = reader.lines.iter().map(|line| line.text.as_str()).collect();
    assert!(lines.contains(&"Exit code 3") && lines.contains(&"one") && lines.contains(&"oh"));
    assert!(lines.contains(&"        three"), "{lines:?}");
    assert!(
        !lines.iter().any(|line| line.contains('\u{1b}')),
        "{lines:?}"
    );
    let recorded = recorded(&mut session);
    assert!(recorded[0].contains("qemu-agent-command"), "{recorded:?}");
    assert!(!recorded[0].contains("hunter2") && !recorded[0].contains("typed-in"));
}

#[test]
fn what_no_shell_reads_may_not_look_like_a_script() {
    let mut session = page(80, 24);
    allow(&mut session);
    session.keys("Rps<Space>ax<Space>|<Space>wc<Enter>");
    let wrong = form(&session).field("command").unwrap().error.clone();
    assert!(wrong.unwrap().contains("shell"));
    session.keys("<Tab><Space><Enter>");
    let asked = requests(&mut session);
    let Verb::RunInGuest(_, run) = &asked[0].1 else {
        panic!("{asked:?}")
    };
    assert_eq!(run.program, "/bin/sh");
    assert_eq!(run.arguments, ["-c", "ps ax | wc"]);
}

#[test]
fn words_of_virsh_open_the_page_and_act() {
    for line in [
        "domtime",
        "domfsinfo<Space>web-01",
        "guestinfo",
        "domhostname",
    ] {
        let mut session = session(80, 24, Some(true));
        session.keys(&format!(":{line}<Enter>"));
        assert_eq!(shown(&session).id, id(1), "{line}");
    }
    let mut asked = session(80, 24, Some(true));
    asked.keys(":get-user-sshkeys<Space>web-01<Space>ann<Enter>");
    assert!(
        requests(&mut asked)
            .iter()
            .any(|(_, verb)| matches!(verb, Verb::ReadSshKeys(_, user) if user == "ann"))
    );
    let mut synced = session(80, 24, Some(true));
    synced.keys(":domtime<Space>--sync<Enter>");
    assert_eq!(
        verbs(&mut synced)[0].1,
        DomainVerb::Agent(AgentVerb::SetTime(GuestTime::Hardware))
    );
    let mut typed = session(80, 24, Some(true));
    typed.keys(":set-user-password<Space>web-01<Space>ann<Enter>");
    assert_eq!(form(&typed).text("user"), "ann");
    let mut told = session(80, 24, Some(true));
    told.keys(":set-user-password<Space>web-01<Space>ann<Space>hunter2<Enter>");
    let effects = told.done();
    assert!(effects.iter().any(|e| matches!(e, Effect::Send(..))));
    assert!(
        !effects.iter().any(|e| matches!(e, Effect::Remember(_))),
        "{effects:?}"
    );
    assert_eq!(told.state.history.line(0), None);
}

#[test]
fn the_monitor_warns_once_then_talks_and_keeps_its_history() {
    let mut session = session(80, 24, None);
    session.keys("<alt-q>info<Space>balloon<Enter>");
    let Some(Layer::Confirm(confirm)) = session.state.layers.last() else {
        panic!("it is not warned of")
    };
    assert!(!confirm.yes);
    assert!(confirm.body.iter().any(|line| line.contains("tainted")));
    assert!(
        confirm
            .command
            .as_ref()
            .unwrap()
            .ends_with("qemu-monitor-command --hmp -- web-01 'info balloon'")
    );
    // Nothing typed is lost by a no.
    session.keys("<Esc>");
    assert_eq!(monitor(&session).line.text(), "info balloon");
    assert!(requests(&mut session).is_empty());
    session.keys("<Enter>y");
    let effects = session.done();
    assert!(effects.contains(&Effect::RememberMonitor("info balloon".to_owned())));
    let asked: Vec<_> = effects
        .into_iter()
        .filter_map(|effect| match effect {
            Effect::Send(_, request) => Some(request),
            _ => None,
        })
        .collect();
    let raw = RawCommand::Monitor(Private::new("info balloon"), MonitorKind::Hmp);
    assert_eq!(asked[0].verb, Verb::Raw(uuid(1), raw));
    let said = Answer::Said("balloon: actual=\u{1b}[1m256\r\n".to_owned());
    session.news(0, 1, News::JobFinished(asked[0].job, Ok(said)));
    let last = monitor(&session).lines().last().unwrap();
    assert_eq!(last.role, MonitorRole::Said);
    assert!(last.text.starts_with("balloon: actual=") && !last.text.contains('\u{1b}'));
    let recorded = recorded(&mut session);
    assert!(
        recorded[0].ends_with("--hmp -- web-01 'info balloon'"),
        "{recorded:?}"
    );
    // The second time it is not asked.
    session.keys("<ctrl-t>query-balloon<Enter>");
    assert!(session.state.layers.is_empty());
    let asked = requests(&mut session);
    let Verb::Raw(_, RawCommand::Monitor(command, MonitorKind::Qmp)) = &asked[0].1 else {
        panic!("{asked:?}")
    };
    assert_eq!(command.text(), "{\"execute\":\"query-balloon\"}");
    // One at a time.
    session.keys("x<Enter>");
    assert!(
        message(&session).contains("not answered"),
        "{}",
        message(&session)
    );
    let said = Answer::Said("{\"return\":{\"actual\":268435456},\"id\":\"libvirt-1\"}".to_owned());
    session.news(0, 1, News::JobFinished(asked[0].0, Ok(said)));
    let lines: Vec<_> = monitor(&session)
        .lines()
        .iter()
        .map(|line| line.text.as_str())
        .collect();
    assert!(lines.contains(&"    \"actual\": 268435456"), "{lines:?}");
    session.keys("<ctrl-u><Up>");
    assert_eq!(monitor(&session).line.text(), "query-balloon");
    session.keys("<Up>");
    assert_eq!(monitor(&session).line.text(), "info balloon");
    session.keys("<Down><Down>");
    assert_eq!(monitor(&session).line.text(), "");
}

#[test]
fn secrets_for_the_monitor_are_kept_nowhere() {
    let mut session = session(80, 24, None);
    session.keys("<alt-q>set_password<Space>vnc<Space>hunter2<Enter>y");
    let effects = session.done();
    assert!(
        !effects
            .iter()
            .any(|e| matches!(e, Effect::RememberMonitor(_))),
        "{effects:?}"
    );
    let shown: Vec<_> = monitor(&session)
        .lines()
        .iter()
        .map(|line| line.text.clone())
        .collect();
    assert!(!shown.concat().contains("hunter2"), "{shown:?}");
    let asked = effects.iter().find_map(|effect| match effect {
        Effect::Send(_, request) => Some(request.job),
        _ => None,
    });
    session.news(0, 1, News::JobFinished(asked.unwrap(), Err(failure("no"))));
    let recorded = recorded(&mut session);
    assert!(!recorded[0].contains("hunter2"), "{recorded:?}");
    assert_eq!(
        monitor(&session).lines().last().unwrap().role,
        MonitorRole::Wrong
    );
    assert_eq!(session.state.monitor_history.line(0), None);
}

#[test]
fn long_answers_are_scrolled_and_searched() {
    let mut session = session(80, 24, None);
    session.keys("<alt-q>info<Space>qtree<Enter>y");
    let asked = requests(&mut session);
    let said: String = (0..200).map(|n| format!("dev: thing-{n}\n")).collect();
    session.news(0, 1, News::JobFinished(asked[0].0, Ok(Answer::Said(said))));
    session.keys("<PgUp>");
    assert!(monitor(&session).scrolled() > 0);
    session.keys("<PgDn>");
    assert_eq!(monitor(&session).scrolled(), 0);
    session.keys("<ctrl-f>thing-17<Enter>");
    let at = |session: &Session| monitor(session).lines().len() - 1 - monitor(session).scrolled();
    let found = at(&session);
    session.keys("<F3>");
    assert!(at(&session) < found);
    session.keys("<shift-F3>");
    assert_eq!(at(&session), found);
    session.keys("<ctrl-f><ctrl-u>nowhere<Enter>");
    assert!(message(&session).contains("not found"));
    session.keys("<Esc>");
    assert!(matches!(session.state.page(), Page::Domains));
}

#[test]
fn the_monitor_is_for_running_domains_of_connections_that_may_write() {
    let mut stopped = Session::active(80, 24, vec![off(1, "web-01")]);
    stopped.keys("<alt-q>");
    assert!(matches!(stopped.state.page(), Page::Domains));
    assert!(message(&stopped).contains("does not run"));
    let mut reading = Session::new(80, 24, &["qemu:///system"]);
    reading.open(0, true);
    reading.list(0, vec![running(1, "web-01")]);
    reading.keys("<alt-q>");
    assert!(
        message(&reading).contains("read-only"),
        "{}",
        message(&reading)
    );
    let mut typed = Session::new(80, 24, &["qemu:///system"]);
    typed.open(0, true);
    typed.list(0, vec![running(1, "web-01")]);
    typed.done();
    typed.keys(":qemu-monitor-command<Space>--hmp<Space>web-01<Space>info<Space>balloon<Enter>");
    assert!(requests(&mut typed).is_empty());
    let mut word = session(80, 24, None);
    word.keys(":qemu-monitor-command<Space>--hmp<Space>web-01<Space>info<Space>balloon<Enter>y");
    let asked = requests(&mut word);
    assert!(
        matches!(&asked[0].1, Verb::Raw(_, RawCommand::Monitor(text, MonitorKind::Hmp)) if text.text() == "info balloon")
    );
}
