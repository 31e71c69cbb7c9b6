//! The check list: every check stands in it on every host, unknown where it cannot be seen.

use super::facts::Facts;
use super::files::Files;
use super::system::ModuleState;
use super::{Check, Told, Verdict, guests, keeping, ksm, schedulers, validate};

/// What a check found, before it gets its name.
pub(super) struct Found {
    pub result: Verdict,
    pub evidence: String,
    pub consequence: &'static str,
    pub remedy: Option<String>,
}

impl Found {
    /// As it should be.
    pub fn ok(evidence: impl Into<String>) -> Self {
        Self::new(Verdict::Ok, evidence, "")
    }

    /// It cannot be seen, for this reason.
    pub fn unknown(evidence: impl Into<String>) -> Self {
        Self::new(Verdict::Unknown, evidence, "")
    }

    /// Works, but could be better.
    pub fn warn(evidence: impl Into<String>, consequence: &'static str) -> Self {
        Self::new(Verdict::Warn, evidence, consequence)
    }

    /// Does not work.
    pub fn fail(evidence: impl Into<String>, consequence: &'static str) -> Self {
        Self::new(Verdict::Fail, evidence, consequence)
    }

    fn new(result: Verdict, evidence: impl Into<String>, consequence: &'static str) -> Self {
        Self {
            result,
            evidence: evidence.into(),
            consequence,
            remedy: None,
        }
    }

    /// With the command that mends it.
    pub fn by(self, remedy: impl Into<String>) -> Self {
        Self {
            remedy: Some(remedy.into()),
            ..self
        }
    }

    /// Under its name.
    pub fn named(self, id: &'static str, name: &'static str) -> Check {
        Check {
            id,
            name,
            result: self.result,
            evidence: self.evidence,
            consequence: self.consequence.to_owned(),
            remedy: self.remedy,
        }
    }
}

/// Where nothing of the host's files can be read.
pub(super) const UNSEEN: &str = "not visible from here";

/// Runs all checks.
#[must_use]
pub fn check(facts: &Facts, told: &Told, files: &Files) -> Vec<Check> {
    let mut checks = validate::checks(facts, files);
    checks.extend([
        kvm_module(facts).named("kvm-module", "KVM module for this CPU"),
        nested_paging(facts, files).named("nested-paging", "Two-stage page tables (EPT, NPT)"),
        nested(facts).named("nested", "Nested virtualization"),
        module(facts, "bridge").named("module-bridge", "Module bridge"),
        br_netfilter(facts, files)
            .named("br-netfilter", "Bridged packets pass the host's firewall"),
        daemons(facts).named("daemons", "libvirt's daemons run and are enabled"),
        thp(facts, told).named("thp", "Transparent huge pages fit the domains"),
        ksm::check(facts, told).named("ksm", "Kernel same-page merging is worth it"),
        swap(facts).named("swap", "Swap is not in use"),
        governor(facts).named("governor", "CPU frequency governor"),
        steal(facts).named("steal", "CPU time taken by a hypervisor below"),
        clock(facts, files).named("clock-source", "Clock source"),
        schedulers::check(facts).named("io-schedulers", "I/O schedulers suit their devices"),
    ]);
    checks.extend(guests::checks(facts, told, files));
    if let Some(why) = &facts.files_lost {
        for check in &mut checks {
            if check.result == Verdict::Unknown && check.evidence.ends_with(UNSEEN) {
                check.evidence.push_str(&format!(" ({why})"));
            }
        }
    }
    checks
}

fn state_of(facts: &Facts, name: &str) -> Option<ModuleState> {
    facts
        .modules
        .iter()
        .find(|module| module.name == name)?
        .state
}

fn kvm_module(facts: &Facts) -> Found {
    let module = match facts.cpu.virtualization {
        Some("vmx") => "kvm_intel",
        Some("svm") => "kvm_amd",
        Some(_) => {
            return Found::fail(
                "/proc/cpuinfo: neither vmx nor svm among the flags",
                "Guests are emulated, ten times slower or worse.",
            )
            .by(validate::ASK_FIRMWARE);
        }
        None => return Found::unknown(UNSEEN),
    };
    match state_of(facts, module) {
        Some(ModuleState::Present) => Found::ok(format!("/sys/module/{module}")),
        Some(ModuleState::Absent) => Found::fail(
            format!("/proc/modules: no {module}"),
            "Without it there is no /dev/kvm, and guests are emulated.",
        )
        .by(format!("modprobe {module}")),
        None => Found::unknown(UNSEEN),
    }
}

fn nested_paging(facts: &Facts, files: &Files) -> Found {
    match (facts.cpu.nested_paging, facts.cpu.virtualization) {
        (Some(true), Some(flag)) => {
            let (module, name) = if flag == "svm" {
                ("kvm_amd", "npt")
            } else {
                ("kvm_intel", "ept")
            };
            match files.text(&format!("/sys/module/{module}/parameters/{name}")) {
                Ok(text) => Found::ok(format!("/sys/module/{module}/parameters/{name}: {text}")),
                Err(_) => Found::ok(format!("/proc/cpuinfo: {name}")),
            }
        }
        (Some(true), None) => Found::ok("libvirt's capabilities: the CPU has them"),
        (Some(false), Some("svm")) => Found::warn(
            "/sys/module/kvm_amd/parameters/npt: 0",
            "Each change of a guest's page tables leaves the guest, which costs much of its speed.",
        )
        .by("modprobe -r kvm_amd && modprobe kvm_amd npt=1"),
        (Some(false), _) => Found::warn(
            "/sys/module/kvm_intel/parameters/ept: N",
            "Each change of a guest's page tables leaves the guest, which costs much of its speed.",
        )
        .by("modprobe -r kvm_intel && modprobe kvm_intel ept=1"),
        (None, Some("none")) => Found::unknown("the CPU has no virtualization"),
        (None, _) => Found::unknown(UNSEEN),
    }
}

fn nested(facts: &Facts) -> Found {
    let module = match facts.cpu.virtualization {
        Some("svm") => "kvm_amd",
        _ => "kvm_intel",
    };
    let file = format!("/sys/module/{module}/parameters/nested");
    match facts.cpu.nested {
        Some(true) => Found::ok(format!("{file}: on; guests may run guests")),
        Some(false) => Found::ok(format!(
            "{file}: off; needed only by guests that run guests"
        )),
        None if facts.cpu.virtualization == Some("none") => {
            Found::unknown("the CPU has no virtualization")
        }
        None => Found::unknown(UNSEEN),
    }
}

fn module(facts: &Facts, name: &'static str) -> Found {
    match state_of(facts, name) {
        Some(ModuleState::Present) => Found::ok(format!("/sys/module/{name}")),
        Some(ModuleState::Absent) => Found::warn(
            format!("/proc/modules: no {name}"),
            "libvirt's networks need it; the kernel loads it when one is started, if it can.",
        )
        .by(format!("modprobe {name}")),
        None => Found::unknown(UNSEEN),
    }
}

fn br_netfilter(facts: &Facts, files: &Files) -> Found {
    const FILE: &str = "/proc/sys/net/bridge/bridge-nf-call-iptables";
    match (state_of(facts, "br_netfilter"), files.text(FILE)) {
        (_, Ok(text)) if text == "1" => Found::warn(
            format!("{FILE}: 1"),
            "Packets between guests of one bridge pass the host's firewall, which costs time and may drop them.",
        )
        .by("sysctl -w net.bridge.bridge-nf-call-iptables=0"),
        (_, Ok(text)) => Found::ok(format!("{FILE}: {text}")),
        (Some(ModuleState::Absent), _) => Found::ok("/proc/modules: no br_netfilter"),
        (_, Err(why)) => Found::unknown(format!("{FILE}: {}", why.words())),
    }
}

fn daemons(facts: &Facts) -> Found {
    if !facts.files_visible {
        return Found::unknown(UNSEEN);
    }
    let driver = |name: &str| name == "libvirtd" || name == "virtqemud";
    let running = facts.daemons.iter().find(|d| driver(d.name) && d.running);
    let enabled = facts.daemons.iter().find(|d| driver(d.name) && d.enabled);
    match (running, enabled) {
        (Some(daemon), Some(_)) => Found::ok(format!("{} runs and is enabled", daemon.name)),
        (Some(daemon), None) => Found::warn(
            format!(
                "{} runs; /etc/systemd/system has no link that starts it",
                daemon.name
            ),
            "After a restart of the host nothing starts libvirt, nor the domains with autostart.",
        )
        .by(enable(facts, daemon.name)),
        (None, Some(daemon)) => {
            Found::ok(format!("{} is enabled; its socket starts it", daemon.name))
        }
        (None, None) => Found::unknown("no libvirtd or virtqemud among the processes"),
    }
}

/// How something starts with this host: by systemd, or by OpenRC.
fn enable(facts: &Facts, name: &str) -> String {
    match keeping::has_openrc(facts) {
        true => format!("rc-update add {name} default"),
        false => format!("systemctl enable {name}"),
    }
}

fn thp(facts: &Facts, told: &Told) -> Found {
    const FILE: &str = "/sys/kernel/mm/transparent_hugepage/enabled";
    let Some(enabled) = facts.thp.enabled.as_deref() else {
        return Found::unknown(format!("{FILE}: {}", unseen_or_absent(facts)));
    };
    let static_ones = told.guests.iter().any(|guest| !guest.huge_pages.is_empty());
    let ordinary = told.guests.iter().any(|guest| guest.huge_pages.is_empty());
    let evidence = format!("{FILE}: {enabled}");
    match enabled {
        "never" if ordinary || !told.guests_known => Found::warn(
            evidence,
            "Guests without huge pages of their own get 4 KiB pages, and more misses of the TLB.",
        )
        .by(format!("echo madvise > {FILE}")),
        "always" if static_ones && !ordinary => Found::warn(
            evidence,
            "All domains have static huge pages: khugepaged works for nothing.",
        )
        .by(format!("echo madvise > {FILE}")),
        _ => Found::ok(evidence),
    }
}

pub(super) fn unseen_or_absent(facts: &Facts) -> &'static str {
    if facts.files_visible {
        "not there"
    } else {
        UNSEEN
    }
}

fn swap(facts: &Facts) -> Found {
    let (Some(total), Some(free)) = (facts.memory.swap_total_kib, facts.memory.swap_free_kib)
    else {
        return Found::unknown(format!("/proc/meminfo: {}", unseen_or_absent(facts)));
    };
    let used = total.saturating_sub(free);
    let evidence = format!(
        "/proc/meminfo: {} of {} MiB of swap in use",
        used / 1024,
        total / 1024
    );
    if total > 0 && used.saturating_mul(4) > total {
        Found::warn(
            evidence,
            "Guests whose memory is swapped out stand still while it is read back.",
        )
        .by("sysctl -w vm.swappiness=10")
    } else {
        Found::ok(evidence)
    }
}

fn governor(facts: &Facts) -> Found {
    const FILE: &str = "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor";
    match facts.cpu.governor.as_deref() {
        None if facts.files_visible => Found::ok(format!("{FILE}: not there; the frequency is not the kernel's")),
        None => Found::unknown(UNSEEN),
        Some("powersave" | "conservative") => Found::warn(
            format!("{FILE}: {}", facts.cpu.governor.as_deref().unwrap_or_default()),
            "CPUs run slower than they could, which guests feel as latency. (With intel_pstate powersave scales, too.)",
        )
        .by("cpupower frequency-set -g performance"),
        Some(name) => Found::ok(format!("{FILE}: {name}")),
    }
}

fn steal(facts: &Facts) -> Found {
    let Some(steal) = facts.steal_permille else {
        return Found::unknown(format!("/proc/stat: {}", unseen_or_absent(facts)));
    };
    let evidence = format!(
        "/proc/stat: {}.{}% of CPU time stolen since the start",
        steal / 10,
        steal % 10
    );
    if steal > 50 {
        Found::warn(
            evidence,
            "This host is a guest itself, and its hypervisor gives it less CPU time than its own guests need.",
        )
        .by("vmstat 5  # column st; only who runs that hypervisor can give more")
    } else {
        Found::ok(evidence)
    }
}

fn clock(facts: &Facts, files: &Files) -> Found {
    const FILE: &str = "/sys/devices/system/clocksource/clocksource0/current_clocksource";
    match facts.clock_source.as_deref() {
        Some(name @ ("hpet" | "acpi_pm" | "jiffies" | "refined-jiffies" | "pit")) => {
            let available = files
                .text("/sys/devices/system/clocksource/clocksource0/available_clocksource")
                .unwrap_or_default();
            let found = Found::warn(
                format!("{FILE}: {name}"),
                "Reading the time is slow, and guests drift more easily than with the TSC.",
            );
            if available.split_whitespace().any(|word| word == "tsc") {
                found.by(format!("echo tsc > {FILE}"))
            } else {
                found.by("dmesg | grep -i -e tsc -e clocksource  # why the TSC was given up")
            }
        }
        Some(name) => Found::ok(format!("{FILE}: {name}")),
        None => Found::unknown(format!("{FILE}: {}", unseen_or_absent(facts))),
    }
}
