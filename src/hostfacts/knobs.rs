//! What can be set on a host until it restarts, and what keeps it for longer.

use std::fs;

use super::facts::Facts;
use super::files::Files;

/// Something that can be set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Knob {
    /// A parameter of `virNodeSetMemoryParameters`, by libvirt's name.
    Shm(&'static str),
    /// Whether the kernel merges equal pages, which libvirt does not set.
    KsmRun,
    /// Transparent huge pages.
    Thp,
    /// How hard the kernel tries to make them.
    ThpDefrag,
    /// A pool of huge pages: cell, size of a page in KiB.
    HugePages(Option<u32>, u64),
    /// The I/O scheduler of a block device, and those that the kernel has for it.
    Scheduler(String, Vec<String>),
}

impl Knob {
    /// All that this host has, with the present value of each.
    #[must_use]
    pub fn all(facts: &Facts) -> Vec<(Self, String)> {
        let mut knobs = Vec::new();
        let mut add =
            |knob: Self, value: Option<String>| knobs.extend(value.map(|value| (knob, value)));
        let number = |value: Option<u64>| value.map(|value| value.to_string());
        let ksm = &facts.ksm;
        add(Self::KsmRun, number(ksm.run));
        add(Self::Shm("shm_pages_to_scan"), number(ksm.pages_to_scan));
        add(Self::Shm("shm_sleep_millisecs"), number(ksm.sleep_ms));
        add(
            Self::Shm("shm_merge_across_nodes"),
            ksm.merge_across_nodes.map(|on| u8::from(on).to_string()),
        );
        add(Self::Thp, facts.thp.enabled.clone());
        add(Self::ThpDefrag, facts.thp.defrag.clone());
        if facts.files_visible {
            for pool in &facts.huge_pages {
                add(
                    Self::HugePages(pool.cell, pool.size_kib),
                    Some(pool.total.to_string()),
                );
            }
        }
        for device in &facts.block {
            let knob = Self::Scheduler(device.name.clone(), device.schedulers.clone());
            add(knob, device.scheduler.clone());
        }
        knobs
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Shm("shm_pages_to_scan") => "KSM pages to scan".to_owned(),
            Self::Shm("shm_sleep_millisecs") => "KSM sleep in ms".to_owned(),
            Self::Shm("shm_merge_across_nodes") => "KSM across cells".to_owned(),
            Self::Shm(name) => (*name).to_owned(),
            Self::KsmRun => "KSM".to_owned(),
            Self::Thp => "Transparent huge pages".to_owned(),
            Self::ThpDefrag => "THP defrag".to_owned(),
            Self::HugePages(cell, size) => {
                let cell = cell.map_or_else(String::new, |cell| format!(", cell {cell}"));
                format!(
                    "Huge pages {}{cell}",
                    crate::text::bytes(size.saturating_mul(1024))
                )
            }
            Self::Scheduler(device, _) => format!("Scheduler of {device}"),
        }
    }

    /// What it does, a sentence.
    #[must_use]
    pub fn doc(&self) -> &'static str {
        match self {
            Self::Shm("shm_pages_to_scan") => {
                "How many pages ksmd looks at before it sleeps: more finds equal ones sooner and costs CPU time."
            }
            Self::Shm("shm_sleep_millisecs") => "How long ksmd sleeps between two looks.",
            Self::Shm(_) => {
                "Whether pages of different NUMA cells are merged; it can be changed only while nothing is merged."
            }
            Self::KsmRun => {
                "1 merges equal pages of guests, 0 stops, 2 stops and gives each its own page again."
            }
            Self::Thp => {
                "always makes huge pages of all memory, madvise of what asks for them (QEMU does), never of none."
            }
            Self::ThpDefrag => {
                "Whether memory is put in order at once for a huge page, which may let a guest wait."
            }
            Self::HugePages(..) => "Memory that only domains with huge pages can use.",
            Self::Scheduler(..) => "The order in which requests reach the device.",
        }
    }

    /// The values there are; none where it takes a number.
    #[must_use]
    pub fn choices(&self, _now: &str) -> Vec<String> {
        let words: &[&str] = match self {
            Self::KsmRun => &["0", "1", "2"],
            Self::Shm("shm_merge_across_nodes") => &["0", "1"],
            Self::Thp => &["always", "madvise", "never"],
            Self::ThpDefrag => &["always", "defer", "defer+madvise", "madvise", "never"],
            Self::Scheduler(_, schedulers) => return schedulers.clone(),
            Self::Shm(_) | Self::HugePages(..) => &[],
        };
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    /// The kernel's file; `None` for what libvirt sets.
    #[must_use]
    pub fn file(&self) -> Option<String> {
        Some(match self {
            Self::Shm(_) => return None,
            Self::KsmRun => "/sys/kernel/mm/ksm/run".to_owned(),
            Self::Thp => "/sys/kernel/mm/transparent_hugepage/enabled".to_owned(),
            Self::ThpDefrag => "/sys/kernel/mm/transparent_hugepage/defrag".to_owned(),
            Self::HugePages(Some(cell), size) => format!(
                "/sys/devices/system/node/node{cell}/hugepages/hugepages-{size}kB/nr_hugepages"
            ),
            Self::HugePages(None, size) => {
                format!("/sys/kernel/mm/hugepages/hugepages-{size}kB/nr_hugepages")
            }
            Self::Scheduler(device, _) => format!("/sys/block/{device}/queue/scheduler"),
        })
    }

    /// The command that sets it, ready for a shell.
    #[must_use]
    pub fn command(&self, value: &str, uri: &str) -> String {
        let value = crate::text::shell_quote(value);
        match (self, self.file()) {
            (Self::Shm(name), _) => {
                let option = name.replace('_', "-");
                let uri = crate::text::shell_quote(uri);
                format!("virsh -c {uri} node-memory-tune --{option} {value}")
            }
            (_, file) => format!("echo {value} > {}", file.unwrap_or_default()),
        }
    }

    /// The kernel's file that holds it, whoever sets it.
    pub(super) fn kernel_file(&self) -> Option<String> {
        match self {
            Self::Shm(name) => Some(format!("/sys/kernel/mm/ksm/{}", name.strip_prefix("shm_")?)),
            _ => self.file(),
        }
    }

    /// Its stable word: in names of files, and on the command line.
    #[must_use]
    pub fn word(&self) -> String {
        match self {
            Self::KsmRun => "ksm".to_owned(),
            Self::Shm(name) => name.replace("shm_", "ksm-").replace('_', "-"),
            Self::Thp => "thp".to_owned(),
            Self::ThpDefrag => "thp-defrag".to_owned(),
            Self::HugePages(None, size) => format!("hugepages-{size}"),
            Self::HugePages(Some(cell), size) => format!("hugepages-{size}-node{cell}"),
            Self::Scheduler(device, _) => {
                let own = |c: char| {
                    if c.is_ascii_alphanumeric() || c == '_' {
                        c
                    } else {
                        '-'
                    }
                };
                format!("scheduler-{}", device.chars().map(own).collect::<String>())
            }
        }
    }

    /// Whether `value` is one that it takes.
    ///
    /// # Errors
    /// What it takes.
    pub fn accepts(&self, value: &str) -> Result<(), String> {
        let choices = self.choices(value);
        if choices.is_empty() {
            let number = value.parse::<u32>().is_ok() && value.bytes().all(|b| b.is_ascii_digit());
            return if number {
                Ok(())
            } else {
                Err("A number is needed.".to_owned())
            };
        }
        match choices.iter().any(|choice| choice == value) {
            true => Ok(()),
            false => Err(format!("It takes one of: {}.", choices.join(", "))),
        }
    }

    /// Writes `value` into the kernel's file below `files`, and looks whether it holds.
    ///
    /// # Errors
    /// Why not, naming the file; when the kernel made something else of it, what.
    pub fn write(&self, files: &Files, value: &str) -> Result<(), String> {
        let Some(file) = self.file() else {
            return Err("libvirt sets this one".to_owned());
        };
        let path = files
            .path(&file)
            .map_err(|why| format!("{file}: {}", why.words()))?;
        // Nothing is made that is not there: a mistyped file of sysfs would be one that does nothing.
        fs::OpenOptions::new()
            .write(true)
            .truncate(true)
            .open(path)
            .and_then(|mut kernel| std::io::Write::write_all(&mut kernel, value.as_bytes()))
            .map_err(|error| format!("{file}: {error}"))?;
        self.holds(files, value)
    }

    /// Whether `value` is what `files` say now.
    ///
    /// # Errors
    /// What the kernel made of it.
    pub fn holds(&self, files: &Files, value: &str) -> Result<(), String> {
        let file = self.file().unwrap_or_default();
        let now = files
            .text(&file)
            .map_err(|why| format!("{file}: {}", why.words()))?;
        let holds = now == value
            || now
                .split_whitespace()
                .any(|word| word == format!("[{value}]"));
        if holds {
            return Ok(());
        }
        Err(format!("{file}: the kernel made it {now}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_written_and_written_back() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::At(folder.path().to_owned());
        let ksm = folder.path().join("sys/kernel/mm/ksm");
        fs::create_dir_all(&ksm).unwrap();
        fs::write(ksm.join("run"), "0\n").unwrap();
        Knob::KsmRun.write(&files, "1").unwrap();
        assert_eq!(files.text("/sys/kernel/mm/ksm/run").unwrap(), "1");
        Knob::KsmRun.write(&files, "0").unwrap();
        assert_eq!(files.text("/sys/kernel/mm/ksm/run").unwrap(), "0");
        // What is not there is not made.
        let error = Knob::Thp.write(&files, "never").unwrap_err();
        assert!(error.contains("transparent_hugepage/enabled"), "{error}");
        assert!(
            !folder
                .path()
                .join("sys/kernel/mm/transparent_hugepage")
                .exists()
        );
        assert!(
            Knob::Thp
                .write(&Files::Unseen, "never")
                .unwrap_err()
                .contains("not visible")
        );
    }

    #[test]
    fn values_are_looked_at_before_they_are_written() {
        assert!(Knob::Thp.accepts("never").is_ok());
        assert!(
            Knob::Thp
                .accepts("sometimes")
                .unwrap_err()
                .contains("madvise")
        );
        for bad in ["", "-1", "1 2", "4294967296", "+1"] {
            assert!(Knob::HugePages(None, 2048).accepts(bad).is_err(), "{bad}");
        }
        let command = Knob::Shm("shm_pages_to_scan").command("200", "qemu:///system");
        assert_eq!(
            command,
            "virsh -c qemu:///system node-memory-tune --shm-pages-to-scan 200"
        );
        assert_eq!(
            Knob::Shm("shm_sleep_millisecs").word(),
            "ksm-sleep-millisecs"
        );
        assert_eq!(
            Knob::Scheduler("cciss!c0d0".to_owned(), vec![]).word(),
            "scheduler-cciss-c0d0"
        );
    }
}
