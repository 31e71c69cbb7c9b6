//! Commands about the links of a host: what there is, and bridges made of them.

use std::io::Write as _;
use std::time::{Duration, Instant, SystemTime};

use serde::Serialize;

use super::{act, files, keep, usage};
use crate::cli::failure::complain;
use crate::cli::hosts::{Host, Hosts};
use crate::cli::output::{self, Align, Output};
use crate::cli::{Error, Exit, Problem, here};
use crate::model::{HostNetworks, Link, LinksFrom};
use crate::network::{BridgePlan, BridgeWish, guard};
use crate::protocol::{HostFiles, NetVerb};
use crate::text::{shell_quote, visible};
use crate::virsh::Given;

#[derive(Serialize)]
struct LinkJson<'a> {
    connection: &'a str,
    name: &'a str,
    kind: Option<&'a str>,
    master: Option<&'a str>,
    mac: Option<&'a str>,
    mtu: Option<u32>,
    enabled: Option<bool>,
    carrier: Option<bool>,
    port_state: Option<&'a str>,
    speed_mbps: Option<u32>,
    addresses: Vec<String>,
    stp: Option<bool>,
    bridge_id: Option<&'a str>,
    rx_dropped: Option<u64>,
    tx_dropped: Option<u64>,
}

pub(super) fn links(hosts: &Hosts, given: &Given, out: &mut Output) -> Result<(), Problem> {
    let mut all = Vec::new();
    for host in &hosts.open {
        let networks = host.session.networks(files(hosts))?;
        let why = networks.links_error.iter().chain(&networks.links_note);
        for why in why {
            complain(&format!("{}: {why}", host.uri));
        }
        if networks.links_from == LinksFrom::Libvirt {
            complain(&format!("{}: {}", host.uri, HostNetworks::UNSEEN));
        }
        all.push((host, networks));
    }
    let wanted =
        |link: &&Link| given.has("all") || given.has("json") || link.enabled != Some(false);
    let rows = || {
        let each = all.iter();
        each.flat_map(|(host, networks)| {
            let links = networks.links.iter().filter(wanted);
            links.map(move |link| (host, link))
        })
    };
    let addresses = |link: &Link| -> Vec<String> {
        let each = link.addresses.iter();
        each.map(|one| format!("{}/{}", one.address, one.prefix))
            .collect()
    };
    if given.has("json") {
        let list: Vec<_> = rows()
            .map(|(host, link)| LinkJson {
                connection: host.uri.as_str(),
                name: &link.name,
                kind: link.kind.as_deref(),
                master: link.master.as_deref(),
                mac: link.mac.as_deref(),
                mtu: link.mtu,
                enabled: link.enabled,
                carrier: link.carrier,
                port_state: link.port_state.as_deref(),
                speed_mbps: link.speed_mbps,
                addresses: addresses(link),
                stp: link.bridge.as_ref().and_then(|bridge| bridge.stp),
                bridge_id: link.bridge.as_ref().and_then(|bridge| bridge.id.as_deref()),
                rx_dropped: link.counters.map(|counters| counters.rx_dropped),
                tx_dropped: link.counters.map(|counters| counters.tx_dropped),
            })
            .collect();
        return Ok(output::json(out, &list)?);
    }
    let dash = |text: Option<&str>| visible(text.unwrap_or("-")).into_owned();
    let rows: Vec<[String; 6]> = rows()
        .map(|(_, link)| {
            let up = match (link.enabled, link.carrier) {
                (Some(false), _) => "off",
                (_, Some(false)) => "no carrier",
                (Some(true), _) | (None, Some(true)) => "up",
                (None, None) => "-",
            };
            [
                dash(Some(&link.name)),
                dash(link.kind.as_deref()),
                up.to_owned(),
                dash(link.master.as_deref()),
                dash(link.mac.as_deref()),
                addresses(link).join(" "),
            ]
        })
        .collect();
    let headings = ["NAME", "KIND", "STATE", "IN", "MAC", "ADDRESSES"];
    Ok(output::table(
        out,
        headings.map(|word| (word, Align::Left)),
        &rows,
    )?)
}

pub(super) fn interfaces(
    host: &Host,
    verb: &NetVerb,
    given: &Given,
    out: &mut Output,
) -> Result<(), Problem> {
    act(host, verb, Some(given), "", None)?;
    let said = match verb {
        NetVerb::BeginInterfaces => "The interfaces are remembered as they are.",
        NetVerb::CommitInterfaces => "The interfaces stay as they are.",
        _ => "The interfaces are as they were.",
    };
    Ok(writeln!(out, "{said}")?)
}

/// Keeps a change or takes it back: one of a bridge that was made here, else libvirt's own.
pub(super) fn decide(host: &Host, given: &Given, out: &mut Output) -> Result<(), Problem> {
    let keeps = given.command.name == "iface-commit";
    let networks = host.session.networks(HostFiles::OfThisMachine)?;
    if networks.links_from == LinksFrom::Kernel && networks.change.is_some() {
        let begun = (SystemTime::now(), Instant::now());
        let result = guard::decide(keeps);
        let line = format!("virtty {}", given.command.name);
        let failure = result.as_ref().err().cloned();
        keep(host, line, "", None, begun, failure);
        let said = result.map_err(|why| Error::new(Exit::Failed, why))?;
        return Ok(writeln!(out, "{}", visible(&said))?);
    }
    let verb = match keeps {
        true => NetVerb::CommitInterfaces,
        false => NetVerb::RollbackInterfaces,
    };
    interfaces(host, &verb, given, out)
}

/// Shows what a change of a bridge would do, and does it with `--apply`.
pub(super) fn bridge(
    host: &Host,
    files: HostFiles,
    given: &Given,
    out: &mut Output,
) -> Result<(), Problem> {
    let wish = wish(given)?;
    let ssh = here().ssh_server().map(|(address, _)| address);
    let (networks, plan) = host.session.bridge_plan(files, &wish, ssh)?;
    let plan = plan.map_err(|why| Error::new(Exit::Failed, why))?;
    if !given.has("apply") {
        preview(&plan, out)?;
        if networks.links_from != LinksFrom::Kernel {
            writeln!(
                out,
                "# These are for the host of {}; run virtty there to have it done.",
                host.uri
            )?;
        }
        return Ok(());
    }
    if networks.links_from != LinksFrom::Kernel {
        return Err(Error::new(
            Exit::Failed,
            "a bridge is changed by virtty only where it runs on the host itself: without --apply the commands are shown",
        )
        .into());
    }
    let patience = match given
        .count("within")
        .map_err(|error| usage(error.to_string()))?
    {
        None => guard::PATIENCE,
        Some(seconds @ 1..=3600) => Duration::from_secs(seconds.into()),
        Some(_) => return Err(usage("--within takes 1 to 3600 seconds").into()),
    };
    let begun = (SystemTime::now(), Instant::now());
    let result = guard::apply(&plan, patience);
    let line = format!("virtty {}", given.line());
    keep(host, line, "", None, begun, result.as_ref().err().cloned());
    result.map_err(|why| Error::new(Exit::Failed, why))?;
    for remark in &plan.remarks {
        complain(remark);
    }
    writeln!(
        out,
        "{}: done. Within {} s keep it by virtty iface-commit, or it is taken back.",
        visible(&plan.title),
        patience.as_secs()
    )?;
    Ok(())
}

fn wish(given: &Given) -> Result<BridgeWish, Error> {
    let value = |name: &str| given.value(name).unwrap_or_default().to_owned();
    Ok(match given.command.name {
        "iface-bridge" => {
            let stp = !given.has("no-stp");
            let delay = given
                .count("delay")
                .map_err(|error| usage(error.to_string()))?;
            BridgeWish::Make {
                bridge: value("bridge"),
                member: Some(value("interface")).filter(|name| name != "none"),
                stp,
                // The least that the spanning tree allows.
                delay_seconds: delay.unwrap_or(if stp { 2 } else { 0 }),
            }
        }
        "iface-unbridge" => BridgeWish::Remove {
            bridge: value("bridge"),
        },
        "iface-attach" => BridgeWish::Add {
            bridge: value("bridge"),
            member: value("interface"),
        },
        _ => BridgeWish::TakeOut {
            bridge: value("bridge"),
            member: value("interface"),
        },
    })
}

fn preview(plan: &BridgePlan, out: &mut Output) -> Result<(), Problem> {
    let line = |words: &[String]| -> String {
        let each: Vec<_> = words.iter().map(|word| shell_quote(word)).collect();
        each.join(" ")
    };
    writeln!(out, "# {}", visible(&plan.title))?;
    for remark in &plan.remarks {
        writeln!(out, "# {}", visible(remark))?;
    }
    for command in &plan.commands {
        writeln!(out, "{}", visible(&line(command)))?;
    }
    writeln!(out, "\n# Taken back by:")?;
    for command in &plan.back {
        writeln!(out, "#   {}", visible(&line(command)))?;
    }
    let next = &plan.next_start;
    if let Some(note) = &next.note {
        writeln!(out, "\n# {}", visible(note))?;
    }
    if let Some(file) = &next.file {
        writeln!(
            out,
            "\n# For the next start ({}), written when it is kept: {}",
            next.keeper,
            visible(&file.path)
        )?;
        for line in file.after.lines() {
            writeln!(out, "#   {}", visible(line))?;
        }
    }
    for (what, text) in &next.by_hand {
        writeln!(out, "\n# {}:", visible(what))?;
        for line in text.lines() {
            writeln!(out, "{}", visible(line))?;
        }
    }
    Ok(())
}
