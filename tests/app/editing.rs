//! The editor of a document.

use virtty::app::{
    DialogKind, Draft, EditorPage, EditorView, Effect, EffectChoice, Event, Examination, Examine,
    ExamineQuestion, Examined, Page, PastDefinition, ReviewSide, ReviewView, SeenDefinition,
};
use virtty::config::Config;
use virtty::model::{
    ConnectionState, Domain, DomainEvent, EventKind, EventObject, ObjectChange, ObjectEvent,
    StoredKind,
};
use virtty::protocol::{
    Answer, Applied, ApplyDocument, Document, DocumentRef, Failure, JobId, News, Private, Verb,
    XmlKind,
};
use virtty::schema::{Checked, Finding, Help, Offer, OfferKind, Offers, Severity};
use virtty::xml::Row;

use crate::session::{Session, id, running, uuid};

/// A domain with a password.
pub const XML: &str = "<domain type='kvm'>
  <name>web-01</name>
  <uuid>00000001-5a5a-5a5a-5a5a-5a5a5a5a5a5a</uuid>
  <memory unit='MiB'>1024</memory>
  <vcpu current='1'>4</vcpu>
  <devices>
    <disk type='file' device='disk'>
      <source file='/srv/web-01.qcow2'/>
      <target dev='vda' bus='virtio'/>
    </disk>
    <interface type='network'>
      <mac address='52:54:00:00:00:01'/>
      <source network='default'/>
    </interface>
    <graphics type='vnc' passwd='geheim'/>
  </devices>
</domain>
";

/// What a host answers.
pub fn document(text: &str, running: bool) -> Document {
    Document {
        name: "web-01".to_owned(),
        text: Private::new(text),
        is_whole: true,
        live: running.then(|| Private::new(text.replace(" passwd='geheim'", ""))),
        is_persistent: true,
    }
}

/// The job of the last request of a kind, and what it asked.
pub fn asked(session: &mut Session, wanted: impl Fn(&Verb) -> bool) -> Option<(JobId, Verb)> {
    session
        .done()
        .into_iter()
        .rev()
        .find_map(|effect| match effect {
            Effect::Send(_, request) if wanted(&request.verb) => Some((request.job, request.verb)),
            _ => None,
        })
}

/// Answers a request.
pub fn answer(session: &mut Session, job: JobId, answer: Answer) {
    session.news(0, 1, News::JobFinished(job, Ok(answer)));
}

/// The host answers what it has.
pub fn met(session: &mut Session, document: Option<Document>) {
    let (job, _) =
        asked(session, |verb| matches!(verb, Verb::OpenDocument(_))).expect("it is read");
    answer(session, job, Answer::Document(document.map(Box::new)));
}

/// The editor of a domain, opened and read.
pub fn open(width: u16, height: u16, domain: Domain, document: Document) -> Session {
    let mut session = Session::active(width, height, vec![domain]);
    session.done();
    session.keys("e");
    met(&mut session, Some(document));
    session
}

fn edited() -> Session {
    open(100, 30, running(1, "web-01"), document(XML, true))
}

/// The editor's page.
pub fn page(session: &Session) -> &EditorPage {
    match session.state.page() {
        Page::Editor(page) => page,
        other => panic!("{}", other.title()),
    }
}

fn text(session: &Session) -> String {
    page(session).shown().unwrap().text().to_owned()
}

fn applied(session: &mut Session) -> (JobId, ApplyDocument) {
    match asked(session, |verb| matches!(verb, Verb::ApplyDocument(_))) {
        Some((job, Verb::ApplyDocument(wanted))) => (job, *wanted),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_change_is_reviewed_applied_and_read_back() {
    let mut session = edited();
    session.keys("<ctrl-f>current='1'<Enter><Right><Left><Backspace>2<ctrl-s>");
    assert!(text(&session).contains("current='2'"));
    let review = page(&session).review().unwrap();
    assert_eq!(review.rows.len(), 1);
    assert_eq!(review.rows[0].choice, EffectChoice::Now);
    assert_eq!(
        review.rows[0].virsh,
        "virsh setvcpus web-01 2 --live --config"
    );
    session.done();
    session.keys("<Enter>");
    let (job, wanted) = applied(&mut session);
    assert!(wanted.validate);
    assert_eq!(wanted.expected.text(), XML);
    assert_eq!(
        wanted.text.text(),
        XML.replace("current='1'", "current='2'")
    );
    assert_eq!(wanted.live.len(), 1);
    let now = XML
        .replace("current='1'", "current='2'")
        .replace("</devices>", "<input type='mouse' bus='ps2'/></devices>");
    let done = Applied::Done {
        now: Some(Box::new(document(&now, true))),
        live: vec![("vcpu".to_owned(), None)],
        uuid: Some(uuid(1)),
    };
    answer(&mut session, job, Answer::Applied(done));
    // What libvirt added is told, and stands in the text.
    let dialog = page(&session).dialog().unwrap();
    assert_eq!(dialog.kind, DialogKind::Made);
    assert!(
        dialog.lines.iter().any(|(line, _)| line.contains("input")),
        "{dialog:?}"
    );
    assert!(text(&session).contains("<input type='mouse'"));
    assert!(!page(&session).is_changed());
    assert_eq!(session.state.log.len(), 1);
    session.keys("<Esc>");
    // The way back, by a save of its own.
    session.keys("<alt-u>");
    assert_eq!(text(&session), XML);
    assert!(page(&session).is_changed());
    session.keys("<ctrl-s>");
    let rows = &page(&session).review().unwrap().rows;
    assert!(rows.len() > 1, "{rows:?}");
    session.keys("<Esc>");
    session.keys("<ctrl-z>");
    assert!(!page(&session).is_changed(), "it is undone as one step");
    session.keys("<Esc>");
    assert!(session.state.pages.is_empty());
}

#[test]
fn without_a_save_there_is_none_to_be_undone() {
    let mut session = edited();
    session.keys("<alt-u>");
    assert_eq!(text(&session), XML);
    assert!(!page(&session).is_changed());
}

#[test]
fn one_may_leave_what_runs_as_it_is() {
    let mut session = edited();
    session.keys("<ctrl-f>current='1'<Enter><Right><Left><Backspace>2<ctrl-s><Space><Enter>");
    let (_, wanted) = applied(&mut session);
    assert!(wanted.live.is_empty());
}

#[test]
fn a_rejected_text_stays_with_the_message_at_its_line() {
    let mut session = edited();
    session.keys("<ctrl-f>1024<Enter>-1<ctrl-s><Enter>");
    let (job, _) = applied(&mut session);
    let failure = Failure {
        what: "define the domain".to_owned(),
        reason: "XML error: Invalid value '-1' for element or attribute './memory[1]'".to_owned(),
        code: Some(27),
        remedy: None,
    };
    session.news(0, 1, News::JobFinished(job, Err(failure)));
    assert!(text(&session).contains("'MiB'>-1<"));
    assert_eq!(page(&session).dialog().unwrap().kind, DialogKind::Rejected);
    assert_eq!(page(&session).findings()[0].line, 4);
    // Knowingly without validation.
    session.keys("i");
    assert!(!page(&session).review().unwrap().validate);
}

#[test]
fn what_another_changed_is_merged_and_never_lost() {
    let mut session = edited();
    session.keys("<ctrl-f>current='1'<Enter><Right><Left><Backspace>2");
    session.done();
    session.wait(6.0);
    let theirs = XML.replace("1024", "2048");
    met(&mut session, Some(document(&theirs, true)));
    assert_eq!(page(&session).news_of_host(), Some("changed"));
    session.keys("<ctrl-s>");
    assert_eq!(page(&session).dialog().unwrap().kind, DialogKind::Merge);
    session.keys("m");
    let merged = text(&session);
    assert!(merged.contains("2048") && merged.contains("current='2'"));
    // Only one's own change is left to be applied.
    assert_eq!(page(&session).review().unwrap().rows.len(), 1);
    session.keys("<Enter>");
    let (job, wanted) = applied(&mut session);
    assert_eq!(wanted.expected.text(), theirs);
    // Another change in the very last moment is not overwritten either.
    let later = theirs.replace("default", "other");
    let changed = Applied::Changed(Box::new(document(&later, true)));
    answer(&mut session, job, Answer::Applied(changed));
    assert_eq!(page(&session).dialog().unwrap().kind, DialogKind::Merge);
    session.keys("m<Enter>");
    let (_, wanted) = applied(&mut session);
    assert!(wanted.text.text().contains("network='other'"));
    assert!(wanted.text.text().contains("current='2'"));
}

#[test]
fn conflicts_are_marked_in_the_text() {
    let mut session = edited();
    session.keys("<ctrl-f>1024<Enter>4096");
    session.done();
    session.wait(6.0);
    met(
        &mut session,
        Some(document(&XML.replace("1024", "2048"), true)),
    );
    session.keys("<ctrl-s>m");
    let marked = text(&session);
    assert!(marked.contains("<<<<<<< mine") && marked.contains("4096") && marked.contains("2048"));
    assert!(page(&session).review().is_none());
    // It cannot be saved like that.
    session.keys("<ctrl-s>");
    assert!(page(&session).review().is_none() && page(&session).dialog().is_none());
}

#[test]
fn another_order_of_devices_is_no_change() {
    let mut session = edited();
    session.keys("<ctrl-f>current='1'<Enter><Right><Left><Backspace>2");
    session.done();
    session.wait(6.0);
    let graphics = "    <graphics type='vnc' passwd='geheim'/>\n";
    let moved = XML
        .replace(graphics, "")
        .replace("  <devices>\n", &format!("  <devices>\n{graphics}"));
    met(&mut session, Some(document(&moved, true)));
    assert_eq!(page(&session).news_of_host(), None);
}

#[test]
fn an_untouched_text_follows_its_host() {
    let mut session = edited();
    session.done();
    session.wait(6.0);
    met(
        &mut session,
        Some(document(&XML.replace("1024", "2048"), true)),
    );
    assert_eq!(text(&session), XML.replace("1024", "2048"));
    assert!(!page(&session).is_changed());
}

#[test]
fn a_domain_that_is_gone_leaves_the_text() {
    let mut session = edited();
    session.keys("x");
    session.done();
    session.news(0, 1, News::Gone(id(1).uuid));
    session.wait(6.0);
    met(&mut session, None);
    assert_eq!(page(&session).news_of_host(), Some("undefined"));
    assert!(text(&session).starts_with('x'));
}

#[test]
fn a_document_without_its_passwords_is_only_read() {
    let mut document = document(XML, false);
    document.is_whole = false;
    let mut session = open(80, 24, running(1, "web-01"), document);
    session.keys("x<Enter><Backspace><ctrl-v><ctrl-7>");
    session.event(Event::Paste("y".to_owned()));
    assert_eq!(text(&session), XML);
    session.keys("<ctrl-s>");
    assert!(page(&session).review().is_none());
}

#[test]
fn passwords_are_in_no_message_and_no_log() {
    let mut session = edited();
    session.keys("<ctrl-f>geheim<Enter>neues-wort<ctrl-s>");
    let review = page(&session).review().unwrap();
    let shown = format!(
        "{:?} {:?} {:?}",
        review.rows[0].changes,
        review.diff,
        page(&session)
    );
    assert!(
        !shown.contains("geheim") && !shown.contains("neues-wort"),
        "{shown}"
    );
    session.keys("<Enter>");
    let (job, wanted) = applied(&mut session);
    assert!(wanted.text.text().contains("neues-wort"));
    assert!(!format!("{wanted:?} {:?}", session.effects).contains("neues-wort"));
    let now = XML.replace("geheim", "neues-wort");
    let done = Applied::Done {
        now: Some(Box::new(document(&now, true))),
        live: Vec::new(),
        uuid: Some(uuid(1)),
    };
    answer(&mut session, job, Answer::Applied(done));
    assert!(!format!("{:?}", session.state.log).contains("neues-wort"));
    // Copied with a password that nobody sees, it does not leave the program.
    session.keys("<ctrl-a><ctrl-c>");
    assert!(
        !session
            .done()
            .iter()
            .any(|effect| matches!(effect, Effect::Copy(_)))
    );
    session.keys("<alt-p><ctrl-c>");
    assert!(
        session
            .done()
            .iter()
            .any(|effect| matches!(effect, Effect::Copy(_)))
    );
}

#[test]
fn both_worlds_of_a_running_domain_are_seen() {
    let mut document = document(&XML.replace("1024", "2048"), true);
    document.live = Some(Private::new(XML));
    let mut session = open(80, 24, running(1, "web-01"), document);
    session.keys("<F6>");
    assert_eq!(page(&session).view(), EditorView::Now);
    assert_eq!(text(&session), XML);
    session.keys("x<F6>");
    assert_eq!(text(&session), "domain › memory: 1024 → 2048");
    session.keys("<F6>");
    assert!(text(&session).contains("2048"));
}

#[test]
fn leaving_with_changes_asks() {
    let mut session = edited();
    session.keys("x<Esc>");
    assert_eq!(page(&session).dialog().unwrap().kind, DialogKind::Leave);
    session.keys("<Esc>");
    assert!(page(&session).dialog().is_none());
    session.keys("<Esc>x");
    assert!(session.state.pages.is_empty());
}

/// The last question to the schemas.
fn examined(session: &mut Session, wanted: impl Fn(&ExamineQuestion) -> bool) -> Examine {
    session
        .done()
        .into_iter()
        .rev()
        .find_map(|effect| match effect {
            Effect::Examine(examine) if wanted(&examine.question) => Some(examine),
            _ => None,
        })
        .expect("the schemas are asked")
}

fn tell(session: &mut Session, examine: &Examine, answer: Examination) {
    session.event(Event::Examined(Box::new(Examined {
        editor: examine.editor.clone(),
        revision: examine.revision,
        answer,
    })));
}

fn finding(text: &str, words: &str, severity: Severity) -> Finding {
    let at = text.find(words).unwrap();
    Finding {
        line: text[..at].matches('\n').count() + 1,
        column: 1,
        bytes: at..at + words.len(),
        severity,
        message: format!("something is wrong with {words}"),
        hint: None,
    }
}

/// Findings in the text of a page.
pub fn with_findings(session: &mut Session, words: &[(&str, Severity)]) {
    session.keys("<End><Backspace>");
    session.keys(">");
    let examine = examined(session, |question| *question == ExamineQuestion::Check);
    let text = text(session);
    let checked = Checked {
        kind: Some("domain"),
        findings: words
            .iter()
            .map(|(words, severity)| finding(&text, words, *severity))
            .collect(),
        unchecked: None,
    };
    tell(session, &examine, Examination::Checked(checked));
}

/// What the schema offers behind what was typed.
pub fn with_offers(session: &mut Session) {
    session.keys("<ctrl-f><<>devices><Enter><Right><<>di");
    session.done();
    session.keys("<ctrl-Space>");
    let examine = examined(session, |question| {
        matches!(question, ExamineQuestion::Complete(_))
    });
    let ExamineQuestion::Complete(at) = examine.question else {
        unreachable!()
    };
    let offer = |label: &str, kind| Offer {
        label: label.to_owned(),
        insert: format!("{label}></{label}>"),
        cursor: label.len() + 1,
        kind,
        required: false,
    };
    let offers = Offers {
        replaces: at - 2..at,
        offers: vec![
            offer("disk", OfferKind::Element),
            offer("display", OfferKind::Element),
        ],
        expected: Vec::new(),
    };
    tell(session, &examine, Examination::Offers(offers));
}

#[test]
fn what_the_schema_finds_is_listed_and_gone_to() {
    let mut session = edited();
    with_findings(
        &mut session,
        &[
            ("<memory", Severity::Error),
            ("<graphics", Severity::Warning),
        ],
    );
    assert_eq!(page(&session).counts(), Some((1, 1)));
    let line = |session: &Session| page(session).shown().unwrap().buffer().cursor().line;
    session.keys("<F8>");
    assert_eq!(line(&session), 3);
    session.keys("<F8>");
    assert_eq!(line(&session), 14);
    session.keys("<F8>");
    assert_eq!(line(&session), 3);
    session.keys("<shift-F8>");
    assert_eq!(line(&session), 14);
    // An answer for a text that is no more says nothing.
    session.done();
    session.keys("x");
    let examine = examined(&mut session, |question| *question == ExamineQuestion::Check);
    session.keys("y");
    let none = Checked {
        kind: None,
        findings: Vec::new(),
        unchecked: None,
    };
    tell(&mut session, &examine, Examination::Checked(none));
    assert_eq!(page(&session).counts(), Some((1, 1)));
}

#[test]
fn what_may_be_typed_is_offered_and_taken() {
    let mut session = edited();
    with_offers(&mut session);
    session.keys("<Enter>");
    assert!(
        text(&session).contains("<devices><disk></disk>"),
        "{}",
        text(&session)
    );
    // As one step.
    session.keys("<ctrl-z>");
    assert!(text(&session).contains("<devices><di\n"));
    // A new element is offered without being asked for.
    session.done();
    session.keys("<<>");
    examined(&mut session, |question| {
        matches!(question, ExamineQuestion::Complete(_))
    });
}

#[test]
fn devices_are_gone_to_by_name() {
    let mut session = edited();
    session.keys("<ctrl-o>vda<Enter>");
    assert_eq!(page(&session).shown().unwrap().buffer().cursor().line, 6);
}

#[test]
fn drafts_are_kept_forgotten_and_offered() {
    let mut session = edited();
    session.done();
    session.keys("x");
    let kept = |session: &mut Session| {
        session
            .done()
            .into_iter()
            .rev()
            .find_map(|effect| match effect {
                Effect::KeepDraft(_, draft) => Some(*draft),
                _ => None,
            })
    };
    let draft = kept(&mut session).expect("kept at once");
    assert_eq!(draft.text.text(), format!("x{XML}"));
    assert_eq!(draft.base.text(), XML);
    session.keys("<ctrl-z>");
    assert!(
        session
            .done()
            .iter()
            .any(|effect| matches!(effect, Effect::ForgetDraft(..)))
    );
    // The program ended in the middle: it is offered when the document is opened, and merges with what came since.
    let mut session = Session::active(100, 30, vec![running(1, "web-01")]);
    let found = Draft {
        file: Some("a.json".to_owned()),
        ..draft
    };
    session.event(Event::Drafts(vec![found]));
    assert!(
        session
            .state
            .messages
            .current()
            .unwrap()
            .text
            .contains("web-01")
    );
    session.done();
    session.keys("e");
    let theirs = XML.replace("1024", "2048");
    met(&mut session, Some(document(&theirs, true)));
    assert_eq!(page(&session).dialog().unwrap().kind, DialogKind::Draft);
    session.keys("r");
    assert_eq!(text(&session), format!("x{XML}"));
    assert_eq!(page(&session).news_of_host(), Some("changed"));
    let effects = session.done();
    assert!(
        effects
            .iter()
            .any(|effect| matches!(effect, Effect::KeepDraft(..)))
    );
    assert!(
        effects
            .iter()
            .any(|effect| matches!(effect, Effect::DropDraft(file) if file == "a.json"))
    );
}

#[test]
fn a_lost_connection_leaves_the_text() {
    let mut session = edited();
    session.keys("x");
    session.news(
        0,
        1,
        News::State(
            ConnectionState::Lost {
                tries: 1,
                retry_in: std::time::Duration::from_secs(2),
            },
            None,
        ),
    );
    session.keys("y<ctrl-s>");
    assert!(text(&session).starts_with("xy"));
}

#[test]
fn the_text_goes_to_another_editor_and_comes_back() {
    let mut session = edited();
    session.done();
    session.keys("<ctrl-e>");
    let id = session.done().into_iter().find_map(|effect| match effect {
        Effect::EditOutside(id, text) => {
            assert_eq!(text.text(), XML);
            Some(id)
        }
        _ => None,
    });
    let changed = Private::new(XML.replace("1024", "2048"));
    session.event(Event::EditedOutside(id.unwrap(), Ok(changed)));
    assert!(text(&session).contains("2048"));
    session.keys("<ctrl-z>");
    assert_eq!(text(&session), XML);
}

#[test]
fn vi_keys_are_chosen_in_the_settings() {
    let mut session = edited();
    let config = Config::parse("[editor]\nmode = \"vi\"").unwrap();
    session.state.configure(&config);
    session.wait(0.1);
    session.keys("<Esc>/1024<Enter>ciw2048<Esc>:w<Enter>");
    assert!(page(&session).review().is_some(), "{}", text(&session));
    session.keys("<Esc>:q<Enter>");
    assert_eq!(page(&session).dialog().unwrap().kind, DialogKind::Leave);
    session.keys("<Esc>:q!<Enter>");
    assert!(session.state.pages.is_empty());
}

#[test]
fn the_command_line_of_qemu_is_tried_out() {
    let mut session = edited();
    session.keys("<ctrl-f>1024<Enter>2048");
    session.done();
    session.keys("<alt-d>");
    let (job, _) = asked(&mut session, |verb| matches!(verb, Verb::DryRun(..))).unwrap();
    let lines = [
        Ok(Private::new("qemu -m 1024 -smp 4")),
        Ok(Private::new("qemu -m 2048 -smp 4")),
    ];
    answer(&mut session, job, Answer::CommandLines(Box::new(lines)));
    let dialog = page(&session).dialog().unwrap();
    let lines: Vec<_> = dialog.lines.iter().map(|(line, _)| line.as_str()).collect();
    assert!(
        lines.contains(&"-m 1024".replace("-m", "--m").as_str()) && lines.contains(&"+-m 2048"),
        "{lines:?}"
    );
}

/// What the schema says of the element at the cursor.
pub fn with_help(session: &mut Session, help: Help) {
    session.keys("<ctrl-f><<>disk<Enter>");
    session.done();
    session.keys("<alt-h>");
    let examine = examined(session, |question| {
        matches!(question, ExamineQuestion::Help(_))
    });
    tell(session, &examine, Examination::Help(Some(Box::new(help))));
}

#[test]
fn a_change_may_be_left_out_and_stays_in_the_text() {
    let mut session = edited();
    session
        .keys("<ctrl-f>current='1'<Enter><Right><Left><Backspace>2<ctrl-f>1024<Enter>2048<ctrl-s>");
    // The memory, which needs a restart.
    session.keys("<Space><Enter>");
    let (job, wanted) = applied(&mut session);
    assert_eq!(
        wanted.text.text(),
        XML.replace("current='1'", "current='2'")
    );
    let done = Applied::Done {
        now: Some(Box::new(document(wanted.text.text(), true))),
        live: vec![("vcpu".to_owned(), None)],
        uuid: Some(uuid(1)),
    };
    answer(&mut session, job, Answer::Applied(done));
    assert!(text(&session).contains("2048") && page(&session).is_changed());
    session.keys("<ctrl-s>");
    assert_eq!(page(&session).review().unwrap().rows.len(), 1);
}

#[test]
fn former_definitions_are_kept_and_taken_up_again() {
    let mut session = Session::active(100, 30, vec![running(1, "web-01")]);
    session.state.configure(&Config::default());
    session.done();
    // Somebody defined it anew.
    let event = DomainEvent {
        uuid: uuid(1),
        time: session.now.wall,
        name: "web-01".to_owned(),
        kind: EventKind::Lifecycle {
            event: 0,
            detail: 1,
        },
    };
    session.news(0, 1, News::Event(event));
    let (job, _) =
        asked(&mut session, |verb| matches!(verb, Verb::ReadXml(..))).expect("it is read");
    let plain = XML.replace(" passwd='geheim'", "");
    answer(
        &mut session,
        job,
        Answer::Xml {
            text: plain.clone(),
            kind: XmlKind::Inactive,
        },
    );
    let kept = session.done().into_iter().find_map(|effect| match effect {
        Effect::KeepDefinition(seen) => Some(*seen),
        _ => None,
    });
    let kept = kept.expect("it is kept");
    assert!(!kept.by_us && kept.text.text() == plain);
    // One of before is taken into the text; the password, which it has not, stays.
    session.keys("e");
    met(&mut session, Some(document(XML, true)));
    session.keys("<alt-y>");
    let id = session.done().into_iter().find_map(|effect| match effect {
        Effect::ReadDefinitions(id, _) => Some(id),
        _ => None,
    });
    let past = PastDefinition {
        time: session.now.wall,
        by_us: false,
        text: Private::new(plain.replace("1024", "512")),
    };
    session.event(Event::Definitions(id.unwrap(), vec![past]));
    session.keys("<Enter>");
    assert_eq!(text(&session), XML.replace("1024", "512"));
}

/// What was handed over to be kept.
fn kept(session: &mut Session) -> Option<SeenDefinition> {
    session.done().into_iter().find_map(|effect| match effect {
        Effect::KeepDefinition(seen) => Some(*seen),
        _ => None,
    })
}

#[test]
fn definitions_of_other_kinds_are_kept_too() {
    let mut session = Session::active(100, 30, vec![running(1, "web-01")]);
    session.state.configure(&Config::default());
    session.done();
    let event = ObjectEvent {
        object: EventObject::Network,
        name: "lan".to_owned(),
        uuid: Some(uuid(9)),
        time: session.now.wall,
        change: ObjectChange::Lifecycle {
            event: 0,
            detail: 0,
        },
    };
    session.news(0, 1, News::ObjectEvent(event));
    let what = DocumentRef::Stored(StoredKind::Network, uuid(9));
    let (job, verb) =
        asked(&mut session, |verb| matches!(verb, Verb::OpenDocument(_))).expect("it is read");
    assert_eq!(verb, Verb::OpenDocument(what.clone()));
    let lan = document("<network><name>lan</name></network>", false);
    answer(&mut session, job, Answer::Document(Some(Box::new(lan))));
    let kept = kept(&mut session).expect("it is kept");
    assert_eq!((kept.what, kept.by_us), (what, false));
}

#[test]
fn what_other_pages_change_is_kept_as_ones_own() {
    let mut session = Session::active(100, 30, vec![running(1, "web-01")]);
    session.state.configure(&Config::default());
    session.done();
    session.keys(":setvcpus web-01 2 --config<Enter>");
    let (job, _) =
        asked(&mut session, |verb| matches!(verb, Verb::Domain(..))).expect("it is sent");
    // libvirt tells no event of it.
    answer(&mut session, job, Answer::Done);
    let (job, _) =
        asked(&mut session, |verb| matches!(verb, Verb::ReadXml(..))).expect("it is read");
    let text = XML.to_owned();
    let kind = XmlKind::Inactive;
    answer(&mut session, job, Answer::Xml { text, kind });
    assert!(kept(&mut session).expect("it is kept").by_us);
}

#[test]
fn none_are_kept_where_the_settings_say_so() {
    let mut session = Session::active(100, 30, vec![running(1, "web-01")]);
    let mut config = Config::default();
    config.editor.history = 0;
    session.state.configure(&config);
    session.done();
    session.keys(":setvcpus web-01 2 --config<Enter>");
    let (job, _) =
        asked(&mut session, |verb| matches!(verb, Verb::Domain(..))).expect("it is sent");
    answer(&mut session, job, Answer::Done);
    assert_eq!(
        asked(&mut session, |verb| matches!(verb, Verb::ReadXml(..))),
        None
    );
}

#[test]
fn lines_are_compared_below_and_beside_each_other() {
    let mut session = edited();
    session.keys("<ctrl-f>1024<Enter>2048<ctrl-s>");
    let view = |session: &Session| page(session).review().unwrap().view;
    assert_eq!(view(&session), ReviewView::Elements);
    session.keys("t");
    assert_eq!(view(&session), ReviewView::Lines);
    session.keys("t");
    assert_eq!(view(&session), ReviewView::Sides);
    let review = page(&session).review().unwrap();
    let changed = ReviewSide::Row(Row::Changed(
        4,
        "  <memory unit='MiB'>1024</memory>".to_owned(),
        4,
        "  <memory unit='MiB'>2048</memory>".to_owned(),
    ));
    assert!(review.sides.contains(&changed), "{:?}", review.sides);
    assert_eq!(review.sides.last(), Some(&ReviewSide::Same(10)));
    session.keys("><<>");
    assert_eq!(page(&session).review().unwrap().left, 0);
    session.keys("t");
    assert_eq!(view(&session), ReviewView::Elements);
}

#[test]
fn new_definitions_begin_with_a_template() {
    let mut session = Session::active(100, 30, vec![running(1, "web-01")]);
    session.done();
    session.keys("<ctrl-p>define new network<Enter>");
    assert!(
        text(&session).starts_with("<network>"),
        "{}",
        text(&session)
    );
    assert!(!page(&session).is_changed());
    session.keys("<ctrl-f>new<Enter>intern<ctrl-s><Enter>");
    let (job, wanted) = applied(&mut session);
    assert!(matches!(wanted.what, DocumentRef::New(StoredKind::Network)));
    assert_eq!(wanted.expected.text(), "");
    let done = Applied::Done {
        now: Some(Box::new(Document {
            live: None,
            name: "intern".to_owned(),
            ..document(wanted.text.text(), false)
        })),
        live: Vec::new(),
        uuid: Some(uuid(7)),
    };
    answer(&mut session, job, Answer::Applied(done));
    assert_eq!(
        page(&session).what,
        DocumentRef::Stored(StoredKind::Network, uuid(7))
    );
    assert!(!page(&session).is_changed());
}
