//! Options that make a device of their own, such as `--filesystem` and `--hostdev`.

use super::{Extra, Makes, Places, apply};
use crate::create::suboptions::{Invalid, Suboptions};
use crate::hardware::{PciAddress, usb_id};
use crate::text::visible;
use crate::xml::Element;

/// An option that makes a device.
pub struct DeviceOption {
    /// As it is written.
    pub option: &'static str,
    /// The element below `devices`.
    element: &'static str,
    /// What words without a name stand for, in their order.
    bare: &'static [&'static str],
    /// Shorter words, and the places they stand for.
    short: &'static [(&'static str, &'static str)],
    /// What is said where nothing else is asked for.
    usual: &'static [(&'static str, &'static str)],
}

const CHARACTER: &[(&str, &str)] = &[
    ("path", "source.path"),
    ("mode", "source.mode"),
    ("name", "target.name"),
    ("protocol", "protocol.type"),
];

const fn device_option(
    option: &'static str,
    element: &'static str,
    bare: &'static [&'static str],
    short: &'static [(&'static str, &'static str)],
    usual: &'static [(&'static str, &'static str)],
) -> DeviceOption {
    DeviceOption {
        option,
        element,
        bare,
        short,
        usual,
    }
}

/// All of them.
pub const DEVICES: &[DeviceOption] = &[
    device_option(
        "--filesystem",
        "filesystem",
        &["source.dir", "target.dir"],
        &[
            ("source", "source.dir"),
            ("target", "target.dir"),
            ("mode", "accessmode"),
            ("type", "type"),
            ("driver", "driver.type"),
        ],
        &[("type", "mount")],
    ),
    device_option("--hostdev", "hostdev", &[], &[], &[]),
    device_option(
        "--redirdev",
        "redirdev",
        &["bus"],
        &[],
        &[("bus", "usb"), ("type", "spicevmc")],
    ),
    device_option("--input", "input", &["type"], &[], &[]),
    device_option(
        "--controller",
        "controller",
        &["type"],
        &[("address", "address.type")],
        &[],
    ),
    device_option(
        "--serial",
        "serial",
        &["type"],
        CHARACTER,
        &[("type", "pty")],
    ),
    device_option(
        "--parallel",
        "parallel",
        &["type"],
        CHARACTER,
        &[("type", "pty")],
    ),
    device_option(
        "--console",
        "console",
        &["type"],
        CHARACTER,
        &[("type", "pty")],
    ),
    device_option(
        "--channel",
        "channel",
        &["type"],
        CHARACTER,
        &[("target.type", "virtio")],
    ),
    device_option(
        "--rng",
        "rng",
        &[],
        &[
            ("type", "backend.model"),
            ("device", "backend"),
            ("rate_bytes", "rate.bytes"),
            ("rate_period", "rate.period"),
        ],
        &[("model", "virtio"), ("backend.model", "random")],
    ),
    device_option(
        "--watchdog",
        "watchdog",
        &["model"],
        &[],
        &[("model", "i6300esb"), ("action", "reset")],
    ),
    device_option(
        "--memballoon",
        "memballoon",
        &["model"],
        &[],
        &[("model", "virtio")],
    ),
    device_option(
        "--panic",
        "panic",
        &["model"],
        &[("iobase", "address.iobase")],
        &[],
    ),
    device_option(
        "--vsock",
        "vsock",
        &[],
        &[("cid", "cid.address"), ("auto_cid", "cid.auto")],
        &[("model", "virtio")],
    ),
    device_option(
        "--smartcard",
        "smartcard",
        &["mode"],
        &[],
        &[("mode", "passthrough")],
    ),
    device_option("--sound", "sound", &["model"], &[], &[]),
    device_option("--audio", "audio", &["type"], &[], &[("id", "1")]),
    device_option(
        "--video",
        "video",
        &["model.type"],
        &[
            ("model", "model.type"),
            ("heads", "model.heads"),
            ("vram", "model.vram"),
            ("ram", "model.ram"),
            ("vgamem", "model.vgamem"),
            ("accel3d", "model.acceleration.accel3d"),
        ],
        &[],
    ),
    device_option(
        "--tpm",
        "tpm",
        &["backend.type"],
        &[
            ("type", "backend.type"),
            ("version", "backend.version"),
            ("path", "backend.device.path"),
        ],
        &[("model", "tpm-crb"), ("backend.type", "emulator")],
    ),
    device_option(
        "--shmem",
        "shmem",
        &["name"],
        &[("type", "model.type")],
        &[],
    ),
    device_option(
        "--memdev",
        "memory",
        &["model"],
        &[
            ("target_size", "target.size"),
            ("target_node", "target.node"),
            ("target_label_size", "target.label.size"),
        ],
        &[("model", "dimm")],
    ),
    device_option("--iommu", "iommu", &["model"], &[], &[]),
];

/// What an option of [`DEVICES`] makes; `None` for `none`, which leaves out the usual one.
///
/// # Errors
/// What is wrong, with the nearest word that is known.
pub fn device(option: &DeviceOption, text: &str) -> Result<Option<Extra>, Invalid> {
    if text == "none" && option.option != "--memballoon" {
        return Ok(None);
    }
    let mut words = Suboptions::read(option.option, text)?;
    let mut element = Element::new(option.element);
    let mut asked: Vec<(String, Option<String>)> = Vec::new();
    let mut bare = words.bare().into_iter();
    if option.element == "hostdev" {
        let named = words.take("name").or_else(|| bare.next());
        element = host_device(&mut words, &named.unwrap_or_default())?;
    }
    if option.element == "rng" {
        rng(&mut bare, &mut asked);
    }
    if let (Some(host), "serial" | "parallel" | "console" | "channel") =
        (words.take("host"), option.element)
    {
        address(&words, &host, "source", &mut asked)?;
    }
    for (number, word) in bare.enumerate() {
        let Some(place) = option.bare.get(number) else {
            return Err(words.wrong(format!(
                "'{}': a word without a name is one too many",
                visible(&word)
            )));
        };
        // virt-install's word for what fits.
        if word != "default" {
            asked.push(((*place).to_owned(), Some(word)));
        }
    }
    asked.extend(words.rest());
    if element.is_empty() {
        let mut usual: Vec<(&str, &str)> = option.usual.to_vec();
        match option.element {
            // Of a kind that libvirt makes up as it is asked for.
            "vsock" if !asked.iter().any(|(key, _)| key.starts_with("cid")) => {
                usual.push(("cid.auto", "yes"))
            }
            "smartcard"
                if !asked
                    .iter()
                    .any(|(key, _)| matches!(key.as_str(), "mode" | "type")) =>
            {
                usual.push(("type", "spicevmc"));
            }
            "tpm"
                if !asked
                    .iter()
                    .any(|(_, value)| value.as_deref() == Some("passthrough")) =>
            {
                usual.push(("backend.version", "2.0"));
            }
            "filesystem"
                if asked
                    .iter()
                    .any(|(_, value)| value.as_deref() == Some("virtiofs")) =>
            {
                usual.push(("accessmode", "passthrough"));
            }
            "filesystem" => usual.push(("accessmode", "mapped")),
            "channel"
                if asked
                    .iter()
                    .any(|(_, value)| value.as_deref() == Some("spicevmc")) =>
            {
                usual.push(("target.name", "com.redhat.spice.0"));
            }
            "console" if !asked.iter().any(|(key, _)| key.starts_with("target")) => {
                usual.push(("target.type", "serial"));
            }
            "sound"
                if !asked
                    .iter()
                    .any(|(key, value)| key == "model" && value.is_some()) =>
            {
                usual.push(("model", "ich9"))
            }
            _ => {}
        }
        let usual = usual.into_iter();
        let usual = usual.map(|(key, value)| (key.to_owned(), Some(value.to_owned())));
        // What is asked for stands over it.
        asked = usual.chain(asked).collect();
    }
    let mut places = Places::below(option.option, &["devices", option.element]);
    let mut settings = Vec::new();
    for (key, value) in &asked {
        // In MiB, as all memory of these options.
        let size = (option.element == "memory"
            && matches!(key.as_str(), "target_size" | "target.size"))
        .then(|| value.as_deref().and_then(|value| value.parse::<u64>().ok()))
        .flatten();
        let scaled = size.map(|mib| mib.saturating_mul(1024).to_string());
        settings.push(places.find(key, scaled.as_deref().or(value.as_deref()), option.short)?);
    }
    apply(&settings, &mut element);
    Ok(Some(Extra {
        option: option.option,
        text: text.to_owned(),
        makes: Makes::Device(element),
    }))
}

/// `--rng /dev/random`: the file that it comes from.
fn rng(bare: &mut impl Iterator<Item = String>, asked: &mut Vec<(String, Option<String>)>) {
    match bare.next().as_deref() {
        None | Some("default") => {
            asked.push(("backend".to_owned(), Some("/dev/urandom".to_owned())))
        }
        Some("builtin") => asked.push(("backend.model".to_owned(), Some("builtin".to_owned()))),
        Some(path) => asked.push(("backend".to_owned(), Some(path.to_owned()))),
    }
}

/// `127.0.0.1:2222`, `:2222`.
fn address(
    words: &Suboptions,
    text: &str,
    place: &str,
    asked: &mut Vec<(String, Option<String>)>,
) -> Result<(), Invalid> {
    let (host, port) = text.rsplit_once(':').unwrap_or((text, ""));
    if port.parse::<u16>().is_err() {
        return Err(words.wrong(format!(
            "host={}: an address and a port, such as 127.0.0.1:2222",
            visible(text)
        )));
    }
    let host = if host.is_empty() { "127.0.0.1" } else { host };
    asked.push((format!("{place}.host"), Some(host.to_owned())));
    asked.push((format!("{place}.service"), Some(port.to_owned())));
    Ok(())
}

/// A device of the host by its address (`01:00.0`, `pci_0000_01_00_0`), as `VENDOR:PRODUCT`, or as `BUS.DEVICE`.
fn host_device(words: &mut Suboptions, name: &str) -> Result<Element, Invalid> {
    let kind = words.take("type");
    let new = |kind: &str| {
        Element::new("hostdev")
            .with("mode", "subsystem")
            .with("type", kind)
            .with("managed", "yes")
    };
    let text = name.strip_prefix("pci_").map_or_else(
        || name.to_owned(),
        |rest| {
            let parts: Vec<&str> = rest.split('_').collect();
            match parts.as_slice() {
                [domain, bus, slot, function] => format!("{domain}:{bus}:{slot}.{function}"),
                _ => rest.to_owned(),
            }
        },
    );
    // As lspci shows it, without the colons of a domain that is left out: 0:0:1b.0 has one too many.
    let trimmed = text
        .strip_prefix("0:")
        .filter(|rest| rest.matches(':').count() == 1);
    if let Some(at) = PciAddress::parse(trimmed.unwrap_or(&text)) {
        return Ok(new("pci").child(
            Element::new("source").child(
                Element::new("address")
                    .with("domain", format!("0x{:04x}", at.domain))
                    .with("bus", format!("0x{:02x}", at.bus))
                    .with("slot", format!("0x{:02x}", at.slot))
                    .with("function", format!("0x{:x}", at.function)),
            ),
        ));
    }
    if let Some((vendor, product)) = usb_id(&text) {
        return Ok(new("usb").child(
            Element::new("source")
                .child(Element::new("vendor").with("id", format!("0x{vendor}")))
                .child(Element::new("product").with("id", format!("0x{product}"))),
        ));
    }
    let numbers = text.split_once('.').and_then(|(bus, device)| {
        let number = |text: &str| text.parse::<u16>().ok().filter(|number| *number > 0);
        Some((number(bus)?, number(device)?))
    });
    if let Some((bus, device)) = numbers {
        return Ok(new("usb").child(
            Element::new("source").child(
                Element::new("address")
                    .with("bus", bus)
                    .with("device", device),
            ),
        ));
    }
    if kind.as_deref() == Some("mdev") && name.parse::<crate::model::Uuid>().is_ok() {
        return Ok(Element::new("hostdev")
            .with("mode", "subsystem")
            .with("type", "mdev")
            .with("model", "vfio-pci")
            .child(Element::new("source").child(Element::new("address").with("uuid", name))));
    }
    Err(words.wrong(format!(
        "{}: a PCI address such as 01:00.0 or pci_0000_01_00_0, a USB device as VENDOR:PRODUCT or BUS.DEVICE \
         ('virtty nodedev-list' shows those of the host)",
        if name.is_empty() { "wants a device".to_owned() } else { visible(name).into_owned() }
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(name: &str, text: &str) -> Result<String, String> {
        let option = DEVICES.iter().find(|known| known.option == name).unwrap();
        match device(option, text).map_err(|error| error.to_string())? {
            Some(Extra {
                makes: Makes::Device(element),
                ..
            }) => Ok(element
                .document()
                .replace("\n  ", "")
                .replace('\n', "")
                .replace("  ", "")),
            _ => Ok(String::new()),
        }
    }

    #[test]
    fn devices_are_made_as_they_are_asked_for() {
        let of = |name, text| made(name, text).unwrap();
        assert_eq!(
            of("--filesystem", "/srv,share"),
            "<filesystem type='mount' accessmode='mapped'><source dir='/srv'/><target dir='share'/></filesystem>"
        );
        assert_eq!(
            of(
                "--filesystem",
                "source=/srv,target=share,driver.type=virtiofs"
            ),
            "<filesystem type='mount' accessmode='passthrough'><source dir='/srv'/><target dir='share'/><driver type='virtiofs'/></filesystem>"
        );
        assert_eq!(
            of("--watchdog", "itco,action=poweroff"),
            "<watchdog model='itco' action='poweroff'/>"
        );
        assert_eq!(
            of("--watchdog", "default"),
            "<watchdog model='i6300esb' action='reset'/>"
        );
        assert_eq!(
            of("--rng", "/dev/random"),
            "<rng model='virtio'><backend model='random'>/dev/random</backend></rng>"
        );
        assert_eq!(
            of(
                "--serial",
                "tcp,host=127.0.0.1:2222,mode=bind,protocol=telnet"
            ),
            "<serial type='tcp'><source host='127.0.0.1' service='2222' mode='bind'/><protocol type='telnet'/></serial>"
        );
        assert_eq!(
            of("--channel", "unix,target.name=org.qemu.guest_agent.0"),
            "<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>"
        );
        assert_eq!(
            of("--memdev", "dimm,target_size=128,target_node=0"),
            "<memory model='dimm'><target><size>131072</size><node>0</node></target></memory>"
        );
        assert_eq!(
            of("--vsock", "cid=7"),
            "<vsock model='virtio'><cid address='7'/></vsock>"
        );
        assert_eq!(of("--memballoon", "none"), "<memballoon model='none'/>");
        assert_eq!(
            of("--controller", "scsi,model=virtio-scsi"),
            "<controller type='scsi' model='virtio-scsi'/>"
        );
    }

    #[test]
    fn devices_of_the_host_are_named_in_any_way() {
        let pci = "<hostdev mode='subsystem' type='pci' managed='yes'><source><address domain='0x0000' bus='0x01' slot='0x1f' \
                   function='0x2'/></source></hostdev>";
        for text in [
            "01:1f.2",
            "0000:01:1f.2",
            "pci_0000_01_1f_2",
            "0:01:1f.2",
            "name=01:1f.2,type=pci",
        ] {
            assert_eq!(made("--hostdev", text).as_deref(), Ok(pci), "{text}");
        }
        assert!(
            made("--hostdev", "0x0781:0x5151")
                .unwrap()
                .contains("<vendor id='0x0781'/><product id='0x5151'/>")
        );
        assert!(
            made("--hostdev", "001.003")
                .unwrap()
                .contains("<address bus='1' device='3'/>")
        );
        assert!(
            made("--hostdev", "01:00.0,driver.name=vfio,boot.order=1")
                .unwrap()
                .contains("<driver name='vfio'/><boot order='1'/>")
        );
        assert!(
            made("--hostdev", "sofa")
                .unwrap_err()
                .contains("nodedev-list")
        );
    }

    #[test]
    fn what_is_wrong_is_told() {
        assert_eq!(
            made("--watchdog", "itco,acton=reset"),
            Err("--watchdog does not take 'acton'; did you mean 'action'?".to_owned())
        );
        assert!(
            made("--input", "tablet,usb")
                .unwrap_err()
                .contains("one too many")
        );
        assert!(
            made("--serial", "tcp,host=x")
                .unwrap_err()
                .contains("127.0.0.1:2222")
        );
    }
}
