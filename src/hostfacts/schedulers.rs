//! Whether the I/O schedulers suit their devices, in the names of older kernels and of today's.

use super::blocks::Block;
use super::checks::{Found, UNSEEN};
use super::facts::Facts;

/// For what turns: requests in the order of their places.
const TURNING: [&str; 4] = ["mq-deadline", "bfq", "deadline", "cfq"];

/// For what has no places: as few detours as possible.
const FLASH: [&str; 5] = ["none", "mq-deadline", "kyber", "noop", "deadline"];

/// Devices made of others, which do the ordering.
const STACKED: [&str; 6] = ["dm-", "md", "nbd", "drbd", "bcache", "rbd"];

/// Disks that a hypervisor below gives: it orders, whatever the kernel thinks of them.
const VIRTUAL: [&str; 2] = ["vd", "xvd"];

pub(super) fn check(facts: &Facts) -> Found {
    if !facts.files_visible {
        return Found::unknown(UNSEEN);
    }
    let mut wrong = Vec::new();
    let mut remedies = Vec::new();
    for device in &facts.block {
        let Some((why, remedy)) = of_device(device) else {
            continue;
        };
        wrong.push(why);
        remedies.push(remedy);
    }
    if wrong.is_empty() {
        let seen: Vec<_> = facts
            .block
            .iter()
            .map(|d| format!("{}: {}", d.name, d.scheduler.as_deref().unwrap_or("none")))
            .collect();
        return Found::ok(if seen.is_empty() {
            "no disks".to_owned()
        } else {
            seen.join(", ")
        });
    }
    Found::warn(
        wrong.join("; "),
        "Requests of guests wait for an order that does not suit the device.",
    )
    .by(remedies.join(" && "))
}

/// What is wrong with a device's scheduler, and the command that mends it.
fn of_device(device: &Block) -> Option<(String, String)> {
    let (now, turns) = (device.scheduler.as_deref()?, device.rotational?);
    let is_of = |kinds: &[&str]| kinds.iter().any(|kind| device.name.starts_with(kind));
    if is_of(&STACKED) {
        return None;
    }
    let turns = turns && !is_of(&VIRTUAL);
    let suited: &[&str] = if turns { &TURNING } else { &FLASH };
    if suited.contains(&now) {
        return None;
    }
    let file = format!("/sys/block/{}/queue/scheduler", device.name);
    let kind = if turns {
        "it turns"
    } else {
        "it does not turn"
    };
    let better = suited
        .iter()
        .find(|name| device.schedulers.iter().any(|has| has == **name));
    let remedy = match better {
        Some(better) => format!("echo {better} > {file}"),
        // None of those is in the kernel yet.
        None => format!(
            "modprobe {0}-iosched && echo {0} > {file}",
            suited[usize::from(!turns)]
        ),
    };
    Some((format!("{file}: {now}, and {kind}"), remedy))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(name: &str, now: &str, others: &str, turns: bool) -> Option<String> {
        let device = Block {
            name: name.to_owned(),
            scheduler: Some(now.to_owned()),
            schedulers: format!("{now} {others}")
                .split_whitespace()
                .map(str::to_owned)
                .collect(),
            rotational: Some(turns),
            queue_depth: None,
            model: None,
            size_bytes: None,
        };
        of_device(&device).map(|(_, remedy)| remedy)
    }

    #[test]
    fn each_scheduler_of_old_and_of_today_has_its_devices() {
        for (now, turning, flash) in [
            ("none", false, true),
            ("mq-deadline", true, true),
            ("bfq", true, false),
            ("kyber", false, true),
            ("noop", false, true),
            ("deadline", true, true),
            ("cfq", true, false),
            ("anticipatory", false, false),
        ] {
            assert_eq!(
                device("sda", now, "", true).is_none(),
                turning,
                "{now} turns"
            );
            assert_eq!(
                device("sda", now, "", false).is_none(),
                flash,
                "{now} does not"
            );
        }
        // The remedy names one that this kernel has, else the module of one.
        assert!(
            device("sda", "none", "kyber bfq", true)
                .unwrap()
                .starts_with("echo bfq")
        );
        assert!(
            device("sda", "none", "", true)
                .unwrap()
                .starts_with("modprobe mq-deadline")
        );
        assert!(
            device("nvme0n1", "bfq", "", false)
                .unwrap()
                .starts_with("modprobe mq-deadline")
        );
        // Somebody else orders these.
        assert_eq!(device("dm-0", "none", "", true), None);
        assert_eq!(device("vda", "none", "mq-deadline", true), None);
    }
}
