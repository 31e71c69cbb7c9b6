//! A command that changes a domain as what is asked of libvirt, and back.

use std::time::Duration;

use super::{Given, WordError, agent, command, disk, hardware, keys, kib, scaled, snapshot, tune};
use crate::hostfacts::{Pin, cpu_set, set_words};
use crate::model::{DiskInfo, Uuid};
use crate::protocol::{
    Affect, Arrange, AskMode, CoreDump, DiskVerb, DiskVolume, DomainVerb, NvramChoice, SavedAs,
    Tuned, Undefine,
};

/// What a command asks of libvirt; `None` for one that reads. `disks` are those of the domain, of which undefine may delete
/// volumes.
///
/// # Errors
/// Options that exclude each other, or a disk that the domain does not have.
pub fn verb(given: &Given, disks: &[DiskInfo]) -> Result<Option<DomainVerb>, WordError> {
    let has = |name: &str| given.has(name);
    Ok(Some(match given.command.name {
        "start" => DomainVerb::Start {
            paused: has("paused"),
            bypass_cache: has("bypass-cache"),
            force_boot: has("force-boot"),
        },
        "shutdown" => DomainVerb::Shutdown {
            mode: mode(given),
            force_after: given
                .count("force-after")?
                .map(|seconds| Duration::from_secs(seconds.into())),
        },
        "reboot" => DomainVerb::Reboot { mode: mode(given) },
        "reset" => DomainVerb::Reset,
        "destroy" => DomainVerb::Destroy {
            graceful: has("graceful"),
        },
        "suspend" => DomainVerb::Suspend,
        "resume" => DomainVerb::Resume,
        "managedsave" => DomainVerb::ManagedSave {
            bypass_cache: has("bypass-cache"),
            then: match (has("running"), has("paused")) {
                (true, true) => return Err(WordError::Both("running", "paused")),
                (true, false) => SavedAs::Running,
                (false, true) => SavedAs::Paused,
                (false, false) => SavedAs::AsItIs,
            },
        },
        "managedsave-remove" => DomainVerb::ManagedSaveRemove,
        "autostart" => DomainVerb::SetAutostart(!has("disable")),
        "domrename" => DomainVerb::Rename(text(given, "new-name")),
        "desc" => {
            // Without a text it reads.
            let Some(new) = given.value("new-desc") else {
                return Ok(None);
            };
            let affect = affect(given)?;
            if has("title") {
                DomainVerb::SetTitle(new.to_owned(), affect)
            } else {
                DomainVerb::SetDescription(new.to_owned(), affect)
            }
        }
        "metadata" => {
            let (element, remove) = (given.value("set"), has("remove"));
            if element.is_some() && remove {
                return Err(WordError::Both("set", "remove"));
            }
            if element.is_none() && !remove {
                return Err(WordError::Value(
                    "say what it becomes with --set, or --remove".to_owned(),
                ));
            }
            DomainVerb::SetMetadata {
                uri: text(given, "uri"),
                key: given.value("key").map(str::to_owned),
                element: element.map(str::to_owned),
                affect: affect(given)?,
            }
        }
        "inject-nmi" => DomainVerb::InjectNmi,
        "send-key" => DomainVerb::SendKeys {
            keys: keys::read(given.value("keycode").unwrap_or_default())?,
            hold_ms: given.count("holdtime")?,
        },
        "dump" => DomainVerb::CoreDump(CoreDump {
            file: text(given, "file"),
            memory_only: has("memory-only"),
            live: has("live"),
            crash: has("crash"),
            reset: has("reset"),
            bypass_cache: has("bypass-cache"),
        }),
        "undefine" => DomainVerb::Undefine(undefine(given, disks)?),
        "setmem" => DomainVerb::SetMemory {
            kib: size(given)?,
            affect: affect(given)?,
        },
        "setmaxmem" => DomainVerb::SetMaxMemory {
            kib: size(given)?,
            affect: affect(given)?,
        },
        "setvcpus" => DomainVerb::SetVcpus {
            count: given.count("count")?.unwrap_or_default(),
            maximum: has("maximum"),
            guest: has("guest"),
            affect: affect(given)?,
        },
        "vcpupin" => pin(given, Pin::Vcpu(given.count("vcpu")?.unwrap_or_default()))?,
        "emulatorpin" => pin(given, Pin::Emulator)?,
        "iothreadpin" => pin(
            given,
            Pin::IoThread(given.count("iothread")?.unwrap_or_default()),
        )?,
        _ => {
            if let Some(verb) = snapshot::read(given)? {
                return Ok(Some(verb));
            }
            if let Some(verb) = disk::read(given)? {
                return Ok(Some(DomainVerb::Disk(verb)));
            }
            if let Some(verb) = hardware::read(given)? {
                return Ok(Some(DomainVerb::Hardware(verb)));
            }
            if let Some(verb) = agent::read(given)? {
                return Ok(Some(DomainVerb::Agent(verb)));
            }
            let Some((set, values)) = tune::read(given)? else {
                return Ok(None);
            };
            if let Some(seconds) = given.command.option("for").and(given.count("for")?) {
                if given.has("config") {
                    return Err(WordError::Both("for", "config"));
                }
                if let Tuned::Disk(target) = &set {
                    return Ok(Some(DomainVerb::Disk(DiskVerb::Throttle {
                        target: target.clone(),
                        values,
                        seconds,
                    })));
                }
                let step = DomainVerb::Tune {
                    set,
                    values,
                    affect: Affect::Live,
                };
                return Ok(Some(DomainVerb::Arrange(Box::new(Arrange {
                    steps: vec![step],
                    seconds: Some(seconds),
                }))));
            }
            DomainVerb::Tune {
                set,
                values,
                affect: affect(given)?,
            }
        }
    }))
}

fn pin(given: &Given, pin: Pin) -> Result<DomainVerb, WordError> {
    let list = given.value("cpulist").unwrap_or_default();
    let known = |part: &str| {
        let part = part.trim().trim_start_matches('^');
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        from.parse::<u32>()
            .is_ok_and(|from| to.parse::<u32>().is_ok_and(|to| from <= to))
    };
    let cpus = cpu_set(list);
    if cpus.is_empty() || !list.split(',').all(known) {
        return Err(WordError::Value(format!(
            "'{list}' is no list of CPUs: write it as in 0-3,8,^2"
        )));
    }
    Ok(DomainVerb::Pin {
        pin,
        cpus,
        affect: affect(given)?,
    })
}

fn text(given: &Given, name: &str) -> String {
    given.value(name).unwrap_or_default().to_owned()
}

fn size(given: &Given) -> Result<u64, WordError> {
    kib(given.value("size").unwrap_or_default()).map_err(WordError::Value)
}

fn mode(given: &Given) -> Option<AskMode> {
    let word = given.value("mode")?;
    AskMode::ALL.into_iter().find(|mode| mode.word() == word)
}

pub(super) fn affect(given: &Given) -> Result<Affect, WordError> {
    let (live, config, current) = (given.has("live"), given.has("config"), given.has("current"));
    // Of commands on devices alone: both, as far as there are two.
    if given.has("persistent") {
        return Ok(Affect::Both);
    }
    Ok(match (live, config) {
        (true, _) if current => return Err(WordError::Both("live", "current")),
        (_, true) if current => return Err(WordError::Both("config", "current")),
        (true, true) => Affect::Both,
        (true, false) => Affect::Live,
        (false, true) => Affect::Config,
        (false, false) => Affect::Current,
    })
}

fn undefine(given: &Given, disks: &[DiskInfo]) -> Result<Undefine, WordError> {
    let nvram = match (given.has("nvram"), given.has("keep-nvram")) {
        (true, true) => return Err(WordError::Both("nvram", "keep-nvram")),
        (true, false) => NvramChoice::Delete,
        (false, true) => NvramChoice::Keep,
        (false, false) => NvramChoice::Unsaid,
    };
    let all = given.has("remove-all-storage");
    if all && given.has("storage") {
        return Err(WordError::Both("storage", "remove-all-storage"));
    }
    let mut volumes = Vec::new();
    if all {
        // Media that others may have in their drives are not the domain's own.
        let own = disks
            .iter()
            .filter(|disk| disk.device == "disk" && !disk.readonly);
        volumes.extend(own.filter_map(volume));
    }
    for target in given.value("storage").unwrap_or_default().split(',') {
        if target.is_empty() {
            continue;
        }
        let found = disks
            .iter()
            .find(|disk| disk.target == target || disk.source.as_deref() == Some(target))
            .and_then(volume);
        let Some(found) = found else {
            let known: Vec<_> = disks.iter().map(|disk| disk.target.as_str()).collect();
            return Err(WordError::Value(format!(
                "the domain has no volume at '{target}': its disks are {}",
                known.join(", ")
            )));
        };
        volumes.push(found);
    }
    Ok(Undefine {
        nvram,
        managed_save: given.has("managed-save"),
        snapshots_metadata: given.has("snapshots-metadata"),
        checkpoints_metadata: given.has("checkpoints-metadata"),
        volumes,
    })
}

fn volume(disk: &DiskInfo) -> Option<DiskVolume> {
    Some(DiskVolume {
        target: disk.target.clone(),
        path: disk.source.clone()?,
    })
}

/// The command of virsh that does the same, without a host; `None` where virsh has none. What virtty alone does (forcing off
/// after a time) is left out.
#[must_use]
pub fn given(verb: &DomainVerb, name: &str, uuid: Uuid) -> Option<Given> {
    let word = match verb {
        DomainVerb::Start { .. } => "start",
        DomainVerb::Shutdown { .. } => "shutdown",
        DomainVerb::Reboot { .. } => "reboot",
        DomainVerb::Reset => "reset",
        DomainVerb::Destroy { .. } => "destroy",
        DomainVerb::Suspend => "suspend",
        DomainVerb::Resume => "resume",
        DomainVerb::ManagedSave { .. } => "managedsave",
        DomainVerb::ManagedSaveRemove => "managedsave-remove",
        DomainVerb::SetAutostart(_) => "autostart",
        DomainVerb::Rename(_) => "domrename",
        DomainVerb::SetTitle(..) | DomainVerb::SetDescription(..) => "desc",
        DomainVerb::InjectNmi => "inject-nmi",
        DomainVerb::SendKeys { .. } => "send-key",
        DomainVerb::CoreDump(_) => "dump",
        DomainVerb::SetMemory { .. } => "setmem",
        DomainVerb::SetMaxMemory { .. } => "setmaxmem",
        DomainVerb::SetVcpus { .. } => "setvcpus",
        DomainVerb::Tune { set, .. } => tune::command(set),
        DomainVerb::Pin { pin, .. } => match pin {
            Pin::Vcpu(_) => "vcpupin",
            Pin::Emulator => "emulatorpin",
            Pin::IoThread(_) => "iothreadpin",
        },
        DomainVerb::Undefine(_) => "undefine",
        DomainVerb::Disk(verb) => disk::command(verb),
        DomainVerb::Hardware(verb) => hardware::command(verb)?,
        DomainVerb::Agent(verb) => agent::command(verb),
        DomainVerb::SetMetadata { .. } => "metadata",
        // One step for a while is that step's command with virtty's own option.
        DomainVerb::Arrange(arrange) => {
            let (Some(step), 1) = (arrange.steps.first(), arrange.steps.len()) else {
                return None;
            };
            let mut given = given(step, name, uuid)?;
            if let Some(seconds) = arrange.seconds {
                Words(&mut given).value("for", seconds.to_string());
            }
            return Some(given);
        }
        DomainVerb::Describe(_) | DomainVerb::MendTexts => return None,
        verb => snapshot::command(verb)?,
    };
    let mut given = Given::new(command(word).ok()?);
    let mut words = Words(&mut given);
    words.value("domain", super::domain_word(name, uuid).into_owned());
    match verb {
        DomainVerb::Start {
            paused,
            bypass_cache,
            force_boot,
        } => {
            words.flag("paused", *paused);
            words.flag("bypass-cache", *bypass_cache);
            words.flag("force-boot", *force_boot);
        }
        DomainVerb::Shutdown { mode, .. } | DomainVerb::Reboot { mode } => {
            if let Some(mode) = mode {
                words.value("mode", mode.word().to_owned());
            }
        }
        DomainVerb::Destroy { graceful } => words.flag("graceful", *graceful),
        DomainVerb::ManagedSave { bypass_cache, then } => {
            words.flag("bypass-cache", *bypass_cache);
            words.flag("running", *then == SavedAs::Running);
            words.flag("paused", *then == SavedAs::Paused);
        }
        DomainVerb::SetAutostart(on) => words.flag("disable", !on),
        DomainVerb::Rename(new) => words.value("new-name", new.clone()),
        DomainVerb::SendKeys { keys, hold_ms } => {
            words.maybe("holdtime", hold_ms.map(|hold| hold.to_string()));
            words.value("keycode", keys::write(keys));
        }
        DomainVerb::SetTitle(new, affect) => {
            words.affect(*affect);
            words.flag("title", true);
            words.value("new-desc", new.clone());
        }
        DomainVerb::SetDescription(new, affect) => {
            words.affect(*affect);
            words.value("new-desc", new.clone());
        }
        DomainVerb::SetMetadata {
            uri,
            key,
            element,
            affect,
        } => {
            words.value("uri", uri.clone());
            words.affect(*affect);
            words.maybe("key", key.clone());
            words.maybe("set", element.clone());
            words.flag("remove", element.is_none());
        }
        DomainVerb::CoreDump(dump) => {
            words.value("file", dump.file.clone());
            words.flag("live", dump.live);
            words.flag("crash", dump.crash);
            words.flag("bypass-cache", dump.bypass_cache);
            words.flag("reset", dump.reset);
            words.flag("memory-only", dump.memory_only);
        }
        DomainVerb::SetMemory { kib, affect } | DomainVerb::SetMaxMemory { kib, affect } => {
            words.value("size", scaled(*kib));
            words.affect(*affect);
        }
        DomainVerb::SetVcpus {
            count,
            maximum,
            guest,
            affect,
        } => {
            words.value("count", count.to_string());
            words.flag("maximum", *maximum);
            words.affect(*affect);
            words.flag("guest", *guest);
        }
        DomainVerb::Tune {
            set,
            values,
            affect,
        } => {
            for (name, value) in tune::words(set, values) {
                words.value(name, value);
            }
            words.affect(*affect);
        }
        DomainVerb::Pin { pin, cpus, affect } => {
            match pin {
                Pin::Vcpu(number) => words.value("vcpu", number.to_string()),
                Pin::IoThread(number) => words.value("iothread", number.to_string()),
                Pin::Emulator => {}
            }
            words.value("cpulist", set_words(cpus));
            words.affect(*affect);
        }
        DomainVerb::Disk(verb) => disk::words(verb, &mut words),
        DomainVerb::Hardware(verb) => hardware::words(verb, &mut words),
        DomainVerb::Agent(verb) => agent::words(verb, &mut words),
        DomainVerb::Undefine(choice) => {
            words.flag("managed-save", choice.managed_save);
            if !choice.volumes.is_empty() {
                let targets: Vec<_> = choice.volumes.iter().map(|v| v.target.as_str()).collect();
                words.value("storage", targets.join(","));
            }
            words.flag("snapshots-metadata", choice.snapshots_metadata);
            words.flag("checkpoints-metadata", choice.checkpoints_metadata);
            words.flag("nvram", choice.nvram == NvramChoice::Delete);
            words.flag("keep-nvram", choice.nvram == NvramChoice::Keep);
        }
        verb => snapshot::words(verb, &mut words),
    }
    Some(given)
}

/// Options of the table, which the caller took from it: an unknown one would be left out, which the tests would see.
pub(super) struct Words<'a>(pub(super) &'a mut Given);

impl Words<'_> {
    pub(super) fn flag(&mut self, name: &str, on: bool) {
        if on {
            let _ = self.0.name(name, None);
        }
    }

    pub(super) fn maybe(&mut self, name: &str, value: Option<String>) {
        if let Some(value) = value {
            self.value(name, value);
        }
    }

    pub(super) fn value(&mut self, name: &str, value: String) {
        let _ = self.0.name(name, Some(value));
    }

    pub(super) fn affect(&mut self, affect: Affect) {
        for option in affect.options() {
            self.flag(option, true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Command, Effect, parse};
    use super::*;
    use crate::virsh::COMMANDS;

    fn disks() -> Vec<DiskInfo> {
        ["vda", "vdb"]
            .map(|target| DiskInfo {
                target: target.to_owned(),
                device: "disk".to_owned(),
                source: Some(format!("/images/{target}")),
                ..DiskInfo::default()
            })
            .to_vec()
    }

    #[test]
    fn each_verb_is_printed_and_read_back() {
        for line in [
            "start --paused --force-boot -- web1",
            "shutdown --mode agent -- web1",
            "reboot --mode acpi -- web1",
            "reset -- web1",
            "destroy --graceful -- web1",
            "suspend -- web1",
            "resume -- web1",
            "managedsave --bypass-cache --running -- web1",
            "managedsave-remove -- web1",
            "autostart --disable -- web1",
            "domrename -- web1 'web 2'",
            "desc --config --title -- web1 'A title'",
            "desc --live --config -- web1 ''",
            "inject-nmi -- web1",
            "dump --live --memory-only -- web1 /tmp/core",
            "undefine --managed-save --storage vda,vdb --snapshots-metadata --nvram -- web1",
            "setmem --config -- web1 2G",
            "setmaxmem -- web1 4G",
            "setvcpus --maximum --config -- web1 8",
            "schedinfo --live -- web1 vcpu_quota=-1",
            "numatune --mode strict --config -- web1 0-1",
            "blkiotune -- web1 500",
            "blkdeviotune --total-bytes-sec 1000 --write-iops-sec 50 --live -- web1 vda",
            "domiftune --inbound 100,200,300 --outbound 50 --live -- web1 vnet0",
            "vcpupin --live --config -- web1 1 0-2,5",
            "emulatorpin -- web1 0",
            "iothreadpin --config -- web1 1 3",
            "attach-disk --targetbus virtio --subdriver qcow2 --cache none --mode readonly --live --config -- web1 /p/b vdb",
            "attach-disk --type cdrom -- web1 '' sdc",
            "detach-disk --live -- web1 vdb",
            "change-media --eject --force -- web1 sda",
            "change-media --insert --live -- web1 sda '/iso/a b.iso'",
            "change-media --update -- web1 sda /iso/c.iso",
            "blockresize -- web1 vda 20G",
            "blockresize --capacity -- web1 vda",
            "blockcommit --base vda[2] --top vda[1] --bandwidth 10 --delete --wait -- web1 vda",
            "blockcommit --active --pivot -- web1 vda",
            "blockcommit --shallow --active --keep-overlay -- web1 vda",
            "blockpull --base /p/base --bandwidth 1000 --bytes --wait -- web1 vda",
            "blockcopy --dest /p/new --format raw --shallow --reuse-external --pivot -- web1 vda",
            "blockcopy --dest /dev/vg/new --blockdev --finish -- web1 vda",
            "blockjob --pivot -- web1 vda",
            "blockjob --abort --async -- web1 vda",
            "blockjob --bandwidth 5 -- web1 vda",
            "blockjob --bandwidth 0 -- web1 vda",
            "domjobabort -- web1",
            "metadata --live --config --key x --set '<a b=\"1\"/>' -- web1 http://x/1",
            "metadata --config --remove -- web1 http://x/1",
            "attach-interface --model virtio --inbound 1024,2048 --live --config -- web1 network default",
            "attach-interface --mac 52:54:00:00:00:01 --target tap7 --source-mode bridge -- web1 direct eth0",
            "detach-interface --mac 52:54:00:00:00:01 --live -- web1 network",
            "domif-setlink --config -- web1 vnet0 down",
            "attach-device --live -- web1 '/tmp/a b.xml'",
            "detach-device --config -- web1 /tmp/a.xml",
            "update-device --live --config -- web1 /tmp/a.xml",
            "guestvcpus --cpulist 1-2 --disable -- web1",
            "memtune --hard-limit 4194304 --swap-hard-limit 8388608 --live -- web1",
            "domtime --now -- web1",
            "domtime --sync -- web1",
            "domtime --time 1700000000 -- web1",
            "domfsfreeze --mountpoint / --mountpoint '/a b' -- web1",
            "domfsthaw -- web1",
            "domfstrim --minimum 4096 --mountpoint / -- web1",
            "set-user-sshkeys --file /tmp/k --reset -- web1 ann",
            "set-user-sshkeys --file /tmp/k --remove -- web1 ann",
        ] {
            let parsed = parse(line).unwrap();
            let verb = verb(&parsed, &disks()).unwrap().unwrap();
            let printed = given(&verb, "web1", Uuid([1; 16])).unwrap();
            let again = super::verb(&parse(&printed.line()).unwrap(), &disks()).unwrap();
            assert_eq!(again, Some(verb), "{line}");
        }
    }

    #[test]
    fn every_command_that_changes_is_a_verb() {
        // Without an option a job on a disk or a clock is shown, and metadata are refused; a password is asked for, and what
        // is passed on is no verb.
        let wants = [
            "blockjob",
            "guestvcpus",
            "metadata",
            "domtime",
            "set-user-password",
            "set-user-sshkeys",
            "qemu-agent-command",
            "qemu-monitor-command",
        ];
        let changes = |c: &&Command| {
            c.effect == Effect::Changes && !wants.contains(&c.name) && c.takes_domain()
        };
        for command in COMMANDS.iter().filter(changes) {
            let mut all = Given::new(command);
            for option in command.options {
                if option.need != super::super::Need::Optional {
                    let value = if option.name == "set" {
                        "cpu_shares=1"
                    } else {
                        "1"
                    };
                    let _ = all.name(option.name, Some(value.to_owned()));
                }
            }
            assert!(
                verb(&all, &[]).unwrap().is_some(),
                "{} does nothing",
                command.name
            );
        }
    }

    #[test]
    fn volumes_are_those_of_the_disks_that_are_named() {
        let read = |line: &str| verb(&parse(line).unwrap(), &disks());
        let Ok(Some(DomainVerb::Undefine(all))) = read("undefine web1 --remove-all-storage") else {
            panic!()
        };
        assert_eq!(all.volumes.len(), 2);
        let Ok(Some(DomainVerb::Undefine(none))) = read("undefine web1") else {
            panic!()
        };
        assert_eq!(none, Undefine::default());
        let wrong = read("undefine web1 --storage vdz").unwrap_err().to_string();
        assert!(wrong.contains("'vdz'") && wrong.contains("vda, vdb"));
        assert!(read("undefine web1 --nvram --keep-nvram").is_err());
    }
}
