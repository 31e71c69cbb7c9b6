//! Amounts of memory and sets of CPUs as libvirt writes them.

use roxmltree::Node;

/// KiB of `<memory unit='…'>` and its like; `None` for what is no amount.
#[must_use]
pub fn kibibytes(node: Node<'_, '_>) -> Option<u64> {
    let value: u128 = node.text()?.trim().parse().ok()?;
    let factor: u128 = match node
        .attribute("unit")
        .unwrap_or("KiB")
        .to_ascii_lowercase()
        .as_str()
    {
        "b" | "bytes" => 1,
        "kb" => 1000,
        "k" | "kib" => 1 << 10,
        "mb" => 1_000_000,
        "m" | "mib" => 1 << 20,
        "gb" => 1_000_000_000,
        "g" | "gib" => 1 << 30,
        "tb" => 1_000_000_000_000,
        "t" | "tib" => 1 << 40,
        "pb" => 1_000_000_000_000_000,
        "p" | "pib" => 1 << 50,
        _ => return None,
    };
    // libvirt rounds up.
    u64::try_from(value.checked_mul(factor)?.div_ceil(1024)).ok()
}

/// The highest number in a set such as `0-3,^2,7`; `None` for an empty set or none.
#[must_use]
pub fn highest(set: &str) -> Option<u32> {
    set.split(',')
        .map(str::trim)
        .filter(|part| !part.starts_with('^'))
        .filter_map(|part| part.rsplit('-').next()?.trim().parse().ok())
        .max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use roxmltree::Document;

    #[test]
    fn amounts_and_sets_are_read_as_libvirt_does() {
        let amount = |xml: &str| kibibytes(Document::parse(xml).unwrap().root_element());
        assert_eq!(amount("<memory>512</memory>"), Some(512));
        assert_eq!(amount("<memory unit='GiB'> 2 </memory>"), Some(2 << 20));
        assert_eq!(amount("<memory unit='b'>1025</memory>"), Some(2));
        assert_eq!(amount("<memory unit='x'>1</memory>"), None);
        assert_eq!(amount("<memory>-1</memory>"), None);
        assert_eq!(highest("0-3,^5,7"), Some(7));
        assert_eq!(highest("^1"), None);
    }
}
