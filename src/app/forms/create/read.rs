//! From what stands in the fields to a new domain, and from what speaks against that back to the fields.

use super::fields::MORE;
use crate::app::{Form, Wrong};
use crate::create::{
    About, CloudInit, Content, Cpu, Disk, Firmware, Graphics, Invalid, Kernel, Link, NewDomain,
    NewVolume, Nic, Source, arguments,
};

/// What is asked for, and what cannot be read.
pub fn read(form: &Form) -> (NewDomain, Vec<Wrong>) {
    let mut reader = Reader {
        form,
        wrong: Vec::new(),
    };
    let mut wanted = NewDomain {
        name: form.text("name").to_owned(),
        title: reader.some("title"),
        os: reader.some("os"),
        virt_type: reader.some("virt"),
        machine: reader.some("machine"),
        memory_kib: form.amount("memory"),
        max_memory_kib: form.amount("max-memory"),
        cpu: reader.some("cpu").map(Cpu::Mode),
        firmware: match form.text("firmware") {
            "uefi" => Firmware::Uefi,
            "secure" => Firmware::SecureBoot,
            _ => Firmware::Bios,
        },
        tpm: form.checked("tpm"),
        without_serial: !form.checked("serial"),
        without_agent: !form.checked("agent"),
        autostart: form.checked("autostart"),
        ..NewDomain::default()
    };
    if let (Some(memory), Some(most)) = (wanted.memory_kib, wanted.max_memory_kib)
        && most < memory
    {
        reader.wrong("max-memory", "It is less than the memory at start.");
    }
    reader.vcpus(&mut wanted);
    reader.source(&mut wanted);
    wanted.disks = Some(reader.disks());
    wanted.nics = Some(reader.nics());
    wanted.graphics = Some(reader.graphics());
    (wanted, reader.wrong)
}

struct Reader<'a> {
    form: &'a Form,
    wrong: Vec<Wrong>,
}

impl Reader<'_> {
    fn wrong(&mut self, key: &str, why: impl Into<String>) {
        self.wrong.push(Wrong::at(key, why));
    }

    /// What stands in a field that plays a part.
    fn some(&self, key: &str) -> Option<String> {
        let field = self.form.field(key).filter(|field| !field.hidden)?;
        Some(field.value().to_owned()).filter(|text| !text.is_empty())
    }

    /// The same of a field that must not be empty.
    fn must(&mut self, key: &str, what: &str) -> String {
        self.some(key).unwrap_or_else(|| {
            self.wrong(key, format!("{what} is missing."));
            String::new()
        })
    }

    fn vcpus(&mut self, wanted: &mut NewDomain) {
        let mut words = self.form.text("vcpus").to_owned();
        for (key, word) in [
            ("max-vcpus", "maxvcpus"),
            ("sockets", "sockets"),
            ("cores", "cores"),
            ("threads", "threads"),
            ("cpuset", "cpuset"),
        ] {
            if let Some(value) = self.some(key) {
                words = format!("{words},{word}={}", value.replace(',', ",,"));
            }
        }
        match arguments::vcpus(&words) {
            Ok(vcpus) => wanted.vcpus = vcpus,
            Err(Invalid { message, .. }) => {
                let key = [
                    ("maxvcpus=", "max-vcpus"),
                    ("sockets", "sockets"),
                    ("cpuset", "cpuset"),
                    ("cores", "cores"),
                    ("threads", "threads"),
                ]
                .into_iter()
                .find(|(word, _)| {
                    message.starts_with(word) || message.contains(&format!(" {word} of"))
                });
                self.wrong(key.map_or("vcpus", |(_, key)| key), message);
            }
        }
    }

    fn source(&mut self, wanted: &mut NewDomain) {
        let kernel = |reader: &mut Self| Kernel {
            kernel: reader.must("kernel", "The kernel"),
            initrd: reader.some("initrd"),
        };
        wanted.source = match self.form.text("source") {
            "iso" => Source::Cdrom(self.must("media", "The image")),
            "location" => {
                let text = self.must("location", "The URL");
                match arguments::location(&text.replace(',', ",,")) {
                    Ok(location) => Source::Location(location),
                    Err(error) => {
                        if !text.is_empty() {
                            self.wrong("location", error.message);
                        }
                        Source::Empty
                    }
                }
            }
            "pxe" => Source::Pxe,
            "import" | "cloud" => Source::Import,
            "installer" => Source::Installer(kernel(self)),
            "kernel" => Source::Kernel(kernel(self)),
            _ => Source::Empty,
        };
        if matches!(
            wanted.source,
            Source::Installer(_) | Source::Kernel(_) | Source::Location(_)
        ) {
            wanted.kernel_args = self.some("arguments");
        }
        if self.form.text("source") == "cloud" {
            wanted.cloud_init = Some(CloudInit {
                user: self.some("user"),
                hostname: self.some("hostname"),
                packages: self
                    .some("packages")
                    .iter()
                    .flat_map(|list| list.split_whitespace())
                    .map(str::to_owned)
                    .collect(),
                ..CloudInit::default()
            });
        }
    }

    fn disks(&mut self) -> Vec<Disk> {
        let size = self
            .form
            .amount("disk-size")
            .map(|kib| kib.saturating_mul(1024));
        let content = match (self.form.text("source"), self.form.text("disk")) {
            ("import", _) => Some(Content::Path {
                path: self.must("image", "The image"),
                format: None,
            }),
            ("cloud", _) => Some(Content::New(NewVolume {
                size,
                pool: self.some("disk-pool"),
                backing: Some(self.must("image", "The image")),
                ..NewVolume::default()
            })),
            (_, "new") => Some(Content::New(NewVolume {
                size,
                pool: self.some("disk-pool"),
                format: self.some("disk-format"),
                full: self.form.checked("disk-full"),
                ..NewVolume::default()
            })),
            (_, "there") => Some(Content::Path {
                path: self.must("disk-path", "The path"),
                format: None,
            }),
            _ => None,
        };
        let first = content.map(|content| Disk {
            content,
            bus: self.some("disk-bus"),
            ..Disk::default()
        });
        let mut disks: Vec<Disk> = first.into_iter().collect();
        for number in MORE {
            let key = format!("disk-{number}");
            if let Some(text) = self.some(&key) {
                match arguments::disk(&text) {
                    Ok(disk) => disks.extend(disk),
                    Err(error) => self.wrong(&key, error.message),
                }
            }
        }
        disks
    }

    fn nics(&mut self) -> Vec<Nic> {
        let chosen = self.form.text("nic").to_owned();
        let link = match chosen.as_str() {
            "none" => None,
            "user" => Some(Link::User),
            "bridge" => Some(Link::Bridge(self.must("nic-device", "The bridge"))),
            "direct" => Some(Link::Direct {
                source: self.must("nic-device", "The device"),
                mode: "bridge".to_owned(),
            }),
            other => match other.strip_prefix("network=") {
                Some(name) => Some(Link::Network(name.to_owned())),
                None => Some(Link::Default),
            },
        };
        let mac = self.some("nic-mac");
        if let Some(mac) = &mac
            && !arguments::is_guest_mac(mac)
        {
            self.wrong(
                "nic-mac",
                "Six pairs of hexadecimal digits, the first even, such as 52:54:00:12:34:56.",
            );
        }
        let first = link.map(|link| Nic {
            link,
            model: self.some("nic-model"),
            mac,
            ..Nic::default()
        });
        let mut nics: Vec<Nic> = first.into_iter().collect();
        for number in MORE {
            let key = format!("nic-{number}");
            if let Some(text) = self.some(&key) {
                match arguments::network(&text) {
                    Ok(nic) => nics.extend(nic),
                    Err(error) => self.wrong(&key, error.message),
                }
            }
        }
        nics
    }

    fn graphics(&mut self) -> Vec<Graphics> {
        let kind = self.form.text("display");
        if kind == "none" {
            return Vec::new();
        }
        let mut words = kind.to_owned();
        for key in ["listen", "port", "password"] {
            if let Some(value) = self.some(key) {
                words = format!("{words},{key}={}", value.replace(',', ",,"));
            }
        }
        match arguments::graphics(&words) {
            Ok(graphics) => graphics.into_iter().collect(),
            Err(Invalid { message, .. }) => {
                let key = ["listen", "port", "password"]
                    .into_iter()
                    .find(|key| message.starts_with(key));
                self.wrong(key.unwrap_or("display"), message);
                Vec::new()
            }
        }
    }
}

/// The field that something is about, the first of those that play a part.
pub fn field_of(form: &Form, about: About) -> Option<String> {
    let nth = |what: &str, number: usize| vec![format!("{what}-{}", number + 1)];
    let keys: Vec<String> = match about {
        About::Whole => Vec::new(),
        About::Name => vec!["name".to_owned()],
        About::Machine => vec!["virt".to_owned()],
        About::MachineType => vec!["machine".to_owned()],
        About::Memory => vec!["memory".to_owned()],
        About::Vcpus => vec!["vcpus".to_owned()],
        About::Nic(0) => ["nic-device", "nic"].map(str::to_owned).to_vec(),
        About::Nic(number) => nth("nic", number),
        About::Display => ["port", "display"].map(str::to_owned).to_vec(),
        About::Listen => ["listen", "display"].map(str::to_owned).to_vec(),
        About::Firmware => vec!["firmware".to_owned()],
        About::Disk(0) => ["image", "disk-path", "disk-size", "disk"]
            .map(str::to_owned)
            .to_vec(),
        About::Disk(number) => nth("disk", number),
        About::Kernel => vec!["kernel".to_owned()],
        About::Initrd => vec!["initrd".to_owned()],
        About::Media => ["media", "location", "image", "source"]
            .map(str::to_owned)
            .to_vec(),
    };
    let is_open = |key: &String| form.field(key).is_some_and(crate::app::Field::is_open);
    keys.into_iter().find(is_open)
}
