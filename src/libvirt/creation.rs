//! Making a domain: what its host offers, and the steps, undone when one fails.

use std::fs::File;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use super::ffi::{Connection, Error, Filter, Result, Volume};
use super::host_facts::is_of_this_machine;
use super::local::Local;
use super::once::{self, Session};
use super::undo::{self, Made};
use super::verbs;
use crate::create::{HostFacts, NewDomain, Piece, Plan};
use crate::model::{Driver, StoredKind, Transport, Uri, Uuid};
use crate::protocol::{DomainVerb, Failure, XmlKind};

/// What of a plan is to be done.
#[derive(Debug, Default)]
pub struct Making {
    /// The image that goes into the seed's volume.
    pub seed_image: Option<Vec<u8>>,
    /// What is brought to the host.
    pub local: Local,
    /// Whether the domain is started.
    pub start: bool,
    /// Whether it starts with its host.
    pub autostart: bool,
    /// Whether nothing is defined: it is gone when it stops.
    pub transient: bool,
}

impl Session {
    /// What the host offers to a new domain of this kind.
    ///
    /// # Errors
    /// libvirt's own; what a driver does not tell is left out.
    pub fn facts(&self, wanted: &NewDomain) -> std::result::Result<HostFacts, Failure> {
        read(&self.connection, self.spec.uri.as_ref(), wanted)
            .map_err(|error| self.failure("ask what the host offers", &error))
    }

    /// Makes volumes and domain of a plan. `step` is told what is done next, or nothing new, and says whether to go on.
    ///
    /// # Errors
    /// What failed, with libvirt's reason; all that was made until then is gone again, or the failure names what is not.
    pub fn make(
        &self,
        wanted: &NewDomain,
        plan: &Plan,
        making: &Making,
        step: &mut dyn FnMut(&str) -> bool,
    ) -> std::result::Result<(), Failure> {
        let mut made = Vec::new();
        let result = make(&self.connection, wanted, plan, making, step, &mut made);
        result.map_err(|(what, error)| self.undone(self.failure(what, &error), made, step))
    }

    /// Whether a domain that was made is there and runs.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn is_running(&self, uuid: Uuid) -> std::result::Result<bool, Failure> {
        let state = self
            .connection
            .domain(uuid)
            .and_then(|domain| domain.state());
        match state {
            Ok((state, _)) => Ok(state.is_active()),
            // One that nothing defines is gone with its end.
            Err(error) if error.is_no_domain() => Ok(false),
            Err(error) => Err(self.failure("look whether it runs", &error)),
        }
    }

    /// The failure of a run, after all that it made is deleted again.
    pub(super) fn undone(
        &self,
        failure: Failure,
        made: Vec<Made>,
        step: &mut dyn FnMut(&str) -> bool,
    ) -> Failure {
        let again = || once::open(self.spec.uri.clone(), false).map(|session| session.connection);
        undo::undone(&self.connection, &again, failure, made, step)
    }
}

/// What a host offers to a new domain of this kind.
///
/// # Errors
/// libvirt's own.
pub(super) fn read(
    connection: &Connection,
    uri: Option<&Uri>,
    wanted: &NewDomain,
) -> Result<HostFacts> {
    let mut facts = HostFacts {
        of_user: uri.is_some_and(|uri| uri.path.ends_with("/session")),
        is_local: uri
            .is_none_or(|uri| uri.transport == Transport::Local && uri.driver != Driver::Test),
        ..HostFacts::default()
    };
    if uri.is_none_or(is_of_this_machine) {
        facts.listening = listening();
        facts.net_devices = net_devices(Path::new("/sys/class/net"));
    }
    if facts.is_local {
        facts.no_kvm = no_kvm(Path::new("/"));
    }
    facts.read_capabilities(&connection.capabilities()?);
    if let Ok(node) = connection.node_info() {
        facts.cpus = Some(node.cpus);
        facts.memory_kib = Some(node.memory_kib);
    }
    for (pool, volumes) in known(connection.pools_with_volumes())?.unwrap_or_default() {
        facts.read_pool(&pool);
        let name = facts.pools.last().map(|pool| pool.name.clone());
        for volume in volumes {
            facts.read_volume(name.as_deref().unwrap_or_default(), &volume);
        }
    }
    facts.networks = known(connection.network_names())?.unwrap_or_default();
    for domain in connection.list(Filter::ALL)? {
        let active = domain.state().is_ok_and(|(state, _)| state.is_active());
        match domain.xml(XmlKind::Inactive) {
            Ok(xml) => {
                facts.read_domain(&xml, active);
                // Its next start may get other ports than those it has.
                if let Some(live) = active
                    .then(|| domain.xml(XmlKind::Live))
                    .and_then(Result::ok)
                {
                    facts.read_running(&live);
                }
            }
            Err(error) if error.is_no_domain() => {}
            Err(error) => tracing::warn!("a domain is not looked at: {error}"),
        }
    }
    let guest = facts.guest(wanted.arch.as_deref());
    let emulator = guest.and_then(|guest| guest.emulator.clone());
    let arch = guest.map(|guest| guest.arch.clone());
    let q35 = guest.is_some_and(|guest| guest.machines.iter().any(|(name, _)| name == "q35"));
    let machine = wanted.machine.as_deref().or(q35.then_some("q35"));
    let capabilities = connection.domain_capabilities(
        emulator.as_deref(),
        arch.as_deref(),
        machine,
        wanted.virt_type.as_deref(),
    );
    // Not every driver tells, and none for what it does not have; the plan says what that means.
    if let Ok(xml) = capabilities {
        facts.read_domain_capabilities(&xml);
    }
    Ok(facts)
}

/// TCP ports that something on this machine listens on (proc(5), `/proc/net/tcp`: the state 0A); none where that is not told.
fn listening() -> Vec<u16> {
    let files = ["/proc/net/tcp", "/proc/net/tcp6"];
    let texts = files
        .iter()
        .filter_map(|path| std::fs::read_to_string(path).ok());
    let mut ports = Vec::new();
    for text in texts {
        for line in text.lines().skip(1) {
            let mut words = line.split_whitespace().skip(1);
            let (Some(local), Some(_), Some("0A")) = (words.next(), words.next(), words.next())
            else {
                continue;
            };
            let port = local.rsplit(':').next().unwrap_or_default();
            ports.extend(u16::from_str_radix(port, 16));
        }
    }
    ports
}

/// Network devices of this machine, and whether each is a bridge (sysfs-class-net; a bridge has a folder of that name).
fn net_devices(folder: &Path) -> Option<Vec<(String, bool)>> {
    let entries = std::fs::read_dir(folder).ok()?.flatten();
    let mut devices: Vec<(String, bool)> = entries
        .filter_map(|entry| {
            let bridge = entry.path().join("bridge").is_dir();
            Some((entry.file_name().into_string().ok()?, bridge))
        })
        .collect();
    devices.sort();
    Some(devices)
}

/// Why KVM cannot be used on this machine: its CPU's flags (`/proc/cpuinfo`), then its device; `None` where nothing speaks
/// against it.
fn no_kvm(root: &Path) -> Option<String> {
    let cpuinfo = std::fs::read_to_string(root.join("proc/cpuinfo")).unwrap_or_default();
    let flags = cpuinfo.lines().find(|line| line.starts_with("flags"));
    let has =
        |flag: &str| flags.is_some_and(|line| line.split_whitespace().any(|word| word == flag));
    let module = match (has("vmx"), has("svm")) {
        (true, _) => "kvm_intel",
        (_, true) => "kvm_amd",
        _ if flags.is_some() => {
            return Some(
                "its CPU shows neither the flag vmx nor svm: virtualisation is off in the firmware, or the host is a guest \
                 itself and its own host does not pass it on"
                    .to_owned(),
            );
        }
        _ => "kvm",
    };
    let device = root.join("dev/kvm");
    match std::fs::metadata(&device) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Some(format!("/dev/kvm is missing (modprobe {module})"))
        }
        Err(error) => Some(format!("/dev/kvm: {error}")),
        Ok(found) => {
            let mode = found.mode() & 0o7777;
            (mode & 0o060 == 0 || found.gid() == 0 && mode & 0o006 == 0).then(|| {
                format!(
                    "/dev/kvm is there, but its rights ({mode:04o}, group {}) keep QEMU's user out (usual: 0660, group kvm)",
                    found.gid()
                )
            })
        }
    }
}

/// What a driver knows of a kind of thing; `None` when it has no such kind.
fn known<T>(read: Result<T>) -> Result<Option<T>> {
    match read {
        Err(error) if error.is_unsupported() => Ok(None),
        read => read.map(Some),
    }
}

/// What failed, in words, and why.
pub(super) type Failed = (String, Error);

/// Makes volumes and domain of a plan, and notes what was made.
///
/// # Errors
/// What failed; what is in `made` is there.
pub(super) fn make(
    connection: &Connection,
    wanted: &NewDomain,
    plan: &Plan,
    making: &Making,
    step: &mut dyn FnMut(&str) -> bool,
    made: &mut Vec<Made>,
) -> std::result::Result<(), Failed> {
    let mut next = |text: String| {
        if step(&text) {
            Ok(text)
        } else {
            Err((text, Error::own("interrupted")))
        }
    };
    let volume = |volume: &crate::create::Volume, made: &mut Vec<Made>| -> Result<Volume> {
        let thing = Made::Volume {
            pool: volume.pool.clone(),
            name: volume.name.clone(),
        };
        undo::noted(connection, thing, made, || {
            connection.create_volume(&volume.pool, &volume.xml)
        })
    };
    for new in &plan.volumes {
        let text = next(format!(
            "make the volume {} in the pool {}",
            new.name, new.pool
        ))?;
        volume(new, made).map_err(|error| (text, error))?;
    }
    if let (Some((_, new)), Some(image)) = (&plan.seed, &making.seed_image) {
        let text = next(format!("upload the seed for cloud-init to {}", new.name))?;
        let seed = volume(new, made).and_then(|handle| handle.upload(image));
        seed.map_err(|error| (text, error))?;
    }
    for upload in &plan.uploads {
        // Without a start an installer's kernel is of no use.
        if upload.piece != Piece::Media && !making.start {
            continue;
        }
        let new = &upload.volume;
        let text = next(format!("upload {} to the pool {}", new.name, new.pool))?;
        let Some(path) = making.local.file(upload.piece) else {
            return Err((text, Error::own("the file is not there any more")));
        };
        let handle = volume(new, made).map_err(|error| (text.clone(), error))?;
        send(&handle, path, &mut next, &text)?;
    }
    let uuid = wanted.uuid;
    let install = plan.install_xml.as_ref().filter(|_| making.start);
    if making.transient {
        let text = next(format!("start {}", wanted.name))?;
        made.extend(uuid.map(Made::Domain));
        let xml = install.unwrap_or(&plan.xml);
        return connection.start_xml(xml).map_err(|error| (text, error));
    }
    if let Some(xml) = install {
        let text = next(format!("start the installation of {}", wanted.name))?;
        // Noted before: a daemon that dies in the middle may have got so far, and nobody else has this UUID.
        made.extend(uuid.map(Made::Domain));
        connection.start_xml(xml).map_err(|error| (text, error))?;
    }
    let text = next(format!("define {}", wanted.name))?;
    if install.is_none() {
        made.extend(uuid.map(Made::Domain));
    }
    connection
        .define(StoredKind::Domain, &plan.xml, true)
        .map_err(|error| (text, error))?;
    if install.is_some() {
        // QEMU has read them.
        for upload in plan.uploads.iter().filter(|one| one.piece != Piece::Media) {
            let new = &upload.volume;
            let gone = connection
                .volume_of_pool(&new.pool, &new.name)
                .and_then(|volume| volume.delete());
            if let Err(error) = gone {
                tracing::warn!("{} is left in the pool {}: {error}", new.name, new.pool);
            }
        }
    }
    let Some(uuid) = uuid else {
        return Ok(());
    };
    if making.start && install.is_none() {
        let text = next(format!("start {}", wanted.name))?;
        let verb = DomainVerb::Start {
            paused: false,
            bypass_cache: false,
            force_boot: false,
        };
        verbs::perform(connection, uuid, &verb, || {}).map_err(|(_, error)| (text, error))?;
    }
    if making.autostart {
        let text = next(format!("let {} start with its host", wanted.name))?;
        let verb = DomainVerb::SetAutostart(true);
        verbs::perform(connection, uuid, &verb, || {}).map_err(|(_, error)| (text, error))?;
    }
    Ok(())
}

/// Sends a file of this machine into a volume.
fn send(
    volume: &Volume,
    path: &Path,
    next: &mut dyn FnMut(String) -> std::result::Result<String, Failed>,
    text: &str,
) -> std::result::Result<(), Failed> {
    let broken = |error: std::io::Error| {
        let why = format!("{}: {error}", path.display());
        (text.to_owned(), Error::own(why))
    };
    let mut file = File::open(path).map_err(broken)?;
    let all = file.metadata().map_err(broken)?.len();
    let mut percent = 0;
    let mut stopped = None;
    let mut progress = |done: u64| {
        let now = (done.min(all) * 100).checked_div(all).unwrap_or(100);
        // Now and then: each piece of a large image would be a line.
        if now >= percent + 10 {
            percent = now;
            stopped = next(format!("{text}: {now} %")).err();
        } else {
            // An empty step only asks whether to go on: a tenth of a large image takes long.
            let asked = next(String::new()).err();
            stopped = asked.map(|(_, error)| (text.to_owned(), error));
        }
        stopped.is_none()
    };
    let sent = volume.upload_from(&mut file, all, &mut progress);
    match stopped {
        Some(failed) => Err(failed),
        None => sent.map_err(|error| (text.to_owned(), error)),
    }
}
