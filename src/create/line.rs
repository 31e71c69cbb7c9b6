//! The virt-install line that makes the same domain.

use super::domain::{
    Content, Cpu, Disk, DiskDevice, Firmware, Graphics, Link, NewDomain, NewVolume, Nic, Source,
};
use super::suboptions::Written;

const GIB: u64 = 1 << 30;

/// Arguments of virt-install, beginning with its name.
#[must_use]
pub fn line(domain: &NewDomain, uri: Option<&str>) -> Vec<String> {
    let mut line = Line(vec!["virt-install".to_owned()]);
    line.maybe("--connect", uri);
    line.option("--name", &domain.name);
    line.maybe(
        "--uuid",
        domain.uuid.map(|uuid| uuid.to_string()).as_deref(),
    );
    let metadata = Written::empty()
        .maybe("title", domain.title.as_deref())
        .maybe("description", domain.description.as_deref())
        .text();
    if !metadata.is_empty() {
        line.option("--metadata", &metadata);
    }
    line.maybe("--virt-type", domain.virt_type.as_deref());
    line.maybe("--arch", domain.arch.as_deref());
    line.maybe("--machine", domain.machine.as_deref());
    line.option("--osinfo", domain.os.as_deref().unwrap_or("linux2022"));
    if let Some(kib) = domain.memory_kib {
        let most = domain.max_memory_kib.map(|kib| kib / 1024);
        let memory = Written::new(&(kib / 1024).to_string()).maybe("maxmemory", most);
        line.option("--memory", &memory.settings(&domain.memory_further).text());
    }
    let vcpus = &domain.vcpus;
    let text = Written::new(&vcpus.current.to_string())
        .maybe("maxvcpus", vcpus.maximum)
        .maybe("sockets", vcpus.sockets)
        .maybe("dies", vcpus.dies)
        .maybe("cores", vcpus.cores)
        .maybe("threads", vcpus.threads)
        .maybe("cpuset", vcpus.cpuset.as_deref());
    line.option("--vcpus", &text.text());
    let cpu = match &domain.cpu {
        Some(Cpu::Mode(mode)) => Written::new(mode),
        Some(Cpu::Model(model, features)) => {
            let signed = features.iter().map(|(sign, name)| format!("{sign}{name}"));
            signed.fold(Written::new(model), |text, word| text.word(&word))
        }
        None => Written::empty(),
    };
    let cpu = cpu.settings(&domain.cpu_further).text();
    if !cpu.is_empty() {
        line.option("--cpu", &cpu);
    }
    source(domain, &mut line);
    for disk in domain.disks.iter().flatten() {
        line.option("--disk", &disk_text(disk));
    }
    if domain.disks.as_ref().is_some_and(Vec::is_empty) {
        line.option("--disk", "none");
    }
    for nic in domain.nics.iter().flatten() {
        line.option("--network", &nic_text(nic));
    }
    if domain.nics.as_ref().is_some_and(Vec::is_empty) {
        line.option("--network", "none");
    }
    for graphics in domain.graphics.iter().flatten() {
        line.option("--graphics", &graphics_text(graphics));
    }
    if domain.graphics.is_none() {
        // virt-install would make one of SPICE.
        line.option("--graphics", "vnc,listen=127.0.0.1");
    }
    if domain.graphics.as_ref().is_some_and(Vec::is_empty) {
        line.option("--graphics", "none");
    }
    line.maybe("--video", domain.video.as_deref());
    line.maybe("--sound", domain.sound.as_deref());
    line.maybe("--watchdog", domain.watchdog.as_deref());
    if domain.tpm {
        line.option("--tpm", "emulator,model=tpm-crb");
    }
    for (left_out, option) in [
        (domain.without_serial, "--console"),
        (domain.without_agent, "--channel"),
        (domain.without_rng, "--rng"),
    ] {
        if left_out {
            line.option(option, "none");
        }
    }
    for extra in &domain.extras {
        line.option(extra.option, &extra.text);
    }
    if domain.autostart {
        line.0.push("--autostart".to_owned());
    }
    line.0.push("--noautoconsole".to_owned());
    line.0
}

struct Line(Vec<String>);

impl Line {
    fn option(&mut self, name: &str, value: &str) {
        // A value that begins with a dash would be taken for an option.
        if value.starts_with('-') {
            self.0.push(format!("{name}={value}"));
        } else {
            self.0.push(name.to_owned());
            self.0.push(value.to_owned());
        }
    }

    fn maybe(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.option(name, value);
        }
    }
}

fn source(domain: &NewDomain, line: &mut Line) {
    let boot = domain.boot.iter();
    let mut boot = boot.fold(Written::empty(), |text, device| text.word(device));
    match domain.firmware {
        Firmware::Bios => {}
        Firmware::Uefi => boot = boot.word("uefi"),
        Firmware::SecureBoot => {
            boot = boot
                .word("uefi")
                .with("firmware.feature0.name", "secure-boot")
                .with("firmware.feature0.enabled", "yes");
        }
    }
    let arguments = domain.kernel_args.as_deref();
    match &domain.source {
        Source::Empty | Source::Import if domain.cloud_init.is_none() => {
            line.0.push("--import".to_owned());
        }
        Source::Empty | Source::Import => {
            line.0.push("--import".to_owned());
            line.option("--cloud-init", "user-data=USER-DATA,meta-data=META-DATA");
        }
        Source::Cdrom(media) => line.option("--cdrom", media),
        Source::Location(location) => {
            let text = Written::new(&location.place)
                .maybe("kernel", location.kernel.as_deref())
                .maybe("initrd", location.initrd.as_deref());
            line.option("--location", &text.text());
            for file in &location.inject {
                line.option("--initrd-inject", file);
            }
            line.maybe("--extra-args", arguments);
        }
        Source::Pxe => line.0.push("--pxe".to_owned()),
        Source::Installer(kernel) => {
            let text = Written::empty()
                .with("kernel", &kernel.kernel)
                .maybe("initrd", kernel.initrd.as_deref())
                .maybe("kernel_args", arguments);
            line.option("--install", &text.text());
        }
        Source::Kernel(kernel) => {
            boot = boot
                .with("kernel", &kernel.kernel)
                .maybe("initrd", kernel.initrd.as_deref())
                .maybe("kernel_args", arguments);
        }
    }
    let boot = boot.settings(&domain.boot_further).text();
    if !boot.is_empty() {
        line.option("--boot", &boot);
    }
}

fn disk_text(disk: &Disk) -> String {
    let text = match &disk.content {
        Content::Nothing => Written::empty(),
        Content::Path { path, format } => Written::empty()
            .with("path", path)
            .maybe("driver.type", format.as_deref()),
        Content::Volume {
            pool,
            volume,
            format,
        } => Written::empty()
            .with("vol", format!("{pool}/{volume}"))
            .maybe("driver.type", format.as_deref()),
        Content::New(new) => new_volume(new),
        Content::Network { format } => Written::empty().maybe("driver.type", format.as_deref()),
    };
    let device = (disk.device != DiskDevice::Disk).then(|| disk.device.word());
    let yes = |on: bool| on.then_some("yes");
    text.maybe("device", device)
        .maybe("bus", disk.bus.as_deref())
        .maybe("cache", disk.cache.as_deref())
        .maybe("io", disk.io.as_deref())
        .maybe("discard", disk.discard.as_deref())
        .maybe("serial", disk.serial.as_deref())
        .maybe("readonly", yes(disk.readonly))
        .maybe("shareable", yes(disk.shareable))
        .maybe("target.dev", disk.target.as_deref())
        .maybe("boot.order", disk.boot_order)
        .settings(&disk.further)
        .text()
}

fn new_volume(new: &NewVolume) -> Written {
    let size = new.size.map(|bytes| match bytes % GIB {
        0 => (bytes / GIB).to_string(),
        #[allow(
            clippy::cast_precision_loss,
            reason = "sizes stay below 2^50, which a double holds exactly"
        )]
        _ => (bytes as f64 / GIB as f64).to_string(),
    });
    Written::empty()
        .maybe("path", new.path.as_deref())
        .maybe("size", size)
        .maybe("pool", new.pool.as_deref())
        .maybe("name", new.name.as_deref())
        .maybe("format", new.format.as_deref())
        .maybe("sparse", new.full.then_some("no"))
        .maybe("backing_store", new.backing.as_deref())
        .maybe("backing_format", new.backing_format.as_deref())
}

fn nic_text(nic: &Nic) -> String {
    let text = match &nic.link {
        Link::Default => Written::new("default"),
        Link::User => Written::new("user"),
        Link::Network(name) => Written::empty().with("network", name),
        Link::Bridge(name) => Written::empty().with("bridge", name),
        Link::Direct { source, mode } => Written::empty()
            .with("type", "direct")
            .with("source", source)
            .with("source.mode", mode),
    };
    text.maybe("model", nic.model.as_deref())
        .maybe("mac", nic.mac.as_deref())
        .maybe("target.dev", nic.target.as_deref())
        .maybe("boot.order", nic.boot_order)
        .settings(&nic.further)
        .text()
}

/// Without the password: what is shown and kept tells no secrets.
fn graphics_text(graphics: &Graphics) -> String {
    let kind = if graphics.spice { "spice" } else { "vnc" };
    Written::new(kind)
        .maybe("listen", graphics.listen.as_deref())
        .maybe("port", graphics.port)
        .maybe("password", graphics.password.as_ref().map(|_| "PASSWORD"))
        .maybe("keymap", graphics.keymap.as_deref())
        .settings(&graphics.further)
        .text()
}

#[cfg(test)]
mod tests {
    use super::super::arguments;
    use super::*;

    /// The value of an option in a line.
    fn value<'a>(line: &'a [String], option: &str) -> &'a str {
        let at = line.iter().position(|word| word == option).unwrap();
        &line[at + 1]
    }

    #[test]
    fn a_line_is_read_as_what_it_was_made_of() {
        let domain = NewDomain {
            name: "web 1".to_owned(),
            memory_kib: Some(2 << 20),
            max_memory_kib: Some(4 << 20),
            vcpus: arguments::vcpus("2,maxvcpus=8,sockets=2,cores=4,cpuset=0-3,,^2").unwrap(),
            cpu: arguments::cpu("EPYC,+topoext,-svm").unwrap().0,
            disks: Some(vec![
                arguments::disk("size=0.5,pool=fast,format=raw,sparse=no,bus=scsi")
                    .unwrap()
                    .unwrap(),
                arguments::disk("vol=default/a,,b,readonly=yes,boot_order=2")
                    .unwrap()
                    .unwrap(),
                arguments::disk("/p/x,,y.img,device=cdrom")
                    .unwrap()
                    .unwrap(),
            ]),
            nics: Some(vec![
                arguments::network("bridge=br0,mac=52:54:00:00:00:01,model=e1000")
                    .unwrap()
                    .unwrap(),
                arguments::network("type=direct,source=eth0")
                    .unwrap()
                    .unwrap(),
            ]),
            graphics: Some(vec![
                arguments::graphics("vnc,listen=::1,port=5901")
                    .unwrap()
                    .unwrap(),
            ]),
            ..NewDomain::default()
        };
        let line = line(&domain, Some("qemu:///system"));
        assert_eq!(
            arguments::memory(value(&line, "--memory")),
            Ok((2 << 20, Some(4 << 20), Vec::new()))
        );
        assert_eq!(
            arguments::vcpus(value(&line, "--vcpus")).as_ref(),
            Ok(&domain.vcpus)
        );
        assert_eq!(arguments::cpu(value(&line, "--cpu")).unwrap().0, domain.cpu);
        let all = |option: &str| -> Vec<&String> {
            let at = line.iter().enumerate().filter(|(_, word)| *word == option);
            at.map(|(at, _)| &line[at + 1]).collect()
        };
        let disks: Vec<_> = all("--disk")
            .iter()
            .map(|text| arguments::disk(text).unwrap().unwrap())
            .collect();
        assert_eq!(Some(disks), domain.disks);
        let nics: Vec<_> = all("--network")
            .iter()
            .map(|text| arguments::network(text).unwrap().unwrap())
            .collect();
        assert_eq!(Some(nics), domain.nics);
        let graphics = arguments::graphics(value(&line, "--graphics")).unwrap();
        assert_eq!(domain.graphics, graphics.map(|graphics| vec![graphics]));
    }

    #[test]
    fn no_password_stands_in_it() {
        let domain = NewDomain {
            name: "-x".to_owned(),
            graphics: Some(vec![Graphics {
                password: Some("geheim".to_owned()),
                ..Graphics::default()
            }]),
            ..NewDomain::default()
        };
        let line = line(&domain, None).join(" ");
        assert!(!line.contains("geheim"));
        assert!(line.contains("--name=-x"));
    }
}
