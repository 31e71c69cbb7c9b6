//! How much of a drive belongs to the disc in it: what the primary descriptor of ISO 9660 says (ECMA-119, 7.3.3 and 8.4). A drive
//! may be longer, and a burnt disc cannot be read behind its end.

use crate::protocol::Disc;

/// Where the descriptors begin, in bytes.
pub const DESCRIPTORS_AT: u64 = 16 * SECTOR;
/// Bytes of one descriptor.
pub const SECTOR: u64 = 2048;
/// More descriptors than discs have.
pub const MOST_DESCRIPTORS: u64 = 16;

/// A field that is written twice: the least significant byte first, then the most significant.
fn both(bytes: &[u8], at: usize, width: usize) -> Option<u64> {
    let little = bytes.get(at..at + width)?;
    let big = bytes.get(at + width..at + 2 * width)?;
    let fold = |sum: u64, byte: &u8| sum << 8 | u64::from(*byte);
    let value = big.iter().fold(0, fold);
    (little.iter().rev().fold(0, fold) == value).then_some(value)
}

/// Reads the primary descriptor out of those that begin at [`DESCRIPTORS_AT`]; `None` where there is none.
#[must_use]
pub fn disc(descriptors: &[u8]) -> Option<Disc> {
    const PRIMARY: u8 = 1;
    const END: u8 = 255;
    let sector = usize::try_from(SECTOR).ok()?;
    for one in descriptors.chunks_exact(sector) {
        if one.get(1..6)? != b"CD001" || one[0] == END {
            return None;
        }
        if one[0] != PRIMARY {
            continue;
        }
        let (blocks, block) = (both(one, 80, 4)?, both(one, 128, 2)?);
        if blocks == 0 || !matches!(block, 512 | 1024 | 2048) {
            return None;
        }
        let label = String::from_utf8_lossy(&one[40..72]);
        return Some(Disc {
            label: label.trim_matches([' ', '\0']).to_owned(),
            bytes: blocks * block,
        });
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn descriptor(kind: u8, blocks: u32, block: u16) -> Vec<u8> {
        let mut one = vec![0; 2048];
        one[0] = kind;
        one[1..6].copy_from_slice(b"CD001");
        one[40..72].copy_from_slice(format!("{:32}", "DEBIAN 12").as_bytes());
        one[80..84].copy_from_slice(&blocks.to_le_bytes());
        one[84..88].copy_from_slice(&blocks.to_be_bytes());
        one[128..130].copy_from_slice(&block.to_le_bytes());
        one[130..132].copy_from_slice(&block.to_be_bytes());
        one
    }

    #[test]
    fn the_primary_descriptor_tells_size_and_label() {
        let found = disc(&descriptor(1, 1000, 2048)).unwrap();
        assert_eq!(
            (found.label.as_str(), found.bytes),
            ("DEBIAN 12", 2_048_000)
        );
        // A boot record may stand before it.
        let boot = descriptor(0, 0, 0);
        assert!(
            disc(&[boot.clone(), descriptor(1, 7, 512)].concat()).is_some_and(|d| d.bytes == 3584)
        );
        let end = descriptor(255, 0, 0);
        assert_eq!(disc(&[boot, end, descriptor(1, 7, 2048)].concat()), None);
    }

    #[test]
    fn what_contradicts_itself_is_no_disc() {
        let mut one = descriptor(1, 1000, 2048);
        one[84] = 9;
        assert_eq!(disc(&one), None);
        assert_eq!(disc(&descriptor(1, 0, 2048)), None);
        assert_eq!(disc(&descriptor(1, 5, 0)), None);
        assert_eq!(disc(&[0; 4096]), None);
    }

    proptest! {
        #[test]
        fn nothing_panics(bytes in proptest::collection::vec(any::<u8>(), 0..5000)) {
            let _ = disc(&bytes);
            let _ = disc(&[&descriptor(0, 1, 1), bytes.as_slice()].concat());
        }
    }
}
