//! A definition rewritten for a clone: edits of the text, so that all it does not speak of stays as it was.

use std::collections::BTreeMap;

use roxmltree::Node;

use crate::create::devices::DriveSource;
use crate::model::{BASE_NAMESPACE, Uuid};
use crate::text::visible;
use crate::xml::{Edit, Element, Malformed, Tree, apply_edits, set_attribute, set_text};

/// What becomes of one disk of the original.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewDisk {
    /// It stays what it is.
    Same,
    /// The clone does not have it; a drive stays, empty.
    Gone,
    /// It is another file or device, of this format.
    Other(DriveSource, String),
}

/// What a clone has of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    /// Its name.
    pub name: String,
    /// Its UUID.
    pub uuid: Uuid,
    /// Its generation id, by which a guest knows that it is a copy.
    pub genid: Uuid,
    /// MAC addresses, one for each interface in their order.
    pub macs: Vec<String>,
    /// Where its firmware keeps its variables.
    pub nvram: Option<String>,
}

/// A rewritten definition.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rewritten {
    /// The document.
    pub xml: String,
    /// What was changed beyond what a clone always changes, and what could not be: for the one who cloned.
    pub notes: Vec<String>,
}

/// Rewrites the definition of `from` for a clone; `disks` by their targets.
///
/// # Errors
/// When the definition is no document.
pub fn rewrite(
    text: &str,
    own: &Own,
    disks: &BTreeMap<String, NewDisk>,
) -> Result<Rewritten, Malformed> {
    let tree = Tree::parse(text)?;
    let root = tree.root();
    let mut editor = Editor {
        text,
        from: child(root, "name")
            .and_then(|name| name.text())
            .unwrap_or_default()
            .trim()
            .to_owned(),
        own,
        edits: Vec::new(),
        notes: Vec::new(),
    };
    editor.head(root);
    if let Some(devices) = child(root, "devices") {
        let mut macs = own.macs.iter();
        for device in devices.children().filter(Node::is_element) {
            match device.tag_name().name() {
                "disk" => editor.disk(device, disks),
                "interface" => editor.interface(device, macs.next()),
                "graphics" => editor.graphics(device),
                "serial" | "parallel" | "console" | "channel" | "redirdev" | "smartcard"
                | "rng" => {
                    editor.character(device);
                }
                "vsock" => editor.vsock(device),
                "hostdev" => editor.note(
                    "it gets the same devices of the host, which only one domain can have at a time",
                ),
                "tpm" => editor.note("its TPM begins empty: what the original's keeps is not copied"),
                _ => {}
            }
        }
    }
    if root
        .children()
        .any(|node| node.tag_name().name() == "commandline")
    {
        editor.note("arguments that the definition hands to QEMU are the same in both");
    }
    Ok(Rewritten {
        xml: apply_edits(text, &editor.edits),
        notes: editor.notes,
    })
}

/// The element child of that name.
pub fn child<'a, 'd>(node: Node<'a, 'd>, name: &str) -> Option<Node<'a, 'd>> {
    node.children().find(|child| child.has_tag_name(name))
}

struct Editor<'a> {
    text: &'a str,
    /// The original's name.
    from: String,
    own: &'a Own,
    edits: Vec<Edit>,
    notes: Vec<String>,
}

impl Editor<'_> {
    fn note(&mut self, text: impl Into<String>) {
        let text = text.into();
        if !self.notes.contains(&text) {
            self.notes.push(text);
        }
    }

    /// Takes an element out, with the blanks in front of it.
    fn remove(&mut self, node: Node<'_, '_>) {
        let range = node.range();
        let before = self.text[..range.start].trim_end().len();
        self.edits.push(Edit {
            range: before..range.end,
            text: String::new(),
        });
    }

    fn insert(&mut self, at: usize, text: String) {
        self.edits.push(Edit {
            range: at..at,
            text,
        });
    }

    fn set(&mut self, node: Node<'_, '_>, attribute: &str, value: Option<&str>) {
        self.edits
            .push(set_attribute(self.text, node, attribute, value));
    }

    fn head(&mut self, root: Node<'_, '_>) {
        if let Some(name) = child(root, "name") {
            self.edits.push(set_text(self.text, name, &self.own.name));
        }
        let uuid = self.own.uuid.to_string();
        match child(root, "uuid") {
            Some(node) => self.edits.push(set_text(self.text, node, &uuid)),
            None => {
                if let Some(name) = child(root, "name") {
                    self.insert(name.range().end, format!("\n  <uuid>{uuid}</uuid>"));
                }
            }
        }
        // libvirt refuses a table of the firmware with another UUID.
        let entries = child(root, "sysinfo").and_then(|sysinfo| child(sysinfo, "system"));
        for entry in entries.into_iter().flat_map(|system| system.children()) {
            match entry.attribute("name") {
                Some("uuid") => self.edits.push(set_text(self.text, entry, &uuid)),
                Some("serial") => {
                    self.note("the serial number in its firmware is the same in both")
                }
                _ => {}
            }
        }
        if let Some(node) = child(root, "genid") {
            let genid = self.own.genid.to_string();
            self.edits.push(set_text(self.text, node, &genid));
        }
        if let Some(node) = child(root, "os").and_then(|os| child(os, "nvram")) {
            match (&self.own.nvram, child(node, "source")) {
                (Some(path), Some(source)) => self.set(source, "file", Some(path)),
                (Some(path), None) => self.edits.push(set_text(self.text, node, path)),
                (None, _) => self.remove(node),
            }
        }
        // The original may be a base of linked clones; its copy is none.
        let metadata = child(root, "metadata");
        for node in metadata
            .into_iter()
            .flat_map(|metadata| metadata.children())
        {
            if node.tag_name().namespace() == Some(BASE_NAMESPACE) {
                self.remove(node);
            }
        }
    }

    fn disk(&mut self, disk: Node<'_, '_>, disks: &BTreeMap<String, NewDisk>) {
        let target = child(disk, "target");
        let name = target.and_then(|target| target.attribute("dev"));
        let source = child(disk, "source");
        match name.and_then(|name| disks.get(name)) {
            None | Some(NewDisk::Same) => {}
            Some(NewDisk::Gone) => {
                if matches!(disk.attribute("device"), Some("cdrom" | "floppy")) {
                    if let Some(source) = source {
                        self.remove(source);
                    }
                } else {
                    self.remove(disk);
                }
            }
            Some(NewDisk::Other(new, format)) => {
                self.set(disk, "type", Some(new.kind()));
                let written = new.element().map_or_else(String::new, |element| {
                    element.document().trim_end().to_owned()
                });
                match source {
                    Some(source) => self.edits.push(Edit {
                        range: source.range(),
                        text: written,
                    }),
                    None => {
                        if let Some(target) = target {
                            self.insert(target.range().start, format!("{written}\n      "));
                        }
                    }
                }
                match child(disk, "driver") {
                    Some(driver) => self.set(driver, "type", Some(format)),
                    None => {
                        let driver = Element::new("driver").with("name", "qemu");
                        let driver = driver.with("type", format).document();
                        if let Some(target) = target {
                            let text = format!("{}\n      ", driver.trim_end());
                            self.insert(target.range().start, text);
                        }
                    }
                }
                for old in ["backingStore", "mirror"] {
                    if let Some(node) = child(disk, old) {
                        self.remove(node);
                    }
                }
                // A disk of one's own can be written, also where the original's is protected.
                if let Some(node) = child(disk, "readonly")
                    && disk.attribute("device").unwrap_or("disk") == "disk"
                {
                    self.remove(node);
                }
            }
        }
    }

    fn interface(&mut self, interface: Node<'_, '_>, mac: Option<&String>) {
        if let Some(mac) = mac {
            match child(interface, "mac") {
                Some(node) => self.set(node, "address", Some(mac)),
                None => {
                    let first = interface.children().find(Node::is_element);
                    if let Some(first) = first {
                        let at = first.range().start;
                        self.insert(at, format!("<mac address='{mac}'/>\n      "));
                    }
                }
            }
        }
        if let Some(target) = child(interface, "target")
            && let Some(name) = target.attribute("dev")
        {
            self.note(format!(
                "the name {} of a tap device on the host stays the original's; the clone's is chosen at its start",
                visible(name)
            ));
            self.remove(target);
        }
        if interface.attribute("type") == Some("hostdev") {
            self.note(
                "it gets the same devices of the host, which only one domain can have at a time",
            );
        }
        if let Some(source) = child(interface, "source") {
            self.path(source, "a network interface");
        }
        if child(interface, "filterref").is_some_and(|filter| {
            filter
                .children()
                .any(|parameter| matches!(parameter.attribute("name"), Some("IP" | "MAC")))
        }) {
            self.note("its network filter names an address of the original: change it in the XML");
        }
    }

    fn graphics(&mut self, graphics: Node<'_, '_>) {
        let fixed = |name: &str| {
            graphics
                .attribute(name)
                .and_then(|port| port.parse::<i32>().ok())
                .filter(|port| *port > 0)
        };
        let autoport = graphics.attribute("autoport") == Some("yes");
        if let Some(port) = fixed("port").or(fixed("tlsPort")).filter(|_| !autoport) {
            self.note(format!(
                "the port {port} of a display stays the original's; the clone's is chosen at its start"
            ));
            self.set(graphics, "port", Some("-1"));
            self.set(graphics, "autoport", Some("yes"));
            if graphics.attribute("tlsPort").is_some() {
                self.set(graphics, "tlsPort", None);
            }
        }
        if fixed("websocket").is_some() {
            self.set(graphics, "websocket", Some("-1"));
        }
        if graphics.attribute("socket").is_some() {
            self.set(graphics, "socket", None);
        }
        for listen in graphics
            .children()
            .filter(|node| node.has_tag_name("listen"))
        {
            if listen.attribute("socket").is_some() {
                self.set(listen, "socket", None);
                self.note(
                    "the socket of a display stays the original's; the clone's is chosen by libvirt",
                );
            }
        }
    }

    fn character(&mut self, device: Node<'_, '_>) {
        let what = format!("a {} device", device.tag_name().name());
        let holder = child(device, "backend").unwrap_or(device);
        for source in holder.children().filter(|node| node.has_tag_name("source")) {
            let kind = device
                .attribute("type")
                .or_else(|| holder.attribute("type"))
                .unwrap_or_default();
            match kind {
                "file" | "unix" => {
                    let agent = device.has_tag_name("channel")
                        && source.attribute("mode") != Some("connect");
                    if agent && !source.attribute("path").is_some_and(|path| self.names(path)) {
                        // libvirt chooses one by the domain's name.
                        self.set(source, "path", None);
                    } else if source.attribute("mode") != Some("connect") {
                        self.path(source, &what);
                    }
                }
                "dev" => self.note(format!("{what} is the same device of the host in both")),
                "tcp" | "udp" if source.attribute("mode") == Some("bind") => self.note(format!(
                    "{what} listens on the same port in both, so that only one of them can run at a time: change it in the XML"
                )),
                _ => {}
            }
        }
        if let Some(log) = child(device, "log") {
            self.renamed(log, "file", "a log file");
        }
    }

    /// Whether a path is named by the original.
    fn names(&self, path: &str) -> bool {
        !self.from.is_empty() && path.contains(self.from.as_str())
    }

    fn path(&mut self, source: Node<'_, '_>, what: &str) {
        self.renamed(source, "path", what);
    }

    /// A path that carries the original's name carries the clone's instead.
    fn renamed(&mut self, node: Node<'_, '_>, attribute: &str, what: &str) {
        let Some(path) = node.attribute(attribute) else {
            return;
        };
        if self.names(path) {
            let new = path.replace(self.from.as_str(), &self.own.name);
            self.set(node, attribute, Some(&new));
        } else {
            self.note(format!(
                "{what} is {} in both: change it in the XML before both run",
                visible(path)
            ));
        }
    }

    fn vsock(&mut self, vsock: Node<'_, '_>) {
        if let Some(cid) = child(vsock, "cid")
            && cid.attribute("auto") != Some("yes")
        {
            self.set(cid, "auto", Some("yes"));
            self.set(cid, "address", None);
        }
    }
}
