//! On which machines the binary starts.

use std::process::Command;

/// The oldest libvirt that virtty promises to start with.
const OLDEST: (u32, u32, u32) = (7, 0, 0);

#[test]
fn only_symbols_of_libvirt_7_0_or_older_are_needed() {
    let output = Command::new("readelf")
        .args(["--dyn-syms", "--wide", env!("CARGO_BIN_EXE_virtty")])
        .output()
        .expect("readelf, of the package binutils");
    let table = String::from_utf8(output.stdout).unwrap();
    // "virConnectClose@LIBVIRT_0.0.3 (9)"
    let needed: Vec<_> = table
        .lines()
        .filter_map(|line| {
            let word = line
                .split_whitespace()
                .find(|word| word.contains("@LIBVIRT_"))?;
            let (symbol, version) = word.split_once("@LIBVIRT_")?;
            Some((symbol, version))
        })
        .collect();
    assert!(
        needed
            .iter()
            .any(|(symbol, _)| *symbol == "virConnectOpenAuth"),
        "{table}"
    );
    for (symbol, version) in needed {
        let numbers: Vec<u32> = version
            .split('.')
            .map(|number| number.parse().unwrap())
            .collect();
        let version = (numbers[0], numbers[1], numbers[2]);
        assert!(version <= OLDEST, "{symbol} came with libvirt {version:?}");
    }
}

#[test]
fn no_other_library_of_libvirt_is_needed_than_its_client() {
    let output = Command::new("readelf")
        .args(["--dynamic", "--wide", env!("CARGO_BIN_EXE_virtty")])
        .output()
        .expect("readelf, of the package binutils");
    let table = String::from_utf8(output.stdout).unwrap();
    let mut needed: Vec<_> = table
        .lines()
        .filter(|line| line.contains("(NEEDED)"))
        .filter_map(|line| line.split(['[', ']']).nth(1))
        .filter(|name| name.starts_with("libvirt"))
        .collect();
    needed.sort_unstable();
    // Without qemu's own library, which a host with another driver need not have.
    assert_eq!(needed, ["libvirt.so.0"]);
}
