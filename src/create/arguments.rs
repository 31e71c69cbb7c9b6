//! Values of the options of a new domain, named and shaped as virt-install's (virt-install(1)).

use super::domain::{
    Content, Cpu, Disk, DiskDevice, Firmware, Graphics, Kernel, Link, NewVolume, Nic, Vcpus,
};
use super::further::Setting;
use super::location::Location;
use super::suboptions::{Invalid, Suboptions};
use crate::text::visible;

const GIB: u64 = 1 << 30;

/// `--memory 2048`, `--memory memory=2048,maxmemory=4096`, in MiB, or with a unit: `2G`. Both in KiB, and further values of
/// the domain.
///
/// # Errors
/// What is wrong, for the one who typed it; so everywhere here.
pub fn memory(text: &str) -> Result<(u64, Option<u64>, Vec<Setting>), Invalid> {
    let mut words = Suboptions::read("--memory", text)?;
    let current = words.take("currentMemory");
    let (memory, most) = match (words.first(), words.take("memory"), current) {
        (Some(memory), most, None) | (None, Some(memory), most @ None) => (memory, most),
        // libvirt's own words: what it has at first, and at most.
        (None, most, Some(current)) => (current, most),
        (None, None, None) => return Err(words.wrong("wants a number of MiB, such as 2048")),
        (Some(_), _, Some(_)) => {
            return Err(words.wrong("takes a number or currentMemory=, not both"));
        }
    };
    let memory = mebibytes(&words, &memory)?;
    let most = words.take("maxmemory").or(most);
    let most = most.map(|text| mebibytes(&words, &text)).transpose()?;
    let mut settings = Vec::new();
    if let Some(text) = words.take("maxMemory") {
        let kib = mebibytes(&words, &text)?;
        settings.push(Setting::text(
            &format!("maxMemory={}", kib / 1024),
            "maxMemory",
            &kib.to_string(),
        ));
    }
    if let Some(slots) = words.take_number("maxMemory.slots", 1..=256)? {
        settings.push(Setting::slots(slots));
    }
    if words.take_switch("hugepages")? == Some(true) {
        settings.push(Setting::hugepages());
    }
    words.finish()?;
    if let Some(most) = most
        && most < memory
    {
        return Err(Invalid {
            option: "--memory",
            message: format!(
                "maxmemory of {} MiB is less than the {} MiB at start",
                most / 1024,
                memory / 1024
            ),
        });
    }
    Ok((memory, most, settings))
}

/// A number of MiB, or with a unit of 1024 and its powers, in KiB.
fn mebibytes(words: &Suboptions, text: &str) -> Result<u64, Invalid> {
    let wrong = || {
        words.wrong(format!(
            "{}: a number of MiB from 1 to 16777216, or with a unit such as 2G",
            visible(text)
        ))
    };
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let per: u64 = match text[digits.len()..].to_ascii_lowercase().as_str() {
        "" | "m" | "mib" => 1024,
        "k" | "kib" => 1,
        "g" | "gib" => 1024 * 1024,
        "t" | "tib" => 1024 * 1024 * 1024,
        _ => return Err(wrong()),
    };
    let number: u64 = digits.parse().map_err(|_| wrong())?;
    number
        .checked_mul(per)
        .filter(|kib| (1024..=(16 << 30)).contains(kib))
        .ok_or_else(wrong)
}

/// `--vcpus 1,maxvcpus=2,sockets=1,cores=2,threads=1,cpuset=0-3`.
pub fn vcpus(text: &str) -> Result<Vcpus, Invalid> {
    const MOST: u64 = 4096;
    let mut words = Suboptions::read("--vcpus", text)?;
    let first = words.first();
    let first = match first {
        Some(text) => match text.parse::<u64>() {
            Ok(count) if (1..=MOST).contains(&count) => Some(count),
            _ => {
                return Err(words.wrong(format!(
                    "{}: a whole number from 1 to {MOST}",
                    visible(&text)
                )));
            }
        },
        None => None,
    };
    let named = words.take_number("vcpus", 1..=MOST)?;
    let named = named.or(words.take_number("current", 1..=MOST)?);
    let mut number = |key| -> Result<Option<u32>, Invalid> {
        let number = words.take_number(key, 1..=MOST)?;
        Ok(number.and_then(|number| u32::try_from(number).ok()))
    };
    let maximum = number("maxvcpus")?;
    let (sockets, cores, threads) = (number("sockets")?, number("cores")?, number("threads")?);
    let dies = number("dies")?;
    let cpuset = words.take("cpuset");
    let product = sockets.unwrap_or(1).checked_mul(cores.unwrap_or(1));
    let product = product.and_then(|product| product.checked_mul(threads.unwrap_or(1)));
    let product = product.and_then(|product| product.checked_mul(dies.unwrap_or(1)));
    let given = first.or(named).and_then(|count| u32::try_from(count).ok());
    let current = given.or(maximum).or(product).unwrap_or(1);
    let vcpus = Vcpus {
        current,
        maximum: maximum.filter(|most| *most != current),
        sockets,
        dies,
        cores,
        threads,
        cpuset,
    };
    if maximum.is_some_and(|most| most < current) {
        return Err(words.wrong(format!(
            "maxvcpus={} is less than the {current} at start",
            vcpus.most()
        )));
    }
    if let Some((sockets, cores, threads)) = vcpus.topology()
        && let dies = dies.unwrap_or(1)
        && [sockets, dies, cores, threads]
            .iter()
            .map(|part| u64::from(*part))
            .product::<u64>()
            != u64::from(vcpus.most())
    {
        let of_dies = if dies > 1 {
            format!("{dies} dies of ")
        } else {
            String::new()
        };
        return Err(words.wrong(format!(
            "{sockets} sockets of {of_dies}{cores} cores with {threads} threads are not {} vCPUs",
            vcpus.most()
        )));
    }
    if let Some(set) = &vcpus.cpuset
        && !is_cpuset(set)
    {
        return Err(words.wrong(format!(
            "cpuset={}: numbers and ranges such as 0-3,,8,,^2",
            visible(set)
        )));
    }
    words.finish()?;
    Ok(vcpus)
}

/// libvirt's format of sets of CPUs: numbers and ranges, `^` in front of one that is left out.
pub fn is_cpuset(text: &str) -> bool {
    let number = |text: &str| text.parse::<u32>().ok().filter(|cpu| *cpu < 16384);
    !text.is_empty()
        && text.split(',').all(|part| {
            if let Some(left_out) = part.strip_prefix('^') {
                return number(left_out).is_some();
            }
            match part.split_once('-') {
                Some((from, to)) => match (number(from), number(to)) {
                    (Some(from), Some(to)) => from <= to,
                    _ => false,
                },
                None => number(part).is_some(),
            }
        })
}

/// `--cpu host-passthrough`, `--cpu Skylake-Client,+vmx,-tsx`, `--cpu host-model,cache.mode=passthrough`: mode or model, and
/// further values of its element.
pub fn cpu(text: &str) -> Result<(Option<Cpu>, Vec<Setting>), Invalid> {
    // Words that may stand several times: a policy and a feature.
    let policies = ["force", "require", "optional", "disable", "forbid"];
    let (of_features, text): (Vec<&str>, Vec<&str>) = text.split(',').partition(|word| {
        let policy = word.split_once('=').map(|(policy, _)| policy);
        policy.is_some_and(|policy| policies.contains(&policy))
    });
    let mut settings = Vec::new();
    for word in of_features {
        let (policy, feature) = word.split_once('=').unwrap_or((word, ""));
        settings.extend(Setting::feature(word, policy, feature));
    }
    let text = text.join(",");
    if text.is_empty() {
        return Ok((None, settings));
    }
    let mut words = Suboptions::read("--cpu", &text)?;
    let named = words.take("mode").or(words.take("model"));
    let mut bare = words.bare().into_iter().peekable();
    let first = || bare.next_if(|word| !word.starts_with(['+', '-']));
    let model = named.or_else(first);
    let mut features = Vec::new();
    for word in bare {
        match (word.chars().next(), word.get(1..)) {
            (Some(sign @ ('+' | '-')), Some(feature)) if !feature.is_empty() => {
                features.push((sign, feature.to_owned()));
            }
            _ => {
                return Err(
                    words.wrong(format!("{}: a feature begins with + or -", visible(&word)))
                );
            }
        }
    }
    // virt-install adds features against known weaknesses to a named model unless it is told not to; this never does.
    if words.take_switch("secure")? == Some(true) {
        return Err(words.wrong(
            "secure=on: name the features yourself (+md-clear,+spec-ctrl,…), or take host-model, which has them",
        ));
    }
    let short = [
        ("match", "match"),
        ("vendor", "vendor"),
        ("cell0", "numa.cell0"),
    ];
    settings.extend(words.further(&["cpu"], &short)?);
    let mode = match model.as_deref() {
        None => {
            let signs = features.iter();
            settings.extend(signs.flat_map(|(sign, name)| {
                let policy = if *sign == '+' { "require" } else { "disable" };
                Setting::feature(&format!("{sign}{name}"), policy, name)
            }));
            return Ok((None, settings));
        }
        Some("host" | "host-passthrough") => "host-passthrough",
        Some(mode @ ("host-model" | "maximum")) => mode,
        Some(model) => return Ok((Some(Cpu::Model(model.to_owned(), features)), settings)),
    };
    settings.extend(features.iter().flat_map(|(sign, name)| {
        let policy = if *sign == '+' { "require" } else { "disable" };
        Setting::feature(&format!("{sign}{name}"), policy, name)
    }));
    Ok((Some(Cpu::Mode(mode.to_owned())), settings))
}

/// `--disk size=20,pool=default,format=qcow2`, `--disk /path/to/disk`, `--disk vol=pool/name`; `None` for `none`.
pub fn disk(text: &str) -> Result<Option<Disk>, Invalid> {
    if text == "none" {
        return Ok(None);
    }
    let mut words = Suboptions::read("--disk", text)?;
    let path = words.first().or(words.take("path"));
    let device = match words.take("device").as_deref() {
        None | Some("disk") => DiskDevice::Disk,
        Some("cdrom") => DiskDevice::Cdrom,
        Some("floppy") => DiskDevice::Floppy,
        Some(other) => {
            return Err(words.wrong(format!("device={}: disk, cdrom or floppy", visible(other))));
        }
    };
    let size = words.take("size");
    let size = size.map(|text| gibibytes(&words, &text)).transpose()?;
    let format = words.take("format").or(words.take("driver.type"));
    let volume = words.take("vol");
    let pool = words.take("pool");
    let name = words.take("name");
    let sparse = words.take_switch("sparse")?;
    let backing = words.take("backing_store");
    let backing_format = words.take("backing_format");
    let is_elsewhere = words.has("source.protocol");
    if volume.is_some() && path.is_some() {
        return Err(words.wrong("takes either a path or vol=, not both"));
    }
    let is_new = size.is_some() || backing.is_some();
    let content = match (volume, path) {
        (Some(volume), _) => {
            let Some((pool, volume)) = volume
                .split_once('/')
                .filter(|(pool, name)| !pool.is_empty() && !name.is_empty())
            else {
                return Err(words.wrong(format!(
                    "vol={}: a pool, a slash and a volume",
                    visible(&volume)
                )));
            };
            Content::Volume {
                pool: pool.to_owned(),
                volume: volume.to_owned(),
                format,
            }
        }
        (None, path) if is_new => {
            if let Some(format) = &format
                && !matches!(format.as_str(), "raw" | "qcow2")
            {
                return Err(words.wrong(format!(
                    "format={}: raw or qcow2 for a new volume",
                    visible(format)
                )));
            }
            if backing.is_some() && format.as_deref() == Some("raw") {
                return Err(words.wrong("format=raw: only qcow2 can have a backing file"));
            }
            Content::New(NewVolume {
                path,
                pool,
                name,
                size,
                format,
                full: sparse == Some(false),
                backing,
                backing_format,
            })
        }
        (None, Some(path)) => Content::Path { path, format },
        (None, None) if is_elsewhere => Content::Network { format },
        (None, None) => Content::Nothing,
    };
    let mut disk = Disk {
        content,
        device,
        bus: words.take("bus").or(words.take("target.bus")),
        cache: words.take("cache").or(words.take("driver.cache")),
        io: words.take("io").or(words.take("driver.io")),
        discard: words.take("discard").or(words.take("driver.discard")),
        serial: words.take("serial"),
        readonly: words.take_switch("readonly")?.unwrap_or(false),
        shareable: words.take_switch("shareable")?.unwrap_or(false),
        target: words.take("target").or(words.take("target.dev")),
        boot_order: order(&mut words)?,
        further: Vec::new(),
    };
    // virt-install's older word for both.
    match words.take("perms").as_deref() {
        None | Some("rw") => {}
        Some("ro") => disk.readonly = true,
        Some("sh") => disk.shareable = true,
        Some(other) => return Err(words.wrong(format!("perms={}: rw, ro or sh", visible(other)))),
    }
    let one_of = |words: &Suboptions, key: &str, value: &Option<String>, known: &[&str]| match value
    {
        Some(value) if !known.contains(&value.as_str()) => Err(words.wrong(format!(
            "{key}={}: one of {}",
            visible(value),
            known.join(", ")
        ))),
        _ => Ok(()),
    };
    one_of(
        &words,
        "bus",
        &disk.bus,
        &["virtio", "sata", "scsi", "usb", "ide", "fdc", "sd", "xen"],
    )?;
    one_of(
        &words,
        "cache",
        &disk.cache,
        &[
            "default",
            "none",
            "writethrough",
            "writeback",
            "directsync",
            "unsafe",
        ],
    )?;
    one_of(&words, "io", &disk.io, &["threads", "native", "io_uring"])?;
    one_of(&words, "discard", &disk.discard, &["ignore", "unmap"])?;
    let short = [
        ("startup_policy", "source.startupPolicy"),
        ("snapshot_policy", "snapshot"),
        ("error_policy", "driver.error_policy"),
        ("detect_zeroes", "driver.detect_zeroes"),
        ("removable", "target.removable"),
        ("rotation_rate", "target.rotation_rate"),
        ("logical_block_size", "blockio.logical_block_size"),
        ("physical_block_size", "blockio.physical_block_size"),
        ("read_bytes_sec", "iotune.read_bytes_sec"),
        ("read_iops_sec", "iotune.read_iops_sec"),
        ("total_bytes_sec", "iotune.total_bytes_sec"),
        ("total_iops_sec", "iotune.total_iops_sec"),
        ("write_bytes_sec", "iotune.write_bytes_sec"),
        ("write_iops_sec", "iotune.write_iops_sec"),
    ];
    disk.further = words.further(&["devices", "disk"], &short)?;
    // Last, so that a misspelt word is told rather than what is missing for it.
    if disk.content == Content::Nothing && device == DiskDevice::Disk {
        return Err(Invalid {
            option: "--disk",
            message: "wants size= in GiB, a path, or vol=POOL/VOLUME".to_owned(),
        });
    }
    Ok(Some(disk))
}

/// GiB with a fraction, or a number with a unit, in bytes.
fn gibibytes(words: &Suboptions, text: &str) -> Result<u64, Invalid> {
    let wrong = || {
        words.wrong(format!(
            "size={}: a number of GiB above 0 and up to 1048576, such as 20 or 0.5",
            visible(text)
        ))
    };
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let per = match text[digits.len()..].to_ascii_lowercase().as_str() {
        "" | "g" | "gib" => GIB,
        "m" | "mib" => 1 << 20,
        "k" | "kib" => 1 << 10,
        "t" | "tib" => 1 << 40,
        _ => return Err(wrong()),
    };
    let number: f64 = digits.parse().map_err(|_| wrong())?;
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is looked at before it is cut, and lies far below 2^53"
    )]
    if number > 0.0 && number * per as f64 <= (1_u64 << 50) as f64 {
        // Whole sectors, as QEMU wants them.
        Ok(((number * per as f64) as u64).next_multiple_of(512))
    } else {
        Err(wrong())
    }
}

fn order(words: &mut Suboptions) -> Result<Option<u32>, Invalid> {
    let short = words.take_number("boot_order", 1..=1000)?;
    let order = short.or(words.take_number("boot.order", 1..=1000)?);
    Ok(order.and_then(|order| u32::try_from(order).ok()))
}

/// `--network network=default,model=virtio,mac=52:54:00:…`, `--network bridge=br0`, `--network type=direct,source=eth0`,
/// `user`, `default`; `None` for `none`.
pub fn network(text: &str) -> Result<Option<Nic>, Invalid> {
    if text == "none" {
        return Ok(None);
    }
    // virt-install's older way of writing it.
    let text = match text.split_once(':') {
        Some((kind @ ("bridge" | "network"), rest)) => format!("{kind}={rest}"),
        _ => text.to_owned(),
    };
    let mut words = Suboptions::read("--network", &text)?;
    let first = words.first();
    let (network, bridge) = (words.take("network"), words.take("bridge"));
    let kind = words.take("type");
    let (source, mode) = (
        words.take("source"),
        words.take("source.mode").or(words.take("source_mode")),
    );
    let link = match (first.as_deref().or(kind.as_deref()), network, bridge) {
        (None, Some(network), None) | (Some("network"), Some(network), None) => {
            Link::Network(network)
        }
        (None, None, Some(bridge)) | (Some("bridge"), None, Some(bridge)) => Link::Bridge(bridge),
        (None, Some(_), Some(_)) => {
            return Err(words.wrong("takes either network= or bridge=, not both"));
        }
        (Some("user" | "passt"), None, None) => Link::User,
        (Some("default") | None, None, None) => Link::Default,
        (Some("network"), None, None) if source.is_some() => {
            Link::Network(source.clone().unwrap_or_default())
        }
        (Some("bridge"), None, None) if source.is_some() => {
            Link::Bridge(source.clone().unwrap_or_default())
        }
        (Some("direct"), None, None) => match &source {
            Some(source) => Link::Direct {
                source: source.clone(),
                mode: mode.clone().unwrap_or_else(|| "bridge".to_owned()),
            },
            None => return Err(words.wrong("type=direct wants source=DEVICE")),
        },
        (Some(other), ..) => {
            return Err(words.wrong(format!(
                "{}: network=NAME, bridge=NAME, type=direct,source=DEVICE, user, passt, default or none",
                visible(other)
            )));
        }
    };
    if let Link::Direct { mode, .. } = &link
        && !matches!(mode.as_str(), "bridge" | "vepa" | "private" | "passthrough")
    {
        return Err(words.wrong(format!(
            "source.mode={}: bridge, vepa, private or passthrough",
            visible(mode)
        )));
    }
    let mac = words.take("mac").or(words.take("mac.address"));
    if let Some(mac) = &mac
        && !mac.eq_ignore_ascii_case("random")
        && !is_guest_mac(mac)
    {
        return Err(words.wrong(format!(
            "mac={}: six pairs of hexadecimal digits, the first even (no group address), such as 52:54:00:12:34:56",
            visible(mac)
        )));
    }
    let mut nic = Nic {
        link,
        model: words.take("model").or(words.take("model.type")),
        mac: mac.filter(|mac| !mac.eq_ignore_ascii_case("random")),
        boot_order: order(&mut words)?,
        target: words.take("target").or(words.take("target.dev")),
        further: Vec::new(),
    };
    let short = [
        ("filterref", "filterref.filter"),
        ("portgroup", "source.portgroup"),
        ("link_state", "link.state"),
        ("mtu", "mtu.size"),
    ];
    nic.further = words.further(&["devices", "interface"], &short)?;
    if first.as_deref().or(kind.as_deref()) == Some("passt") {
        let mut passt = Suboptions::read("--network", "backend.type=passt")?
            .further(&["devices", "interface"], &[])?;
        nic.further.append(&mut passt);
    }
    Ok(Some(nic))
}

/// `--location URL,kernel=PATH,initrd=PATH`, or an image on this machine instead of the URL.
pub fn location(text: &str) -> Result<Location, Invalid> {
    let mut words = Suboptions::read("--location", text)?;
    let place = words.first().or(words.take("location"));
    let location = Location {
        place: place.unwrap_or_default(),
        kernel: words.take("kernel"),
        initrd: words.take("initrd"),
        inject: Vec::new(),
    };
    if location.place.is_empty() {
        return Err(words.wrong("wants a URL, or the path of an image on this machine"));
    }
    if location.place.contains("://") && !location.is_url() {
        return Err(words.wrong(format!(
            "{}: http, https and ftp are known",
            visible(&location.place)
        )));
    }
    if location.kernel.is_some() != location.initrd.is_some() {
        return Err(words.wrong("kernel= and initrd= go together"));
    }
    words.finish()?;
    Ok(location)
}

/// IEEE 802: a guest's address is not one of a group, whose first octet is odd.
pub fn is_guest_mac(text: &str) -> bool {
    let octets: Vec<_> = text.split(':').collect();
    octets.len() == 6
        && octets
            .iter()
            .all(|octet| octet.len() == 2 && octet.bytes().all(|byte| byte.is_ascii_hexdigit()))
        && u8::from_str_radix(octets[0], 16).is_ok_and(|first| first & 1 == 0)
}

/// `--graphics vnc,listen=127.0.0.1,port=5901,password=…`; `None` for `none`.
pub fn graphics(text: &str) -> Result<Option<Graphics>, Invalid> {
    let mut words = Suboptions::read("--graphics", text)?;
    let first = words.first().or(words.take("type"));
    let spice = match first.as_deref() {
        Some("none") => {
            words.finish()?;
            return Ok(None);
        }
        Some("vnc") => false,
        Some("spice") => true,
        other => {
            return Err(words.wrong(format!(
                "{}: vnc, spice or none",
                visible(other.unwrap_or("a display without a kind"))
            )));
        }
    };
    let port = match words.take("port").as_deref() {
        None | Some("-1") => None,
        Some(text) => match text.parse::<u16>() {
            Ok(port) if port >= 5900 || (spice && port > 0) => Some(port),
            _ => {
                return Err(words.wrong(format!(
                    "port={}: from 5900 to 65535, or -1 for one that is chosen at each start",
                    visible(text)
                )));
            }
        },
    };
    let password = words.take("password").or(words.take("passwd"));
    if !spice
        && let Some(password) = &password
        && password.len() > 8
    {
        return Err(words.wrong(
            "password: VNC looks at the first 8 bytes alone, so a longer one is no safer; give at most 8",
        ));
    }
    let listen = words.take("listen");
    if let Some(listen) = &listen
        && !matches!(listen.as_str(), "none" | "socket" | "localhost")
        && listen.parse::<std::net::IpAddr>().is_err()
        && !is_hostname(listen)
    {
        return Err(words.wrong(format!(
            "listen={}: an address, none or socket",
            visible(listen)
        )));
    }
    let mut graphics = Graphics {
        spice,
        listen,
        port,
        password,
        keymap: words.take("keymap"),
        further: Vec::new(),
    };
    let short = [
        ("gl", "gl.enable"),
        ("rendernode", "gl.rendernode"),
        ("tlsport", "tlsPort"),
        ("passwordvalidto", "passwdValidTo"),
        ("filetransfer_enable", "filetransfer.enable"),
    ];
    graphics.further = words.further(&["devices", "graphics"], &short)?;
    Ok(Some(graphics))
}

/// RFC 1123, section 2.1.
fn is_hostname(text: &str) -> bool {
    text.len() <= 253
        && text.split('.').all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        })
        // A mistyped address is not a name.
        && !text.split('.').all(|label| label.bytes().all(|byte| byte.is_ascii_digit()))
}

/// What `--boot` says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Boot {
    /// Devices, in order.
    pub devices: Vec<String>,
    /// The firmware, when it is named.
    pub firmware: Option<Firmware>,
    /// A kernel for every start.
    pub kernel: Option<Kernel>,
    /// Its arguments.
    pub kernel_args: Option<String>,
    /// Further values below `os`.
    pub further: Vec<Setting>,
}

/// `--boot hd,cdrom,network`, `--boot uefi`, `--boot kernel=…,initrd=…,kernel_args=…`.
pub fn boot(text: &str) -> Result<Boot, Invalid> {
    let mut words = Suboptions::read("--boot", text)?;
    let mut boot = Boot::default();
    for word in words.bare() {
        match word.as_str() {
            "hd" | "cdrom" | "network" | "fd" => boot.devices.push(word),
            "uefi" | "efi" => boot.firmware = Some(Firmware::Uefi),
            "bios" => boot.firmware = Some(Firmware::Bios),
            other => {
                return Err(words.wrong(format!(
                    "{}: hd, cdrom, network, fd, uefi, bios or kernel=…",
                    visible(other)
                )));
            }
        }
    }
    match words.take("firmware").as_deref() {
        None => {}
        Some("efi") => boot.firmware = Some(Firmware::Uefi),
        Some("bios") => boot.firmware = Some(Firmware::Bios),
        Some(other) => return Err(words.wrong(format!("firmware={}: efi or bios", visible(other)))),
    }
    if let Some(true) = words.take_switch("uefi")? {
        boot.firmware = Some(Firmware::Uefi);
    }
    let own_loader = words.has("loader") || words.has("loader.path");
    if !own_loader
        && words
            .take_switch("loader_secure")?
            .or(words.take_switch("loader.secure")?)
            == Some(true)
    {
        boot.firmware = Some(Firmware::SecureBoot);
    }
    // As virt-install's own words say it.
    if words.has_value("firmware.feature0.name", "secure-boot")
        && words.has_value("firmware.feature0.enabled", "yes")
    {
        words.take("firmware.feature0.name");
        words.take("firmware.feature0.enabled");
        boot.firmware = Some(Firmware::SecureBoot);
    }
    if words.take_switch("secure-boot")? == Some(true) {
        boot.firmware = Some(Firmware::SecureBoot);
    }
    let (kernel, initrd) = (words.take("kernel"), words.take("initrd"));
    boot.kernel_args = words.take("kernel_args").or(words.take("cmdline"));
    if kernel.is_none() && (initrd.is_some() || boot.kernel_args.is_some()) {
        return Err(words.wrong("initrd= and kernel_args= want kernel= too"));
    }
    boot.kernel = kernel.map(|kernel| Kernel { kernel, initrd });
    let short = [
        ("menu", "bootmenu.enable"),
        ("useserial", "bios.useserial"),
        ("rebootTimeout", "bios.rebootTimeout"),
        ("loader_ro", "loader.readonly"),
        ("loader_type", "loader.type"),
        ("nvram_template", "nvram.template"),
        ("machine", "type.machine"),
        ("arch", "type.arch"),
    ];
    boot.further = words.further(&["os"], &short)?;
    Ok(boot)
}

/// `--install kernel=…,initrd=…,kernel_args=…`: a kernel for the first start.
pub fn install(text: &str) -> Result<(Kernel, Option<String>), Invalid> {
    let mut words = Suboptions::read("--install", text)?;
    let (kernel, initrd) = (words.take("kernel"), words.take("initrd"));
    let arguments = words.take("kernel_args");
    let (named, os) = (words.first(), words.take("os"));
    let Some(kernel) = kernel else {
        return Err(words.wrong(match named.or(os) {
            // virt-install looks for an installer of it on the network.
            Some(os) => format!(
                "{}: virtty does not look for installers by the name of a system; give its tree (--location URL) or its image (--cdrom ISO)",
                visible(&os)
            ),
            None => "wants kernel=PATH of the installer, and usually initrd=PATH".to_owned(),
        }));
    };
    words.finish()?;
    Ok((Kernel { kernel, initrd }, arguments))
}
