//! Files behind an initrd: the kernel unpacks several archives that stand one behind the other (kernel's
//! `Documentation/driver-api/early-userspace/buffer-format.rst`).

/// An archive of the format `newc` with these files in its root: name and content.
#[must_use]
pub fn archive(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut file = |number: usize, name: &str, mode: u32, content: &[u8]| {
        let fields = [
            number,
            mode as usize,
            0,
            0,
            1,
            0,
            content.len(),
            0,
            0,
            0,
            0,
            name.len() + 1,
            0,
        ];
        bytes.extend(b"070701");
        for field in fields {
            bytes.extend(format!("{field:08X}").bytes());
        }
        bytes.extend(name.bytes());
        bytes.push(0);
        pad(&mut bytes);
        bytes.extend(content);
        pad(&mut bytes);
    };
    for (number, (name, content)) in files.iter().enumerate() {
        file(number + 1, name, 0o100_644, content);
    }
    file(0, "TRAILER!!!", 0, &[]);
    bytes
}

/// Zeroes up to the next multiple of four, where an archive or a part of it begins.
pub fn pad(bytes: &mut Vec<u8>) {
    bytes.resize(bytes.len().next_multiple_of(4), 0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_stand_at_multiples_of_four() {
        let bytes = archive(&[("preseed.cfg".to_owned(), b"d-i".to_vec())]);
        assert_eq!(bytes.len() % 4, 0);
        assert!(bytes.starts_with(b"070701"));
        // The name begins behind the head of 110 bytes, the content at a multiple of four behind its end.
        assert_eq!(&bytes[110..122], b"preseed.cfg\0");
        assert_eq!(&bytes[124..127], b"d-i");
        assert_eq!(&bytes[54..62], b"00000003");
        assert_eq!(&bytes[128..134], b"070701");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(text.contains("TRAILER!!!"));
    }
}
