//! Why a session could not begin or ended.

use vnc::VncError;

/// Why there is no session.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// A password is wanted and none was given.
    #[error("the display wants a password")]
    NoPassword,
    /// The password was not taken, in the server's words; untrusted.
    #[error("{0}")]
    WrongPassword(String),
    /// The server wants a login that this program does not have; names of the kinds it offers.
    #[error("the display asks for {0}, which virtty does not have")]
    Security(String),
    /// What came is not the protocol.
    #[error("what the display sends is not VNC as it should be: {0}")]
    Protocol(String),
    /// The stream broke or ended.
    #[error("{0}")]
    Stream(String),
    /// Nothing came for so many seconds.
    #[error("the display did not answer within {0} s")]
    Late(u64),
}

/// Kinds of logins that are named; a server that offers more of them means no good.
const MOST_NAMED: usize = 6;

/// Security types by their numbers (IANA's registry of RFB).
fn security_name(kind: u8) -> String {
    match kind {
        2 => "a VNC password".to_owned(),
        5 | 6 => "RealVNC's encryption".to_owned(),
        16 => "Tight's logins".to_owned(),
        18 => "TLS".to_owned(),
        19 => "VeNCrypt (TLS)".to_owned(),
        20 => "SASL".to_owned(),
        other => format!("security type {other}"),
    }
}

impl Trouble {
    /// What an error means that came while a session was to begin; `offered` are the security types of the server,
    /// `password` says that one was sent.
    pub(super) fn of_beginning(error: VncError, offered: Option<&[u8]>, password: bool) -> Self {
        let usable = |kinds: &[u8]| kinds.iter().any(|kind| matches!(kind, 1 | 2));
        if let Some(kinds) = offered.filter(|kinds| !usable(kinds)) {
            let mut names: Vec<String> = Vec::new();
            for name in kinds.iter().map(|kind| security_name(*kind)) {
                if names.len() < MOST_NAMED && !names.contains(&name) {
                    names.push(name);
                }
            }
            return Self::Security(names.join(" or "));
        }
        match error {
            VncError::NoPassword => Self::NoPassword,
            VncError::WrongPassword => Self::WrongPassword("wrong password".to_owned()),
            VncError::General(words) if password => Self::WrongPassword(clean(&words)),
            error => Self::of_session(error),
        }
    }

    /// What an error means that came in a session.
    pub(super) fn of_session(error: VncError) -> Self {
        match error {
            VncError::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                Self::Stream("the display was closed".to_owned())
            }
            VncError::IoError(error) => Self::Stream(error.to_string()),
            VncError::ClientNotRunning => Self::Stream("the display was closed".to_owned()),
            // What the crate says when its task that read the stream has ended.
            VncError::General(words) if words == "Channel closed" => {
                Self::Stream("the display was closed".to_owned())
            }
            VncError::General(words) => Self::Protocol(clean(&words)),
            VncError::InvalidImageData => Self::Protocol("a picture that cannot be".to_owned()),
            VncError::WrongPixelFormat => Self::Protocol("pixels that cannot be".to_owned()),
            VncError::WrongServerMessage => Self::Protocol("an unknown message".to_owned()),
            VncError::ConnectError | VncError::InvalidSecurityTyep(_) => {
                Self::Protocol("no VNC server".to_owned())
            }
            error => Self::Protocol(error.to_string()),
        }
    }
}

/// QEMU ends its words with a NUL.
fn clean(words: &str) -> String {
    let words = words.trim_end_matches('\0').trim();
    if words.is_empty() {
        return "it gives no reason".to_owned();
    }
    words.chars().take(200).collect()
}
