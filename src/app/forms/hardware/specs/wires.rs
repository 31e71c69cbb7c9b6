//! Fields of what has an end on the host: serial lines, consoles, channels, USB redirectors.

use super::{only, spec};
use crate::app::forms::hardware::fields::{Input, Spec};

/// Where a line leads to on the host; `kinds` differ.
const fn wire(kinds: &'static [(&'static str, &'static str)]) -> [Spec; 8] {
    [
        spec(
            "@type",
            "Leads to",
            Input::Choice(kinds),
            "Its end on the host.",
        ),
        only(
            spec(
                "source@path",
                "Path",
                Input::Text,
                "On the host, from / on; a socket's may be left empty: libvirt names it.",
            ),
            "@type",
            &["unix", "file", "dev", "pipe"],
        ),
        only(
            spec(
                "source@mode",
                "Mode",
                Input::Choice(&[
                    ("bind", "QEMU makes it and waits there"),
                    ("connect", "QEMU goes to one that is there"),
                ]),
                "Who comes to whom.",
            ),
            "@type",
            &["unix", "tcp"],
        ),
        only(
            spec(
                "source@host",
                "Address",
                Input::Text,
                "127.0.0.1 for this host alone; nothing asks for a password there.",
            ),
            "@type",
            &["tcp"],
        ),
        only(
            spec(
                "source@service",
                "TCP port",
                Input::Number("", 1, 65_535),
                "Of the host that is named above.",
            ),
            "@type",
            &["tcp"],
        ),
        only(
            spec(
                "protocol@type",
                "Protocol",
                Input::Choice(&[("raw", "raw"), ("telnet", "telnet"), ("tls", "TLS")]),
                "What is spoken there.",
            ),
            "@type",
            &["tcp"],
        ),
        only(
            spec(
                "source@append",
                "Append",
                Input::Check("on", ""),
                "What was in the file stays.",
            ),
            "@type",
            &["file"],
        ),
        spec(
            "log@file",
            "Log",
            Input::Text,
            "A file of the host that takes what comes out as well; left empty, none does.",
        ),
    ]
}

const LINES: &[(&str, &str)] = &[
    ("pty", "a pseudo-terminal: c opens it"),
    ("unix", "a socket of the host"),
    ("tcp", "a TCP port"),
    ("file", "a file"),
    ("dev", "a device of the host"),
    ("null", "nothing"),
];

pub const SERIAL: &[Spec] = &wire(LINES);

pub const CHANNEL: &[Spec] = &{
    let wire = wire(&[
        ("unix", "a socket of the host"),
        ("pty", "a pseudo-terminal"),
        ("spicevmc", "the viewer of a Spice display"),
        ("tcp", "a TCP port"),
        ("file", "a file"),
        ("null", "nothing"),
    ]);
    let name = spec(
        "target@name",
        "Name",
        Input::Text,
        "What the guest finds it by: org.qemu.guest_agent.0, com.redhat.spice.0.",
    );
    [
        name, wire[0], wire[1], wire[2], wire[3], wire[4], wire[5], wire[6],
    ]
};

pub const REDIRECTED: &[Spec] = &{
    let wire = wire(&[
        ("spicevmc", "the viewer of a Spice display"),
        ("tcp", "a usbredir server"),
    ]);
    [wire[0], wire[2], wire[3], wire[4]]
};
