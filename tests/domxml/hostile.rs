//! Documents that nobody wrote in good faith, and the rest of a definition.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use virtty::domxml::{MAX_BYTES, Secrets, XmlError, definition, endpoints, identity};

const WHOLE: &str = include_str!("../fixtures/definition.xml");

/// Reads `xml` in every way there is; the time all of it took.
fn read(xml: &str) -> Duration {
    let start = Instant::now();
    let _ = definition(xml, true);
    let _ = definition(xml, false);
    let _ = endpoints(xml, Secrets::Included);
    let _ = identity(xml);
    start.elapsed()
}

#[test]
fn what_the_details_show_is_read() {
    let read = definition(WHOLE, true).unwrap();
    assert_eq!(read.virt_type, "kvm");
    assert_eq!(read.title.as_deref(), Some("Accounts & <ledger>"));
    assert_eq!(read.description.as_deref(), Some("two\nlines"));
    assert_eq!(read.os_id.as_deref(), Some("http://debian.org/debian/12"));
    assert_eq!(read.os_type.as_deref(), Some("hvm"));
    assert_eq!(read.arch.as_deref(), Some("x86_64"));
    assert_eq!(read.machine.as_deref(), Some("pc-q35-7.2"));
    assert_eq!(
        read.firmware.as_deref(),
        Some("UEFI (/usr/share/OVMF/OVMF_CODE.fd)")
    );
    assert_eq!(
        read.emulator.as_deref(),
        Some("/usr/bin/qemu-system-x86_64")
    );
    assert_eq!(read.guest_agent, Some(true));
    let disks: Vec<_> = read
        .disks
        .iter()
        .map(|disk| {
            (
                disk.target.as_str(),
                disk.device.as_str(),
                disk.source.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        disks,
        [
            ("vda", "disk", Some("/var/lib/libvirt/images/a b.qcow2")),
            ("vdb", "disk", Some("/dev/vg0/data")),
            ("vdc", "disk", Some("pool1/vol1")),
            (
                "vdd",
                "disk",
                Some("rbd://mon1:6789,[2001:db8::2]:6789/pool/image")
            ),
            ("sda", "cdrom", None),
        ]
    );
    assert!(read.disks[4].readonly);
    assert_eq!(read.disks[0].format.as_deref(), Some("qcow2"));
    let nics: Vec<_> = read
        .nics
        .iter()
        .map(|nic| {
            (
                nic.kind.as_str(),
                nic.source.as_deref(),
                nic.target.as_deref(),
                nic.link_up,
            )
        })
        .collect();
    assert_eq!(
        nics,
        [
            ("network", Some("default"), Some("vnet3"), true),
            ("bridge", Some("br0"), None, false),
            ("direct", Some("enp3s0"), None, true),
            ("user", None, None, true),
        ]
    );
    assert_eq!(read.nics[0].mac.as_deref(), Some("52:54:00:ab:cd:ef"));
    assert_eq!(read.endpoints.len(), 2);
    let ports: Vec<_> = read.fixed_ports.iter().map(|fixed| fixed.port).collect();
    assert_eq!(ports, [5950, 4001]);
}

#[test]
fn a_raw_escape_in_a_title_hides_nothing_else() {
    let xml = "<domain id='1'><title>a\u{1b}[31mb</title><devices>\
               <graphics type='vnc' port='5901' listen='::1'/></devices></domain>";
    let read = definition(xml, true).unwrap();
    assert_eq!(read.title.as_deref(), Some("a␛[31mb"));
    assert_eq!(read.endpoints[0].port, Some(5901));
}

#[test]
fn a_byte_order_mark_and_crlf_are_fine() {
    let xml = "\u{feff}<?xml version='1.0'?>\r\n<domain id='1'>\r\n<devices>\r\n\
               <graphics type='vnc' port='5901'/>\r\n</devices></domain>\r\n";
    assert_eq!(definition(xml, true).unwrap().endpoints[0].port, Some(5901));
}

#[test]
fn documents_that_are_none_are_refused() {
    for xml in [
        "",
        " ",
        "domain",
        "<domain>",
        "<domain></domain><domain/>",
        "<network/>",
        "<domain xmlns='urn:other'/>",
        "<d:domain xmlns:d='urn:d'/>",
        "<!DOCTYPE domain [<!ENTITY x 'y'>]><domain>&x;</domain>",
        "<!DOCTYPE domain SYSTEM 'file:///etc/passwd'><domain>&x;</domain>",
        "<domain id='x'/>",
        "<domain id=''/>",
    ] {
        assert!(endpoints(xml, Secrets::LeftOut).is_err(), "{xml:?}");
    }
}

#[test]
fn size_depth_and_numbers_are_limited_in_bounded_time() {
    let long = format!("<domain><title>{}</title></domain>", "x".repeat(MAX_BYTES));
    assert!(matches!(definition(&long, true), Err(XmlError::TooLong(_))));
    let deep = format!(
        "<domain>{}{}</domain>",
        "<a>".repeat(300),
        "</a>".repeat(300)
    );
    assert!(matches!(
        definition(&deep, true),
        Err(XmlError::TooMuch { limit: 256, .. })
    ));
    let many: String = (0..300_000).map(|n| format!(" a{n}=''")).collect();
    let namespaces: String = (0..100_000).map(|n| format!(" xmlns:a{n}='u'")).collect();
    let empty = "<graphics/>".repeat(350_000);
    let open = "<a ".repeat(1_300_000);
    for xml in [
        format!("<domain{many}/>"),
        format!("<domain{namespaces}/>"),
        format!("<domain><devices>{empty}</devices></domain>"),
        open,
        "<".repeat(MAX_BYTES),
        "<!--".repeat(1_000_000),
        "<a b='".repeat(600_000),
    ] {
        let time = read(&xml);
        assert!(
            time < Duration::from_secs(8),
            "{time:?} for {}…",
            &xml[..20]
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_refused(text in ".{0,400}") {
        read(&text);
    }

    #[test]
    fn a_document_with_a_piece_replaced_is_read_or_refused(
        at in 0.0..1.0f64,
        length in 0..60usize,
        piece in prop_oneof![
            "[ -~]{0,12}",
            Just("<".to_owned()),
            Just("]]>".to_owned()),
            Just("<!--".to_owned()),
            Just("<![CDATA[".to_owned()),
            Just("&#0;".to_owned()),
            Just("\u{0}".to_owned()),
            Just("port='70000'".to_owned()),
            Just("</devices><devices>".to_owned()),
        ],
    ) {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
        let mut start = (at * WHOLE.len() as f64) as usize;
        while !WHOLE.is_char_boundary(start) { start -= 1; }
        let mut end = (start + length).min(WHOLE.len());
        while !WHOLE.is_char_boundary(end) { end -= 1; }
        let xml = format!("{}{piece}{}", &WHOLE[..start], &WHOLE[end.max(start)..]);
        prop_assert!(read(&xml) < Duration::from_secs(1));
    }

    #[test]
    fn a_port_is_the_one_written_or_none(port in any::<i64>()) {
        let xml = format!("<domain id='1'><devices><graphics type='vnc' port='{port}'/></devices></domain>");
        let read = endpoints(&xml, Secrets::LeftOut).unwrap();
        match u16::try_from(port) {
            Ok(0) => prop_assert_eq!(read.found[0].port, None),
            Ok(port) => prop_assert_eq!(read.found[0].port, Some(port)),
            Err(_) if port == -1 => prop_assert_eq!(read.found[0].port, None),
            Err(_) => prop_assert_eq!((read.found.len(), read.refused.len()), (0, 1)),
        }
    }
}
