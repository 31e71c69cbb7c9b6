//! The threads of QEMU: which part of a domain each is, where it runs, and how long it has run.

use std::collections::BTreeSet;

use super::domains::Pin;
use super::files::{Files, set_words};
use crate::model::Uuid;
use crate::text;

/// One part of a running domain. The emulator is QEMU's first thread, with the time of all that are neither virtual CPUs nor
/// I/O threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thread {
    /// The domain.
    pub uuid: Uuid,
    /// What of it.
    pub pin: Pin,
    /// The thread's id on the host.
    pub id: u32,
    /// The host CPU it was last on (`processor` of /proc/PID/task/TID/stat).
    pub on: u32,
    /// How long it has run, in clock ticks, as /proc/stat counts those of the CPUs.
    pub ticks: u64,
}

/// Most threads of one QEMU that are looked at.
const MOST: usize = 4096;

/// All threads of all QEMUs of a host; none where its files are not visible.
#[must_use]
pub fn threads(files: &Files) -> Vec<Thread> {
    let mut found = Vec::new();
    for process in files.names("/proc").unwrap_or_default() {
        if !process.bytes().all(|byte| byte.is_ascii_digit()) {
            continue;
        }
        let folder = format!("/proc/{process}");
        let named = files.text(&format!("{folder}/comm"));
        if !named.is_ok_and(|name| name.starts_with("qemu") || name.starts_with("kvm")) {
            continue;
        }
        if let Some(uuid) = files
            .text(&format!("{folder}/cmdline"))
            .ok()
            .and_then(|line| uuid_of(&line))
        {
            found.extend(of_process(files, &process, uuid));
        }
    }
    found
}

/// The UUID that libvirt starts a QEMU with. The words are parted by NUL, or line by line where a program has listed them.
fn uuid_of(line: &str) -> Option<Uuid> {
    let mut words = line.split(['\0', '\n']);
    words.find(|word| *word == "-uuid")?;
    words.next()?.parse().ok()
}

fn of_process(files: &Files, process: &str, uuid: Uuid) -> Vec<Thread> {
    let folder = format!("/proc/{process}/task");
    let mut found: Vec<Thread> = Vec::new();
    for name in files.names(&folder).unwrap_or_default().iter().take(MOST) {
        let read = |what: &str| files.text(&format!("{folder}/{name}/{what}"));
        let (Ok(id), Ok(comm), Ok(stat)) = (name.parse::<u32>(), read("comm"), read("stat")) else {
            continue;
        };
        let Some((on, ticks)) = place(&stat) else {
            continue;
        };
        let pin = part(&comm);
        let thread = Thread {
            uuid,
            pin,
            id,
            on,
            ticks,
        };
        match found.iter_mut().find(|known| known.pin == pin) {
            None => found.push(thread),
            Some(known) => {
                if name == process {
                    (known.id, known.on) = (id, on);
                }
                known.ticks = known.ticks.saturating_add(ticks);
            }
        }
    }
    found
}

/// Which part of a domain a thread of this name is: QEMU calls them `CPU 0/KVM` and `IO iothread1`.
fn part(comm: &str) -> Pin {
    let vcpu = || comm.strip_prefix("CPU ")?.split('/').next()?.parse().ok();
    let thread = || comm.strip_prefix("IO iothread")?.parse().ok();
    match (vcpu(), thread()) {
        (Some(number), _) => Pin::Vcpu(number),
        (_, Some(number)) => Pin::IoThread(number),
        _ => Pin::Emulator,
    }
}

/// (CPU, ticks) of a line of /proc/PID/task/TID/stat: fields 39, and 14 with 15, by proc(5). The name in its brackets may hold
/// blanks and brackets.
fn place(stat: &str) -> Option<(u32, u64)> {
    let (_, rest) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let number = |field: usize| fields.get(field - 3)?.parse::<u64>().ok();
    let ticks = number(14)?.saturating_add(number(15)?);
    Some((u32::try_from(number(39)?).ok()?, ticks))
}

/// The line that does with taskset what a pin does: of the thread with this id, where that is known.
#[must_use]
pub fn taskset(name: &str, pin: Pin, cpus: &BTreeSet<u32>, id: Option<u32>) -> String {
    let cpus = set_words(cpus);
    if let Some(id) = id {
        return format!("taskset -cp {cpus} {id}");
    }
    let thread = match pin {
        Pin::Vcpu(number) => format!("CPU {number}/"),
        Pin::Emulator => "qemu-system".to_owned(),
        Pin::IoThread(number) => format!("IO iothread{number}"),
    };
    let name = text::shell_quote(name);
    format!(
        "taskset -cp {cpus} $(ps -Lo lwp=,comm= -p $(pgrep -f guest={name},) | awk -v t='{thread}' 'index($0,t){{print $1; exit}}')"
    )
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const UUID: &str = "11111111-2222-3333-4444-555555555555";

    fn write(root: &std::path::Path, path: &str, text: &str) {
        let to = root.join(path);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::write(to, text).unwrap();
    }

    fn stat(comm: &str, user: u64, system: u64, cpu: u64) -> String {
        let zeroes = "0 ".repeat(10);
        let between = "0 ".repeat(23);
        format!("7 ({comm}) S {zeroes}{user} {system} {between}{cpu} 0 0")
    }

    #[test]
    fn each_thread_is_a_part_of_its_domain() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        write(root, "proc/70/comm", "qemu-system-x86\n");
        write(
            root,
            "proc/70/cmdline",
            &format!("qemu\0-name\0guest=a\0-uuid\0{UUID}\0"),
        );
        for (id, comm, user, cpu) in [
            (70, "qemu-system-x86", 5, 1),
            (71, "CPU 0/KVM", 100, 2),
            (72, "CPU 1/TCG", 50, 3),
            (73, "IO iothread1", 9, 0),
            (74, "IO mon_iothread", 2, 3),
            (75, "odd) S 1 (", 1, 3),
        ] {
            write(root, &format!("proc/70/task/{id}/comm"), comm);
            write(
                root,
                &format!("proc/70/task/{id}/stat"),
                &stat(comm, user, 1, cpu),
            );
        }
        // None of these is a thread of a domain that libvirt started.
        write(root, "proc/80/comm", "qemu-img\n");
        write(root, "proc/80/cmdline", "qemu-img\0convert\0");
        write(root, "proc/90/comm", "bash\n");
        write(root, "proc/70/task/76/comm", "CPU 9/KVM");
        write(root, "proc/70/task/76/stat", "76 (CPU 9/KVM) S 1");
        let found = threads(&Files::At(root.to_owned()));
        let of = |pin| {
            let thread = found.iter().find(|thread| thread.pin == pin)?;
            Some((thread.id, thread.on, thread.ticks))
        };
        assert_eq!(of(Pin::Vcpu(0)), Some((71, 2, 101)));
        assert_eq!(of(Pin::Vcpu(1)), Some((72, 3, 51)));
        assert_eq!(of(Pin::IoThread(1)), Some((73, 0, 10)));
        assert_eq!(of(Pin::Emulator), Some((70, 1, 6 + 3 + 2)));
        assert_eq!(found.len(), 4);
        let cpus = BTreeSet::from([4, 5]);
        assert_eq!(
            taskset("a", Pin::Vcpu(0), &cpus, Some(71)),
            "taskset -cp 4-5 71"
        );
        // Where they are not seen the line finds them by itself.
        let line = taskset("a b", Pin::IoThread(1), &cpus, None);
        assert!(
            line.contains("guest='a b',") && line.contains("IO iothread1"),
            "{line}"
        );
        assert!(threads(&Files::Unseen).is_empty());
    }
}
