//! What must be unlike that of any other domain. Random bytes are handed in, so that all of it stays pure.

use super::domain::{NewDomain, Nic};
use super::facts::HostFacts;
use crate::model::Uuid;

/// Fills a buffer with random bytes.
pub type Random<'a> = dyn FnMut(&mut [u8]) + 'a;

/// A new UUID (RFC 9562, section 5.4: version 4, variant 10).
pub fn uuid(random: &mut Random<'_>) -> Uuid {
    let mut bytes = [0_u8; 16];
    random(&mut bytes);
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    Uuid(bytes)
}

/// A new MAC address in QEMU's own range that `taken` does not know.
pub fn mac(random: &mut Random<'_>, taken: &dyn Fn(&str) -> bool) -> String {
    loop {
        let mut bytes = [0_u8; 3];
        random(&mut bytes);
        let [a, b, c] = bytes;
        let mac = format!("52:54:00:{a:02x}:{b:02x}:{c:02x}");
        if !taken(&mac) {
            return mac;
        }
    }
}

/// Makes up what must be the same at the first start of a domain and in its definition: its UUID, and the addresses of its
/// interfaces.
pub fn fill(wanted: &mut NewDomain, facts: &HostFacts, random: &mut Random<'_>) {
    if wanted.uuid.is_none() {
        wanted.uuid = Some(uuid(random));
    }
    let nics = wanted.nics.get_or_insert_with(|| vec![Nic::default()]);
    let mut given: Vec<String> = nics.iter().filter_map(|nic| nic.mac.clone()).collect();
    for nic in nics.iter_mut().filter(|nic| nic.mac.is_none()) {
        let mac = mac(random, &|mac| {
            let has = |macs: &[String]| macs.iter().any(|other| other == mac);
            has(&given) || facts.domains.iter().any(|domain| has(&domain.macs))
        });
        given.push(mac.clone());
        nic.mac = Some(mac);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_are_taken_are_passed_over() {
        let mut next = 0_u8;
        let mut random = |bytes: &mut [u8]| {
            bytes.fill(next);
            next += 1;
        };
        assert_eq!(
            mac(&mut random, &|mac| mac.ends_with(":00")),
            "52:54:00:01:01:01"
        );
        assert_eq!(
            uuid(&mut random).to_string(),
            "02020202-0202-4202-8202-020202020202"
        );
    }
}
