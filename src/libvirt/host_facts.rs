//! All that libvirt tells of a host, and the host's own files where they are this machine's.

use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use super::ffi::{self, Connection, Domain, Filter};
use super::file_users::backing;
use super::host_reader::{HostReader, Undone};
use super::ssh;
use crate::hostfacts::{
    Files, Guest, HostReport, HostWish, Knob, Told, Topology, complete_chains, cpu_times,
    is_own_file, threads,
};
use crate::model::{Transport, Uri};
use crate::protocol::{HostLoad, XmlKind};

/// Drivers whose guests are processes of the machine they run on; others do not tell of this one.
const OF_THIS_MACHINE: [&str; 4] = ["qemu", "lxc", "ch", "xen"];

/// By which way the files of a host are reached, besides what libvirt tells.
pub enum Way<'a> {
    /// Those of this machine, where it is the host.
    Own,
    /// Also by a reader on the host, over the connection's own login.
    Over(&'a HostReader),
    /// A recorded tree speaks for the host.
    Tree(PathBuf),
}

/// Reads everything, with `balloons` also whether the guests report their memory. What libvirt refuses to tell is missing; only a connection that is gone is an error.
///
/// # Errors
/// libvirt's own, when not even the URI can be told.
pub fn read(
    connection: &Connection,
    uri: Option<&Uri>,
    way: &Way<'_>,
    balloons: bool,
) -> ffi::Result<HostReport> {
    let told_uri = connection.uri()?;
    let uri = uri.cloned().or_else(|| told_uri.parse().ok());
    let mut told = told(connection);
    if balloons {
        ask_balloons(connection, &mut told);
    }
    let files = files(uri.as_ref(), way, HostReader::files);
    complete_chains(&mut told.guests, &files);
    ask_volumes(connection, &mut told.guests);
    if matches!(way, Way::Tree(_)) {
        // The recorded host speaks for itself; only the domains are those of the connection.
        told = Told {
            guests: told.guests,
            guests_known: told.guests_known,
            ..Told::default()
        };
    }
    Ok(HostReport::new(told, &files))
}

/// Where the files of the host of a connection are; `listed` asks the reader. `VIRTTY_HOST_ROOT` is a tree that stands for `/` of
/// this machine, for tests.
fn files(uri: Option<&Uri>, way: &Way<'_>, listed: fn(&HostReader) -> Files) -> Files {
    if let Way::Tree(root) = way {
        return Files::At(root.clone());
    }
    let Some(uri) = uri else {
        return Files::Unseen;
    };
    if is_of_this_machine(uri) {
        let root = std::env::var_os("VIRTTY_HOST_ROOT").filter(|root| !root.is_empty());
        return Files::At(root.map_or_else(|| PathBuf::from("/"), PathBuf::from));
    }
    match way {
        Way::Over(reader) if runs_guests(uri) && ssh::is_for(uri) => listed(reader),
        _ => Files::Unseen,
    }
}

/// How busy the CPUs are: by the machine's own account, else by one call of libvirt for each.
///
/// # Errors
/// libvirt's own.
pub fn load(connection: &Connection, uri: Option<&Uri>, way: &Way<'_>) -> ffi::Result<HostLoad> {
    let told: Option<Uri> = connection.uri()?.parse().ok();
    let files = files(uri.or(told.as_ref()), way, HostReader::load);
    if let Some(cpus) = cpu_times(&files) {
        let threads = threads(&files);
        return Ok(HostLoad { cpus, threads });
    }
    let count = connection.node_info()?.cpus.min(MOST_CPUS);
    let mut cpus = Vec::new();
    for cpu in 0..count {
        // One that is off line has none.
        match connection.node_cpu_times(cpu) {
            Ok((busy, idle)) => cpus.push((cpu, busy, idle)),
            Err(error) if error.is_of_transport() => return Err(error),
            Err(_) => {}
        }
    }
    Ok(HostLoad {
        cpus,
        threads: Vec::new(),
    })
}

/// CPUs that libvirt is asked about one by one.
const MOST_CPUS: u32 = 256;

/// Changes the host, and looks whether the change holds.
///
/// # Errors
/// libvirt's own; the kernel's; that the host's files cannot be reached.
pub fn perform(
    connection: &Connection,
    uri: Option<&Uri>,
    way: &Way<'_>,
    wish: &HostWish,
) -> ffi::Result<()> {
    if let HostWish::Set(knob, value) = wish {
        knob.accepts(value).map_err(ffi::Error::own)?;
        if let Knob::Shm(name) = knob {
            let number = value
                .parse()
                .map_err(|_| ffi::Error::own(format!("'{value}' is no number")))?;
            return connection.set_node_memory_parameter(name, number);
        }
    }
    let told: Option<Uri> = connection.uri()?.parse().ok();
    let uri = uri.or(told.as_ref());
    let done = match (way, uri) {
        (Way::Over(reader), Some(uri)) if !is_of_this_machine(uri) && ssh::is_for(uri) => {
            perform_over(reader, wish)
        }
        _ => {
            let files = files(uri, way, HostReader::files);
            match wish {
                HostWish::Set(knob, value) => knob.write(&files, value),
                HostWish::Keep(kept) => files.put(&kept.path, &kept.text),
                HostWish::Forget(path) => files.remove(path),
            }
        }
    };
    done.map_err(ffi::Error::own)
}

/// Changes the host by its reader. One that ends midway may have done it or not: the next one looks.
fn perform_over(reader: &HostReader, wish: &HostWish) -> Result<(), String> {
    let (path, done) = match wish {
        HostWish::Set(knob, value) => {
            let file = knob.file().unwrap_or_default();
            let done = reader.set(&file, value);
            (file, done)
        }
        HostWish::Keep(kept) if is_own_file(&kept.path) => {
            (kept.path.clone(), reader.put(&kept.path, &kept.text))
        }
        HostWish::Forget(path) if is_own_file(path) => (path.clone(), reader.remove(path)),
        HostWish::Keep(_) | HostWish::Forget(_) => return Err(NOT_OWN.to_owned()),
    };
    let lost = match done {
        Err(Undone::Refused(why)) => return Err(format!("{path}: {why}")),
        Err(Undone::Lost(why)) => Some(why),
        Ok(()) => None,
    };
    if lost.is_none() && !matches!(wish, HostWish::Set(..)) {
        return Ok(());
    }
    let files = reader.files();
    let holds = match wish {
        HostWish::Set(knob, value) => knob.holds(&files, value),
        HostWish::Keep(kept) => match files.text(&path) {
            Ok(text) if text == kept.text.trim() => Ok(()),
            _ => Err(format!("{path}: it is not written")),
        },
        HostWish::Forget(_) => match files.exists(&path) {
            Some(false) => Ok(()),
            _ => Err(format!("{path}: it is still there")),
        },
    };
    match (lost, files.are_seen()) {
        (None, _) | (Some(_), true) if holds.is_ok() => Ok(()),
        (None, _) => holds,
        (Some(why), true) => Err(format!("{path}: {why}; it is as it was")),
        (Some(why), false) => Err(format!("{path}: {why}; whether it was done is not known")),
    }
}

/// Why a file is neither written nor removed.
const NOT_OWN: &str = "it is no file of virtty's own";

/// Whether the host of a connection is this machine, so that its files and its kernel tell of it.
pub fn is_of_this_machine(uri: &Uri) -> bool {
    matches!(uri.transport, Transport::Local | Transport::Unix) && runs_guests(uri)
}

/// Whether the guests of a driver are processes of its host.
fn runs_guests(uri: &Uri) -> bool {
    let driver = uri.as_str().split([':', '+']).next().unwrap_or_default();
    OF_THIS_MACHINE.contains(&driver)
}

fn told(connection: &Connection) -> Told {
    let capabilities = connection.capabilities().ok();
    let node = connection.node_info().ok();
    let sizes: Vec<u32> = match &capabilities {
        Some(xml) => {
            let mut sizes: Vec<u32> = Topology::read(xml)
                .pages
                .iter()
                .filter_map(|pool| u32::try_from(pool.size_kib).ok())
                .collect();
            sizes.sort_unstable();
            sizes.dedup();
            sizes
        }
        None => Vec::new(),
    };
    let cells = node.as_ref().map_or(0, |node| node.nodes);
    let guests = guests(connection);
    Told {
        memory: connection.node_memory_stats().unwrap_or_default(),
        memory_parameters: connection.node_memory_parameters().unwrap_or_default(),
        free_kib: connection.node_free_kib().ok(),
        cells_free: connection.cells_free_kib(cells).unwrap_or_default(),
        free_pages: connection.free_pages(cells, &sizes).unwrap_or_default(),
        block_devices: connection.block_devices().unwrap_or_default(),
        domain_capabilities: connection.domain_capabilities(None, None, None, None).ok(),
        guests_known: guests.is_ok(),
        guests: guests.unwrap_or_default(),
        node,
        capabilities,
    }
}

fn guests(connection: &Connection) -> ffi::Result<Vec<Guest>> {
    // One that goes away meanwhile is no more.
    let domains = connection.list(Filter::ALL)?;
    Ok(domains
        .iter()
        .filter_map(|domain| guest(domain).ok().flatten())
        .collect())
}

/// Images that the host's pools are asked about for one report: each is a call.
const MOST_IMAGES: usize = 100;

/// Completes chains by the volumes of the host's pools, for images that cannot be read from here.
fn ask_volumes(connection: &Connection, guests: &mut [Guest]) {
    let mut left = MOST_IMAGES;
    let disks = guests.iter_mut().flat_map(|guest| &mut guest.disks);
    for disk in disks.filter(|disk| !disk.chain_known) {
        let mut below = Vec::new();
        let mut at = disk.source.clone();
        while let Some(path) = at.take() {
            let volume = match left.checked_sub(1) {
                Some(fewer) => {
                    left = fewer;
                    connection.volume(&path)
                }
                None => return,
            };
            let Ok(xml) = volume.and_then(|volume| volume.xml()) else {
                break;
            };
            match backing(&xml) {
                Some(next) if below.contains(&next) => disk.chain_known = true,
                Some(next) => {
                    below.push(next.clone());
                    at = Some(next);
                }
                None => disk.chain_known = true,
            }
        }
        // What is known of a chain is a part of it: its length is at least that.
        disk.below = below;
    }
}

/// How long running guests may take to say how much memory they use.
const PATIENCE: Duration = Duration::from_secs(2);

/// Guests that are asked at a time: a daemon serves five requests of a connection.
const ASKERS: usize = 4;

/// Asks the balloons of running guests whether a driver reports. A guest that does not answer its monitor holds the thread for
/// as long as it likes, so this is for a command, which ends with the process, and never for the console.
fn ask_balloons(connection: &Connection, report: &mut Told) {
    let (send, told) = mpsc::channel();
    let asked: Vec<_> = report
        .guests
        .iter()
        .filter(|guest| guest.running && guest.reports)
        .filter_map(|guest| guest.uuid)
        .collect();
    for share in asked.chunks(asked.len().div_ceil(ASKERS).max(1)) {
        let (connection, send, share) = (connection.clone(), send.clone(), share.to_vec());
        let ask = move || {
            for uuid in share {
                let sample = connection
                    .domain(uuid)
                    .and_then(|domain| domain.balloon_sample());
                if let Ok(sample) = sample {
                    let figure = sample.unused_kib.or(sample.available_kib);
                    let _ = send.send((uuid, figure.or(sample.usable_kib).is_some()));
                }
            }
        };
        let spawned = thread::Builder::new().name("balloon".to_owned()).spawn(ask);
        if let Err(error) = spawned {
            tracing::debug!("balloons are not asked: {error}");
        }
    }
    drop(send);
    let until = Instant::now() + PATIENCE;
    while let Ok((uuid, driver)) =
        told.recv_timeout(until.saturating_duration_since(Instant::now()))
    {
        let guest = report
            .guests
            .iter_mut()
            .find(|guest| guest.uuid == Some(uuid));
        if let Some(guest) = guest {
            guest.balloon_driver = Some(driver);
        }
    }
}

fn guest(domain: &Domain) -> ffi::Result<Option<Guest>> {
    let running = domain.state()?.0.is_active();
    let xml = domain.xml(if running {
        XmlKind::Live
    } else {
        XmlKind::Inactive
    })?;
    let autostart = domain.autostart().unwrap_or(false);
    let mut guest = Guest::read(&xml, running, autostart);
    if let Some(guest) = guest.as_mut().filter(|guest| guest.running) {
        guest.placed = domain.placed(guest.vcpus).unwrap_or_default();
    }
    Ok(guest)
}
