//! Statistics: bulk and for one domain, and of the host.

use std::ffi::{CString, c_int, c_uint};
use std::ptr;
use std::time::{Duration, Instant};

use super::counters::{Counters, Reading};
use super::domain::uuid_of;
use super::{Connection, Domain, Error, Filter, Result, params};
use crate::model::{BalloonSample, BlockSample, NetSample, NodeSample};

/// Groups of counters: bits of `virDomainStatsTypes`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Groups(c_uint);

impl Groups {
    /// What the daemon answers without asking the guest's monitor, whatever hangs.
    pub const CHEAP: Self =
        Self(virt_sys::VIR_DOMAIN_STATS_STATE | virt_sys::VIR_DOMAIN_STATS_INTERFACE);
    /// What asks the guest's monitor and hangs with it; and the state, by which the counters are judged. Not the
    /// interfaces: they come with the cheap ones, and two reads at almost the same moment make no rate.
    pub const MONITOR: Self = Self(
        virt_sys::VIR_DOMAIN_STATS_STATE
            | virt_sys::VIR_DOMAIN_STATS_CPU_TOTAL
            | virt_sys::VIR_DOMAIN_STATS_BALLOON
            | virt_sys::VIR_DOMAIN_STATS_VCPU
            | virt_sys::VIR_DOMAIN_STATS_BLOCK,
    );
    /// Both.
    pub const ALL: Self = Self(Self::CHEAP.0 | Self::MONITOR.0);
}

/// `virDomainGetControlInfo`: what a domain's monitor is busy with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// `VIR_DOMAIN_CONTROL_OK`.
    Free,
    /// `VIR_DOMAIN_CONTROL_JOB`: a long job runs (migration, backup).
    Job,
    /// `VIR_DOMAIN_CONTROL_OCCUPIED`: a command is in the monitor, since so long.
    Occupied(Duration),
    /// `VIR_DOMAIN_CONTROL_ERROR`, or a state newer than this program.
    Broken,
}

/// How many parameters the host's figures have, learned at the first read so that later ones are one round trip each.
#[derive(Debug, Default)]
pub struct NodeReader {
    cpu: Shape,
    memory: Shape,
}

#[derive(Debug, Default, Clone, Copy)]
enum Shape {
    #[default]
    Unknown,
    Fields(c_int),
    /// The driver does not tell.
    Absent,
}

impl Connection {
    /// `virConnectGetAllDomainStats` with NOWAIT of the domains that `filter` leaves (its lower eight bits).
    ///
    /// # Errors
    /// libvirt's own; unsupported where the driver has no bulk statistics.
    pub fn stats(&self, groups: Groups, filter: Filter) -> Result<Vec<Reading>> {
        let flags = filter.bits() | virt_sys::VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT;
        let mut records = ptr::null_mut();
        // SAFETY: the connection is valid, `records` is a place for the list.
        let count = self.meter().call("virConnectGetAllDomainStats", || unsafe {
            virt_sys::virConnectGetAllDomainStats(self.raw(), groups.0, &raw mut records, flags)
        });
        // SAFETY: count and list are those of the call just made.
        unsafe { readings(records, count) }
    }

    /// Whether the driver gives these groups. Asks for the domains that are running and shut off at once, of which
    /// there are none, so that no monitor is asked.
    pub fn gives(&self, groups: Groups) -> bool {
        let flags = virt_sys::VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE
            | virt_sys::VIR_CONNECT_GET_ALL_DOMAINS_STATS_SHUTOFF
            | virt_sys::VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT
            | virt_sys::VIR_CONNECT_GET_ALL_DOMAINS_STATS_ENFORCE_STATS;
        let mut records = ptr::null_mut();
        // SAFETY: as in `stats`.
        let count = self.meter().call("virConnectGetAllDomainStats", || unsafe {
            virt_sys::virConnectGetAllDomainStats(self.raw(), groups.0, &raw mut records, flags)
        });
        // SAFETY: as in `stats`.
        unsafe { readings(records, count) }.is_ok()
    }

    /// `virDomainListGetStats` with NOWAIT: the monitor groups of these domains of this connection, in one round trip. Hangs
    /// as long as the monitor of one of them does, unless another call hangs in it already.
    ///
    /// # Errors
    /// libvirt's own. A domain that is gone is no error, it is left out.
    pub fn list_stats(&self, domains: &[Domain]) -> Result<Vec<Reading>> {
        if domains.is_empty() {
            return Ok(Vec::new());
        }
        debug_assert!(
            domains
                .iter()
                .all(|domain| domain.connection().raw() == self.raw())
        );
        let mut handles: Vec<_> = domains.iter().map(Domain::raw).collect();
        handles.push(ptr::null_mut());
        let mut records = ptr::null_mut();
        // SAFETY: the handles live as long as `domains`, the list of them ends with null, `records` is a place.
        let count = self.meter().call("virDomainListGetStats", || unsafe {
            virt_sys::virDomainListGetStats(
                handles.as_mut_ptr(),
                Groups::MONITOR.0,
                &raw mut records,
                virt_sys::VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT,
            )
        });
        // SAFETY: as in `stats`.
        unsafe { readings(records, count) }
    }

    /// `virNodeGetCPUStats` and `virNodeGetMemoryStats` of all CPUs and cells; `None` when the driver has neither.
    pub fn node_sample(&self, reader: &mut NodeReader) -> Option<NodeSample> {
        let mut sample = NodeSample {
            at: Instant::now(),
            cpu_busy_ns: None,
            cpu_idle_ns: None,
            memory_total_kib: None,
            memory_free_kib: None,
            memory_cached_kib: None,
        };
        let cpu = self.node_cpu(&mut reader.cpu, &mut sample);
        let memory = self.node_memory(&mut reader.memory, &mut sample);
        (cpu || memory).then_some(sample)
    }

    fn node_cpu(&self, shape: &mut Shape, sample: &mut NodeSample) -> bool {
        let fields = read_fields(shape, |fields: *mut virt_sys::virNodeCPUStats, count| {
            // SAFETY: the connection is valid; `fields` is null or has room for `count`.
            self.meter().call("virNodeGetCPUStats", || unsafe {
                virt_sys::virNodeGetCPUStats(
                    self.raw(),
                    virt_sys::VIR_NODE_CPU_STATS_ALL_CPUS,
                    fields,
                    count,
                    0,
                )
            })
        });
        for entry in fields.iter().flatten() {
            let total = match name_of(&entry.field) {
                b"kernel" | b"user" | b"intr" => &mut sample.cpu_busy_ns,
                b"idle" | b"iowait" => &mut sample.cpu_idle_ns,
                _ => continue,
            };
            *total = Some(total.unwrap_or(0).saturating_add(entry.value));
        }
        sample.at = Instant::now();
        fields.is_some()
    }

    fn node_memory(&self, shape: &mut Shape, sample: &mut NodeSample) -> bool {
        let fields = read_fields(shape, |fields: *mut virt_sys::virNodeMemoryStats, count| {
            // SAFETY: the connection is valid; `fields` is null or has room for `count`.
            self.meter().call("virNodeGetMemoryStats", || unsafe {
                virt_sys::virNodeGetMemoryStats(
                    self.raw(),
                    virt_sys::VIR_NODE_MEMORY_STATS_ALL_CELLS,
                    fields,
                    count,
                    0,
                )
            })
        });
        for entry in fields.iter().flatten() {
            match name_of(&entry.field) {
                b"total" => sample.memory_total_kib = Some(entry.value),
                b"free" => sample.memory_free_kib = Some(entry.value),
                b"buffers" | b"cached" => {
                    let cached = sample.memory_cached_kib.get_or_insert(0);
                    *cached = cached.saturating_add(entry.value);
                }
                _ => {}
            }
        }
        fields.is_some()
    }
}

/// Calls libvirt for its fields, once more for their number when that is not known yet.
fn read_fields<T>(shape: &mut Shape, call: impl Fn(*mut T, *mut c_int) -> c_int) -> Option<Vec<T>> {
    if let Shape::Unknown = shape {
        let mut count = 0;
        let result = call(ptr::null_mut(), &raw mut count);
        *shape = match result {
            0 if count > 0 => Shape::Fields(count),
            0 => Shape::Absent,
            _ if Error::last().is_of_transport() => Shape::Unknown,
            _ => Shape::Absent,
        };
    }
    let Shape::Fields(known) = *shape else {
        return None;
    };
    let mut count = known;
    let mut fields: Vec<T> = Vec::with_capacity(usize::try_from(known).ok()?);
    if call(fields.as_mut_ptr(), &raw mut count) < 0 {
        return None;
    }
    let filled = usize::try_from(count.min(known)).ok()?;
    // SAFETY: libvirt filled `count` fields, for which there was room; it clears the array before.
    unsafe { fields.set_len(filled) };
    Some(fields)
}

/// The name in a fixed field, up to its NUL.
fn name_of(field: &[std::ffi::c_char; 80]) -> &[u8] {
    // SAFETY: c_char and u8 have the same size and validity.
    let bytes = unsafe { &*ptr::from_ref(field).cast::<[u8; 80]>() };
    let end = bytes
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(bytes.len());
    &bytes[..end]
}

/// Copies a list of records and frees it.
///
/// # Safety
/// `records` holds `count` valid records of libvirt's, or `count` is negative; the list is not used afterwards.
unsafe fn readings(
    records: *mut virt_sys::virDomainStatsRecordPtr,
    count: c_int,
) -> Result<Vec<Reading>> {
    let Ok(count) = usize::try_from(count) else {
        return Err(Error::last());
    };
    let at = Instant::now();
    let mut found = Vec::with_capacity(count);
    for index in 0..count {
        // SAFETY: by the contract of this function; each record owns its domain and `nparams` parameters.
        let (domain, fields) = unsafe {
            let record = &**records.add(index);
            (record.dom, params::slice(record.params, record.nparams))
        };
        let mut counters = Counters::default();
        for param in fields {
            counters.take(params::field(param), || params::value(param));
        }
        if let Ok(uuid) = uuid_of(domain) {
            found.push(counters.finish(uuid, at));
        }
    }
    // SAFETY: the list came from libvirt and is not used below; it frees records, parameters and domains.
    unsafe { virt_sys::virDomainStatsRecordListFree(records) };
    Ok(found)
}

impl Domain {
    /// `virDomainListGetStats` of this domain with NOWAIT: all that libvirt counts of it, by libvirt's own names, as text.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn all_stats(&self) -> Result<Vec<(String, String)>> {
        let mut handles = [self.raw(), ptr::null_mut()];
        let mut records = ptr::null_mut();
        // SAFETY: the handle is valid, the list ends with null, `records` is a place for the answer.
        let count = self.meter().call("virDomainListGetStats", || unsafe {
            virt_sys::virDomainListGetStats(
                handles.as_mut_ptr(),
                0,
                &raw mut records,
                virt_sys::VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT,
            )
        });
        let Ok(count) = usize::try_from(count) else {
            return Err(Error::last());
        };
        let mut found = Vec::new();
        for index in 0..count {
            // SAFETY: the list holds `count` records, each with `nparams` parameters.
            let fields = unsafe {
                let record = &**records.add(index);
                params::slice(record.params, record.nparams)
            };
            for param in fields {
                let name = String::from_utf8_lossy(params::field(param)).into_owned();
                found.extend(params::value(param).map(|value| (name, value.into_text())));
            }
        }
        // SAFETY: the list came from libvirt and is not used below.
        unsafe { virt_sys::virDomainStatsRecordListFree(records) };
        Ok(found)
    }

    /// `virDomainGetVcpusFlags`: virtual CPUs that it may have, or has; of the running domain, or from its next start on.
    ///
    /// # Errors
    /// libvirt's own; invalid for the running one of a domain that is off.
    pub fn vcpu_count(&self, maximum: bool, live: bool) -> Result<u32> {
        let flags = [
            (maximum, virt_sys::VIR_DOMAIN_VCPU_MAXIMUM),
            (live, virt_sys::VIR_DOMAIN_AFFECT_LIVE),
            (!live, virt_sys::VIR_DOMAIN_AFFECT_CONFIG),
        ];
        let flags = flags
            .iter()
            .filter(|(on, _)| *on)
            .map(|(_, flag)| flag)
            .sum();
        // SAFETY: the handle is valid.
        let count = self.meter().call("virDomainGetVcpusFlags", || unsafe {
            virt_sys::virDomainGetVcpusFlags(self.raw(), flags)
        });
        u32::try_from(count).map_err(|_| Error::last())
    }

    /// `virDomainGetControlInfo`: answers at once, whatever the monitor does.
    ///
    /// # Errors
    /// libvirt's own; unsupported by drivers without a monitor, invalid for a domain that does not run.
    pub fn control(&self) -> Result<Control> {
        let mut info = virt_sys::virDomainControlInfo {
            state: 0,
            details: 0,
            stateTime: 0,
        };
        // SAFETY: the handle is valid, `info` is a place of the right type.
        let result = self.meter().call("virDomainGetControlInfo", || unsafe {
            virt_sys::virDomainGetControlInfo(self.raw(), &raw mut info, 0)
        });
        if result < 0 {
            return Err(Error::last());
        }
        Ok(match info.state {
            virt_sys::VIR_DOMAIN_CONTROL_OK => Control::Free,
            virt_sys::VIR_DOMAIN_CONTROL_JOB => Control::Job,
            virt_sys::VIR_DOMAIN_CONTROL_OCCUPIED => {
                Control::Occupied(Duration::from_millis(info.stateTime))
            }
            _ => Control::Broken,
        })
    }

    /// `virDomainBlockStats` of one disk by its target name.
    ///
    /// # Errors
    /// libvirt's own; a NUL in the name.
    pub fn block_sample(&self, target: &str) -> Result<BlockSample> {
        let path = c_text(target)?;
        let mut raw = virt_sys::virDomainBlockStatsStruct {
            rd_req: -1,
            rd_bytes: -1,
            wr_req: -1,
            wr_bytes: -1,
            errs: -1,
        };
        // SAFETY: the handle is valid, the name ends with NUL, `raw` is a place of the given size.
        let result = self.meter().call("virDomainBlockStats", || unsafe {
            virt_sys::virDomainBlockStats(
                self.raw(),
                path.as_ptr(),
                &raw mut raw,
                size_of_val(&raw),
            )
        });
        if result < 0 {
            return Err(Error::last());
        }
        // libvirt marks what it does not know by -1.
        let known = |value: i64| u64::try_from(value).ok();
        Ok(BlockSample {
            name: target.to_owned(),
            read_bytes: known(raw.rd_bytes),
            read_requests: known(raw.rd_req),
            write_bytes: known(raw.wr_bytes),
            write_requests: known(raw.wr_req),
            ..BlockSample::default()
        })
    }

    /// `virDomainInterfaceStats` of one NIC by its device on the host.
    ///
    /// # Errors
    /// libvirt's own; a NUL in the name.
    pub fn net_sample(&self, device: &str) -> Result<NetSample> {
        let path = c_text(device)?;
        let mut raw = virt_sys::virDomainInterfaceStatsStruct {
            rx_bytes: -1,
            rx_packets: -1,
            rx_errs: -1,
            rx_drop: -1,
            tx_bytes: -1,
            tx_packets: -1,
            tx_errs: -1,
            tx_drop: -1,
        };
        // SAFETY: the handle is valid, the name ends with NUL, `raw` is a place of the given size.
        let result = self.meter().call("virDomainInterfaceStats", || unsafe {
            virt_sys::virDomainInterfaceStats(
                self.raw(),
                path.as_ptr(),
                &raw mut raw,
                size_of_val(&raw),
            )
        });
        if result < 0 {
            return Err(Error::last());
        }
        let known = |value: i64| u64::try_from(value).ok();
        Ok(NetSample {
            name: device.to_owned(),
            rx_bytes: known(raw.rx_bytes),
            rx_packets: known(raw.rx_packets),
            rx_errors: known(raw.rx_errs),
            rx_drops: known(raw.rx_drop),
            tx_bytes: known(raw.tx_bytes),
            tx_packets: known(raw.tx_packets),
            tx_errors: known(raw.tx_errs),
            tx_drops: known(raw.tx_drop),
        })
    }

    /// `virDomainMemoryStats`.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn balloon_sample(&self) -> Result<BalloonSample> {
        const ROOM: c_uint = virt_sys::VIR_DOMAIN_MEMORY_STAT_NR;
        let mut raw = [virt_sys::virDomainMemoryStatStruct { tag: 0, val: 0 }; ROOM as usize];
        // SAFETY: the handle is valid, `raw` has room for as many entries as are asked for.
        let count = self.meter().call("virDomainMemoryStats", || unsafe {
            virt_sys::virDomainMemoryStats(self.raw(), raw.as_mut_ptr(), ROOM, 0)
        });
        let count = usize::try_from(count).map_err(|_| Error::last())?;
        let mut sample = BalloonSample::default();
        for entry in raw.iter().take(count) {
            let place = match c_uint::try_from(entry.tag) {
                Ok(virt_sys::VIR_DOMAIN_MEMORY_STAT_SWAP_IN) => &mut sample.swap_in_kib,
                Ok(virt_sys::VIR_DOMAIN_MEMORY_STAT_SWAP_OUT) => &mut sample.swap_out_kib,
                Ok(virt_sys::VIR_DOMAIN_MEMORY_STAT_UNUSED) => &mut sample.unused_kib,
                Ok(virt_sys::VIR_DOMAIN_MEMORY_STAT_AVAILABLE) => &mut sample.available_kib,
                Ok(virt_sys::VIR_DOMAIN_MEMORY_STAT_ACTUAL_BALLOON) => &mut sample.current_kib,
                Ok(virt_sys::VIR_DOMAIN_MEMORY_STAT_RSS) => &mut sample.rss_kib,
                Ok(virt_sys::VIR_DOMAIN_MEMORY_STAT_USABLE) => &mut sample.usable_kib,
                Ok(virt_sys::VIR_DOMAIN_MEMORY_STAT_LAST_UPDATE) => &mut sample.last_update,
                _ => continue,
            };
            *place = Some(entry.val);
        }
        Ok(sample)
    }
}

fn c_text(text: &str) -> Result<CString> {
    CString::new(text).map_err(|_| Error::own("the name contains a NUL byte"))
}
