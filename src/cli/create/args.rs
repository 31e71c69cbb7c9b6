//! The options of `virtty create`, named and shaped as virt-install's, and the domain they ask for.

use std::fs;

use clap::{ArgAction, Args, ValueHint};

use super::course::Course;
use super::more::More;
use crate::create::{
    CloudInit, Invalid, NewDomain, RootPassword, Source, Suboptions,
    arguments::{self, Boot},
    further,
};
use crate::model::Uuid;
use crate::text::visible;

/// `virtty create`
#[derive(Debug, Args)]
pub struct Create {
    /// Name of the domain.
    #[arg(short, long)]
    pub name: String,

    /// Begin with a template that was saved from the console's form; other options stand over its own. The name of a domain that
    /// is off makes a clone of that.
    #[arg(long, value_name = "TEMPLATE")]
    pub template: Option<String>,

    /// UUID of the domain; one is made up where there is none.
    #[arg(long)]
    pub uuid: Option<String>,

    /// Title and description: title=TEXT,description=TEXT.
    #[arg(long, value_name = "TEXTS")]
    pub metadata: Option<String>,

    /// Description, as in --metadata description=.
    #[arg(long, value_name = "TEXT", hide = true)]
    pub description: Option<String>,

    /// Memory in MiB, and the most there may be: 2048,maxmemory=4096; 2G is understood too. With hugepages=yes, and maxMemory=
    /// with maxMemory.slots= for memory that is plugged in later.
    #[arg(long, visible_alias = "ram", value_name = "MIB")]
    pub memory: Option<String>,

    /// vCPUs: 1,maxvcpus=2,sockets=1,dies=1,cores=2,threads=1,cpuset=0-3.
    #[arg(long, value_name = "NUMBER")]
    pub vcpus: Option<String>,

    /// CPU model: host-passthrough, host-model, or a name with features: EPYC,+topoext.
    #[arg(long, value_name = "MODEL")]
    pub cpu: Option<String>,

    /// kvm or qemu; KVM where the host has it.
    #[arg(long, value_name = "TYPE")]
    pub virt_type: Option<String>,

    /// CPU architecture; that of the host where there is none.
    #[arg(long)]
    pub arch: Option<String>,

    /// Machine type; q35 on x86-64 where there is none.
    #[arg(long)]
    pub machine: Option<String>,

    /// Operating system by its short id in libosinfo's database (osinfo-query os), or generic. Without it any Linux of these
    /// years is assumed.
    #[arg(long, visible_alias = "os-variant", value_name = "OS")]
    pub osinfo: Option<String>,

    /// Accepted for lines that were written for older virt-installs: --osinfo says all of it.
    #[arg(long, hide = true)]
    pub os_type: Option<String>,

    /// Accepted likewise: a full virtual machine is all that is made.
    #[arg(short = 'v', long, hide = true)]
    pub hvm: bool,

    /// A disk: size=20 in GiB for a new one (pool=, format=qcow2|raw, sparse=no, backing_store=), a path, vol=POOL/VOLUME, or
    /// none; with bus=, cache=, io=, discard=, serial=, device=cdrom, readonly=yes, shareable=yes. May be given several times.
    #[arg(long, value_name = "DISK", action = ArgAction::Append)]
    pub disk: Vec<String>,

    /// A network interface: network=NAME, bridge=NAME, type=direct,source=DEVICE, user, default, or none; with model=, mac=.
    /// May be given several times.
    #[arg(short = 'w', long, value_name = "NETWORK", action = ArgAction::Append)]
    pub network: Vec<String>,

    /// A display: vnc or spice with listen=, port=, password=, or none. VNC on 127.0.0.1 where there is none.
    #[arg(long, value_name = "GRAPHICS", action = ArgAction::Append)]
    pub graphics: Vec<String>,

    /// The same as --graphics none.
    #[arg(long, hide = true, conflicts_with = "graphics")]
    pub nographics: bool,

    /// The first disk has a system: nothing is installed.
    #[arg(long, conflicts_with_all = ["cdrom", "location", "pxe", "install"])]
    pub import: bool,

    /// Install from an ISO image: a path on the host, or POOL/VOLUME. One that only this machine has is uploaded.
    #[arg(long, value_name = "ISO", conflicts_with_all = ["location", "pxe", "install"])]
    pub cdrom: Option<String>,

    /// Install by the kernel of an installer: the URL of a distribution's tree, or an ISO image on this machine; with kernel= and
    /// initrd= where they are not where they usually are.
    #[arg(short, long, value_name = "LOCATION", conflicts_with_all = ["pxe", "install"])]
    pub location: Option<String>,

    /// Boot from the network.
    #[arg(long, conflicts_with = "install")]
    pub pxe: bool,

    /// Install by a kernel on the host: kernel=PATH,initrd=PATH,kernel_args=TEXT.
    #[arg(long, value_name = "KERNEL")]
    pub install: Option<String>,

    /// Arguments for the kernel of --install or --boot, such as 'net.ifnames=0 biosdevname=0 console=ttyS0'.
    #[arg(
        short = 'x',
        long,
        value_name = "ARGUMENTS",
        allow_hyphen_values = true
    )]
    pub extra_args: Option<String>,

    /// Order of boot devices (hd,cdrom,network), firmware (uefi; uefi,secure-boot=yes), or kernel=PATH,initrd=PATH,kernel_args=TEXT.
    #[arg(long, value_name = "BOOT")]
    pub boot: Option<String>,

    /// For a cloud image: user=, ssh-key=FILE, hostname=, packages=A:B, root-password-generate=on, root-password-file=FILE,
    /// root-ssh-key=FILE, disable=on, or user-data=FILE, meta-data=FILE; network-config=FILE. Without a value root's password
    /// is made up and told, and cloud-init runs at the first start alone.
    #[arg(long, value_name = "CLOUD-INIT", num_args = 0..=1, default_missing_value = "")]
    pub cloud_init: Option<String>,

    /// A TPM: default, emulator, /dev/tpm0 or none; with model=.
    #[arg(long, value_name = "TPM")]
    pub tpm: Option<String>,

    /// Video card: virtio, vga, qxl, ..., or none.
    #[arg(long, value_name = "MODEL")]
    pub video: Option<String>,

    /// Sound card: default, ich9, ..., or none.
    #[arg(long, value_name = "MODEL")]
    pub sound: Option<String>,

    /// Watchdog: default, i6300esb, itco, ..., or none; with action=.
    #[arg(long, value_name = "MODEL")]
    pub watchdog: Option<String>,

    /// Console: pty or none; with target.type=virtio, or of another type: tcp,host=127.0.0.1:2222,mode=bind.
    #[arg(long, value_name = "CONSOLE", action = ArgAction::Append)]
    pub console: Vec<String>,

    /// Serial line likewise.
    #[arg(long, value_name = "SERIAL", action = ArgAction::Append)]
    pub serial: Vec<String>,

    /// Channel: default for the guest agent's, none leaves it out; others as unix,target.name=NAME.
    #[arg(long, value_name = "CHANNEL", action = ArgAction::Append)]
    pub channel: Vec<String>,

    /// Random numbers: a file of the host, builtin, or none.
    #[arg(long, value_name = "RNG")]
    pub rng: Option<String>,

    #[command(flatten)]
    pub course: Course,

    #[command(flatten)]
    pub more: More,

    /// Start it with its host.
    #[arg(long)]
    pub autostart: bool,

    /// Define it and do not start it.
    #[arg(long)]
    pub no_start: bool,

    /// Do not start it once it is installed. Where nothing is installed it is only defined.
    #[arg(long)]
    pub noreboot: bool,

    /// Open the interactive console on it when it runs: text for its serial line, graphical for its display.
    #[arg(long, value_name = "WHICH", default_value = "none", value_parser = ["none", "text", "graphical"])]
    pub autoconsole: String,

    /// Accepted for users of virt-install: none is opened where nothing is said.
    #[arg(long)]
    pub noautoconsole: bool,

    /// Check everything and make nothing.
    #[arg(long)]
    pub dry_run: bool,

    /// Print the XML alone; makes nothing. Where the installer's start has another, 1 is that and 2 the one that stays.
    #[arg(long, value_name = "STEP", num_args = 0..=1, default_missing_value = "", value_parser = ["", "1", "2", "all"], hide_possible_values = true)]
    pub print_xml: Option<String>,

    /// Print the virt-install line that makes the same; makes nothing.
    #[arg(long)]
    pub print_command: bool,

    /// libosinfo's database.
    #[arg(long, value_name = "DIR", default_value = crate::create::FOLDER, value_hint = ValueHint::DirPath, hide = true)]
    pub osinfo_db: std::path::PathBuf,
}

impl Create {
    /// The domain that is asked for.
    pub fn domain(&self) -> Result<NewDomain, Invalid> {
        let mut domain = NewDomain {
            name: self.name.clone(),
            virt_type: self.virt_type.clone(),
            arch: self.arch.clone(),
            machine: self.machine.clone(),
            os: self.osinfo.clone(),
            kernel_args: self.extra_args.clone(),
            autostart: self.autostart,
            ..NewDomain::default()
        };
        domain.uuid = match &self.uuid {
            None => None,
            Some(text) => Some(uuid("--uuid", text)?),
        };
        if let Some(text) = &self.memory {
            let (memory, most, further) = arguments::memory(text)?;
            domain.memory_kib = Some(memory);
            domain.max_memory_kib = most;
            domain.memory_further = further;
        }
        if let Some(text) = &self.vcpus {
            domain.vcpus = arguments::vcpus(text)?;
        }
        if let Some(text) = &self.cpu {
            (domain.cpu, domain.cpu_further) = arguments::cpu(text)?;
        }
        self.devices(&mut domain)?;
        domain.disks = several("--disk", &self.disk, arguments::disk)?;
        domain.nics = several("--network", &self.network, arguments::network)?;
        domain.graphics = several("--graphics", &self.graphics, arguments::graphics)?;
        if self.nographics {
            domain.graphics = Some(Vec::new());
        }
        if let Some(text) = &self.metadata {
            let mut words = Suboptions::read("--metadata", text)?;
            // The name stands at --name.
            if let Some(name) = words.take("name").filter(|name| *name != self.name) {
                return Err(words.wrong(format!("name={}: --name says another", visible(&name))));
            }
            domain.title = words.take("title");
            domain.description = words.take("description");
            if let Some(text) = words.take("uuid") {
                domain.uuid = Some(uuid("--metadata", &text)?);
            }
            words.finish()?;
        }
        domain.description = domain.description.or_else(|| self.description.clone());
        self.source(&mut domain)?;
        domain.unchecked = self.course.unchecked()?;
        domain.cloud_init = self.cloud_init.as_deref().map(cloud_init).transpose()?;
        Ok(domain)
    }

    /// Devices that have fields of their own where no more is said of them than these hold, and all others.
    fn devices(&self, domain: &mut NewDomain) -> Result<(), Invalid> {
        let plain = |text: &str| !text.contains([',', '=']);
        let of = |option: &str| further::DEVICES.iter().find(|known| known.option == option);
        let mut add = |option: &str, text: &str| -> Result<(), Invalid> {
            let made = of(option).map(|known| further::device(known, text));
            domain.extras.extend(made.transpose()?.flatten());
            Ok(())
        };
        let default = ["default", "emulator", "none"];
        let (mut tpm, mut video, mut watchdog, mut sound) = (false, None, None, None);
        let (mut without_serial, mut without_agent) = (false, false);
        match self.tpm.as_deref() {
            None => {}
            Some(text) if default.contains(&text) => tpm = text != "none",
            Some(text) if text.starts_with("/dev/") => {
                add("--tpm", &format!("passthrough,path={text}"))?;
            }
            Some(text) => add("--tpm", text)?,
        }
        match self.video.as_deref() {
            Some(text) if !plain(text) => {
                add("--video", text)?;
                video = Some("none".to_owned());
            }
            text => video = video.or(text.filter(|text| *text != "default").map(str::to_owned)),
        }
        match self.watchdog.as_deref() {
            Some(text) if !plain(text) => add("--watchdog", text)?,
            Some("default") => watchdog = Some("i6300esb".to_owned()),
            text => watchdog = text.filter(|text| *text != "none").map(str::to_owned),
        }
        match self.sound.as_deref() {
            Some(text) if !plain(text) => add("--sound", text)?,
            Some("default") => sound = Some("ich9".to_owned()),
            text => sound = text.filter(|text| *text != "none").map(str::to_owned),
        }
        for (option, texts) in [("--serial", &self.serial), ("--console", &self.console)] {
            for text in texts {
                // What is made anyway.
                let usual = [
                    "pty",
                    "default",
                    "pty,target_type=serial",
                    "pty,target.type=serial",
                    "type=pty",
                ];
                without_serial |= !usual.contains(&text.as_str());
                if !usual.contains(&text.as_str()) {
                    add(option, text)?;
                }
            }
        }
        for text in &self.channel {
            let usual = text == "default"
                || text.contains("org.qemu.guest_agent.0") && text.starts_with("unix");
            without_agent |= !usual;
            if !usual {
                add("--channel", text)?;
            }
        }
        let rng = self.rng.as_deref();
        if let Some(text) = rng.filter(|text| !matches!(*text, "none" | "default" | "/dev/urandom"))
        {
            add("--rng", text)?;
        }
        for (option, texts) in self.more.devices() {
            for text in texts {
                add(option, text)?;
            }
        }
        for (option, texts) in self.more.sections() {
            let Some(known) = further::SECTIONS
                .iter()
                .find(|known| known.option == option)
            else {
                continue;
            };
            for text in texts {
                domain.extras.push(further::section(known, text)?);
            }
        }
        for text in &self.more.xml {
            domain.extras.push(further::Extra {
                option: "--xml",
                text: text.clone(),
                makes: further::xml(text)?,
            });
        }
        let line = further::qemu_command_line(&self.more.qemu_commandline)?;
        domain.extras.extend(line.into_iter().flatten());
        (domain.tpm, domain.video, domain.watchdog, domain.sound) = (tpm, video, watchdog, sound);
        domain.without_serial = without_serial;
        domain.without_agent = without_agent;
        domain.without_rng = !matches!(rng, None | Some("default" | "/dev/urandom"));
        Ok(())
    }

    fn source(&self, domain: &mut NewDomain) -> Result<(), Invalid> {
        let boot = match &self.boot {
            Some(text) => arguments::boot(text)?,
            None => Boot::default(),
        };
        domain.boot = boot.devices;
        domain.boot_further = boot.further;
        domain.firmware = boot.firmware.unwrap_or_default();
        domain.kernel_args = domain.kernel_args.take().or(boot.kernel_args);
        let location = self.location.as_deref().map(arguments::location);
        domain.source = match (&self.cdrom, &self.install, boot.kernel) {
            (Some(media), _, _) => Source::Cdrom(media.clone()),
            _ if location.is_some() => {
                let mut location = location.transpose()?.unwrap_or_default();
                location.inject = self.course.initrd_inject.clone();
                Source::Location(location)
            }
            (None, Some(text), _) => {
                let (kernel, arguments) = arguments::install(text)?;
                domain.kernel_args = domain.kernel_args.take().or(arguments);
                Source::Installer(kernel)
            }
            (None, None, Some(kernel)) => Source::Kernel(kernel),
            (None, None, None) if self.pxe => Source::Pxe,
            (None, None, None) if self.import => Source::Import,
            (None, None, None) => Source::Empty,
        };
        let takes = matches!(
            domain.source,
            Source::Installer(_) | Source::Kernel(_) | Source::Location(_)
        );
        if domain.kernel_args.is_some() && !takes {
            return Err(Invalid {
                option: "--extra-args",
                message: "wants a kernel that virtty starts itself (--location …, --install kernel=… or --boot kernel=…); an installer on a \
                          disc has its own"
                    .to_owned(),
            });
        }
        Ok(())
    }
}

fn uuid(option: &'static str, text: &str) -> Result<Uuid, Invalid> {
    text.parse::<Uuid>().map_err(|_| Invalid {
        option,
        message: format!("{}: not a UUID", visible(text)),
    })
}

/// Values of an option that may stand several times; `none` stands alone.
fn several<T>(
    option: &'static str,
    texts: &[String],
    read: impl Fn(&str) -> Result<Option<T>, Invalid>,
) -> Result<Option<Vec<T>>, Invalid> {
    let read: Vec<Option<T>> = texts
        .iter()
        .map(|text| read(text))
        .collect::<Result<_, _>>()?;
    if read.is_empty() {
        return Ok(None);
    }
    if read.len() > 1 && read.iter().any(Option::is_none) {
        return Err(Invalid {
            option,
            message: "none stands alone or not at all".to_owned(),
        });
    }
    Ok(Some(read.into_iter().flatten().collect()))
}

/// `--cloud-init user=ann,ssh-key=FILE,packages=a:b`; files are of this machine.
fn cloud_init(text: &str) -> Result<CloudInit, Invalid> {
    if text.is_empty() {
        // As virt-install takes it: who asks for nothing else wants to log in.
        return Ok(CloudInit {
            root_password: Some(RootPassword::Wanted),
            disable: true,
            ..CloudInit::default()
        });
    }
    let mut words = Suboptions::read("--cloud-init", text)?;
    let mut file = |key: &'static str| -> Result<Option<String>, Invalid> {
        let Some(path) = words.take(key) else {
            return Ok(None);
        };
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text)),
            Err(error) => Err(words.wrong(format!("{key}={}: {error}", visible(&path)))),
        }
    };
    let user_data = file("user-data")?;
    let meta_data = file("meta-data")?;
    let network_config = file("network-config")?;
    let keys = file("ssh-key")?.or(file("clouduser-ssh-key")?);
    let root_keys = file("root-ssh-key")?;
    let password = file("root-password-file")?;
    let lines = |text: Option<String>| -> Vec<String> {
        text.unwrap_or_default()
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(str::to_owned)
            .collect()
    };
    // As virt-install reads it: the first line.
    let password = password.map(|text| text.lines().next().unwrap_or_default().to_owned());
    if password.as_ref().is_some_and(String::is_empty) {
        return Err(words.wrong("root-password-file: its first line is empty"));
    }
    let generate = words.take_switch("root-password-generate")? == Some(true);
    let init = CloudInit {
        user: words.take("user"),
        ssh_keys: lines(keys),
        root_ssh_keys: lines(root_keys),
        root_password: match (password, generate) {
            (Some(_), true) => {
                return Err(words.wrong(
                    "takes either root-password-file= or root-password-generate=, not both",
                ));
            }
            (Some(password), false) => Some(RootPassword::Given(password)),
            (None, true) => Some(RootPassword::Wanted),
            (None, false) => None,
        },
        disable: words.take_switch("disable")? == Some(true),
        hostname: words.take("hostname"),
        packages: words
            .take("packages")
            .iter()
            .flat_map(|list| list.split([':', ' ']))
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect(),
        user_data,
        meta_data,
        network_config,
    };
    let mut keys = init.ssh_keys.iter().chain(&init.root_ssh_keys);
    if keys.any(|key| key.contains("PRIVATE KEY")) {
        return Err(words.wrong("ssh-key: this is a private key; give the file that ends in .pub"));
    }
    let says = init.user.is_some()
        || !init.ssh_keys.is_empty()
        || !init.root_ssh_keys.is_empty()
        || init.root_password.is_some()
        || init.disable
        || !init.packages.is_empty();
    if init.user_data.is_some() && says {
        return Err(words.wrong(
            "user-data= is all that cloud-init is told: user, keys, passwords, packages and disable= would not hold",
        ));
    }
    words.finish()?;
    Ok(init)
}
