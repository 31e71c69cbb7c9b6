//! Disks of a domain: their layers, errors and limits, and the jobs that run on them.

use std::ffi::CString;
use std::ptr;

use super::events::text as copied;
use super::pins::bits;
use super::tune::List;
use super::verbs::{done, text, when};
use super::{Domain, Error, Result, Value, params};
use crate::model::{BlockJob, BlockJobKind, DiskError};
use crate::protocol::{Affect, Commit, DiskCopy};

/// Sizes of one layer of a disk, as libvirt's statistics tell them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LayerSizes {
    /// Target of the disk.
    pub disk: String,
    /// `backingIndex`: `source/@index` of the layer; the active one may have none.
    pub index: Option<u32>,
    /// Its path.
    pub path: Option<String>,
    /// `capacity`.
    pub capacity_bytes: Option<u64>,
    /// `allocation`: the highest offset written, of a file.
    pub allocation_bytes: Option<u64>,
    /// `physical`.
    pub physical_bytes: Option<u64>,
}

/// A job of a domain, by `virDomainGetJobStats`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JobStats {
    /// `virDomainJobType`; 0 is no job.
    pub kind: i32,
    /// What is told of it, name by name.
    pub fields: Vec<(String, u64)>,
}

impl JobStats {
    /// A field.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<u64> {
        let found = self.fields.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| *value)
    }
}

/// What is done with a device's XML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceChange {
    /// Plug it in.
    Attach,
    /// Pull it out.
    Detach,
    /// Change what may be changed of it.
    Update,
    /// The same, although the guest has locked the tray.
    ForceUpdate,
}

impl Domain {
    /// `virDomainListGetStats` of the disks with `BACKING`: the sizes of each layer.
    ///
    /// # Errors
    /// libvirt's own; hangs with the guest's monitor.
    pub fn layer_sizes(&self) -> Result<Vec<LayerSizes>> {
        let mut handles = [self.raw(), ptr::null_mut()];
        let mut records = ptr::null_mut();
        let flags = virt_sys::VIR_CONNECT_GET_ALL_DOMAINS_STATS_BACKING
            | virt_sys::VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT;
        // SAFETY: the list of handles ends with null, `records` is a place for the list.
        let count = self.meter().call("virDomainListGetStats", || unsafe {
            virt_sys::virDomainListGetStats(
                handles.as_mut_ptr(),
                virt_sys::VIR_DOMAIN_STATS_BLOCK,
                &raw mut records,
                flags,
            )
        });
        let Ok(count) = usize::try_from(count) else {
            return Err(Error::last());
        };
        let mut sizes = Vec::new();
        for index in 0..count {
            // SAFETY: libvirt filled `count` records, each with `nparams` parameters.
            let fields = unsafe {
                let record = &**records.add(index);
                params::slice(record.params, record.nparams)
            };
            for param in fields {
                if let Some(value) = params::value(param) {
                    take(&mut sizes, params::field(param), value);
                }
            }
        }
        // SAFETY: the list came from libvirt and is not used below.
        unsafe { virt_sys::virDomainStatsRecordListFree(records) };
        Ok(sizes)
    }

    /// `virDomainGetDiskErrors`: target and error of each disk that has one.
    ///
    /// # Errors
    /// libvirt's own; hangs with the guest's monitor.
    pub fn disk_errors(&self) -> Result<Vec<(String, DiskError)>> {
        const ROOM: usize = 256;
        let mut list = [virt_sys::virDomainDiskError {
            disk: ptr::null_mut(),
            error: 0,
        }; ROOM];
        // SAFETY: the handle is valid, the list has room for as many entries as are asked for.
        let count = self.meter().call("virDomainGetDiskErrors", || unsafe {
            virt_sys::virDomainGetDiskErrors(self.raw(), list.as_mut_ptr(), ROOM as u32, 0)
        });
        let count = usize::try_from(count).map_err(|_| Error::last())?;
        let mut found = Vec::new();
        for entry in list.iter().take(count) {
            let error = match u32::try_from(entry.error) {
                Ok(virt_sys::VIR_DOMAIN_DISK_ERROR_NO_SPACE) => DiskError::NoSpace,
                _ => DiskError::Unspecified,
            };
            found.push((copied(entry.disk), error));
            // SAFETY: libvirt allocated the name with malloc, and it is freed once, after it was copied.
            unsafe { libc::free(entry.disk.cast()) };
        }
        Ok(found)
    }

    /// `virDomainGetBlockJobInfo`; `None` when no job runs on the disk.
    ///
    /// # Errors
    /// libvirt's own; hangs with the guest's monitor where a job runs.
    pub fn block_job(&self, disk: &str) -> Result<Option<BlockJob>> {
        let disk = text(disk)?;
        let mut info = virt_sys::virDomainBlockJobInfo {
            type_: 0,
            bandwidth: 0,
            cur: 0,
            end: 0,
        };
        // SAFETY: the handle is valid, the name is NUL-terminated, `info` is a place of the right type.
        let result = self.meter().call("virDomainGetBlockJobInfo", || unsafe {
            virt_sys::virDomainGetBlockJobInfo(
                self.raw(),
                disk.as_ptr(),
                &raw mut info,
                virt_sys::VIR_DOMAIN_BLOCK_JOB_INFO_BANDWIDTH_BYTES,
            )
        });
        done(result)?;
        Ok((result > 0).then(|| BlockJob {
            kind: BlockJobKind::from_raw(info.type_),
            limit_bps: info.bandwidth,
            done: info.cur,
            end: info.end,
        }))
    }

    /// `virDomainGetJobInfo`: whether a job of the domain runs; one that does not is told without its monitor.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn has_job(&self) -> Result<bool> {
        // SAFETY: a structure of integers, for which zero is a value.
        let mut info: virt_sys::virDomainJobInfo = unsafe { std::mem::zeroed() };
        // SAFETY: the handle is valid, `info` is a place of the right type.
        done(self.meter().call("virDomainGetJobInfo", || unsafe {
            virt_sys::virDomainGetJobInfo(self.raw(), &raw mut info)
        }))?;
        Ok(matches!(
            u32::try_from(info.type_),
            Ok(virt_sys::VIR_DOMAIN_JOB_BOUNDED | virt_sys::VIR_DOMAIN_JOB_UNBOUNDED)
        ))
    }

    /// `virDomainGetJobStats` of the job that runs.
    ///
    /// # Errors
    /// libvirt's own; may hang with the guest's monitor.
    pub fn job_stats(&self) -> Result<JobStats> {
        self.stats_of_job(0)
    }

    /// `virDomainGetJobStats` of the job that has ended last, which others can ask for too afterwards.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn completed_job(&self) -> Result<JobStats> {
        self.stats_of_job(
            virt_sys::VIR_DOMAIN_JOB_STATS_COMPLETED
                | virt_sys::VIR_DOMAIN_JOB_STATS_KEEP_COMPLETED,
        )
    }

    fn stats_of_job(&self, flags: u32) -> Result<JobStats> {
        let (mut kind, mut list, mut count) = (0, ptr::null_mut(), 0);
        // SAFETY: the handle is valid, the places are written by libvirt.
        done(self.meter().call("virDomainGetJobStats", || unsafe {
            virt_sys::virDomainGetJobStats(
                self.raw(),
                &raw mut kind,
                &raw mut list,
                &raw mut count,
                flags,
            )
        }))?;
        // SAFETY: libvirt filled `count` parameters, freed right after they were copied.
        let fields = unsafe { params::slice(list, count) }
            .iter()
            .filter_map(|param| {
                let name = String::from_utf8_lossy(params::field(param)).into_owned();
                Some((name, params::value(param)?.as_u64()?))
            })
            .collect();
        // SAFETY: the list came from libvirt with this count and is not used below.
        unsafe { virt_sys::virTypedParamsFree(list, count) };
        Ok(JobStats { kind, fields })
    }

    /// `virDomainAbortJob`.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn abort_job(&self) -> Result<()> {
        // SAFETY: the handle is valid.
        done(self.meter().call("virDomainAbortJob", || unsafe {
            virt_sys::virDomainAbortJob(self.raw())
        }))
    }

    /// Plugs a device in or out, or changes it.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn change_device(&self, change: DeviceChange, xml: &str, affect: Affect) -> Result<()> {
        let (xml, raw, flags) = (text(xml)?, self.raw(), bits(affect));
        let force = virt_sys::VIR_DOMAIN_DEVICE_MODIFY_FORCE;
        let call = match change {
            DeviceChange::Attach => "virDomainAttachDeviceFlags",
            DeviceChange::Detach => "virDomainDetachDeviceFlags",
            DeviceChange::Update | DeviceChange::ForceUpdate => "virDomainUpdateDeviceFlags",
        };
        // SAFETY: the handle is valid, the XML is NUL-terminated and copied by libvirt.
        done(self.meter().call(call, || unsafe {
            let xml = xml.as_ptr();
            match change {
                DeviceChange::Attach => virt_sys::virDomainAttachDeviceFlags(raw, xml, flags),
                DeviceChange::Detach => virt_sys::virDomainDetachDeviceFlags(raw, xml, flags),
                DeviceChange::Update => virt_sys::virDomainUpdateDeviceFlags(raw, xml, flags),
                DeviceChange::ForceUpdate => {
                    virt_sys::virDomainUpdateDeviceFlags(raw, xml, flags | force)
                }
            }
        }))
    }

    /// `virDomainBlockResize`; without a size that of the device below.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn resize_disk(&self, disk: &str, bytes: Option<u64>) -> Result<()> {
        let disk = text(disk)?;
        let flags = virt_sys::VIR_DOMAIN_BLOCK_RESIZE_BYTES
            | when(bytes.is_none(), virt_sys::VIR_DOMAIN_BLOCK_RESIZE_CAPACITY);
        // SAFETY: the handle is valid, the name is NUL-terminated.
        done(self.meter().call("virDomainBlockResize", || unsafe {
            virt_sys::virDomainBlockResize(self.raw(), disk.as_ptr(), bytes.unwrap_or(0), flags)
        }))
    }

    /// `virDomainBlockCommit`.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn block_commit(&self, commit: &Commit) -> Result<()> {
        let disk = text(&commit.target)?;
        let (base, top) = (optional(&commit.base)?, optional(&commit.top)?);
        let flags = virt_sys::VIR_DOMAIN_BLOCK_COMMIT_BANDWIDTH_BYTES
            | when(commit.shallow, virt_sys::VIR_DOMAIN_BLOCK_COMMIT_SHALLOW)
            | when(commit.active, virt_sys::VIR_DOMAIN_BLOCK_COMMIT_ACTIVE)
            | when(commit.delete, virt_sys::VIR_DOMAIN_BLOCK_COMMIT_DELETE);
        // SAFETY: the handle is valid; the texts are null or NUL-terminated and copied by libvirt.
        done(self.meter().call("virDomainBlockCommit", || unsafe {
            virt_sys::virDomainBlockCommit(
                self.raw(),
                disk.as_ptr(),
                pointer(base.as_ref()),
                pointer(top.as_ref()),
                commit.limit_bps,
                flags,
            )
        }))
    }

    /// `virDomainBlockRebase`, which without a base is `virDomainBlockPull`.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn block_pull(&self, disk: &str, base: &Option<String>, limit_bps: u64) -> Result<()> {
        let (disk, base) = (text(disk)?, optional(base)?);
        let raw = self.raw();
        // SAFETY: the handle is valid; the texts are NUL-terminated and copied by libvirt.
        done(self.meter().call("virDomainBlockRebase", || unsafe {
            match &base {
                None => virt_sys::virDomainBlockPull(
                    raw,
                    disk.as_ptr(),
                    limit_bps,
                    virt_sys::VIR_DOMAIN_BLOCK_PULL_BANDWIDTH_BYTES,
                ),
                Some(base) => virt_sys::virDomainBlockRebase(
                    raw,
                    disk.as_ptr(),
                    base.as_ptr(),
                    limit_bps,
                    virt_sys::VIR_DOMAIN_BLOCK_REBASE_BANDWIDTH_BYTES,
                ),
            }
        }))
    }

    /// `virDomainBlockCopy` to what `xml` describes. A copy of a persistent domain's disk needs `transient`: a job that is not
    /// kept over a restart of the domain.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn block_copy(&self, copy: &DiskCopy, xml: &str, transient: bool) -> Result<()> {
        let (disk, xml) = (text(&copy.target)?, text(xml)?);
        let mut list = List::default();
        if copy.limit_bps > 0 {
            let limit = copy.limit_bps.to_string();
            list.add("bandwidth", &limit, virt_sys::VIR_TYPED_PARAM_ULLONG)?;
        }
        let (params, count) = list.raw();
        let flags = when(copy.shallow, virt_sys::VIR_DOMAIN_BLOCK_COPY_SHALLOW)
            | when(
                copy.reuse_external,
                virt_sys::VIR_DOMAIN_BLOCK_COPY_REUSE_EXT,
            )
            | when(transient, virt_sys::VIR_DOMAIN_BLOCK_COPY_TRANSIENT_JOB);
        // SAFETY: the handle is valid, the texts are NUL-terminated, `params` has `count` parameters that `list` owns.
        done(self.meter().call("virDomainBlockCopy", || unsafe {
            virt_sys::virDomainBlockCopy(
                self.raw(),
                disk.as_ptr(),
                xml.as_ptr(),
                params,
                count,
                flags,
            )
        }))
    }

    /// `virDomainBlockJobAbort`.
    ///
    /// # Errors
    /// libvirt's own, such as that the copy is not ready to pivot.
    pub fn end_block_job(&self, disk: &str, pivot: bool, in_background: bool) -> Result<()> {
        let disk = text(disk)?;
        let flags = when(pivot, virt_sys::VIR_DOMAIN_BLOCK_JOB_ABORT_PIVOT)
            | when(in_background, virt_sys::VIR_DOMAIN_BLOCK_JOB_ABORT_ASYNC);
        // SAFETY: the handle is valid, the name is NUL-terminated.
        done(self.meter().call("virDomainBlockJobAbort", || unsafe {
            virt_sys::virDomainBlockJobAbort(self.raw(), disk.as_ptr(), flags)
        }))
    }

    /// `virDomainBlockJobSetSpeed`.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn limit_block_job(&self, disk: &str, limit_bps: u64) -> Result<()> {
        let disk = text(disk)?;
        // SAFETY: the handle is valid, the name is NUL-terminated.
        done(self.meter().call("virDomainBlockJobSetSpeed", || unsafe {
            virt_sys::virDomainBlockJobSetSpeed(
                self.raw(),
                disk.as_ptr(),
                limit_bps,
                virt_sys::VIR_DOMAIN_BLOCK_JOB_SPEED_BANDWIDTH_BYTES,
            )
        }))
    }
}

fn optional(value: &Option<String>) -> Result<Option<CString>> {
    value.as_deref().map(text).transpose()
}

fn pointer(text: Option<&CString>) -> *const std::ffi::c_char {
    text.map_or(ptr::null(), |text| text.as_ptr())
}

/// Folds `block.N.FIELD` in.
fn take(sizes: &mut Vec<LayerSizes>, field: &[u8], value: Value) {
    /// Layers of all disks of a domain; a larger number is none.
    const MOST: usize = 4096;
    let Some(rest) = field.strip_prefix(b"block.") else {
        return;
    };
    let mut parts = rest.splitn(2, |byte| *byte == b'.');
    let number = parts.next().and_then(|part| std::str::from_utf8(part).ok());
    let number = number.and_then(|part| part.parse::<usize>().ok());
    let (Some(number), Some(name)) = (number.filter(|number| *number < MOST), parts.next()) else {
        return;
    };
    if sizes.len() <= number {
        sizes.resize_with(number + 1, LayerSizes::default);
    }
    let one = &mut sizes[number];
    match name {
        b"name" => one.disk = value.into_text(),
        b"path" => one.path = Some(value.into_text()),
        b"backingIndex" => one.index = value.as_u64().and_then(|index| index.try_into().ok()),
        b"capacity" => one.capacity_bytes = value.as_u64(),
        b"allocation" => one.allocation_bytes = value.as_u64(),
        b"physical" => one.physical_bytes = value.as_u64(),
        _ => {}
    }
}
