//! Hardware addresses as people write them: with colons, dashes, dots or nothing between, in any case.

/// Whether a part of a hardware address is this, however it is written: `52:54:00`, `52-54-00`, `5254.0012`, `525400`.
#[must_use]
pub fn mac_holds(address: &str, wanted: &str) -> bool {
    if address.len() >= wanted.len()
        && address
            .to_ascii_lowercase()
            .contains(&wanted.to_ascii_lowercase())
    {
        return true;
    }
    match (digits(address), digits(wanted)) {
        (Some(address), Some(wanted)) => wanted.len() >= 4 && address.contains(&wanted),
        _ => false,
    }
}

/// The whole of a hardware address as libvirt writes it; `None` for what is none.
#[must_use]
pub fn mac_of(text: &str) -> Option<String> {
    let digits = digits(text.trim()).filter(|digits| digits.len() == 12)?;
    let pairs: Vec<&str> = (0..12)
        .step_by(2)
        .filter_map(|at| digits.get(at..at + 2))
        .collect();
    Some(pairs.join(":"))
}

/// Its hexadecimal digits in small letters, where there is nothing else but what stands between them.
fn digits(text: &str) -> Option<String> {
    let rest = text.chars().filter(|c| !matches!(c, ':' | '-' | '.'));
    let digits: String = rest.map(|c| c.to_ascii_lowercase()).collect();
    digits
        .bytes()
        .all(|byte| byte.is_ascii_hexdigit())
        .then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_however_they_are_written() {
        let address = "52:54:00:a5:ca:48";
        for wanted in [
            "52:54:00:A5:CA:48",
            "52-54-00-a5",
            "5254.00a5.ca48",
            "a5ca",
            ":ca:4",
        ] {
            assert!(mac_holds(address, wanted), "{wanted}");
        }
        for wanted in ["52:54:01", "web", "a5-", "5a", "52:54:00:a5:ca:48:00"] {
            assert!(!mac_holds(address, wanted), "{wanted}");
        }
        assert_eq!(mac_of(" 525400A5CA48").as_deref(), Some(address));
        assert_eq!(mac_of("5254.00a5.ca48").as_deref(), Some(address));
        assert_eq!(mac_of("52:54:00:a5:ca"), None);
        assert_eq!(mac_of("web-server-01"), None);
    }
}
