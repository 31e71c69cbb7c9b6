//! Limits and shares of a domain, by libvirt's typed parameters.

use std::ffi::CString;
use std::ptr;

use super::params::{field, value};
use super::pins::{bits, done};
use super::{Domain, Error, Result};
use crate::protocol::{Affect, Tuned};

impl Domain {
    /// Sets parameters by the call of their set.
    ///
    /// # Errors
    /// libvirt's own, or that there is nothing to set.
    pub fn tune(&self, set: &Tuned, values: &[(String, String)], affect: Affect) -> Result<()> {
        if values.is_empty() {
            return Err(Error::own("nothing to set is named"));
        }
        let mut list = List::default();
        for (name, value) in values {
            list.add(name, value, kind(set, name))?;
        }
        let (raw, params, count, flags) = (self.raw(), list.params, list.count, bits(affect));
        let device = match set {
            Tuned::Disk(name) | Tuned::Interface(name) => text(name)?,
            _ => CString::default(),
        };
        let call = match set {
            Tuned::Scheduler => "virDomainSetSchedulerParametersFlags",
            Tuned::Numa => "virDomainSetNumaParameters",
            Tuned::Blkio => "virDomainSetBlkioParameters",
            Tuned::Memory => "virDomainSetMemoryParameters",
            Tuned::Disk(_) => "virDomainSetBlockIoTune",
            Tuned::Interface(_) => "virDomainSetInterfaceParameters",
        };
        // SAFETY: the handle is valid, `params` has `count` parameters that `list` owns, `device` is NUL-terminated.
        done(self.meter().call(call, || unsafe {
            match set {
                Tuned::Scheduler => {
                    virt_sys::virDomainSetSchedulerParametersFlags(raw, params, count, flags)
                }
                Tuned::Numa => virt_sys::virDomainSetNumaParameters(raw, params, count, flags),
                Tuned::Blkio => virt_sys::virDomainSetBlkioParameters(raw, params, count, flags),
                Tuned::Memory => virt_sys::virDomainSetMemoryParameters(raw, params, count, flags),
                Tuned::Disk(_) => {
                    virt_sys::virDomainSetBlockIoTune(raw, device.as_ptr(), params, count, flags)
                }
                Tuned::Interface(_) => virt_sys::virDomainSetInterfaceParameters(
                    raw,
                    device.as_ptr(),
                    params,
                    count,
                    flags,
                ),
            }
        }))
    }
}

/// Parameters of one set at most.
const MOST: i32 = 256;

impl Domain {
    /// Reads the parameters of a set, as texts that [`Self::tune`] takes.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn tuned(&self, set: &Tuned, affect: Affect) -> Result<Vec<(String, String)>> {
        let device = match set {
            Tuned::Disk(name) | Tuned::Interface(name) => text(name)?,
            _ => CString::default(),
        };
        // Texts are left out for callers that do not say they know them.
        let flags = bits(affect) | virt_sys::VIR_TYPED_PARAM_STRING_OKAY;
        let mut count = match set {
            Tuned::Scheduler => self.scheduler_parameters()?,
            _ => 0,
        };
        if count == 0 {
            self.read_set(set, &device, &mut Vec::new(), &mut count, flags)?;
        }
        count = count.clamp(0, MOST);
        let room = usize::try_from(count).unwrap_or(0);
        // SAFETY: a parameter of zeroes is a valid one without a type.
        let mut fields: Vec<virt_sys::virTypedParameter> =
            (0..room).map(|_| unsafe { std::mem::zeroed() }).collect();
        self.read_set(set, &device, &mut fields, &mut count, flags)?;
        let given = usize::try_from(count).unwrap_or(0).min(room);
        let found = fields[..given]
            .iter()
            .filter_map(|one| {
                let name = String::from_utf8_lossy(field(one)).into_owned();
                Some((name, value(one)?.into_text()))
            })
            .collect();
        let length = i32::try_from(given).unwrap_or(0);
        // SAFETY: libvirt filled the first `length` of them; their texts are copied above and are libvirt's to free.
        unsafe { virt_sys::virTypedParamsClear(fields.as_mut_ptr(), length) };
        Ok(found)
    }

    fn scheduler_parameters(&self) -> Result<i32> {
        let mut count = 0;
        // SAFETY: the handle is valid; libvirt allocates the name.
        let name = self.meter().call("virDomainGetSchedulerType", || unsafe {
            virt_sys::virDomainGetSchedulerType(self.raw(), &raw mut count)
        });
        if name.is_null() {
            return Err(Error::last());
        }
        // SAFETY: the name is libvirt's own, allocated for the caller, and not used again.
        unsafe { libc::free(name.cast()) };
        Ok(count)
    }

    /// One call; without room libvirt tells how many there are.
    fn read_set(
        &self,
        set: &Tuned,
        device: &CString,
        fields: &mut Vec<virt_sys::virTypedParameter>,
        count: &mut i32,
        flags: u32,
    ) -> Result<()> {
        let params = match fields.is_empty() {
            true => ptr::null_mut(),
            false => fields.as_mut_ptr(),
        };
        let count = std::ptr::from_mut(count);
        let (raw, device) = (self.raw(), device.as_ptr());
        // SAFETY: the handle is valid, `params` is null or has room for `count`, `device` is NUL-terminated.
        done(self.meter().call("virDomainGetBlockIoTune", || unsafe {
            match set {
                Tuned::Scheduler => {
                    virt_sys::virDomainGetSchedulerParametersFlags(raw, params, count, flags)
                }
                Tuned::Numa => virt_sys::virDomainGetNumaParameters(raw, params, count, flags),
                Tuned::Blkio => virt_sys::virDomainGetBlkioParameters(raw, params, count, flags),
                Tuned::Memory => virt_sys::virDomainGetMemoryParameters(raw, params, count, flags),
                Tuned::Disk(_) => {
                    virt_sys::virDomainGetBlockIoTune(raw, device, params, count, flags)
                }
                Tuned::Interface(_) => {
                    virt_sys::virDomainGetInterfaceParameters(raw, device, params, count, flags)
                }
            }
        }))
    }
}

/// The type that libvirt wants of a parameter.
fn kind(set: &Tuned, name: &str) -> u32 {
    match set {
        Tuned::Scheduler if name.ends_with("_quota") => virt_sys::VIR_TYPED_PARAM_LLONG,
        Tuned::Scheduler | Tuned::Disk(_) | Tuned::Memory => virt_sys::VIR_TYPED_PARAM_ULLONG,
        Tuned::Numa if name == "numa_mode" => virt_sys::VIR_TYPED_PARAM_INT,
        Tuned::Numa => virt_sys::VIR_TYPED_PARAM_STRING,
        Tuned::Blkio | Tuned::Interface(_) => virt_sys::VIR_TYPED_PARAM_UINT,
    }
}

fn text(text: &str) -> Result<CString> {
    CString::new(text).map_err(|_| Error::own("a value contains a NUL byte"))
}

/// A list of parameters that libvirt allocates.
pub(super) struct List {
    params: *mut virt_sys::virTypedParameter,
    count: i32,
    room: i32,
}

impl Default for List {
    fn default() -> Self {
        Self {
            params: ptr::null_mut(),
            count: 0,
            room: 0,
        }
    }
}

impl List {
    /// The parameters and how many there are; they live as long as the list.
    pub(super) fn raw(&self) -> (*mut virt_sys::virTypedParameter, i32) {
        (self.params, self.count)
    }

    pub(super) fn add(&mut self, name: &str, value: &str, kind: u32) -> Result<()> {
        let (name, value) = (text(name)?, text(value)?);
        // SAFETY: the list is libvirt's own or empty; both texts are NUL-terminated and copied.
        done(unsafe {
            virt_sys::virTypedParamsAddFromString(
                &raw mut self.params,
                &raw mut self.count,
                &raw mut self.room,
                name.as_ptr(),
                kind.cast_signed(),
                value.as_ptr(),
            )
        })
    }
}

impl Drop for List {
    fn drop(&mut self) {
        // SAFETY: the list is libvirt's own or null, and not used again.
        unsafe { virt_sys::virTypedParamsFree(self.params, self.count) };
    }
}
