//! Identities: selection, messages and caches carry these, never an index or a name.

use std::fmt;
use std::str::FromStr;

/// One configured connection of this process, in the order of opening.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(pub u16);

/// A libvirt UUID as its 16 raw bytes (`virDomainGetUUID`).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Uuid(pub [u8; 16]);

/// Why a text is not a UUID.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a UUID: {0}")]
pub struct UuidError(String);

/// A domain of one connection. Two hosts may hold the same UUID (during a migration).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DomainId {
    /// The connection the domain is seen through.
    pub connection: ConnectionId,
    /// The domain's UUID.
    pub uuid: Uuid,
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.0.iter().enumerate() {
            if matches!(index, 4 | 6 | 8 | 10) {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Uuid {
    type Err = UuidError;

    /// Accepts what `virUUIDParse` accepts: 32 hex digits, hyphens and spaces between them ignored.
    fn from_str(text: &str) -> Result<Self, UuidError> {
        let refuse = || UuidError(text.to_owned());
        let mut bytes = [0_u8; 16];
        let mut digits = text.chars().filter(|c| !matches!(c, '-' | ' '));
        for byte in &mut bytes {
            let high = digits
                .next()
                .and_then(|c| c.to_digit(16))
                .ok_or_else(refuse)?;
            let low = digits
                .next()
                .and_then(|c| c.to_digit(16))
                .ok_or_else(refuse)?;
            *byte = u8::try_from(high * 16 + low).map_err(|_| refuse())?;
        }
        match digits.next() {
            None => Ok(Self(bytes)),
            Some(_) => Err(refuse()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuid_prints_what_it_parsed() {
        let text = "c7a5fdbd-cdaf-9455-926a-d65c16db1809";
        assert_eq!(text.parse::<Uuid>().unwrap().to_string(), text);
    }

    #[test]
    fn uuid_refuses_short_long_and_foreign_texts() {
        for text in [
            "",
            "c7a5",
            "zz a5fdbd-cdaf-9455-926a-d65c16db1809",
            "c7a5fdbd-cdaf-9455-926a-d65c16db18090",
        ] {
            assert!(text.parse::<Uuid>().is_err(), "{text}");
        }
    }
}
