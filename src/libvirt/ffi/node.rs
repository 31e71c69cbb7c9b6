//! What libvirt says of the host itself: its memory, its pages, what it can run.

use std::ptr;

use super::{Connection, Error, Result, Value, params};

/// Cells and sizes that are asked for at most.
const MOST_CELLS: u32 = 1024;

/// Devices that are asked for at most: each costs a round trip.
const MOST_DEVICES: usize = 256;

impl Connection {
    /// `virNodeGetMemoryStats` of all cells, in KiB.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn node_memory_stats(&self) -> Result<Vec<(String, u64)>> {
        let mut count = 0;
        let all = virt_sys::VIR_NODE_MEMORY_STATS_ALL_CELLS;
        // SAFETY: the handle is valid; without an array libvirt tells how many there are.
        let result = self.meter().call("virNodeGetMemoryStats", || unsafe {
            virt_sys::virNodeGetMemoryStats(self.raw(), all, ptr::null_mut(), &raw mut count, 0)
        });
        if result < 0 {
            return Err(Error::last());
        }
        let room = usize::try_from(count).unwrap_or(0).min(256);
        // SAFETY: a field of zeroes is a valid one without a name.
        let mut fields: Vec<virt_sys::virNodeMemoryStats> =
            (0..room).map(|_| unsafe { std::mem::zeroed() }).collect();
        count = i32::try_from(room).unwrap_or(0);
        // SAFETY: the array has room for `count`.
        let result = self.meter().call("virNodeGetMemoryStats", || unsafe {
            virt_sys::virNodeGetMemoryStats(self.raw(), all, fields.as_mut_ptr(), &raw mut count, 0)
        });
        if result < 0 {
            return Err(Error::last());
        }
        let given = usize::try_from(count).unwrap_or(0).min(room);
        Ok(fields[..given]
            .iter()
            .map(|entry| {
                let name = entry.field.iter().map(|byte| byte.cast_unsigned());
                let name: Vec<u8> = name.take_while(|byte| *byte != 0).collect();
                (String::from_utf8_lossy(&name).into_owned(), entry.value)
            })
            .collect())
    }

    /// `virNodeGetFreeMemory`, in KiB.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn node_free_kib(&self) -> Result<u64> {
        // SAFETY: the handle is valid.
        let bytes = self.meter().call("virNodeGetFreeMemory", || unsafe {
            virt_sys::virNodeGetFreeMemory(self.raw())
        });
        // A host without any free byte is none: libvirt says 0 for a failure.
        match bytes {
            0 => Err(Error::last()),
            bytes => Ok(bytes >> 10),
        }
    }

    /// `virNodeGetCellsFreeMemory`: cell, free memory in KiB.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn cells_free_kib(&self, cells: u32) -> Result<Vec<(u32, u64)>> {
        let cells = cells.min(MOST_CELLS);
        let room = i32::try_from(cells).unwrap_or(0);
        if room == 0 {
            return Ok(Vec::new());
        }
        let mut free = vec![0_u64; cells as usize];
        // SAFETY: the handle is valid and the array has `room` entries.
        let told = self.meter().call("virNodeGetCellsFreeMemory", || unsafe {
            virt_sys::virNodeGetCellsFreeMemory(self.raw(), free.as_mut_ptr(), 0, room)
        });
        let told = usize::try_from(told).map_err(|_| Error::last())?;
        Ok((0..)
            .zip(free.iter().take(told).map(|bytes| bytes >> 10))
            .collect())
    }

    /// `virNodeGetCPUStats` of one CPU: busy and idle time in ns.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn node_cpu_times(&self, cpu: u32) -> Result<(u64, u64)> {
        let number = cpu.cast_signed();
        let mut count = 0;
        // SAFETY: the handle is valid; without an array libvirt tells how many there are.
        let result = self.meter().call("virNodeGetCPUStats", || unsafe {
            virt_sys::virNodeGetCPUStats(self.raw(), number, ptr::null_mut(), &raw mut count, 0)
        });
        if result < 0 {
            return Err(Error::last());
        }
        let room = usize::try_from(count).unwrap_or(0).min(64);
        // SAFETY: a field of zeroes is a valid one without a name.
        let mut fields: Vec<virt_sys::virNodeCPUStats> =
            (0..room).map(|_| unsafe { std::mem::zeroed() }).collect();
        count = i32::try_from(room).unwrap_or(0);
        // SAFETY: the array has room for `count`.
        let result = self.meter().call("virNodeGetCPUStats", || unsafe {
            virt_sys::virNodeGetCPUStats(self.raw(), number, fields.as_mut_ptr(), &raw mut count, 0)
        });
        if result < 0 {
            return Err(Error::last());
        }
        let (mut busy, mut idle) = (0_u64, 0_u64);
        for entry in fields.iter().take(usize::try_from(count).unwrap_or(0)) {
            let name = entry.field.iter().map(|byte| byte.cast_unsigned());
            let name: Vec<u8> = name.take_while(|byte| *byte != 0).collect();
            match name.as_slice() {
                b"kernel" | b"user" | b"intr" => busy = busy.saturating_add(entry.value),
                b"idle" | b"iowait" => idle = idle.saturating_add(entry.value),
                _ => {}
            }
        }
        Ok((busy, idle))
    }

    /// `virNodeGetMemoryParameters`: `shm_pages_to_scan` and the like.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn node_memory_parameters(&self) -> Result<Vec<(String, u64)>> {
        let mut count = 0;
        // SAFETY: the handle is valid; without an array libvirt tells how many there are.
        let result = self.meter().call("virNodeGetMemoryParameters", || unsafe {
            virt_sys::virNodeGetMemoryParameters(self.raw(), ptr::null_mut(), &raw mut count, 0)
        });
        if result < 0 {
            return Err(Error::last());
        }
        let room = usize::try_from(count).unwrap_or(0).min(256);
        // SAFETY: a parameter of zeroes is a valid one without a type.
        let mut fields: Vec<virt_sys::virTypedParameter> =
            (0..room).map(|_| unsafe { std::mem::zeroed() }).collect();
        count = i32::try_from(room).unwrap_or(0);
        // SAFETY: the array has room for `count`.
        let result = self.meter().call("virNodeGetMemoryParameters", || unsafe {
            virt_sys::virNodeGetMemoryParameters(self.raw(), fields.as_mut_ptr(), &raw mut count, 0)
        });
        if result < 0 {
            return Err(Error::last());
        }
        let given = usize::try_from(count).unwrap_or(0).min(room);
        Ok(fields[..given]
            .iter()
            .filter_map(|field| {
                let name = String::from_utf8_lossy(params::field(field)).into_owned();
                Some((name, params::value(field).as_ref().and_then(Value::as_u64)?))
            })
            .collect())
    }

    /// `virNodeSetMemoryParameters` of one number.
    ///
    /// # Errors
    /// libvirt's own, such as that the connection is read-only.
    pub fn set_node_memory_parameter(&self, name: &str, value: u32) -> Result<()> {
        // SAFETY: a parameter of zeroes is a valid one without a type; its name is filled below and stays terminated.
        let mut field: virt_sys::virTypedParameter = unsafe { std::mem::zeroed() };
        for (place, byte) in field.field.iter_mut().take(79).zip(name.bytes()) {
            *place = byte.cast_signed();
        }
        field.type_ = virt_sys::VIR_TYPED_PARAM_UINT.cast_signed();
        field.value.ui = value;
        // SAFETY: the handle is valid, libvirt reads one parameter.
        let result = self.meter().call("virNodeSetMemoryParameters", || unsafe {
            virt_sys::virNodeSetMemoryParameters(self.raw(), &raw mut field, 1, 0)
        });
        if result < 0 {
            Err(Error::last())
        } else {
            Ok(())
        }
    }

    /// XML of the node devices that hold blocks; those that vanish meanwhile are left out.
    ///
    /// # Errors
    /// libvirt's own, such as that the driver knows none.
    pub fn block_devices(&self) -> Result<Vec<String>> {
        let handle = self.handle()?;
        let meter = self.meter();
        let flags = virt_sys::VIR_CONNECT_LIST_NODE_DEVICES_CAP_STORAGE;
        let devices = meter.call("virConnectListAllNodeDevices", || {
            handle.list_all_node_devices(flags)
        });
        let devices = devices.map_err(|_| Error::last())?;
        let xmls = devices.iter().take(MOST_DEVICES).filter_map(|device| {
            meter
                .call("virNodeDeviceGetXMLDesc", || device.xml_desc(0))
                .ok()
        });
        Ok(xmls.collect())
    }

    /// `virNodeGetFreePages`: for each of `cells` and each of `sizes` in KiB how many pages are free.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn free_pages(&self, cells: u32, sizes: &[u32]) -> Result<Vec<(u32, u32, u64)>> {
        let cells = cells.min(MOST_CELLS);
        let mut sizes = sizes.to_vec();
        let (Ok(kinds), Ok(many)) = (u32::try_from(sizes.len()), i32::try_from(cells)) else {
            return Ok(Vec::new());
        };
        if kinds == 0 || cells == 0 {
            return Ok(Vec::new());
        }
        let mut counts = vec![0_u64; sizes.len() * cells as usize];
        // SAFETY: `sizes` has `kinds` entries, `counts` room for each of them and each cell.
        let result = self.meter().call("virNodeGetFreePages", || unsafe {
            virt_sys::virNodeGetFreePages(
                self.raw(),
                kinds,
                sizes.as_mut_ptr(),
                0,
                many.cast_unsigned(),
                counts.as_mut_ptr(),
                0,
            )
        });
        if result < 0 {
            return Err(Error::last());
        }
        let mut found = Vec::new();
        for (cell, of_cell) in (0..cells).zip(counts.chunks(sizes.len())) {
            found.extend(
                sizes
                    .iter()
                    .zip(of_cell)
                    .map(|(size, free)| (cell, *size, *free)),
            );
        }
        Ok(found)
    }
}
