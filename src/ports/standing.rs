//! Whether a TCP connection still stands, as the kernel's table of them tells (proc(5), `/proc/net/tcp`).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The state ESTABLISHED of that table.
const ESTABLISHED: &str = "01";

/// Whether a connection as `SSH_CONNECTION` writes it (client's address and port, server's address and port) is in a table.
#[must_use]
pub fn is_established(table: &str, connection: &str) -> bool {
    let words: Vec<&str> = connection.split_whitespace().collect();
    let [client, client_port, server, server_port] = words.as_slice() else {
        return false;
    };
    let end = |address: &str, port: &str| {
        // A scope tells one link from another here; the table has none.
        let address: IpAddr = address.split('%').next()?.parse().ok()?;
        Some((address, port.parse::<u16>().ok()?))
    };
    let (Some(client), Some(server)) = (end(client, client_port), end(server, server_port)) else {
        return false;
    };
    table.lines().skip(1).any(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [_, local, remote, state, ..] = words.as_slice() else {
            return false;
        };
        *state == ESTABLISHED && socket(local) == Some(server) && socket(remote) == Some(client)
    })
}

/// An address and a port as the table writes them: words of 32 bits in this machine's order, in hexadecimal.
fn socket(text: &str) -> Option<(IpAddr, u16)> {
    let (address, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let mut bytes = Vec::new();
    for at in (0..address.len()).step_by(8) {
        let word = u32::from_str_radix(address.get(at..at + 8)?, 16).ok()?;
        bytes.extend(word.to_ne_bytes());
    }
    let address = match bytes.len() {
        4 => IpAddr::from(<[u8; 4]>::try_from(bytes).ok().map(Ipv4Addr::from)?),
        16 => IpAddr::from(<[u8; 16]>::try_from(bytes).ok().map(Ipv6Addr::from)?),
        _ => return None,
    };
    // A server that listens on both families sees those of IPv4 within the other.
    Some((address.to_canonical(), port))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "  sl  local_address rem_address   st tx_queue rx_queue\n\
        0: 0100007F:0016 0200007F:8F30 01 00000000:00000000\n\
        1: 0100007F:0016 00000000:0000 0A 00000000:00000000\n\
        2: 0000000000000000FFFF00000100000A:0016 0000000000000000FFFF00000200000A:1092 01 0:0\n";

    #[test]
    #[cfg(target_endian = "little")]
    fn connections_are_found_in_the_kernels_table() {
        assert!(is_established(TABLE, "127.0.0.2 36656 127.0.0.1 22"));
        assert!(!is_established(TABLE, "127.0.0.2 36657 127.0.0.1 22"));
        assert!(!is_established(TABLE, "127.0.0.1 22 127.0.0.2 36656"));
        assert!(is_established(TABLE, "10.0.0.2 4242 10.0.0.1 22"));
        assert!(!is_established(TABLE, "x 1 y 2"));
        assert!(!is_established("", "10.0.0.2 4242 10.0.0.1 22"));
    }
}
