//! Hosts of libvirt's test driver, made for a test.

use std::fmt::Write as _;

use tempfile::NamedTempFile;

/// A host's document in a file, there as long as this value is.
pub struct Node {
    file: NamedTempFile,
}

/// One domain: name (as XML text), `virDomainState`, devices.
pub type Guest<'a> = (&'a str, u8, &'a str);

impl Node {
    pub fn new(guests: &[Guest<'_>]) -> Self {
        let mut xml = String::from(
            "<node xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>\
             <cpu><mhz>2400</mhz><model>x86_64</model><active>4</active><nodes>1</nodes>\
             <sockets>1</sockets><cores>4</cores><threads>1</threads></cpu><memory>8388608</memory>",
        );
        for (number, (name, state, devices)) in guests.iter().enumerate() {
            write!(
                xml,
                "<domain type='test'><name>{name}</name><uuid>{}</uuid><memory>524288</memory>\
                 <vcpu>2</vcpu><os><type>hvm</type></os><devices>{devices}</devices>\
                 <test:runstate>{state}</test:runstate></domain>",
                uuid(number)
            )
            .unwrap();
        }
        xml.push_str("</node>");
        let file = NamedTempFile::new().unwrap();
        std::fs::write(file.path(), xml).unwrap();
        Self { file }
    }

    pub fn uri(&self) -> String {
        format!("test://{}", self.file.path().display())
    }
}

/// The UUID of the domain of that number.
pub fn uuid(number: usize) -> String {
    format!("6f1d0c5e-0000-4000-8000-{number:012x}")
}

pub const RUNNING: u8 = 1;
pub const PAUSED: u8 = 3;
pub const SHUT_OFF: u8 = 5;

/// `<graphics>` of a VNC display.
pub fn vnc(port: i32, listen: &str) -> String {
    format!("<graphics type='vnc' port='{port}' autoport='no' listen='{listen}'/>")
}
