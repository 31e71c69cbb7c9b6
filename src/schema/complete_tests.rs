//! Completion on documents whole and broken, by libvirt's installed schemas.

use roxmltree::Document;

use super::grammar::Grammar;
use super::patience::Patience;
use super::pattern::Patterns;
use super::*;

/// Documents of several kinds that are valid.
pub(super) const SAMPLES: &[&str] = &[
    "<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
  <name>a</name>
  <metadata><x:y xmlns:x='u'/></metadata>
  <memory unit='KiB'>65536</memory>
  <vcpu placement='static'>2</vcpu>
  <os><type arch='x86_64' machine='q35'>hvm</type><boot dev='hd'/></os>
  <features><acpi/></features>
  <cpu mode='host-passthrough'/>
  <devices>
    <emulator>/usr/bin/q</emulator>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/>
      <source file='/a'/>
      <target dev='vda' bus='virtio'/>
    </disk>
    <interface type='network'>
      <mac address='52:54:00:00:00:01'/>
      <source network='default'/>
      <model type='virtio'/>
    </interface>
    <graphics type='vnc' port='-1' autoport='yes'><listen type='address'/></graphics>
    <video><model type='virtio'/></video>
  </devices>
  <qemu:commandline><qemu:arg value='-x'/></qemu:commandline>
</domain>",
    "<network><name>n</name><forward mode='nat'/><bridge name='b' stp='on'/>
<ip address='10.0.0.1' netmask='255.0.0.0'><dhcp><range start='10.0.0.2' end='10.0.0.9'/></dhcp></ip></network>",
    "<pool type='dir'><name>p</name><target><path>/p</path></target></pool>",
    "<volume><name>v</name><capacity unit='G'>1</capacity><target><format type='qcow2'/></target></volume>",
    "<filter name='f' chain='root'><rule action='drop' direction='in'><tcp dstportstart='22'/></rule></filter>",
    "<secret ephemeral='no'><usage type='volume'><volume>/v</volume></usage></secret>",
    "<domainsnapshot><name>s</name><disks><disk name='vda' snapshot='internal'/></disks></domainsnapshot>",
];

fn offered(text: &str) -> Offers {
    let at = text.find('|').unwrap();
    let text = text.replacen('|', "", 1);
    Schemas::default().complete(&text, at, &Facts::default())
}

fn labels(offers: &Offers) -> Vec<&str> {
    offers
        .offers
        .iter()
        .map(|offer| offer.label.as_str())
        .collect()
}

const HEAD: &str = "<domain type='kvm'>\n<name>a</name>\n<memory>1</memory>\n<os><type>hvm</type></os>\n<devices>\n";

#[test]
fn elements_are_offered_where_they_may_stand() {
    let offers = offered(&format!(
        "{HEAD}<disk type='file'>\n<source file='/a'/>\n<|"
    ));
    let labels = labels(&offers);
    // What is missing comes first, what is there already is not offered again.
    assert_eq!(labels[0], "target");
    assert!(
        labels.contains(&"driver") && !labels.contains(&"source"),
        "{labels:?}"
    );
    assert!(offers.offers[0].required && offers.offers[0].insert.starts_with("target dev='"));

    let offers = offered(&format!("{HEAD}<inter|\n</devices>\n</domain>"));
    assert_eq!(self::labels(&offers), ["interface"]);
    assert_eq!(offers.offers[0].insert, "interface type=''></interface>");
    assert_eq!(offers.offers[0].cursor, "interface type='".len());

    // What follows is seen too.
    let offers = offered("<domain type='kvm'>\n|\n<name>a</name><memory>1</memory>\n</domain>");
    assert!(!self::labels(&offers).contains(&"name"));
    assert!(self::labels(&offers).contains(&"vcpu"));
}

#[test]
fn attributes_and_values_take_the_others_into_account() {
    let offers = offered(&format!(
        "{HEAD}<disk type='file' | device='disk'><source file='/a'/>"
    ));
    let labels = labels(&offers);
    assert!(
        labels.contains(&"snapshot") && !labels.contains(&"device"),
        "{labels:?}"
    );
    let offers = offered(&format!("{HEAD}<disk ty|"));
    assert_eq!(self::labels(&offers), ["type"]);
    assert_eq!(
        (offers.offers[0].insert.as_str(), offers.offers[0].cursor),
        ("type=''", 6)
    );
    let offers = offered(&format!("{HEAD}<disk type='|'>"));
    for kind in ["file", "block", "network", "volume"] {
        assert!(self::labels(&offers).contains(&kind));
    }
    let offers = offered(&format!("{HEAD}<disk type='file'><target dev='a' bus='v|"));
    assert_eq!(self::labels(&offers), ["virtio"]);
    assert_eq!(
        self::labels(&offered("<domain type='kvm'><on_reboot>re|</on_reboot>")),
        ["restart", "rename-restart"]
    );
    let offers = offered("<domain type='kvm'><vcpu>|</vcpu>");
    assert!(
        offers.expected.iter().any(|words| words.contains("number")),
        "{offers:?}"
    );
}

#[test]
fn the_open_element_is_closed() {
    let offers = offered("<domain type='kvm'>\n<os>\n</|");
    assert_eq!(offers.offers[0].insert, "os>");
    assert!(offered("<domain><!-- <| -->").offers.is_empty());
    assert!(offered("<bogus><|").offers.is_empty());
}

#[test]
fn what_the_host_has_comes_first() {
    let facts = Facts {
        networks: vec!["default".to_owned(), "lab & co".to_owned()],
        machines: vec!["pc-q35-7.2".to_owned()],
        volumes: [("p".to_owned(), vec!["v1".to_owned()])].into(),
        cpu_models: vec!["qemu64".to_owned()],
        pci_devices: vec![PciDevice {
            name: "pci_0000_00_1f_2".to_owned(),
            product: Some("SATA".to_owned()),
            address: [0, 0, 0x1f, 2],
        }],
        ..Facts::default()
    };
    let mut schemas = Schemas::default();
    let mut ask = |rest: &str| {
        let text = format!("{HEAD}{rest}");
        let at = text.find('|').unwrap();
        let offers = schemas.complete(&text.replacen('|', "", 1), at, &facts);
        let first = offers.offers.first().cloned();
        first.map(|offer| (offer.label, offer.insert, offer.kind))
    };
    let (label, insert, kind) = ask("<interface type='network'><source network='lab|'/>").unwrap();
    assert_eq!(
        (label.as_str(), insert.as_str()),
        ("lab & co", "lab &amp; co")
    );
    assert_eq!(kind, OfferKind::Host);
    assert_eq!(
        ask("<disk type='volume'><source pool='p' volume='|'/>")
            .unwrap()
            .0,
        "v1"
    );
    assert_eq!(
        ask("<disk type='file'><target dev='vda'/></disk><disk type='file'><target dev='|' bus='virtio'/>").unwrap().0,
        "vdb"
    );
    let address = ask("<hostdev mode='subsystem' type='pci'><source>|</source></hostdev>").unwrap();
    assert_eq!(
        address.1,
        "<address domain='0x0000' bus='0x00' slot='0x1f' function='0x2'/>"
    );
    assert_eq!(
        ask("</devices><cpu mode='custom'><model>|</model></cpu>")
            .unwrap()
            .0,
        "qemu64"
    );
}

#[test]
fn help_tells_the_element_under_the_cursor() {
    let text = format!("{HEAD}<disk type='file'><target dev='vda'/></disk></devices></domain>");
    let mut schemas = Schemas::default();
    let help = schemas.help(&text, text.find("target").unwrap()).unwrap();
    assert_eq!(help.path, ["domain", "devices", "disk", "target"]);
    assert_eq!(help.attributes[0].name, "dev");
    assert!(help.attributes[0].required);
    let bus = help
        .attributes
        .iter()
        .find(|name| name.name == "bus")
        .unwrap();
    assert!(bus.values.iter().any(|value| value == "virtio"));
    assert!(
        help.url
            .unwrap()
            .ends_with("#hard-drives-floppy-disks-cdroms")
    );
    let help = schemas.help(&text, text.find("devices").unwrap()).unwrap();
    assert!(help.children.iter().any(|name| name.name == "interface"));
    assert_eq!(schemas.help("", 0), None);
}

#[test]
fn no_prefix_of_a_document_is_too_broken() {
    let mut schemas = Schemas::default();
    for sample in SAMPLES {
        assert!(schemas.check(sample.as_bytes()).is_valid(), "{sample}");
        // Of the long one every third, for the sake of time.
        let step = 1 + 2 * usize::from(sample.len() > 600);
        for at in (0..=sample.len()).step_by(step) {
            let prefix = &sample[..at];
            schemas.complete(prefix, at, &Facts::default());
            schemas.help(prefix, at);
        }
    }
}

/// What the schema says of a text as a whole, apart from what is missing.
fn wrong(grammar: &Grammar, text: &str) -> Vec<String> {
    let document = Document::parse(text).unwrap();
    let patience = Patience::of_this_thread(Duration::from_secs(60));
    let located = locate::locate(&document, &mut Patterns::new(grammar), patience);
    located
        .findings
        .into_iter()
        .map(|finding| finding.message)
        .filter(|message| message.contains("not allowed") || message.contains("has no attribute"))
        .collect()
}

#[test]
fn what_is_offered_may_stand_there() {
    for sample in SAMPLES {
        let mut schemas = Schemas::default();
        let kind = Document::parse(sample)
            .unwrap()
            .root_element()
            .tag_name()
            .name()
            .to_owned();
        let file = KINDS.iter().find(|(known, _)| *known == kind).unwrap().1;
        let grammar = Grammar::load(&Path::new(FOLDER).join(file)).unwrap();
        // Between two tags an element, in each value another.
        let places = sample
            .match_indices('<')
            .map(|(at, _)| at)
            .chain(sample.match_indices("='").map(|(at, _)| at + 2));
        for at in places {
            if sample[..at].ends_with("xmlns:qemu='") {
                continue;
            }
            for offer in schemas.complete(sample, at, &Facts::default()).offers {
                let in_value = sample[..at].ends_with("='");
                let rest = match offer.kind {
                    OfferKind::Value if in_value => {
                        &sample[at + sample[at..].find('\'').unwrap()..]
                    }
                    OfferKind::Element => &sample[at..],
                    _ => continue,
                };
                let text = format!("{}{}{rest}", &sample[..at], offer.insert);
                let wrong = wrong(&grammar, &text);
                // Another type of a device has other children: those are what is wrong then.
                if offer.kind == OfferKind::Element {
                    assert_eq!(wrong, [""; 0], "{offer:?} at {at} of {sample}");
                } else {
                    let value = format!("'{}'", offer.label);
                    assert!(
                        !wrong.iter().any(|message| message.contains(&value)),
                        "{wrong:?}"
                    );
                }
            }
        }
    }
}
