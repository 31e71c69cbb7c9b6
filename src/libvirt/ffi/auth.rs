//! Questions of the daemon (SASL user and password, libssh prompts) while a connection is opened.

use std::ffi::{CStr, c_int, c_uint, c_void};
use std::ptr;
use std::sync::Arc;

use super::events::text;

/// One thing asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// The question; untrusted text.
    pub prompt: String,
    /// Whether what is typed is hidden.
    pub masked: bool,
    /// What an empty answer means, where the daemon says so.
    pub default: Option<String>,
}

/// Answers a question, on the thread that opens the connection; may wait for a person. `None` gives the login up.
pub type Ask = Arc<dyn Fn(&Credential) -> Option<String> + Send + Sync>;

/// The kinds that can be answered by typing. `EXTERNAL` is left out: it would have polkit print on the terminal.
/// `USERNAME` is left out as in virsh: SASL means by it another user to act as, and would ask for it each time.
const KINDS: [virt_sys::virConnectCredentialType; 5] = [
    virt_sys::VIR_CRED_AUTHNAME,
    virt_sys::VIR_CRED_PASSPHRASE,
    virt_sys::VIR_CRED_ECHOPROMPT,
    virt_sys::VIR_CRED_NOECHOPROMPT,
    virt_sys::VIR_CRED_REALM,
];

/// Calls `open` with an auth structure whose questions go to `ask`.
pub(super) fn with_callback<T>(ask: Ask, open: impl FnOnce(virt_sys::virConnectAuthPtr) -> T) -> T {
    let mut kinds = KINDS.map(|kind| c_int::try_from(kind).unwrap_or(0));
    let mut auth = virt_sys::virConnectAuth {
        credtype: kinds.as_mut_ptr(),
        ncredtype: c_uint::try_from(kinds.len()).unwrap_or(0),
        cb: Some(on_credentials),
        cbdata: ptr::from_ref(&ask).cast_mut().cast(),
    };
    open(&raw mut auth)
}

unsafe extern "C" fn on_credentials(
    credentials: virt_sys::virConnectCredentialPtr,
    count: c_uint,
    data: *mut c_void,
) -> c_int {
    if credentials.is_null() || data.is_null() {
        return -1;
    }
    // SAFETY: `data` is the Ask of `with_callback`, alive during the call of open that calls this.
    let ask = unsafe { &*data.cast::<Ask>() };
    // SAFETY: libvirt passes `count` valid credentials.
    let credentials = unsafe { std::slice::from_raw_parts_mut(credentials, count as usize) };
    for credential in credentials {
        let kind = u32::try_from(credential.type_).unwrap_or(0);
        let default = (!credential.defresult.is_null()).then(|| text(credential.defresult));
        let question = Credential {
            prompt: prompt_of(kind, text(credential.prompt), &text(credential.challenge)),
            masked: matches!(
                kind,
                virt_sys::VIR_CRED_PASSPHRASE | virt_sys::VIR_CRED_NOECHOPROMPT
            ),
            default: default.clone(),
        };
        let Some(mut answer) = ask(&question) else {
            return -1;
        };
        if answer.is_empty() {
            answer = default.unwrap_or_default();
        }
        let mut bytes = answer.into_bytes();
        bytes.retain(|byte| *byte != 0);
        let length = bytes.len();
        bytes.push(0);
        // SAFETY: `bytes` ends with its only NUL; libvirt frees the copy, which is why malloc makes it (strdup).
        unsafe {
            credential.result = CStr::from_bytes_with_nul(&bytes)
                .map_or(ptr::null_mut(), |answer| libc::strdup(answer.as_ptr()));
        }
        if credential.result.is_null() {
            return -1;
        }
        credential.resultlen = c_uint::try_from(length).unwrap_or(0);
        bytes.fill(0);
    }
    0
}

/// The question, with the challenge where there is one (libvirt often sets none).
fn prompt_of(kind: u32, prompt: String, challenge: &str) -> String {
    let prompt = match (prompt.is_empty(), kind) {
        (false, _) => prompt,
        (true, virt_sys::VIR_CRED_AUTHNAME) => "User".to_owned(),
        (true, virt_sys::VIR_CRED_REALM) => "Realm".to_owned(),
        (true, _) => "Password".to_owned(),
    };
    if challenge.is_empty() {
        prompt
    } else {
        format!("{prompt} ({challenge})")
    }
}
