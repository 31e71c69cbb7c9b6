//! Commands that set typed parameters, and back.

use super::{Given, WordError};
use crate::hostfacts::{HostWish, Knob};
use crate::protocol::Tuned;

/// virsh's words for `virDomainNumatuneMemMode`, by their number.
const MODES: [&str; 4] = ["strict", "preferred", "interleave", "restrictive"];
/// Options of blkdeviotune, each the parameter of the same name with other dashes.
const LIMITS: [&str; 18] = [
    "total-bytes-sec",
    "read-bytes-sec",
    "write-bytes-sec",
    "total-iops-sec",
    "read-iops-sec",
    "write-iops-sec",
    "total-bytes-sec-max",
    "read-bytes-sec-max",
    "write-bytes-sec-max",
    "total-iops-sec-max",
    "read-iops-sec-max",
    "write-iops-sec-max",
    "total-bytes-sec-max-length",
    "read-bytes-sec-max-length",
    "write-bytes-sec-max-length",
    "total-iops-sec-max-length",
    "read-iops-sec-max-length",
    "write-iops-sec-max-length",
];
/// Options of memtune and their parameters.
const LIMITS_OF_MEMORY: [(&str, &str); 3] = [
    ("hard-limit", "hard_limit"),
    ("soft-limit", "soft_limit"),
    ("swap-hard-limit", "swap_hard_limit"),
];
/// `VIR_DOMAIN_MEMORY_PARAM_UNLIMITED`: no limit.
const UNLIMITED_KIB: &str = "9007199254740991";
/// Figures of a direction of domiftune.
const FIGURES: [&str; 3] = ["average", "peak", "burst"];

/// Set and values of a command.
pub(super) type Parameters = (Tuned, Vec<(String, String)>);

/// Parameters of a host that `node-memory-tune` sets.
const OF_HOST: [&str; 3] = [
    "shm_pages_to_scan",
    "shm_sleep_millisecs",
    "shm_merge_across_nodes",
];

/// What `node-memory-tune` sets of a host; `None` for any other command.
///
/// # Errors
/// A value that is none, or that nothing is named.
pub fn host_wishes(given: &Given) -> Result<Option<Vec<HostWish>>, WordError> {
    if given.command.name != "node-memory-tune" {
        return Ok(None);
    }
    let mut wishes = Vec::new();
    for name in OF_HOST {
        let option = name.replace('_', "-");
        let Some(value) = given.value(&option) else {
            continue;
        };
        let knob = Knob::Shm(name);
        let wrong = |why: String| WordError::Value(format!("--{option} {value}: {why}"));
        knob.accepts(value).map_err(wrong)?;
        wishes.push(HostWish::Set(knob, value.to_owned()));
    }
    if wishes.is_empty() {
        return Err(WordError::Value(
            "say what it becomes, as in --shm-pages-to-scan 200".to_owned(),
        ));
    }
    Ok(Some(wishes))
}

/// What a command sets; `None` for one that sets no parameters.
pub(super) fn read(given: &Given) -> Result<Option<Parameters>, WordError> {
    let text = |name: &str| given.value(name).unwrap_or_default().to_owned();
    let one = |name: &str, value: String| vec![(name.to_owned(), value)];
    Ok(Some(match given.command.name {
        "schedinfo" => {
            let set = text("set");
            let (name, value) = set.split_once('=').ok_or_else(|| {
                WordError::Value(format!("'{set}' is no NAME=VALUE, as in cpu_shares=2048"))
            })?;
            (Tuned::Scheduler, one(name, value.to_owned()))
        }
        "numatune" => {
            let mut values = one("numa_nodeset", text("nodeset"));
            let mode = given.value("mode");
            if let Some(number) = MODES.iter().position(|known| Some(*known) == mode) {
                values.push(("numa_mode".to_owned(), number.to_string()));
            }
            (Tuned::Numa, values)
        }
        "memtune" => {
            let mut values = Vec::new();
            for (option, name) in LIMITS_OF_MEMORY {
                if let Some(size) = given.value(option) {
                    let value = match size {
                        "-1" => UNLIMITED_KIB.to_owned(),
                        size => super::kib(size).map_err(WordError::Value)?.to_string(),
                    };
                    values.push((name.to_owned(), value));
                }
            }
            (Tuned::Memory, values)
        }
        "blkiotune" => (Tuned::Blkio, one("weight", text("weight"))),
        "blkdeviotune" => {
            let mut limits = Vec::new();
            for name in LIMITS {
                let Some(value) = given.value(name) else {
                    continue;
                };
                let value = if name.contains("bytes") && !name.ends_with("length") {
                    super::bytes(value).map_err(WordError::Value)?.to_string()
                } else {
                    value.to_owned()
                };
                limits.push((name.replace('-', "_"), value));
            }
            (Tuned::Disk(text("device")), limits)
        }
        "domiftune" => {
            let mut values = Vec::new();
            for direction in ["inbound", "outbound"] {
                let Some(list) = given.value(direction) else {
                    continue;
                };
                for (figure, value) in FIGURES.iter().zip(list.split(',')) {
                    values.push((format!("{direction}.{figure}"), value.to_owned()));
                }
            }
            (Tuned::Interface(text("interface")), values)
        }
        _ => return Ok(None),
    }))
}

/// The command of a set.
pub(super) fn command(set: &Tuned) -> &'static str {
    match set {
        Tuned::Scheduler => "schedinfo",
        Tuned::Numa => "numatune",
        Tuned::Blkio => "blkiotune",
        Tuned::Memory => "memtune",
        Tuned::Disk(_) => "blkdeviotune",
        Tuned::Interface(_) => "domiftune",
    }
}

/// Options and values that set the same.
pub(super) fn words(set: &Tuned, values: &[(String, String)]) -> Vec<(&'static str, String)> {
    let of = |name: &str| {
        values
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.clone())
    };
    let mut words = Vec::new();
    match set {
        Tuned::Scheduler => {
            words.extend(
                values
                    .first()
                    .map(|(name, value)| ("set", format!("{name}={value}"))),
            );
        }
        Tuned::Numa => {
            words.extend(of("numa_nodeset").map(|nodes| ("nodeset", nodes)));
            let mode = of("numa_mode").and_then(|number| number.parse::<usize>().ok());
            words.extend(mode.and_then(|mode| Some(("mode", (*MODES.get(mode)?).to_owned()))));
        }
        Tuned::Memory => {
            let limits = LIMITS_OF_MEMORY.into_iter().filter_map(|(option, name)| {
                let value = of(name)?;
                Some((
                    option,
                    if value == UNLIMITED_KIB {
                        "-1".to_owned()
                    } else {
                        value
                    },
                ))
            });
            words.extend(limits);
        }
        Tuned::Blkio => words.extend(of("weight").map(|weight| ("weight", weight))),
        Tuned::Disk(device) => {
            words.push(("device", device.clone()));
            let limits = LIMITS
                .iter()
                .filter_map(|name| Some((*name, of(&name.replace('-', "_"))?)));
            words.extend(limits);
        }
        Tuned::Interface(device) => {
            words.push(("interface", device.clone()));
            for direction in ["inbound", "outbound"] {
                let figures = FIGURES
                    .iter()
                    .map_while(|figure| of(&format!("{direction}.{figure}")));
                let figures: Vec<_> = figures.collect();
                if !figures.is_empty() {
                    words.push((direction, figures.join(",")));
                }
            }
        }
    }
    words
}
