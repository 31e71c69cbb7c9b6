//! New domains and clones by forms: defaults, what plays a part, errors at the field, what is sent, what becomes of it.

use std::sync::Arc;

use virtty::app::{Effect, Form, Layer};
use virtty::create::clone::DiskChoice;
use virtty::create::{Content, Firmware, Link, Source};
use virtty::protocol::{Answer, Failure, MadeDomains, Making, News, Verb};

use crate::offers::{cloneable, job, new_domain, offered};
use crate::session::{Session, off, running, uuid};

fn form(session: &Session) -> &Form {
    match session.state.layers.last() {
        Some(Layer::Form(form)) => form,
        other => panic!("no form but {other:?}"),
    }
}

fn making(effects: &[Effect]) -> &Making {
    let found = effects.iter().find_map(|effect| match effect {
        Effect::Send(_, request) => match &request.verb {
            Verb::Make(making) => Some(making.as_ref()),
            _ => None,
        },
        _ => None,
    });
    found.unwrap_or_else(|| panic!("{effects:?}"))
}

/// Goes to a field by the keyboard.
fn go_to(session: &mut Session, key: &str) {
    for _ in 0..80 {
        let form = form(session);
        if form.fields[form.at].key == key {
            return;
        }
        session.keys("<Tab>");
    }
    panic!("no way to {key}");
}

#[test]
fn another_host_is_chosen_and_what_was_filled_in_goes_along() {
    let uris = ["qemu:///system", "qemu+tcp://b/system"];
    let mut session = Session::new(80, 24, &uris);
    session.open(0, false).list(0, vec![running(1, "web")]);
    session.open(1, false).list(1, Vec::new());
    session.done();
    session.keys("napi");
    let asked = job(&session.done(), |verb| matches!(verb, Verb::ReadOffered));
    let answer = || Ok(Answer::Offered(Arc::new(offered())));
    session.news(0, 1, News::JobFinished(asked, answer()));
    go_to(&mut session, "memory");
    session.keys("<ctrl-u>3G");
    for _ in 0..80 {
        if form(&session).fields[form(&session).at].key == "connection" {
            break;
        }
        session.keys("<BackTab>");
    }
    session.keys("<Right>");
    let asked = session.done();
    let host = asked.iter().find_map(|effect| match effect {
        Effect::Send(id, request) if matches!(request.verb, Verb::ReadOffered) => Some(id.0),
        _ => None,
    });
    assert_eq!(host, Some(1), "{asked:?}");
    assert!(form(&session).title.ends_with(" on b"));
    let asked = job(&asked, |verb| matches!(verb, Verb::ReadOffered));
    session.news(1, 1, News::JobFinished(asked, answer()));
    let form = form(&session);
    assert_eq!(form.text("name"), "api");
    assert_eq!(form.text("memory"), "3G");
    assert_eq!(form.fields[form.at].key, "connection");
    let command = form.command.clone().unwrap();
    assert!(command.contains("qemu+tcp://b/system"), "{command}");
}

#[test]
fn a_domain_is_made_with_the_keyboard_alone() {
    let mut session = Session::active(80, 24, vec![running(1, "web")]);
    // What is typed before the host has answered stays.
    session.keys("napi");
    let asked = job(&session.done(), |verb| matches!(verb, Verb::ReadOffered));
    session.keys("<Enter>");
    assert!(
        form(&session)
            .error
            .as_ref()
            .is_some_and(|why| why.contains("looked at"))
    );
    let answer = Answer::Offered(Arc::new(offered()));
    session.news(0, 1, News::JobFinished(asked, Ok(answer)));
    assert_eq!(form(&session).text("name"), "api");
    assert_eq!(form(&session).text("media"), "default/debian-12.iso");
    assert_eq!(form(&session).text("memory"), "1G");
    let command = form(&session).command.clone().unwrap();
    assert!(
        command.contains("--cdrom default/debian-12.iso"),
        "{command}"
    );
    let preview: Vec<_> = form(&session)
        .preview
        .iter()
        .map(|(_, text)| text.clone())
        .collect();
    assert!(
        preview
            .iter()
            .any(|line| line.contains("New volume api.qcow2")),
        "{preview:?}"
    );
    assert!(
        preview.iter().any(|line| line.contains("<name>api</name>")),
        "{preview:?}"
    );
    go_to(&mut session, "vcpus");
    session.keys("<Backspace>4");
    go_to(&mut session, "firmware");
    session.keys("<Right>");
    session.keys("<Enter>");
    let effects = session.done();
    let making = making(&effects);
    assert!(making.start);
    assert_eq!(making.wanted.name, "api");
    assert_eq!(
        making.wanted.source,
        Source::Cdrom("default/debian-12.iso".to_owned())
    );
    assert_eq!(making.wanted.vcpus.current, 4);
    assert_eq!(making.wanted.firmware, Firmware::Uefi);
    let nics = making.wanted.nics.as_ref().unwrap();
    assert_eq!(nics[0].link, Link::Network("default".to_owned()));
    assert_eq!(
        making.wanted.graphics.as_ref().unwrap()[0]
            .listen
            .as_deref(),
        Some("127.0.0.1")
    );
    let sent = job(&effects, |verb| matches!(verb, Verb::Make(_)));
    session.news(
        0,
        1,
        News::JobStep(sent, "make the volume api.qcow2".to_owned()),
    );
    assert_eq!(
        form(&session).progress.as_deref(),
        Some("make the volume api.qcow2")
    );
    let made = MadeDomains {
        names: vec!["api".to_owned()],
        first: Some(uuid(9)),
        started: true,
    };
    session.news(0, 1, News::JobFinished(sent, Ok(Answer::Made(made))));
    assert!(session.state.layers.is_empty());
    let said = format!("{:?}", session.state.messages);
    assert!(said.contains("api was made and started."), "{said}");
}

#[test]
fn what_is_wrong_is_told_at_its_field_and_nothing_typed_is_lost() {
    let mut session = Session::active(80, 24, vec![running(1, "web")]);
    new_domain(&mut session);
    session.keys("web");
    assert!(
        form(&session)
            .field("name")
            .unwrap()
            .error
            .as_ref()
            .unwrap()
            .contains("taken")
    );
    go_to(&mut session, "port");
    session.keys("5901");
    go_to(&mut session, "nic-mac");
    session.keys("nonsense");
    go_to(&mut session, "max-vcpus");
    session.keys("3");
    go_to(&mut session, "vcpus");
    session.keys("<Backspace>8<Enter>");
    let wrong = |session: &Session, key: &str| form(session).field(key).unwrap().error.clone();
    assert!(wrong(&session, "nic-mac").unwrap().contains("hexadecimal"));
    assert!(
        wrong(&session, "max-vcpus")
            .unwrap()
            .contains("less than the 8")
    );
    session.keys("<Esc>");
    session.keys("n");
    let asked = job(&session.done(), |verb| matches!(verb, Verb::ReadOffered));
    let answer = Answer::Offered(Arc::new(offered()));
    session.news(0, 1, News::JobFinished(asked, Ok(answer)));
    assert_eq!(form(&session).text("nic-mac"), "nonsense");
    assert_eq!(form(&session).text("port"), "5901");
    assert_eq!(form(&session).text("name"), "web");
    go_to(&mut session, "nic-mac");
    session.keys(
        "<Backspace><Backspace><Backspace><Backspace><Backspace><Backspace><Backspace><Backspace>",
    );
    go_to(&mut session, "max-vcpus");
    session.keys("<Backspace><Enter>");
    assert!(wrong(&session, "name").unwrap().contains("taken"));
    assert!(wrong(&session, "port").unwrap().contains("5901"));
}

#[test]
fn a_cloud_image_gets_an_overlay_and_a_key() {
    let mut session = Session::active(120, 40, vec![running(1, "web")]);
    new_domain(&mut session);
    session.keys("cloudy");
    go_to(&mut session, "source");
    session.keys("a<Right>");
    while form(&session).text("source") != "cloud" {
        session.keys("<Right>");
    }
    go_to(&mut session, "image");
    session.keys("/srv/images/web.qcow2");
    go_to(&mut session, "user");
    session.keys("ann<Enter>");
    let effects = session.done();
    let making = making(&effects);
    assert_eq!(
        making.key_file.as_deref(),
        Some("/home/ann/.ssh/id_ed25519.pub")
    );
    assert_eq!(
        making.wanted.cloud_init.as_ref().unwrap().user.as_deref(),
        Some("ann")
    );
    let disks = making.wanted.disks.as_ref().unwrap();
    let Content::New(new) = &disks[0].content else {
        panic!("{disks:?}");
    };
    assert_eq!(new.backing.as_deref(), Some("/srv/images/web.qcow2"));
}

#[test]
fn a_failure_leaves_the_form_as_it_was_filled_in() {
    let mut session = Session::active(80, 24, vec![running(1, "web")]);
    new_domain(&mut session);
    session.keys("api<Enter>");
    let sent = job(&session.done(), |verb| matches!(verb, Verb::Make(_)));
    session.keys("<ctrl-x>");
    let stop = session.done();
    job(&stop, |verb| *verb == Verb::Stop(sent));
    let failure = Failure {
        what: "start api".to_owned(),
        reason: "no room; all that was made is deleted again".to_owned(),
        code: None,
        remedy: None,
    };
    session.news(0, 1, News::JobFinished(sent, Err(failure)));
    let form = form(&session);
    assert!(form.error.as_ref().unwrap().contains("deleted again"));
    assert_eq!(form.text("name"), "api");
    assert_eq!(form.waiting, None);
}

#[test]
fn read_only_hosts_are_not_asked() {
    let mut session = Session::active(80, 24, vec![running(1, "web")]);
    session.state.connections[0].spec.readonly = true;
    if let Some(opened) = &mut session.state.connections[0].opened {
        opened.readonly = true;
    }
    session.keys("n");
    assert!(session.state.layers.is_empty());
}

#[test]
fn many_linked_clones_are_one_form() {
    let mut session = Session::active(80, 24, vec![off(1, "web")]);
    session.keys("<alt-k>");
    let asked = job(&session.done(), |verb| {
        matches!(verb, Verb::ReadCloneable(..))
    });
    let answer = Answer::Cloneable(Arc::new(cloneable()));
    session.news(0, 1, News::JobFinished(asked, Ok(answer)));
    assert_eq!(form(&session).text("name"), "web-clone");
    session.keys("<Backspace><Backspace><Backspace><Backspace><Backspace>{01..03}");
    go_to(&mut session, "how");
    session.keys("<Right>");
    let preview: Vec<_> = form(&session)
        .preview
        .iter()
        .map(|(_, text)| text.clone())
        .collect();
    let text = preview.join("\n");
    for words in ["web-03", "an overlay", "becomes a base", "port 5907"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let command = form(&session).command.clone().unwrap();
    assert!(
        command.contains("--name 'web-{01..03}'") && command.contains("--linked"),
        "{command}"
    );
    session.keys("<Enter>");
    let effects = session.done();
    let found = effects.iter().find_map(|effect| match effect {
        Effect::Send(_, request) => match &request.verb {
            Verb::CloneDomain(_, cloning) => Some(cloning),
            _ => None,
        },
        _ => None,
    });
    let wish = &found.unwrap().wish;
    assert_eq!(wish.names, ["web-01", "web-02", "web-03"]);
    assert!(wish.linked);
    assert_eq!(wish.disks.get("sda"), Some(&DiskChoice::Share));
}

#[test]
fn a_running_domain_is_not_cloned() {
    let mut session = Session::active(80, 24, vec![running(1, "web")]);
    session.keys("<alt-k>");
    assert!(session.state.layers.is_empty());
    assert!(format!("{:?}", session.state.messages).contains("shut it down first"));
}

#[test]
fn the_xml_of_a_form_is_edited_and_taken_back() {
    let mut session = Session::active(120, 40, vec![running(1, "web")]);
    new_domain(&mut session);
    session.keys("api<ctrl-e>");
    assert!(session.state.layers.is_empty());
    let page = session.state.editor_page().expect("the editor is open");
    let text = page.shown().unwrap().buffer().written();
    assert!(text.contains("<name>api</name>"), "{text}");
    // A name of its own is the form's.
    session.keys("<ctrl-f>api<Enter><Backspace>other<ctrl-s>");
    assert!(session.state.layers.is_empty(), "it stays in the editor");
    session.keys("<ctrl-z><ctrl-z><ctrl-z><ctrl-z><ctrl-z><ctrl-z>");
    session.keys("<ctrl-f>utc<Enter><Backspace>localtime<ctrl-s>");
    let preview = |session: &Session| {
        let lines = form(session).preview.iter();
        lines
            .map(|(_, line)| line.clone())
            .collect::<Vec<_>>()
            .join("\n")
    };
    assert!(
        preview(&session).contains("Edited by hand"),
        "{}",
        preview(&session)
    );
    // A field that is changed afterwards still holds.
    go_to(&mut session, "vcpus");
    session.keys("<Backspace>3");
    session.keys("<ctrl-e>");
    let text = session
        .state
        .editor_page()
        .unwrap()
        .shown()
        .unwrap()
        .buffer()
        .written();
    assert!(
        text.contains("offset='localtime'") || text.contains("offset=\"localtime\""),
        "{text}"
    );
    assert!(text.contains("<vcpu>3</vcpu>"), "{text}");
    session.keys("<Esc>");
    assert_eq!(form(&session).text("vcpus"), "3");
    session.keys("<Enter>");
    let effects = session.done();
    let (base, edited) = making(&effects).edited.as_ref().unwrap();
    assert!(base.text().contains("utc") && edited.text().contains("localtime"));
}

#[test]
fn what_is_worth_knowing_stands_at_its_field() {
    let mut session = Session::active(120, 40, vec![running(1, "web")]);
    session.keys("n");
    let asked = job(&session.done(), |verb| matches!(verb, Verb::ReadOffered));
    let mut host = offered();
    for guest in &mut host.facts.guests {
        guest.virt_types.retain(|kind| kind != "kvm");
    }
    host.facts.no_kvm = Some("/dev/kvm is missing (modprobe kvm_intel)".to_owned());
    host.facts.net_devices = Some(vec![("br0".to_owned(), true), ("eth0".to_owned(), false)]);
    let answer = Answer::Offered(Arc::new(host));
    session.news(0, 1, News::JobFinished(asked, Ok(answer)));
    session.keys("api");
    let caution = |session: &Session, key: &str| form(session).field(key).unwrap().caution.clone();
    assert!(
        caution(&session, "virt")
            .unwrap()
            .contains("modprobe kvm_intel")
    );
    go_to(&mut session, "listen");
    session.keys("<ctrl-u>0.0.0.0");
    assert!(
        caution(&session, "listen")
            .unwrap()
            .contains("without a password")
    );
    go_to(&mut session, "password");
    session.keys("x");
    assert_eq!(caution(&session, "listen"), None);
    go_to(&mut session, "nic");
    while form(&session).text("nic") != "bridge" {
        session.keys("<Right>");
    }
    session.keys("<Tab>br1");
    let error = |session: &Session| form(session).field("nic-device").unwrap().error.clone();
    assert!(
        error(&session)
            .unwrap()
            .contains("no bridge 'br1'; it has br0")
    );
    session.keys("<ctrl-u>eth0");
    assert!(error(&session).unwrap().contains("is no bridge"));
    session.keys("<ctrl-u>br0");
    assert_eq!(error(&session), None);
    go_to(&mut session, "disk-size");
    session.keys("<ctrl-u>900G");
    assert!(
        caution(&session, "disk-size")
            .unwrap()
            .contains("more than the")
    );
}
