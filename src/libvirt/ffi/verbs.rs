//! What can be done to a domain, one libvirt call each.

use std::ffi::{CString, c_ulong};
use std::ptr;

use super::{Domain, Error, Result};
use crate::hostfacts::Pin;
use crate::model::METADATA_NAMESPACE;
use crate::protocol::{
    Affect, AskMode, CoreDump, DomainVerb, DomainWords, NvramChoice, SavedAs, Undefine,
};
use crate::text::visible;

impl Domain {
    /// Does what the verb says by its call. May take as long as the guest or its hypervisor likes. Of
    /// [`DomainVerb::Shutdown`] it asks the guest, of [`DomainVerb::Undefine`] it deletes the definition: waiting and volumes
    /// are the caller's.
    ///
    /// # Errors
    /// libvirt's own, or a text with a NUL.
    pub fn act(&self, verb: &DomainVerb) -> Result<()> {
        match verb {
            DomainVerb::Rename(name) => self.rename(name),
            DomainVerb::SetTitle(text, affect) => {
                self.set_text(virt_sys::VIR_DOMAIN_METADATA_TITLE, text, *affect)
            }
            DomainVerb::SetDescription(text, affect) => {
                self.set_text(virt_sys::VIR_DOMAIN_METADATA_DESCRIPTION, text, *affect)
            }
            DomainVerb::Describe(words) => self.describe(words),
            DomainVerb::SendKeys { keys, hold_ms } => self.send_keys(keys, hold_ms.unwrap_or(0)),
            DomainVerb::SetMetadata {
                uri,
                key,
                element,
                affect,
            } => {
                let kind = virt_sys::VIR_DOMAIN_METADATA_ELEMENT;
                let element = element.as_deref().map(text).transpose()?;
                let names = (key.as_deref(), uri.as_str());
                self.set_metadata(kind, element.as_ref(), Some(names), affecting(*affect))
            }
            DomainVerb::CoreDump(dump) => self.core_dump(dump),
            DomainVerb::MendTexts => self.mend_texts(),
            DomainVerb::Tune {
                set,
                values,
                affect,
            } => self.tune(set, values, *affect),
            DomainVerb::Pin { pin, cpus, affect } => match pin {
                Pin::Vcpu(number) => self.pin_vcpu(*number, cpus, *affect),
                Pin::Emulator => self.pin_emulator(cpus, *affect),
                Pin::IoThread(number) => self.pin_iothread(*number, cpus, *affect),
            },
            _ => self.plain(verb),
        }
    }

    /// Verbs whose call takes numbers alone.
    fn plain(&self, verb: &DomainVerb) -> Result<()> {
        let raw = self.raw();
        // SAFETY: the handle is valid for each of these calls; none keeps anything.
        let result = self.meter().call(verb.call(), || unsafe {
            match verb {
                DomainVerb::Start {
                    paused,
                    bypass_cache,
                    force_boot,
                } => virt_sys::virDomainCreateWithFlags(
                    raw,
                    when(*paused, virt_sys::VIR_DOMAIN_START_PAUSED)
                        | when(*bypass_cache, virt_sys::VIR_DOMAIN_START_BYPASS_CACHE)
                        | when(*force_boot, virt_sys::VIR_DOMAIN_START_FORCE_BOOT),
                ),
                // The calls with flags are not known to every driver; without a mode the plain ones do.
                DomainVerb::Shutdown { mode: None, .. } => virt_sys::virDomainShutdown(raw),
                DomainVerb::Shutdown {
                    mode: Some(mode), ..
                } => virt_sys::virDomainShutdownFlags(raw, ask(*mode)),
                DomainVerb::Reboot { mode } => virt_sys::virDomainReboot(raw, mode.map_or(0, ask)),
                DomainVerb::Reset => virt_sys::virDomainReset(raw, 0),
                DomainVerb::Destroy { graceful: false } => virt_sys::virDomainDestroy(raw),
                DomainVerb::Destroy { graceful: true } => {
                    virt_sys::virDomainDestroyFlags(raw, virt_sys::VIR_DOMAIN_DESTROY_GRACEFUL)
                }
                DomainVerb::Suspend => virt_sys::virDomainSuspend(raw),
                DomainVerb::Resume => virt_sys::virDomainResume(raw),
                DomainVerb::ManagedSave { bypass_cache, then } => virt_sys::virDomainManagedSave(
                    raw,
                    when(*bypass_cache, virt_sys::VIR_DOMAIN_SAVE_BYPASS_CACHE)
                        | match then {
                            SavedAs::AsItIs => 0,
                            SavedAs::Running => virt_sys::VIR_DOMAIN_SAVE_RUNNING,
                            SavedAs::Paused => virt_sys::VIR_DOMAIN_SAVE_PAUSED,
                        },
                ),
                DomainVerb::ManagedSaveRemove => virt_sys::virDomainManagedSaveRemove(raw, 0),
                DomainVerb::SetAutostart(on) => {
                    virt_sys::virDomainSetAutostart(raw, i32::from(*on))
                }
                DomainVerb::InjectNmi => virt_sys::virDomainInjectNMI(raw, 0),
                DomainVerb::SetMemory { kib, affect } => {
                    virt_sys::virDomainSetMemoryFlags(raw, *kib as c_ulong, affecting(*affect))
                }
                DomainVerb::SetMaxMemory { kib, affect } => virt_sys::virDomainSetMemoryFlags(
                    raw,
                    *kib as c_ulong,
                    affecting(*affect) | virt_sys::VIR_DOMAIN_MEM_MAXIMUM,
                ),
                DomainVerb::SetVcpus {
                    count,
                    maximum,
                    guest,
                    affect,
                } => virt_sys::virDomainSetVcpusFlags(
                    raw,
                    *count,
                    affecting(*affect)
                        | when(*maximum, virt_sys::VIR_DOMAIN_VCPU_MAXIMUM)
                        | when(*guest, virt_sys::VIR_DOMAIN_VCPU_GUEST),
                ),
                DomainVerb::Undefine(choice) => undefine(raw, choice),
                DomainVerb::Rename(_)
                | DomainVerb::SetTitle(..)
                | DomainVerb::SetDescription(..)
                | DomainVerb::Describe(_)
                | DomainVerb::SetMetadata { .. }
                | DomainVerb::CoreDump(_)
                | DomainVerb::SnapshotCreate(_)
                | DomainVerb::SnapshotRevert(_)
                | DomainVerb::SnapshotDelete(_)
                | DomainVerb::SnapshotEdit(_)
                | DomainVerb::CheckpointCreate(_)
                | DomainVerb::CheckpointDelete(_)
                | DomainVerb::Backup(_)
                | DomainVerb::Disk(_)
                | DomainVerb::Hardware(_)
                | DomainVerb::Agent(_)
                | DomainVerb::Pin { .. }
                | DomainVerb::Tune { .. }
                | DomainVerb::SendKeys { .. }
                | DomainVerb::Arrange(_)
                | DomainVerb::MendTexts => 0,
            }
        });
        done(result)
    }

    fn rename(&self, name: &str) -> Result<()> {
        let name = text(name)?;
        // SAFETY: the handle is valid, the name is NUL-terminated and copied by libvirt.
        let result = self.meter().call("virDomainRename", || unsafe {
            virt_sys::virDomainRename(self.raw(), name.as_ptr(), 0)
        });
        done(result)
    }

    fn core_dump(&self, dump: &CoreDump) -> Result<()> {
        let file = text(&dump.file)?;
        let flags = when(dump.memory_only, virt_sys::VIR_DUMP_MEMORY_ONLY)
            | when(dump.live, virt_sys::VIR_DUMP_LIVE)
            | when(dump.crash, virt_sys::VIR_DUMP_CRASH)
            | when(dump.reset, virt_sys::VIR_DUMP_RESET)
            | when(dump.bypass_cache, virt_sys::VIR_DUMP_BYPASS_CACHE);
        let format = virt_sys::VIR_DOMAIN_CORE_DUMP_FORMAT_RAW;
        // SAFETY: the handle is valid, the path is NUL-terminated and copied by libvirt.
        let result = self.meter().call("virDomainCoreDumpWithFormat", || unsafe {
            virt_sys::virDomainCoreDumpWithFormat(self.raw(), file.as_ptr(), format, flags)
        });
        done(result)
    }

    /// Writes a title or a description, whichever `kind` (`VIR_DOMAIN_METADATA_*`) says; an empty one is taken away.
    fn set_text(&self, kind: u32, new: &str, affect: Affect) -> Result<()> {
        // libvirt stores them, and cannot read its own file again: the domain would be gone after a restart.
        let bad = new
            .chars()
            .find(|c| c.is_control() && !matches!(c, '\n' | '\t'));
        if let Some(bad) = bad {
            return Err(Error::own(format!(
                "the text holds the control character {}",
                visible(&bad.to_string())
            )));
        }
        let new = (!new.is_empty()).then(|| text(new)).transpose()?;
        self.set_metadata(kind, new.as_ref(), None, affecting(affect))
    }

    /// Tags and notes as they are stored: of the definition of the next start, or of a transient domain as it runs.
    fn own_metadata(&self) -> Result<(Vec<String>, String)> {
        let kind = if self.is_persistent()? {
            crate::protocol::XmlKind::Inactive
        } else {
            crate::protocol::XmlKind::Live
        };
        let definition = crate::domxml::definition(&self.xml(kind)?, false)
            .map_err(|error| Error::own(error.to_string()))?;
        Ok((definition.tags, definition.notes.unwrap_or_default()))
    }

    /// Writes what people say of it, one thing after the other; says what was written when one of them fails.
    fn describe(&self, words: &DomainWords) -> Result<()> {
        let affect = match (self.state()?.0.is_active(), self.is_persistent()?) {
            (true, true) => Affect::Both,
            (true, false) => Affect::Live,
            (false, _) => Affect::Config,
        };
        let mut done: Vec<&str> = Vec::new();
        let texts = [
            ("title", virt_sys::VIR_DOMAIN_METADATA_TITLE, &words.title),
            (
                "description",
                virt_sys::VIR_DOMAIN_METADATA_DESCRIPTION,
                &words.description,
            ),
        ];
        for (name, kind, new) in texts {
            let Some(new) = new else { continue };
            self.set_text(kind, new, affect)
                .map_err(|error| so_far(error, name, &done))?;
            done.push(name);
        }
        if !words.of_ours() {
            return Ok(());
        }
        let ours = || {
            let (tags, notes) = self.own_metadata()?;
            let notes = words.notes.as_ref().unwrap_or(&notes);
            let element = crate::domxml::own_metadata(&words.tags(&tags), notes);
            let element = element.map(|element| text(&element)).transpose()?;
            let kind = virt_sys::VIR_DOMAIN_METADATA_ELEMENT;
            let names = (Some("virtty"), METADATA_NAMESPACE);
            self.set_metadata(kind, element.as_ref(), Some(names), affecting(affect))
        };
        ours().map_err(|error| so_far(error, "tags and notes", &done))
    }

    /// Metadata of a kind; an element has a prefix and a namespace.
    fn set_metadata(
        &self,
        kind: u32,
        new: Option<&CString>,
        names: Option<(Option<&str>, &str)>,
        flags: u32,
    ) -> Result<()> {
        let kind = i32::try_from(kind).unwrap_or(0);
        let new = new.map_or(ptr::null(), |new| new.as_ptr());
        let key = names.and_then(|(key, _)| key).map(text).transpose()?;
        let uri = names.map(|(_, uri)| text(uri)).transpose()?;
        let key = key.as_ref().map_or(ptr::null(), |key| key.as_ptr());
        let uri = uri.as_ref().map_or(ptr::null(), |uri| uri.as_ptr());
        // SAFETY: the handle is valid; texts are null or NUL-terminated, live until the call returns, and are copied.
        let result = self.meter().call("virDomainSetMetadata", || unsafe {
            virt_sys::virDomainSetMetadata(self.raw(), kind, new, key, uri, flags)
        });
        done(result)
    }
}

/// What failed, and what had been written before.
fn so_far(error: Error, what: &str, done: &[&str]) -> Error {
    if done.is_empty() {
        return error;
    }
    Error {
        message: format!("{what}: {} ({} written)", error.message, done.join(" and ")),
        ..error
    }
}

/// # Safety
/// `raw` is a valid domain.
unsafe fn undefine(raw: virt_sys::virDomainPtr, choice: &Undefine) -> i32 {
    let flags = match choice.nvram {
        NvramChoice::Unsaid => 0,
        NvramChoice::Delete => virt_sys::VIR_DOMAIN_UNDEFINE_NVRAM,
        NvramChoice::Keep => virt_sys::VIR_DOMAIN_UNDEFINE_KEEP_NVRAM,
    } | when(
        choice.managed_save,
        virt_sys::VIR_DOMAIN_UNDEFINE_MANAGED_SAVE,
    ) | when(
        choice.snapshots_metadata,
        virt_sys::VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA,
    ) | when(
        choice.checkpoints_metadata,
        virt_sys::VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA,
    );
    // SAFETY: by the contract of this function.
    unsafe { virt_sys::virDomainUndefineFlags(raw, flags) }
}

fn ask(mode: AskMode) -> u32 {
    // Both calls number them alike (virDomainShutdownFlagValues, virDomainRebootFlagValues).
    match mode {
        AskMode::Acpi => virt_sys::VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN,
        AskMode::Agent => virt_sys::VIR_DOMAIN_SHUTDOWN_GUEST_AGENT,
        AskMode::Initctl => virt_sys::VIR_DOMAIN_SHUTDOWN_INITCTL,
        AskMode::Signal => virt_sys::VIR_DOMAIN_SHUTDOWN_SIGNAL,
        AskMode::Paravirt => virt_sys::VIR_DOMAIN_SHUTDOWN_PARAVIRT,
    }
}

fn affecting(affect: Affect) -> u32 {
    match affect {
        Affect::Current => virt_sys::VIR_DOMAIN_AFFECT_CURRENT,
        Affect::Live => virt_sys::VIR_DOMAIN_AFFECT_LIVE,
        Affect::Config => virt_sys::VIR_DOMAIN_AFFECT_CONFIG,
        Affect::Both => virt_sys::VIR_DOMAIN_AFFECT_LIVE | virt_sys::VIR_DOMAIN_AFFECT_CONFIG,
    }
}

pub(super) fn when(wanted: bool, flag: u32) -> u32 {
    if wanted { flag } else { 0 }
}

pub(super) fn text(text: &str) -> Result<CString> {
    CString::new(text).map_err(|error| {
        Error::own(format!(
            "a NUL character at byte {} cannot be given to libvirt",
            error.nul_position()
        ))
    })
}

pub(super) fn done(result: i32) -> Result<()> {
    if result < 0 {
        return Err(Error::last());
    }
    Ok(())
}
