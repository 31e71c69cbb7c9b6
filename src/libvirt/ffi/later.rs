//! Calls that came with a libvirt newer than the oldest that virtty starts with: looked for when they are wanted, in the
//! library that is loaded already.

use std::ffi::{CStr, c_char, c_uint, c_void};

/// `virNetworkDefineXMLFlags`, since libvirt 7.7.0.
type DefineNetwork =
    unsafe extern "C" fn(virt_sys::virConnectPtr, *const c_char, c_uint) -> virt_sys::virNetworkPtr;
/// `virNWFilterDefineXMLFlags`, since libvirt 7.7.0.
type DefineFilter = unsafe extern "C" fn(
    virt_sys::virConnectPtr,
    *const c_char,
    c_uint,
) -> virt_sys::virNWFilterPtr;

/// `virNetworkDefineXMLFlags`, where this libvirt has it.
pub(super) fn define_network() -> Option<DefineNetwork> {
    let found = symbol(c"virNetworkDefineXMLFlags")?;
    // SAFETY: it has had this type since it is there (libvirt/libvirt-network.h).
    Some(unsafe { std::mem::transmute::<*mut c_void, DefineNetwork>(found) })
}

/// `virNWFilterDefineXMLFlags`, where this libvirt has it.
pub(super) fn define_filter() -> Option<DefineFilter> {
    let found = symbol(c"virNWFilterDefineXMLFlags")?;
    // SAFETY: it has had this type since it is there (libvirt/libvirt-nwfilter.h).
    Some(unsafe { std::mem::transmute::<*mut c_void, DefineFilter>(found) })
}

fn symbol(name: &CStr) -> Option<*mut c_void> {
    // SAFETY: the name is NUL-terminated; the default handle searches what the process has loaded.
    let found = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
    (!found.is_null()).then_some(found)
}
