//! The hardware of a domain.

use virtty::app::{EditorView, Effect, Form, HardwareLine, HardwarePage, Layer, Page};
use virtty::hardware::{Change, HostDevice, Pending, To};
use virtty::protocol::{
    Affect, Answer, Definitions, DeviceVerb, DeviceXml, DiskVerb, Document, DomainVerb, Failure,
    HardwareVerb, JobId, News, Private, Verb,
};

use crate::session::{Session, id, off, running, uuid};

/// A definition as libvirt stores it.
pub const STORED: &str = include_str!("../fixtures/hardware/stored.xml");
/// The same as it runs, before the last changes were stored.
pub const RUNNING: &str = include_str!("../fixtures/hardware/running.xml");

/// Requests made since they were asked for last.
pub fn requests(session: &mut Session) -> Vec<(JobId, Verb)> {
    let sent = session
        .done()
        .into_iter()
        .filter_map(|effect| match effect {
            Effect::Send(_, request) => Some((request.job, request.verb)),
            _ => None,
        });
    sent.collect()
}

/// Answers the reading of the definitions.
pub fn fill(session: &mut Session, running: Option<&str>, stored: Option<&str>) {
    let asked = requests(session);
    let job = asked
        .into_iter()
        .find_map(|(job, verb)| matches!(verb, Verb::ReadHardware(_)).then_some(job))
        .expect("the hardware is asked for");
    let answer = Answer::Hardware(Box::new(Definitions {
        running: running.map(str::to_owned),
        stored: stored.map(str::to_owned),
    }));
    session.news(0, 1, News::JobFinished(job, Ok(answer)));
}

/// The page of web-01 with both definitions read.
pub fn page(width: u16, height: u16) -> Session {
    let mut session = Session::active(
        width,
        height,
        vec![running(2, "web-02"), running(1, "web-01")],
    );
    session.done();
    session.state.table.select(id(1));
    session.keys("h");
    fill(&mut session, Some(RUNNING), Some(STORED));
    session
}

/// The page on the screen.
pub fn shown(session: &Session) -> &HardwarePage {
    match session.state.page() {
        Page::Hardware(page) => page,
        other => panic!("another page: {}", other.title()),
    }
}

/// Goes to the item of this name.
pub fn go(session: &mut Session, title: &str) {
    session.keys("g");
    for _ in 0..100 {
        if shown(session).selected().unwrap().title == title {
            return;
        }
        session.keys("j");
    }
    panic!("no item {title}");
}

/// The lines about the selected item as text.
pub fn text(session: &Session) -> String {
    let lines = shown(session).lines(&session.state, 80);
    let line = |line: &HardwareLine| match line {
        HardwareLine::Fact { label, now, next } => match next {
            Some(next) => format!("{label}: {now} -> {next}"),
            None => format!("{label}: {now}"),
        },
        HardwareLine::Heading(words)
        | HardwareLine::Note(words)
        | HardwareLine::Warning(words)
        | HardwareLine::Xml(words) => words.clone(),
        HardwareLine::Blank => String::new(),
    };
    lines.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn both_definitions_are_read_and_laid_side_by_side() {
    let mut session = page(80, 24);
    let hardware = shown(&session).hardware().unwrap();
    assert!(hardware.runs && hardware.stored);
    let waiting: Vec<_> = hardware
        .items
        .iter()
        .filter(|item| item.pending != Pending::Nothing)
        .map(|item| (item.title.as_str(), item.pending))
        .collect();
    assert_eq!(
        waiting,
        [
            ("CPUs", Pending::Changes),
            ("Memory", Pending::Changes),
            ("NIC 52:54:00:aa:00:01", Pending::Changes),
            ("NIC 52:54:00:aa:00:02", Pending::Goes),
            ("RNG /dev/urandom", Pending::Comes),
        ]
    );
    go(&mut session, "CPUs");
    assert!(
        text(&session).contains("Maximum: 4 -> 8"),
        "{}",
        text(&session)
    );
    go(&mut session, "NIC 52:54:00:aa:00:01");
    let lines = text(&session);
    assert!(lines.contains("Model: virtio -> e1000e"), "{lines}");
    assert!(lines.contains("On host: vnet3"), "{lines}");
    assert!(lines.contains("XML at the next boot"), "{lines}");
}

#[test]
fn it_is_read_anew_while_one_looks_and_a_failure_keeps_what_was_read() {
    let mut session = page(80, 24);
    go(&mut session, "CPUs");
    assert!(requests(&mut session).is_empty());
    session.wait(2.5);
    let asked = requests(&mut session);
    let [(job, Verb::ReadHardware(of))] = asked.as_slice() else {
        panic!("{asked:?}")
    };
    assert_eq!(*of, uuid(1));
    let failure = Failure {
        what: "read the hardware".to_owned(),
        reason: "gone".to_owned(),
        code: None,
        remedy: None,
    };
    session.news(0, 1, News::JobFinished(*job, Err(failure)));
    assert_eq!(shown(&session).failure().unwrap().reason, "gone");
    assert_eq!(shown(&session).selected().unwrap().title, "CPUs");
    session.keys("r");
    fill(&mut session, None, Some(STORED));
    assert!(shown(&session).failure().is_none());
    // Now it is off: nothing waits any more.
    assert_eq!(shown(&session).hardware().unwrap().waiting(), 0);
    assert_eq!(shown(&session).selected().unwrap().title, "CPUs");
}

#[test]
fn what_has_no_room_is_scrolled_and_the_keys_move_the_list() {
    let mut session = page(80, 24);
    go(&mut session, "Overview");
    session.keys("<PgDn>");
    assert!(shown(&session).scrolled() > 0);
    session.keys("<PgDn><PgDn><PgDn><PgDn>");
    let end = shown(&session).scrolled();
    session.keys("<PgDn>");
    assert_eq!(shown(&session).scrolled(), end);
    session.keys("j");
    assert_eq!(shown(&session).scrolled(), 0);
    session.keys("G");
    let last = shown(&session).hardware().unwrap().items.last().unwrap().id;
    assert_eq!(shown(&session).list().selected(), Some(last));
    session.keys("<Esc>");
    assert!(matches!(session.state.page(), Page::Domains));
}

#[test]
fn a_text_that_is_no_xml_is_told() {
    let mut session = Session::active(80, 24, vec![running(1, "web-01")]);
    session.done();
    session.keys("h");
    fill(&mut session, Some("<domain"), None);
    assert!(shown(&session).hardware().is_none());
    assert!(shown(&session).failure().is_some());
}

/// The verbs on domains since they were asked for last.
fn verbs(session: &mut Session) -> Vec<(JobId, DomainVerb)> {
    let sent = requests(session).into_iter();
    sent.filter_map(|(job, verb)| match verb {
        Verb::Domain(_, verb) => Some((job, verb)),
        _ => None,
    })
    .collect()
}

fn form(session: &Session) -> &Form {
    match session.state.layers.last() {
        Some(Layer::Form(form)) => form,
        other => panic!("no form but {other:?}"),
    }
}

fn refused(session: &mut Session, job: JobId, reason: &str) {
    let failure = Failure {
        what: "Change 'web-01'".to_owned(),
        reason: reason.to_owned(),
        code: None,
        remedy: None,
    };
    session.news(0, 1, News::JobFinished(job, Err(failure)));
}

#[test]
fn hardware_is_taken_out_after_a_question_where_it_is() {
    let mut session = page(80, 24);
    go(&mut session, "NIC 52:54:00:aa:00:02");
    session.keys("-");
    let Some(Layer::Confirm(confirm)) = session.state.layers.last() else {
        panic!("it is not asked")
    };
    let command = confirm.command.clone().unwrap();
    assert!(
        command.contains("detach-interface --mac 52:54:00:aa:00:02 --live -- web-01 bridge"),
        "{command}"
    );
    session.keys("y");
    let sent = verbs(&mut session);
    assert_eq!(
        sent[0].1,
        DomainVerb::Hardware(HardwareVerb::DetachNic {
            kind: "bridge".to_owned(),
            mac: Some("52:54:00:aa:00:02".to_owned()),
            affect: Affect::Live,
        })
    );
}

#[test]
fn a_disk_goes_as_the_workbench_takes_it_and_what_cannot_be_pulled_waits() {
    let mut session = page(80, 24);
    go(&mut session, "VirtIO Disk vda");
    session.keys("-y");
    let sent = verbs(&mut session);
    assert_eq!(
        sent[0].1,
        DomainVerb::Disk(DiskVerb::Detach("vda".to_owned(), Affect::Both))
    );
    let mut session = page(80, 24);
    go(&mut session, "Video VirtIO");
    session.keys("-y");
    let sent = verbs(&mut session);
    assert!(
        matches!(
            &sent[0].1,
            DomainVerb::Hardware(HardwareVerb::Device {
                verb: DeviceVerb::Detach,
                xml: DeviceXml::Found(..),
                affect: Affect::Config,
            })
        ),
        "{sent:?}"
    );
    let mut session = page(80, 24);
    go(&mut session, "Memory");
    session.keys("-");
    assert!(session.state.layers.is_empty());
    assert!(verbs(&mut session).is_empty());
}

#[test]
fn the_link_is_set_by_one_key() {
    let mut session = page(80, 24);
    go(&mut session, "NIC 52:54:00:aa:00:01");
    session.keys("o");
    let sent = verbs(&mut session);
    assert_eq!(
        sent[0].1,
        DomainVerb::Hardware(HardwareVerb::SetLink {
            interface: "52:54:00:aa:00:01".to_owned(),
            up: false,
            affect: Affect::Both,
        })
    );
}

#[test]
fn what_the_running_domain_refuses_is_offered_for_the_next_boot() {
    let mut session = page(80, 24);
    session.keys(":setvcpus web-01 3 --live --config<Enter>");
    let sent = verbs(&mut session);
    refused(
        &mut session,
        sent[0].0,
        "cannot unplug vCPUs of this machine",
    );
    let Some(Layer::Confirm(confirm)) = session.state.layers.last() else {
        panic!("it is not offered")
    };
    assert!(
        confirm.body[0].contains("cannot unplug vCPUs"),
        "{:?}",
        confirm.body
    );
    assert!(
        confirm
            .command
            .as_deref()
            .unwrap()
            .contains("setvcpus --config -- web-01 3")
    );
    session.keys("y");
    let sent = verbs(&mut session);
    let DomainVerb::SetVcpus {
        count: 3,
        affect: Affect::Config,
        ..
    } = sent[0].1
    else {
        panic!("{sent:?}")
    };
    // A second refusal leads to no second offer.
    refused(&mut session, sent[0].0, "no");
    assert!(session.state.layers.is_empty());
}

#[test]
fn a_nic_is_changed_in_a_form_that_says_what_holds_when() {
    let mut session = page(120, 40);
    go(&mut session, "NIC 52:54:00:aa:00:01");
    session.keys("<Enter>");
    assert_eq!(form(&session).text("source"), "default");
    assert_eq!(form(&session).text("model@type"), "e1000e");
    let lines = |session: &Session| -> Vec<String> {
        form(session)
            .preview
            .iter()
            .map(|(_, line)| line.clone())
            .collect()
    };
    assert_eq!(lines(&session), ["Nothing is changed."]);
    // To the name, another network; to the model; then the link.
    session.keys("<Tab><ctrl-u>lab<Tab>vv");
    let told = lines(&session);
    assert!(
        told.iter()
            .any(|line| line.contains("source@network: default → lab  (at once)")),
        "{told:?}"
    );
    assert!(
        told.iter()
            .any(|line| line.contains("model@type: e1000e → virtio  (next boot)")),
        "{told:?}"
    );
    assert!(
        form(&session)
            .command
            .as_deref()
            .unwrap()
            .starts_with("virt-xml --connect qemu:///system web-01 --edit")
    );
    session.keys("<Tab><ctrl-u>53:54:00:00:00:01<Enter>");
    assert!(form(&session).field("mac@address").unwrap().error.is_some());
    session.keys("<ctrl-u>52:54:00:aa:00:01<Enter>");
    let sent = verbs(&mut session);
    let DomainVerb::Hardware(HardwareVerb::Edit(edit, Affect::Both)) = &sent[0].1 else {
        panic!("{sent:?}")
    };
    let place = shown(&session).selected().unwrap().place().unwrap();
    assert!(
        edit.changes
            .contains(&Change::device(&place, "model@type", Some("virtio")))
    );
    assert!(
        edit.changes
            .contains(&Change::device(&place, "source@network", Some("lab")))
    );
    // It stays until it is answered, and longer when that failed.
    refused(&mut session, sent[0].0, "no such network: lab");
    assert!(
        form(&session)
            .error
            .as_deref()
            .unwrap()
            .contains("no such network")
    );
    assert_eq!(form(&session).text("source"), "lab");
    session.keys("<Enter>");
    let sent = verbs(&mut session);
    session.news(0, 1, News::JobFinished(sent[0].0, Ok(Answer::Done)));
    assert!(session.state.layers.is_empty());
}

#[test]
fn the_topology_must_make_the_maximum() {
    let mut session = page(80, 24);
    go(&mut session, "CPUs");
    session.keys("<Enter>");
    assert_eq!(form(&session).text("vcpu"), "8");
    session.keys("<Tab><ctrl-u>6<Enter>");
    let wrong = form(&session)
        .field("cpu/topology@sockets")
        .unwrap()
        .error
        .clone();
    assert_eq!(wrong.unwrap(), "2 × 2 × 2 is 8, and the maximum is 6.");
    session.keys("<ctrl-u>3<Tab><ctrl-u>2<Tab><ctrl-u>1<Enter>");
    let sent = verbs(&mut session);
    let DomainVerb::Hardware(HardwareVerb::Edit(edit, _)) = &sent[0].1 else {
        panic!("{sent:?}")
    };
    let paths: Vec<_> = edit
        .changes
        .iter()
        .map(|change| change.path.as_str())
        .collect();
    assert_eq!(
        paths,
        ["vcpu", "cpu/topology@sockets", "cpu/topology@threads"]
    );
}

#[test]
fn memory_and_the_order_of_booting_are_changed() {
    let mut session = page(80, 24);
    go(&mut session, "Memory");
    session.keys("<Enter>");
    assert_eq!(form(&session).text("currentMemory"), "2G");
    session.keys("<ctrl-u>16G<Enter>");
    assert!(
        form(&session)
            .field("currentMemory")
            .unwrap()
            .error
            .is_some()
    );
    session.keys("<ctrl-u>1G<Enter>");
    let sent = verbs(&mut session);
    let DomainVerb::Hardware(HardwareVerb::Edit(edit, Affect::Both)) = &sent[0].1 else {
        panic!("{sent:?}")
    };
    assert_eq!(
        edit.changes,
        [Change::domain("currentMemory", Some("1048576"))]
    );
    assert!(edit.changes[0].is_live());
    session.news(0, 1, News::JobFinished(sent[0].0, Ok(Answer::Done)));
    go(&mut session, "Boot Options");
    session.keys("<Enter>");
    assert_eq!(form(&session).text("order"), "hd");
    session.keys("<ctrl-u>vda,hd<Enter>");
    assert!(form(&session).field("order").unwrap().error.is_some());
    session.keys("<ctrl-u>network,hd<Enter>");
    let sent = verbs(&mut session);
    let DomainVerb::Hardware(HardwareVerb::Edit(edit, _)) = &sent[0].1 else {
        panic!("{sent:?}")
    };
    let order = To::Each("dev", vec!["network".to_owned(), "hd".to_owned()]);
    assert_eq!(edit.changes[0].to, order);
}

#[test]
fn devices_are_added_with_their_xml_beside_the_fields() {
    let mut session = page(120, 40);
    session.keys("+");
    // To the random numbers.
    session.keys("R");
    assert_eq!(form(&session).text("device"), "rng");
    let xml: Vec<_> = form(&session)
        .preview
        .iter()
        .map(|(_, line)| line.as_str())
        .collect();
    assert_eq!(xml[0], "<rng model='virtio'>");
    assert!(
        form(&session).command.as_deref().unwrap().contains(
            "| virsh -c qemu:///system attach-device --live --config -- web-01 /dev/stdin"
        )
    );
    session.keys("<Enter>");
    let sent = verbs(&mut session);
    let DomainVerb::Hardware(HardwareVerb::Device {
        verb: DeviceVerb::Attach,
        affect: Affect::Both,
        ..
    }) = &sent[0].1
    else {
        panic!("{sent:?}")
    };
    session.news(0, 1, News::JobFinished(sent[0].0, Ok(Answer::Done)));
    session.keys("+");
    session.keys("P");
    assert_eq!(form(&session).text("device"), "pci");
    session.keys("<Tab>1:2<Enter>");
    assert!(form(&session).field("pci-address").unwrap().error.is_some());
}

#[test]
fn devices_of_the_host_are_chosen_from_a_list_that_warns() {
    let mut session = page(120, 40);
    session.keys("+");
    let asked = requests(&mut session);
    let job = asked
        .into_iter()
        .find_map(|(job, verb)| matches!(verb, Verb::ReadNodeDevices).then_some(job))
        .expect("the devices are asked for");
    let pci = |function: u8, what: &str| {
        format!(
            "<device><name>pci_0000_01_00_{function}</name><driver><name>e1000e</name></driver><capability type='pci'>\
             <class>0x020000</class><domain>0</domain><bus>1</bus><slot>0</slot><function>{function}</function>\
             <product id='0x10d3'>{what}</product><vendor id='0x8086'>Intel</vendor><iommuGroup number='7'>\
             <address domain='0x0000' bus='0x01' slot='0x00' function='0x0'/>\
             <address domain='0x0000' bus='0x01' slot='0x00' function='0x1'/></iommuGroup></capability></device>"
        )
    };
    let net = "<device><name>net_eth1</name><parent>pci_0000_01_00_1</parent><capability type='net'>\
               <interface>eth1</interface></capability></device>";
    let mut devices: Vec<HostDevice> = [pci(0, "82574L"), pci(1, "Twin"), net.to_owned()]
        .iter()
        .map(|xml| HostDevice::read(xml).unwrap())
        .collect();
    devices[1].users = vec![("web-02".to_owned(), true)];
    let answer = Answer::NodeDevices(devices.into());
    session.news(0, 1, News::JobFinished(job, Ok(answer)));
    session.keys("P<Tab>");
    let told = |session: &Session| {
        let lines = form(session).preview.iter();
        lines
            .map(|(_, line)| line.as_str())
            .collect::<Vec<_>>()
            .join("\n")
    };
    assert_eq!(form(&session).text("pci"), "pci_0000_01_00_0");
    assert!(
        told(&session).contains("IOMMU group 7"),
        "{}",
        told(&session)
    );
    assert!(told(&session).contains("0000:01:00.1 (Intel Twin, of 'web-02')"));
    assert!(told(&session).contains("function='0x0'"));
    session.keys("<Right>");
    assert!(
        told(&session).contains("'web-02' has it now"),
        "{}",
        told(&session)
    );
    assert!(told(&session).contains("loses its network interface eth1"));
    // What is not in the list is typed.
    session.keys("<Right>");
    assert!(!form(&session).field("pci-address").unwrap().hidden);
    session.keys("<Left><Left><Enter>");
    let sent = verbs(&mut session);
    let DomainVerb::Hardware(HardwareVerb::Device {
        xml: DeviceXml::Text(xml),
        ..
    }) = &sent[0].1
    else {
        panic!("{sent:?}")
    };
    assert!(
        xml.contains("type='pci'") && xml.contains("bus='0x01'"),
        "{xml}"
    );
}

#[test]
fn the_devices_of_a_host_are_read_behind_the_colon() {
    let mut session = page(120, 40);
    for (line, title, part) in [
        (
            "nodedev-list --cap usb_device",
            "Devices of the host",
            "SanDisk Cruzer",
        ),
        ("nodedev-dumpxml usb_1_4", "XML of usb_1_4", "<bus>1</bus>"),
    ] {
        session.done();
        session.keys(&format!(":{}<Enter>", line.replace(' ', "<Space>")));
        let asked = requests(&mut session);
        let job = asked
            .into_iter()
            .find_map(|(job, verb)| matches!(verb, Verb::ReadNodeDevices).then_some(job))
            .expect("the devices are asked for");
        let usb = "<device><name>usb_1_4</name><capability type='usb_device'><bus>1</bus><device>3</device>\
                   <product id='0x5151'>Cruzer</product><vendor id='0x0781'>SanDisk</vendor></capability></device>";
        let devices = vec![HostDevice::read(usb).unwrap()];
        session.news(
            0,
            1,
            News::JobFinished(job, Ok(Answer::NodeDevices(devices.into()))),
        );
        let Some(Layer::Reader(reader)) = session.state.layers.last() else {
            panic!("{:?}", session.state.layers)
        };
        assert_eq!(reader.title, title);
        assert!(
            reader.lines.iter().any(|line| line.text.contains(part)),
            "{:?}",
            reader.lines
        );
        session.keys("<Esc>");
    }
}

#[test]
fn the_same_change_is_made_on_all_marked_domains_with_a_preview_of_each() {
    let mut session = Session::active(120, 40, vec![running(1, "a"), running(2, "b"), off(3, "c")]);
    session.done();
    session.keys("*h");
    assert_eq!(form(&session).title, "Change 3 domains");
    session.keys("<Tab>2");
    let told: Vec<_> = form(&session)
        .preview
        .iter()
        .map(|(_, line)| line.clone())
        .collect();
    assert_eq!(told.len(), 3);
    assert!(
        told[0].starts_with("a: vCPUs ") && told[0].ends_with("→ 2"),
        "{told:?}"
    );
    assert!(told[2].ends_with("(off)"), "{told:?}");
    session.keys("<Enter>");
    let sent = verbs(&mut session);
    let affects: Vec<_> = sent
        .iter()
        .map(|(_, verb)| match verb {
            DomainVerb::Hardware(verb) => verb.affect(),
            _ => None,
        })
        .collect();
    assert_eq!(
        affects,
        [Some(Affect::Both), Some(Affect::Both), Some(Affect::Config)]
    );
}

/// Answers the reading of a document of web-01 with both definitions.
fn meet(session: &mut Session) {
    let asked = requests(session);
    let job = asked
        .into_iter()
        .find_map(|(job, verb)| matches!(verb, Verb::OpenDocument(_)).then_some(job))
        .expect("the document is asked for");
    let document = Document {
        name: "web-01".to_owned(),
        text: Private::new(STORED.to_owned()),
        is_whole: true,
        live: Some(Private::new(RUNNING.to_owned())),
        is_persistent: true,
    };
    let answer = Answer::Document(Some(Box::new(document)));
    session.news(0, 1, News::JobFinished(job, Ok(answer)));
}

#[test]
fn every_item_leads_to_its_element_in_the_editor() {
    let mut session = page(100, 30);
    let items: Vec<(String, String, Pending)> = shown(&session)
        .hardware()
        .unwrap()
        .items
        .iter()
        .map(|item| {
            // Of what is no device, an element of the domain.
            let begins = match item.title.as_str() {
                "Overview" => "<title",
                "CPUs" => "<vcpu",
                "Memory" => "<memory",
                "Boot Options" => "<os",
                _ => item.xml().lines().next().unwrap(),
            };
            (item.title.clone(), begins.to_owned(), item.pending)
        })
        .collect();
    assert!(items.len() > 12);
    for (title, begins, pending) in items {
        go(&mut session, &title);
        session.keys("e");
        if matches!(session.state.page(), Page::Editor(page) if page.shown().is_none()) {
            meet(&mut session);
        }
        let Page::Editor(page) = session.state.page() else {
            panic!("{title}: no editor")
        };
        // What goes is in the running definition alone.
        let now = if pending == Pending::Goes {
            EditorView::Now
        } else {
            EditorView::NextBoot
        };
        assert_eq!(page.view(), now, "{title}");
        let buffer = page.shown().unwrap().buffer();
        let line = &buffer.lines()[buffer.cursor().line];
        let word = begins.split(['>', ' ']).next().unwrap();
        assert!(line.trim_start().starts_with(word), "{title}: {line}");
        assert_eq!(
            buffer.cursor().column,
            line.len() - line.trim_start().len(),
            "{title}"
        );
        // From what runs the way back is by the next boot.
        let back = if pending == Pending::Goes {
            "<Esc><Esc>"
        } else {
            "<Esc>"
        };
        session.keys(back);
    }
    // What no form can change leads there by Enter as well.
    go(&mut session, "Controller PCI 0");
    session.keys("<Enter>");
    assert!(matches!(session.state.page(), Page::Editor(_)));
}

#[test]
fn a_line_to_the_host_is_led_elsewhere_with_all_that_it_needs() {
    let mut session = page(120, 40);
    go(&mut session, "Serial 1");
    session.keys("<Enter><Right>");
    assert_eq!(form(&session).text("@type"), "unix");
    session.keys("<Right>");
    assert_eq!(form(&session).text("@type"), "tcp");
    session.keys("<Enter>");
    let wrong = form(&session).field("source@host").unwrap().error.clone();
    assert_eq!(wrong.as_deref(), Some("Say which address of the host."));
    // Mode, then the address, then the port.
    session.keys("127.0.0.1<Tab>4555<Enter>");
    let sent = verbs(&mut session);
    let DomainVerb::Hardware(HardwareVerb::Edit(edit, _)) = &sent[0].1 else {
        panic!("{sent:?}")
    };
    let text = edit.apply(STORED).unwrap();
    assert!(text.contains("<serial type='tcp'>"), "{text}");
    assert!(
        text.contains("<source mode='bind' host='127.0.0.1' service='4555'/>"),
        "{text}"
    );
    assert!(text.contains("<protocol type='raw'/>"), "{text}");
}

#[test]
fn the_balloon_is_a_slider_that_knows_what_the_guest_uses() {
    let mut session = page(120, 40);
    session.wait(1.0);
    go(&mut session, "Memory");
    session.keys("<Enter>");
    let bar = |session: &Session| {
        let mut lines = form(session).preview.iter();
        let found = lines.find(|(_, line)| line.contains('●')).cloned();
        found.expect("a slider").1
    };
    let before = bar(&session);
    let value = form(&session).amount("currentMemory").unwrap();
    session.keys("-");
    assert!(form(&session).amount("currentMemory").unwrap() < value);
    assert_ne!(bar(&session), before);
    session.keys("++");
    assert!(form(&session).amount("currentMemory").unwrap() > value);
    // It ends at the maximum.
    session.keys("+".repeat(20).as_str());
    assert!(bar(&session).contains('●'), "{}", bar(&session));
    assert!(
        form(&session)
            .field("currentMemory")
            .unwrap()
            .wrong()
            .is_none()
    );
}

#[test]
fn a_folder_by_virtiofs_says_that_it_wants_shared_memory() {
    let mut session = page(120, 40);
    session.keys("+F");
    assert_eq!(form(&session).text("device"), "filesystem");
    session.keys("<Tab><Tab>/srv<Tab>share");
    let told = |session: &Session| {
        let lines = form(session).preview.iter();
        lines
            .map(|(_, line)| line.clone())
            .collect::<Vec<_>>()
            .join("\n")
    };
    assert!(
        told(&session).contains("virtiofs needs memory that is shared"),
        "{}",
        told(&session)
    );
    session.keys("<BackTab><BackTab><Right>");
    assert!(
        !told(&session).contains("virtiofs needs"),
        "{}",
        told(&session)
    );
}

#[test]
fn several_domains_get_a_device_or_another_network_at_once() {
    let mut session = Session::active(120, 40, vec![running(1, "a"), off(3, "c")]);
    session.done();
    session.keys("*hA");
    assert_eq!(form(&session).text("change"), "add");
    let told: Vec<_> = form(&session)
        .preview
        .iter()
        .map(|(_, line)| line.clone())
        .collect();
    assert_eq!(
        told,
        [
            "a: gets a device: random numbers",
            "c: gets a device: random numbers (off)"
        ]
    );
    session.keys("<Enter>");
    let sent = verbs(&mut session);
    let affects: Vec<_> = sent
        .iter()
        .map(|(_, verb)| match verb {
            DomainVerb::Hardware(
                verb @ HardwareVerb::Device {
                    verb: DeviceVerb::Attach,
                    xml: DeviceXml::Text(xml),
                    ..
                },
            ) => {
                assert!(xml.starts_with("<rng "), "{xml}");
                verb.affect()
            }
            _ => panic!("{verb:?}"),
        })
        .collect();
    assert_eq!(affects, [Some(Affect::Both), Some(Affect::Config)]);
}
