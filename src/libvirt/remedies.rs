//! libvirt's errors made into something a person can act on.

use super::ffi::Error;
use crate::model::Uri;
use crate::protocol::Failure;

/// The longest error text that is kept: libvirt quotes whole documents in some.
const LONGEST_MESSAGE: usize = 4096;

/// `text` cut at 4 KiB on a character boundary.
pub fn cut(mut text: String) -> String {
    if text.len() > LONGEST_MESSAGE {
        let mut end = LONGEST_MESSAGE - '…'.len_utf8();
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push('…');
    }
    text
}

/// A failure for people. `what` names the thing that was attempted.
pub fn failure(what: impl Into<String>, error: &Error, _uri: Option<&Uri>) -> Failure {
    Failure {
        what: what.into(),
        reason: error.message.clone(),
        code: (error.code != 0).then_some(error.code),
        remedy: None,
    }
}

/// What opening a connection is called in a failure.
pub fn connecting(uri: Option<&Uri>) -> String {
    match uri {
        Some(uri) => format!("connect to {uri}"),
        None => "connect to libvirt's default".to_owned(),
    }
}

/// Whether a login was refused, so that remembered answers are no good.
pub fn is_login_refused(error: &Error) -> bool {
    u32::try_from(error.code) == Ok(virt_sys::VIR_ERR_AUTH_FAILED)
}
