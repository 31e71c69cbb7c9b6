//! Typed parameters, copied.

use std::ffi::CStr;

use virt_sys::virTypedParameter;

/// The value of a typed parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Signed integers and booleans.
    Int(i64),
    /// Unsigned integers.
    Uint(u64),
    /// Double.
    Double(f64),
    /// Text; untrusted.
    Text(String),
}

impl Value {
    /// As an unsigned integer, where it is one and not negative.
    pub fn as_u64(&self) -> Option<u64> {
        match self {
            Self::Uint(value) => Some(*value),
            Self::Int(value) => u64::try_from(*value).ok(),
            Self::Double(_) | Self::Text(_) => None,
        }
    }

    /// As text.
    pub fn into_text(self) -> String {
        match self {
            Self::Int(value) => value.to_string(),
            Self::Uint(value) => value.to_string(),
            Self::Double(value) => value.to_string(),
            Self::Text(value) => value,
        }
    }
}

/// The parameters as a slice.
///
/// # Safety
/// `params` is null or points to `count` parameters that stay valid for `'a`.
pub(super) unsafe fn slice<'a>(
    params: *const virTypedParameter,
    count: i32,
) -> &'a [virTypedParameter] {
    match usize::try_from(count) {
        // SAFETY: by the contract of this function.
        Ok(count) if !params.is_null() => unsafe { std::slice::from_raw_parts(params, count) },
        _ => &[],
    }
}

/// The name of a parameter, without a copy.
pub(super) fn field(param: &virTypedParameter) -> &[u8] {
    // SAFETY: c_char and u8 have the same size; the array is wholly initialised.
    let bytes = unsafe { &*(std::ptr::from_ref(&param.field).cast::<[u8; 80]>()) };
    let end = bytes
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(bytes.len());
    &bytes[..end]
}

/// The value of a parameter; `None` for a type newer than this program.
pub(super) fn value(param: &virTypedParameter) -> Option<Value> {
    let kind = u32::try_from(param.type_).ok()?;
    // SAFETY: `type_` says which member of the union libvirt filled; a text is NUL-terminated.
    Some(unsafe {
        match kind {
            virt_sys::VIR_TYPED_PARAM_INT => Value::Int(param.value.i.into()),
            virt_sys::VIR_TYPED_PARAM_UINT => Value::Uint(param.value.ui.into()),
            virt_sys::VIR_TYPED_PARAM_LLONG => Value::Int(param.value.l),
            virt_sys::VIR_TYPED_PARAM_ULLONG => Value::Uint(param.value.ul),
            virt_sys::VIR_TYPED_PARAM_DOUBLE => Value::Double(param.value.d),
            virt_sys::VIR_TYPED_PARAM_BOOLEAN => Value::Int(i64::from(param.value.b != 0)),
            virt_sys::VIR_TYPED_PARAM_STRING if !param.value.s.is_null() => {
                Value::Text(CStr::from_ptr(param.value.s).to_string_lossy().into_owned())
            }
            _ => return None,
        }
    })
}
