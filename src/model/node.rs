//! The host of a connection.

use std::time::Instant;

/// `virNodeGetInfo`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NodeInfo {
    /// CPU model string, such as `x86_64`.
    pub model: String,
    /// Physical memory in KiB.
    pub memory_kib: u64,
    /// Logical CPUs.
    pub cpus: u32,
    /// CPU frequency in MHz; 0 when libvirt does not know.
    pub mhz: u32,
    /// NUMA cells.
    pub nodes: u32,
    /// Sockets per cell.
    pub sockets: u32,
    /// Cores per socket.
    pub cores: u32,
    /// Threads per core.
    pub threads: u32,
    /// Host name (`virConnectGetHostname`).
    pub hostname: Option<String>,
}

/// Counters of the host at one moment (`virNodeGetCPUStats`, `virNodeGetMemoryStats`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeSample {
    /// When it was read.
    pub at: Instant,
    /// Busy time of all CPUs in ns (kernel + user), cumulative.
    pub cpu_busy_ns: Option<u64>,
    /// Idle and I/O-wait time of all CPUs in ns, cumulative.
    pub cpu_idle_ns: Option<u64>,
    /// Memory in KiB.
    pub memory_total_kib: Option<u64>,
    /// Free memory in KiB.
    pub memory_free_kib: Option<u64>,
    /// Buffers and page cache in KiB.
    pub memory_cached_kib: Option<u64>,
}
