//! Sizes as virsh reads them.

/// `text` in KiB as virsh's scaled integers are: a number with a unit, KiB without one. `K`, `M`, `G`, `T`, `P`, `E`, alone
/// or with `iB`, are powers of 1024, with `B` powers of 1000; `b` and `bytes` are bytes. What is no whole KiB is rounded up.
///
/// # Errors
/// A sentence that names the word.
///
/// ```
/// assert_eq!(virtty::virsh::kib("2G"), Ok(2 << 20));
/// assert_eq!(virtty::virsh::kib("4096"), Ok(4096));
/// assert_eq!(virtty::virsh::kib("1MB"), Ok(977));
/// ```
pub fn kib(text: &str) -> Result<u64, String> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let number: u128 = digits.parse().map_err(|_| refuse(text))?;
    let factor = factor(unit).ok_or_else(|| refuse(text))?;
    let bytes = number.checked_mul(factor).ok_or_else(|| refuse(text))?;
    let kib = bytes.div_ceil(1024);
    // libvirt counts in KiB of an unsigned long and multiplies them by 1024.
    u64::try_from(kib)
        .ok()
        .filter(|kib| *kib <= u64::MAX / 1024)
        .ok_or_else(|| format!("'{text}' is more than libvirt can count"))
}

/// Reads a number of bytes, which may have a unit.
///
/// # Errors
/// What is wrong with it, in words.
pub fn bytes(text: &str) -> Result<u64, String> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let refuse =
        || format!("'{text}' is no number of bytes: write it in digits, or with a unit, as in 20M");
    let number: u64 = digits.parse().map_err(|_| refuse())?;
    let factor = if unit.is_empty() {
        1
    } else {
        factor(unit).ok_or_else(refuse)?
    };
    u64::try_from(u128::from(number) * factor)
        .ok()
        .filter(|bytes| i64::try_from(*bytes).is_ok())
        .ok_or_else(|| format!("'{text}' is more than libvirt can count"))
}

fn refuse(text: &str) -> String {
    format!(
        "'{text}' is no size: write KiB as a whole number, or a unit behind it, as in 2G or 512MiB"
    )
}

fn factor(unit: &str) -> Option<u128> {
    let unit = unit.to_ascii_lowercase();
    match unit.as_str() {
        "" => return Some(1024),
        "b" | "byte" | "bytes" => return Some(1),
        _ => {}
    }
    let power = "kmgtpe".find(unit.get(..1)?)?;
    let base: u128 = match &unit[1..] {
        "" | "ib" => 1024,
        "b" => 1000,
        _ => return None,
    };
    Some(base.pow(u32::try_from(power).ok()? + 1))
}

/// KiB as the shortest text that [`kib`] reads back.
#[must_use]
pub fn scaled(kib: u64) -> String {
    let mut rest = kib;
    for unit in ["", "M", "G", "T", "P"] {
        if rest == 0 || !rest.is_multiple_of(1024) || unit == "P" {
            return format!("{rest}{unit}");
        }
        rest /= 1024;
    }
    kib.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn units_are_those_of_virsh() {
        for (text, expected) in [
            ("0", 0),
            ("524288", 524_288),
            ("1k", 1),
            ("1KiB", 1),
            ("1KB", 1),
            ("1025b", 2),
            ("1024bytes", 1),
            ("512M", 512 << 10),
            ("512MiB", 512 << 10),
            ("2G", 2 << 20),
            ("2gib", 2 << 20),
            ("1T", 1 << 30),
            ("1GB", 976_563),
        ] {
            assert_eq!(kib(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn bytes_may_have_a_unit() {
        for (text, expected) in [
            ("0", 0),
            ("1000000", 1_000_000),
            ("20M", 20 << 20),
            ("5GB", 5_000_000_000),
        ] {
            assert_eq!(bytes(text), Ok(expected), "{text}");
        }
        for text in ["", "M", "1.5M", "-1", "9E9", "99999999E"] {
            let error = bytes(text).unwrap_err();
            assert!(error.contains(&format!("'{text}'")), "{error}");
        }
    }

    #[test]
    fn sizes_of_volumes_are_bytes() {
        assert_eq!(bytes("512"), Ok(512));
        assert_eq!(bytes("20G"), Ok(20 << 30));
        assert_eq!(bytes("1KB"), Ok(1000));
        for text in ["", "G", "1.5G", "-1", "99999999E"] {
            assert!(bytes(text).is_err(), "{text}");
        }
    }

    #[test]
    fn other_words_are_refused_by_name() {
        for text in [
            "",
            "G",
            "2X",
            "2GiX",
            "-1",
            "1.5G",
            "2 G",
            "99999999E",
            "é",
            "2é",
        ] {
            let error = kib(text).unwrap_err();
            assert!(error.contains(&format!("'{text}'")), "{error}");
        }
    }

    proptest! {
        #[test]
        fn what_is_scaled_is_read_back(size in 0..=u64::MAX / 1024) {
            prop_assert_eq!(kib(&scaled(size)), Ok(size));
        }
    }
}
