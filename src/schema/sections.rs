//! Where libvirt's own pages describe an element.

/// Sections of the page on domains, by the element under `<domain>` or under `<devices>`.
const DOMAIN: &[(&str, &str)] = &[
    (
        "name uuid genid title description metadata hwuuid",
        "general-metadata",
    ),
    (
        "os bootloader bootloader_args bios",
        "operating-system-booting",
    ),
    ("sysinfo", "smbios-system-information"),
    ("vcpu vcpus", "cpu-allocation"),
    (
        "iothreads iothreadids defaultiothread",
        "iothreads-allocation",
    ),
    ("cputune", "cpu-tuning"),
    ("memory maxMemory currentMemory", "memory-allocation"),
    ("memoryBacking", "memory-backing"),
    ("memtune", "memory-tuning"),
    ("numatune", "numa-node-tuning"),
    ("blkiotune", "block-i-o-tuning"),
    ("resource", "resource-partitioning"),
    ("cpu", "cpu-model-and-topology"),
    (
        "on_poweroff on_reboot on_crash on_lockfailure",
        "events-configuration",
    ),
    ("pm", "power-management"),
    ("features", "hypervisor-features"),
    ("clock", "time-keeping"),
    ("perf", "performance-monitoring-events"),
    ("seclabel", "security-label"),
    ("keywrap", "key-wrap"),
    ("launchSecurity", "launch-security"),
];

const DEVICES: &[(&str, &str)] = &[
    ("disk", "hard-drives-floppy-disks-cdroms"),
    ("filesystem", "filesystems"),
    ("controller", "controllers"),
    ("lease", "device-leases"),
    ("hostdev", "host-device-assignment"),
    ("redirdev redirfilter", "redirected-devices"),
    ("smartcard", "smartcard-devices"),
    ("interface", "network-interfaces"),
    ("input", "input-devices"),
    ("hub", "hub-devices"),
    ("graphics", "graphical-framebuffers"),
    ("video", "video-devices"),
    (
        "parallel serial console channel",
        "consoles-serial-parallel-channel-devices",
    ),
    ("sound", "sound-devices"),
    ("audio", "audio-backends"),
    ("watchdog", "watchdog-devices"),
    ("memballoon", "memory-balloon-device"),
    ("rng", "random-number-generator-device"),
    ("tpm", "tpm-device"),
    ("nvram", "nvram-device"),
    ("panic", "panic-device"),
    ("shmem", "shared-memory-device"),
    ("memory", "memory-devices"),
    ("iommu", "iommu-devices"),
    ("vsock", "vsock"),
    ("crypto", "crypto"),
];

/// Pages of the other kinds, by their root element.
const PAGES: &[(&str, &str)] = &[
    ("network", "formatnetwork"),
    ("networkport", "formatnetworkport"),
    ("pool volume", "formatstorage"),
    ("storagepoolCapabilities", "formatstoragecaps"),
    ("domainsnapshot", "formatsnapshot"),
    ("domaincheckpoint", "formatcheckpoint"),
    ("domainbackup", "formatbackup"),
    ("filter filterbinding", "formatnwfilter"),
    ("secret", "formatsecret"),
    ("device", "formatnode"),
    ("capabilities", "formatcaps"),
    ("domainCapabilities", "formatdomaincaps"),
    ("cpu", "formatdomain"),
];

fn find(table: &'static [(&str, &str)], name: &str) -> Option<&'static str> {
    table
        .iter()
        .find(|(names, _)| names.split(' ').any(|known| known == name))
        .map(|(_, section)| *section)
}

/// The address of the section on an element, by the way to it from the root; `None` for what libvirt has no page on.
pub fn url(path: &[&str]) -> Option<String> {
    let root = path.first()?;
    if *root != "domain" {
        let page = find(PAGES, root)?;
        return Some(format!("https://libvirt.org/{page}.html"));
    }
    let section = match path {
        [_, "devices", device, ..] => find(DEVICES, device).or(Some("devices")),
        [_, "devices"] => Some("devices"),
        [_, element, ..] => find(DOMAIN, element),
        _ => None,
    };
    let anchor = section.map_or_else(String::new, |section| format!("#{section}"));
    Some(format!("https://libvirt.org/formatdomain.html{anchor}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_element_has_its_section() {
        let url = |path: &[&str]| url(path).unwrap_or_default();
        assert!(
            url(&["domain", "devices", "disk", "source"])
                .ends_with("#hard-drives-floppy-disks-cdroms")
        );
        assert!(url(&["domain", "vcpu"]).ends_with("formatdomain.html#cpu-allocation"));
        assert!(url(&["domain"]).ends_with("formatdomain.html"));
        assert!(url(&["pool", "source"]).ends_with("formatstorage.html"));
        assert_eq!(url(&["bogus"]), "");
    }
}
