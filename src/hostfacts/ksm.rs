//! Whether merging equal pages is worth it.
//!
//! Where the kernel has merged already, its counters answer (Documentation/admin-guide/mm/ksm.rst of the kernel):
//! what is saved is `pages_sharing` pages; what it costs is a record for each page that is known, shared or not; the kernel's own
//! sum of both is `general_profit`. Where it has not, equal pages are *estimated* by what the guests have in common, since nobody
//! looks into their memory: of running domains that come from one image, kernel or operating system, each beyond the first is
//! taken to have `ALIKE` percent of the smallest one's memory in common with it.

use std::collections::BTreeMap;

use super::checks::{Found, unseen_or_absent};
use super::facts::Facts;
use super::memory::Ksm;
use super::{Guest, Told};

const FILE: &str = "/sys/kernel/mm/ksm/run";

/// Percent of a guest's memory that is taken to be equal to that of another from the same image: its kernel, its programs and
/// the files of its page cache.
const ALIKE: u64 = 20;

/// What the kernel keeps of each page that it knows, in bytes (`struct ksm_rmap_item` on 64 bits).
const RECORD: u64 = 64;

/// A page, in bytes.
const PAGE: u64 = 4096;

/// Below this share of the pages that were looked at, in percent, merging is work for nothing.
const WORTH: u64 = 5;

/// Rounds after which the counters mean something: what changes between two rounds is not merged.
const ROUNDS: u64 = 2;

pub(super) fn check(facts: &Facts, told: &Told) -> Found {
    let ksm = &facts.ksm;
    let estimate = estimate(&told.guests);
    match (ksm.run, ksm.pages_sharing) {
        (None, None) => Found::unknown(format!(
            "{FILE}: {}; {}",
            unseen_or_absent(facts),
            estimate.words
        )),
        // libvirt tells the counters, and not whether it runs.
        (None, Some(sharing)) if sharing > 0 => measured(ksm, "shm_pages_sharing"),
        (None, Some(_)) => Found::unknown(format!(
            "shm_pages_sharing: 0, and whether it runs cannot be seen; {}",
            estimate.words
        )),
        // What was merged stays merged when it is stopped.
        (Some(run), sharing) if run == 1 || sharing.is_some_and(|pages| pages > 0) => {
            measured(ksm, &format!("{FILE}: {run}, pages_sharing"))
        }
        (Some(run), _) => guessed(facts, run, &estimate),
    }
}

/// By the kernel's counters.
fn measured(ksm: &Ksm, from: &str) -> Found {
    let sharing = ksm.pages_sharing.unwrap_or(0);
    let known = [
        ksm.pages_shared,
        Some(sharing),
        ksm.pages_unshared,
        ksm.pages_volatile,
    ];
    let known = known.into_iter().flatten().fold(0, u64::saturating_add);
    let saved = sharing.saturating_mul(PAGE);
    let cost = known.saturating_mul(RECORD);
    let (profit, by) = match ksm.profit_bytes {
        Some(profit) => (i128::from(profit), "general_profit"),
        None => (
            i128::from(saved) - i128::from(cost),
            "saved less its records",
        ),
    };
    let share = sharing.saturating_mul(100).checked_div(known).unwrap_or(0);
    let mib = |bytes: i128| bytes >> 20;
    let evidence = format!(
        "{from}: {sharing}, {} MiB saved, {share}% of {known} pages looked at, profit {} MiB ({by})",
        saved >> 20,
        mib(profit)
    );
    let settled = ksm.full_scans.is_some_and(|rounds| rounds > ROUNDS);
    if settled && (profit <= 0 || share < WORTH) {
        return Found::warn(
            evidence,
            "ksmd spends CPU time on memory that hardly has equal pages.",
        )
        .by(format!("echo 2 > {FILE}"));
    }
    let settles = if settled {
        ""
    } else {
        "; too few rounds to judge it by"
    };
    Found::ok(format!("{evidence}{settles}"))
}

/// By what the guests have in common.
fn guessed(facts: &Facts, run: u64, estimate: &Estimate) -> Found {
    let evidence = format!("{FILE}: {run}; {}", estimate.words);
    let total = facts.memory.total_kib.unwrap_or(0);
    let much = total > 0 && estimate.kib.saturating_mul(100) >= total.saturating_mul(WORTH);
    let short = memory_is_short(facts) && estimate.kib > 0;
    if much || short {
        return Found::warn(
            evidence,
            "Pages that are likely equal in these guests are kept several times.",
        )
        .by(format!("echo 1 > {FILE}"));
    }
    Found::ok(evidence)
}

/// Less than a tenth is left.
fn memory_is_short(facts: &Facts) -> bool {
    match (facts.memory.available_kib, facts.memory.total_kib) {
        (Some(available), Some(total)) => available.saturating_mul(10) < total,
        _ => false,
    }
}

/// Memory that guests are likely to have in common.
#[derive(Debug, PartialEq, Eq)]
struct Estimate {
    kib: u64,
    /// How it comes about; names of files are untrusted.
    words: String,
}

fn estimate(guests: &[Guest]) -> Estimate {
    let mut alike: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    for guest in guests {
        // Memory that is locked, shared or of huge pages is never merged.
        let merged = guest.running && !guest.unmergeable && guest.huge_pages.is_empty();
        if let (true, Some(origin)) = (merged, guest.origin.as_deref()) {
            alike.entry(origin).or_default().push(guest.memory_kib);
        }
    }
    let mut kib = 0_u64;
    let mut words = Vec::new();
    for (origin, memory) in alike {
        let (more, smallest) = (memory.len() - 1, memory.iter().min().copied().unwrap_or(0));
        let common = (smallest / 100).saturating_mul(ALIKE);
        let common = common.saturating_mul(u64::try_from(more).unwrap_or(0));
        if common == 0 {
            continue;
        }
        kib = kib.saturating_add(common);
        words.push(format!(
            "{} domains of {origin}: {more} × {ALIKE}% of {} MiB",
            more + 1,
            smallest >> 10
        ));
    }
    let words = match words.is_empty() {
        true => "no two running domains come from the same image or system".to_owned(),
        false => format!("estimated equal: {} MiB ({})", kib >> 10, words.join("; ")),
    };
    Estimate { kib, words }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hostfacts::{Memory, Verdict};

    fn guest(name: &str, gib: u32, image: &str, more: &str) -> Guest {
        let xml = format!(
            "<domain type='kvm'><name>{name}</name><memory unit='GiB'>{gib}</memory>{more}<devices><disk device='disk'>\
             <driver type='qcow2'/><source file='/i/{name}'/><backingStore><source file='{image}'/><backingStore/></backingStore>\
             <target dev='vda'/></disk></devices></domain>"
        );
        Guest::read(&xml, true, false).unwrap()
    }

    fn found(ksm: Ksm, guests: Vec<Guest>, total_gib: u64) -> Found {
        let facts = Facts {
            files_visible: true,
            ksm,
            memory: Memory {
                total_kib: Some(total_gib << 20),
                available_kib: Some(total_gib << 19),
                ..Memory::default()
            },
            ..Facts::default()
        };
        let told = Told {
            guests,
            guests_known: true,
            ..Told::default()
        };
        check(&facts, &told)
    }

    fn stopped() -> Ksm {
        Ksm {
            run: Some(0),
            pages_sharing: Some(0),
            ..Ksm::default()
        }
    }

    #[test]
    fn what_guests_have_in_common_is_estimated() {
        let three = || {
            (1..4)
                .map(|n| guest(&format!("g{n}"), 4, "/base", ""))
                .collect::<Vec<_>>()
        };
        // 2 × 20% of 4 GiB of 16.
        let worth = found(stopped(), three(), 16);
        assert_eq!(worth.result, Verdict::Warn, "{}", worth.evidence);
        assert!(
            worth.evidence.contains("1638 MiB") && worth.evidence.contains("3 domains of /base"),
            "{}",
            worth.evidence
        );
        assert_eq!(
            worth.remedy.as_deref(),
            Some("echo 1 > /sys/kernel/mm/ksm/run")
        );
        // Of 1 TiB that is little.
        assert_eq!(found(stopped(), three(), 1024).result, Verdict::Ok);
        // Other images, or memory that is not merged.
        let strangers = (1..4)
            .map(|n| guest(&format!("g{n}"), 4, &format!("/b{n}"), ""))
            .collect();
        assert_eq!(found(stopped(), strangers, 16).result, Verdict::Ok);
        let huge = "<memoryBacking><hugepages/></memoryBacking>";
        let huge = (1..4)
            .map(|n| guest(&format!("g{n}"), 4, "/base", huge))
            .collect();
        assert_eq!(found(stopped(), huge, 16).result, Verdict::Ok);
    }

    #[test]
    fn what_was_merged_is_counted() {
        let ran = |sharing, unshared, profit, rounds| Ksm {
            run: Some(1),
            pages_shared: Some(sharing / 4),
            pages_sharing: Some(sharing),
            pages_unshared: Some(unshared),
            full_scans: Some(rounds),
            profit_bytes: profit,
            ..Ksm::default()
        };
        let of = |ksm| found(ksm, Vec::new(), 16).result;
        assert_eq!(of(ran(100_000, 200_000, None, 40)), Verdict::Ok);
        assert_eq!(of(ran(100, 900_000, None, 40)), Verdict::Warn);
        // The kernel's own sum has the last word, and one round says nothing.
        assert_eq!(of(ran(100_000, 200_000, Some(-4096), 40)), Verdict::Warn);
        assert_eq!(of(ran(100, 900_000, None, 1)), Verdict::Ok);
        assert_eq!(
            found(Ksm::default(), Vec::new(), 16).result,
            Verdict::Unknown
        );
        // Hostile figures do not overflow.
        assert_eq!(of(ran(u64::MAX, u64::MAX, None, u64::MAX)), Verdict::Warn);
    }
}
