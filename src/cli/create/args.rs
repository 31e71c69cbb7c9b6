//! The options of `virtty create`, named and shaped as virt-install's, and the domain they ask for.

use std::fs;

use clap::{ArgAction, Args, ValueHint};

use crate::create::{
    CloudInit, Invalid, NewDomain, Source, Suboptions,
    arguments::{self, Boot},
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

    /// Memory in MiB, and the most there may be: 2048,maxmemory=4096; 2G is understood too.
    #[arg(long, visible_alias = "ram", value_name = "MIB")]
    pub memory: Option<String>,

    /// vCPUs: 1,maxvcpus=2,sockets=1,cores=2,threads=1,cpuset=0-3.
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

    /// For a cloud image: user=, ssh-key=FILE, hostname=, packages=A:B, or user-data=FILE, meta-data=FILE,
    /// network-config=FILE.
    #[arg(long, value_name = "CLOUD-INIT", num_args = 0..=1, default_missing_value = "")]
    pub cloud_init: Option<String>,

    /// A TPM: default, emulator or none.
    #[arg(long, value_name = "TPM")]
    pub tpm: Option<String>,

    /// Video card: virtio, vga, qxl, ..., or none.
    #[arg(long, value_name = "MODEL")]
    pub video: Option<String>,

    /// Sound card: ich9, ..., or none.
    #[arg(long, value_name = "MODEL")]
    pub sound: Option<String>,

    /// Watchdog: i6300esb, itco, ..., or none.
    #[arg(long, value_name = "MODEL")]
    pub watchdog: Option<String>,

    /// Serial console: pty or none.
    #[arg(long, visible_alias = "serial", value_name = "CONSOLE", value_parser = ["pty", "none"])]
    pub console: Option<String>,

    /// Channel for the guest agent: none leaves it out.
    #[arg(long, value_name = "CHANNEL", value_parser = ["default", "none"])]
    pub channel: Option<String>,

    /// Random numbers from the host: none leaves them out.
    #[arg(long, value_name = "RNG")]
    pub rng: Option<String>,

    /// Start it with its host.
    #[arg(long)]
    pub autostart: bool,

    /// Define it and do not start it.
    #[arg(long, visible_alias = "noreboot")]
    pub no_start: bool,

    /// Open the interactive console on it when it runs: text for its serial line, graphical for its display.
    #[arg(long, value_name = "WHICH", default_value = "none", value_parser = ["none", "text", "graphical"])]
    pub autoconsole: String,

    /// Accepted for users of virt-install: none is opened where nothing is said.
    #[arg(long)]
    pub noautoconsole: bool,

    /// Check everything and make nothing.
    #[arg(long)]
    pub dry_run: bool,

    /// Print the XML alone; makes nothing.
    #[arg(long)]
    pub print_xml: bool,

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
            without_serial: self.console.as_deref() == Some("none"),
            without_agent: self.channel.as_deref() == Some("none"),
            without_rng: self.rng.as_deref() == Some("none"),
            autostart: self.autostart,
            ..NewDomain::default()
        };
        domain.uuid = match &self.uuid {
            None => None,
            Some(text) => Some(text.parse::<Uuid>().map_err(|_| Invalid {
                option: "--uuid",
                message: format!("{}: not a UUID", visible(text)),
            })?),
        };
        if let Some(text) = &self.memory {
            let (memory, most) = arguments::memory(text)?;
            domain.memory_kib = Some(memory);
            domain.max_memory_kib = most;
        }
        if let Some(text) = &self.vcpus {
            domain.vcpus = arguments::vcpus(text)?;
        }
        domain.cpu = self.cpu.as_deref().map(arguments::cpu).transpose()?;
        domain.tpm = match &self.tpm {
            Some(text) => arguments::tpm(text)?,
            None => false,
        };
        domain.video = self.video.clone();
        let model = |text: &Option<String>| text.clone().filter(|model| model != "none");
        domain.sound = model(&self.sound);
        domain.watchdog = model(&self.watchdog);
        domain.disks = several("--disk", &self.disk, arguments::disk)?;
        domain.nics = several("--network", &self.network, arguments::network)?;
        domain.graphics = several("--graphics", &self.graphics, arguments::graphics)?;
        if let Some(text) = &self.metadata {
            let mut words = Suboptions::read("--metadata", text)?;
            domain.title = words.take("title");
            domain.description = words.take("description");
            words.finish()?;
        }
        self.source(&mut domain)?;
        domain.cloud_init = self.cloud_init.as_deref().map(cloud_init).transpose()?;
        Ok(domain)
    }

    fn source(&self, domain: &mut NewDomain) -> Result<(), Invalid> {
        let boot = match &self.boot {
            Some(text) => arguments::boot(text)?,
            None => Boot::default(),
        };
        domain.boot = boot.devices;
        domain.firmware = boot.firmware.unwrap_or_default();
        domain.kernel_args = domain.kernel_args.take().or(boot.kernel_args);
        let location = self.location.as_deref().map(arguments::location);
        domain.source = match (&self.cdrom, &self.install, boot.kernel) {
            (Some(media), _, _) => Source::Cdrom(media.clone()),
            _ if location.is_some() => Source::Location(location.transpose()?.unwrap_or_default()),
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
        return Ok(CloudInit::default());
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
    let keys = keys.unwrap_or_default();
    let init = CloudInit {
        user: words.take("user"),
        ssh_keys: keys
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(str::to_owned)
            .collect(),
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
    if init.ssh_keys.iter().any(|key| key.contains("PRIVATE KEY")) {
        return Err(words.wrong("ssh-key: this is a private key; give the file that ends in .pub"));
    }
    words.finish()?;
    Ok(init)
}
