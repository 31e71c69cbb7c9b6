//! Limits and shares of a domain, by libvirt's typed parameters.

use std::ffi::CString;
use std::ptr;

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
