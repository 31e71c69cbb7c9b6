//! Words cut where they tell least, for cells that are too narrow for all of them.

use std::net::IpAddr;

use crate::model::{Endpoint, EndpointKind};
use crate::{ports, text};

/// The displays in at most `width` columns: as they are, else without addresses, else as many as leave their ports
/// whole and how many more there are.
pub(super) fn displays_within(endpoints: &[Endpoint], width: usize) -> Option<String> {
    let words = ports::column_within(endpoints, width)?;
    if text::width(&words) <= width {
        return Some(words);
    }
    let displays: Vec<Endpoint> = endpoints
        .iter()
        .filter(|endpoint| endpoint.kind != EndpointKind::Serial)
        .cloned()
        .collect();
    let fitting = (1..=displays.len()).rev().find_map(|shown| {
        let more = match displays.len() - shown {
            0 => String::new(),
            left => format!(" +{left}"),
        };
        let room = width.checked_sub(more.len())?;
        let words = ports::column_within(&displays[..shown], room)?;
        (text::width(&words) <= room).then(|| words + &more)
    });
    fitting.or(Some(words))
}

/// An address in at most `width` columns. Of a long one the end stays too: addresses of one network begin alike.
pub(super) fn address_within(address: IpAddr, width: usize) -> String {
    let whole = address.to_string();
    // Digits, letters, points and colons: each a column wide.
    let Some(kept) = width.checked_sub(1).filter(|_| whole.len() > width) else {
        return whole;
    };
    let (head, tail) = (kept - kept / 2, kept / 2);
    format!("{}…{}", &whole[..head], &whole[whole.len() - tail..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domxml::{Secrets, endpoints};

    #[test]
    fn of_too_many_displays_the_first_keep_their_ports() {
        let read = |devices: &str| {
            let xml = format!("<domain id='1'><devices>{devices}</devices></domain>");
            endpoints(&xml, Secrets::LeftOut).unwrap().found
        };
        let vnc =
            |port: u16, host: &str| format!("<graphics type='vnc' port='{port}' listen='{host}'/>");
        let spice = "<graphics type='spice' port='65535' listen='127.0.0.1'/>";
        let pty = "<serial type='pty'><source path='/dev/pts/1'/></serial>";
        for (devices, width, shown) in [
            (spice.to_owned(), 22, "spice 127.0.0.1:65535"),
            (spice.repeat(2), 22, "spice :65535 +1"),
            (vnc(5901, "::1") + &spice.repeat(3), 22, "vnc [::1]:5901 +3"),
            (
                vnc(5901, "::1") + spice + pty,
                26,
                "vnc :5901, spice :65535",
            ),
            (vnc(5901, "2001:db8::1234:5678:9abc") + pty, 22, "vnc :5901"),
        ] {
            assert_eq!(
                displays_within(&read(&devices), width).as_deref(),
                Some(shown)
            );
        }
        assert_eq!(displays_within(&read(pty), 22), None);
        for width in 0..9 {
            assert!(displays_within(&read(&spice.repeat(2)), width).is_some());
        }
    }

    #[test]
    fn a_long_address_keeps_both_ends() {
        let address: IpAddr = "2001:db8:85a3::8a2e:370:7334".parse().unwrap();
        assert_eq!(address_within(address, 39), "2001:db8:85a3::8a2e:370:7334");
        assert_eq!(address_within(address, 15), "2001:db…70:7334");
        for width in 1..15 {
            assert_eq!(text::width(&address_within(address, width)), width);
        }
        let short: IpAddr = "255.255.255.255".parse().unwrap();
        assert_eq!(address_within(short, 15), "255.255.255.255");
    }
}
