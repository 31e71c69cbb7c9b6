//! The hosts that are measured on.

use std::cell::OnceCell;
use std::path::PathBuf;

use crate::support::lab::{Host, Lab, OwnHost, control};
use crate::support::watched::domain;

/// Domains of the real host.
pub const DOMAINS: usize = 1000;
/// Those of them that run.
pub const RUNNING: usize = 30;
/// Domains of the large host.
pub const MANY: usize = 10_000;

/// Hosts, made when they are first needed.
#[derive(Default)]
pub struct Ground {
    host: OnceCell<Bench>,
}

enum Bench {
    Own(OwnHost),
    /// One that was there, for trying a bench again and again.
    Lent(Host),
}

impl Ground {
    /// A libvirtd with [`DOMAINS`] QEMU domains, of which the first [`RUNNING`] run.
    pub fn host(&self) -> &Host {
        match self.host.get_or_init(make) {
            Bench::Own(host) => host,
            Bench::Lent(host) => host,
        }
    }

    /// Process number of its daemon.
    pub fn daemon(&self) -> u32 {
        let pid = control(&["daemon", "pid", &self.host().name]);
        pid.trim().parse().unwrap()
    }

    /// URI of [`MANY`] domains, half of them running, of libvirt's test driver in that daemon: a remote connection like
    /// any other, whose domains cost no memory and no second to start.
    pub fn many(&self) -> String {
        let name = &self.host().name;
        let folder = PathBuf::from(control(&["dir"]).trim())
            .join("hosts")
            .join(name);
        let domains: String = (0..MANY)
            .map(|number| {
                domain(
                    &format!("many-{number:05}"),
                    if number % 2 == 0 { 1 } else { 5 },
                )
            })
            .collect();
        std::fs::write(
            folder.join("lib/many.xml"),
            format!("<node>{domains}</node>"),
        )
        .unwrap();
        let socket = folder.join("run/libvirt-sock");
        format!(
            "test+unix:///var/lib/libvirt/many.xml?socket={}",
            socket.display()
        )
    }
}

fn make() -> Bench {
    if let Ok(name) = std::env::var("VIRTTY_BENCH_HOST") {
        let uri = control(&["daemon", "uri", &name]).trim().to_owned();
        return Bench::Lent(Host { name, uri });
    }
    let host = Lab::get().own_host("bench");
    control(&[
        "populate",
        &DOMAINS.to_string(),
        &RUNNING.to_string(),
        &host.name,
    ]);
    Bench::Own(host)
}
