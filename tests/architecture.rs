//! Keeps the one-way arrows between the rooms of `src/`, and the crates that may only be named in some.
//!
//! Reads the source as text: every `crate::ROOM` path of a file must lead to a room its own room may know.
//! ARCHITECTURE.md draws the same picture for people.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A room, and the rooms it may name. `std` and ordinary crates are free to all.
const ARROWS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("text", &[]),
    ("demo", &[]),
    ("record", &["text"]),
    ("journal", &["model", "query", "record", "text"]),
    ("bundle", &["model", "text", "xml"]),
    ("schema", &["text", "xml"]),
    ("agent", &["model", "text"]),
    ("hostfacts", &["model", "text"]),
    ("hardware", &["model", "text", "xml"]),
    ("create", &["hardware", "model", "schema", "text", "xml"]),
    ("storage", &["model", "protocol", "xml"]),
    ("xml", &["text"]),
    ("console", &["text"]),
    ("network", &["model"]),
    ("display", &[]),
    ("rfb", &["display"]),
    ("checks", &["schema", "xml"]),
    ("editor", &["keymap", "xml"]),
    (
        "protocol",
        &[
            "agent",
            "checks",
            "console",
            "hardware",
            "create",
            "display",
            "hostfacts",
            "model",
            "network",
            "schema",
            "xml",
        ],
    ),
    ("snapshots", &["model", "protocol", "text"]),
    ("query", &["text"]),
    ("stats", &["model"]),
    ("domxml", &["model"]),
    ("ports", &["domxml", "model", "text"]),
    (
        "virsh",
        &[
            "agent",
            "hardware",
            "hostfacts",
            "model",
            "protocol",
            "text",
            "xml",
        ],
    ),
    ("action", &["model", "protocol", "storage", "text", "virsh"]),
    ("keymap", &["action", "text"]),
    (
        "config",
        &[
            "action", "display", "keymap", "model", "query", "schema", "text",
        ],
    ),
    (
        "libvirt",
        &[
            "agent",
            "checks",
            "console",
            "create",
            "display",
            "domxml",
            "model",
            "network",
            "ports",
            "protocol",
            "rfb",
            "schema",
            "storage",
            "text",
            "xml",
            "hostfacts",
            "hardware",
            "snapshots",
        ],
    ),
    (
        "app",
        &[
            "action",
            "agent",
            "checks",
            "config",
            "console",
            "display",
            "create",
            "domxml",
            "editor",
            "journal",
            "keymap",
            "model",
            "network",
            "ports",
            "protocol",
            "query",
            "record",
            "schema",
            "stats",
            "text",
            "virsh",
            "xml",
            "hostfacts",
            "hardware",
            "snapshots",
            "storage",
        ],
    ),
    (
        "ui",
        &[
            "action",
            "agent",
            "app",
            "checks",
            "config",
            "console",
            "display",
            "domxml",
            "editor",
            "journal",
            "keymap",
            "model",
            "network",
            "ports",
            "protocol",
            "query",
            "record",
            "schema",
            "stats",
            "text",
            "virsh",
            "xml",
            "hostfacts",
            "hardware",
            "snapshots",
            "storage",
        ],
    ),
    (
        "cli",
        &[
            "action",
            "agent",
            "bundle",
            "checks",
            "config",
            "console",
            "create",
            "demo",
            "display",
            "domxml",
            "editor",
            "hardware",
            "journal",
            "keymap",
            "libvirt",
            "model",
            "network",
            "ports",
            "protocol",
            "query",
            "record",
            "schema",
            "stats",
            "text",
            "virsh",
            "xml",
            "hostfacts",
            "snapshots",
            "storage",
        ],
    ),
    (
        "runtime",
        &[
            "action",
            "app",
            "checks",
            "cli",
            "config",
            "console",
            "demo",
            "display",
            "domxml",
            "editor",
            "journal",
            "keymap",
            "libvirt",
            "model",
            "ports",
            "protocol",
            "record",
            "schema",
            "stats",
            "text",
            "ui",
            "virsh",
            "xml",
            "hostfacts",
            "snapshots",
        ],
    ),
];

/// Crates that only the named rooms may use: the screen stays out of the logic, libvirt out of everything.
const CRATES: &[(&str, &[&str])] = &[
    ("ratatui", &["ui", "runtime"]),
    ("crossterm", &["runtime"]),
    ("tokio", &["libvirt", "rfb", "runtime"]),
    // cli has a file of that name.
    ("vnc", &["cli", "rfb"]),
    ("alacritty_terminal", &["console", "runtime"]),
    ("virt", &["libvirt"]),
    ("virt_sys", &["libvirt"]),
    ("libc", &["libvirt", "runtime"]),
];

#[test]
fn every_room_names_only_rooms_below_it() {
    let mut broken = Vec::new();
    for (room, allowed) in ARROWS {
        for file in files_of(room) {
            for (line, named) in paths_after(&code_of(&file), "crate::") {
                if named != *room && is_room(&named) && !allowed.contains(&named.as_str()) {
                    broken.push(format!(
                        "{}:{line}: {room} must not name {named}",
                        file.display()
                    ));
                }
            }
        }
    }
    assert!(
        broken.is_empty(),
        "arrows against the plan:\n{}",
        broken.join("\n")
    );
}

#[test]
fn screen_and_libvirt_crates_stay_in_their_rooms() {
    let mut broken = Vec::new();
    for (room, _) in ARROWS {
        for file in files_of(room) {
            let code = code_of(&file);
            for (name, rooms) in CRATES {
                if rooms.contains(room) {
                    continue;
                }
                for (number, line) in code.lines().enumerate() {
                    if names_crate(line, name) {
                        broken.push(format!(
                            "{}:{}: {room} must not name {name}",
                            file.display(),
                            number + 1
                        ));
                    }
                }
            }
        }
    }
    assert!(
        broken.is_empty(),
        "crates out of their rooms:\n{}",
        broken.join("\n")
    );
}

#[test]
fn every_room_has_its_arrows_written_down() {
    let known: BTreeSet<_> = ARROWS.iter().map(|(room, _)| *room).collect();
    let missing: Vec<_> = rooms()
        .into_iter()
        .filter(|room| !known.contains(room.as_str()))
        .collect();
    assert!(missing.is_empty(), "rooms without arrows: {missing:?}");
}

#[test]
fn unsafe_stands_in_the_ffi_room_only() {
    let mut broken = Vec::new();
    for room in rooms() {
        for file in files_of(&room) {
            if file.components().any(|part| part.as_os_str() == "ffi") {
                continue;
            }
            for (number, line) in code_of(&file).lines().enumerate() {
                if line.contains("unsafe ") && !line.contains("unsafe_") {
                    broken.push(format!("{}:{}", file.display(), number + 1));
                }
            }
        }
    }
    assert!(
        broken.is_empty(),
        "unsafe outside of the ffi folders:\n{}",
        broken.join("\n")
    );
}

/// Help is read in many places and kept in one: what two of them say is written once and named twice.
#[test]
fn no_sentence_of_help_is_written_twice() {
    let mut files = vec![
        source().join("action/table.rs"),
        source().join("virsh/table.rs"),
        source().join("virsh/table_guests.rs"),
        source().join("virsh/table_networks.rs"),
    ];
    files.extend(files_of("cli"));
    let mut written: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let literals = file.starts_with(source().join("virsh"));
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            let pieces: Vec<&str> = match line.strip_prefix("/// ") {
                Some(comment) if !literals => vec![comment],
                _ if literals => line.split('"').skip(1).step_by(2).collect(),
                _ => continue,
            };
            for sentence in pieces.iter().flat_map(|piece| piece.split(". ")) {
                let sentence = sentence.trim_end_matches('.').to_lowercase();
                if sentence.split_whitespace().count() >= 6 {
                    let place = format!("{}:{}", file.display(), number + 1);
                    written.entry(sentence).or_default().push(place);
                }
            }
        }
    }
    assert!(
        written.len() > 200,
        "the tables of help are not found: {}",
        written.len()
    );
    written.retain(|_, places| places.len() > 1);
    assert!(written.is_empty(), "written twice: {written:#?}");
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Rooms that exist: folders of `src/` and its files other than the two roots.
fn rooms() -> BTreeSet<String> {
    fs::read_dir(source())
        .expect("src/ is readable")
        .filter_map(|entry| {
            let name = entry
                .expect("an entry of src/")
                .file_name()
                .into_string()
                .expect("a name in UTF-8");
            let room = name.strip_suffix(".rs").unwrap_or(&name).to_owned();
            (!matches!(room.as_str(), "lib" | "main")).then_some(room)
        })
        .collect()
}

fn is_room(name: &str) -> bool {
    rooms().contains(name)
}

fn files_of(room: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let file = source().join(format!("{room}.rs"));
    if file.is_file() {
        found.push(file);
    }
    let mut folders = vec![source().join(room)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries {
            let path = entry.expect("an entry of a room").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found
}

/// The file without its line comments, so that prose may speak of any room.
fn code_of(file: &Path) -> String {
    fs::read_to_string(file)
        .expect("a source file is readable")
        .lines()
        .map(|line| line.split("//").next().unwrap_or(""))
        .collect::<Vec<_>>()
        .join("\n")
}

/// The first path segment behind each `prefix`, with its line; `crate::{a, b::c}` gives both.
fn paths_after(code: &str, prefix: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices(prefix) {
        let line = code[..at].matches('\n').count() + 1;
        let rest = &code[at + prefix.len()..];
        match rest.strip_prefix('{') {
            Some(group) => found.extend(heads_of_group(group).into_iter().map(|head| (line, head))),
            None => found.push((line, identifier(rest))),
        }
    }
    found
}

/// First segments of the entries of a `{…}` group, nested groups passed over.
fn heads_of_group(group: &str) -> Vec<String> {
    let (mut depth, mut entry, mut heads) = (0_u32, String::new(), Vec::new());
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => heads.push(identifier(std::mem::take(&mut entry).trim())),
            c if depth == 0 => entry.push(c),
            _ => {}
        }
    }
    heads.push(identifier(entry.trim()));
    heads
}

fn identifier(text: &str) -> String {
    text.chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect()
}

/// Whether a line of code has `name::` as the head of a path.
fn names_crate(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = &line[at + name.len()..];
        after.starts_with("::")
            && !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':')
    })
}

#[test]
fn the_reader_of_paths_reads_groups_and_heads() {
    let code = "use crate::{app::State, ui::{a, b}, model};\nlet x = crate::stats::rates();";
    let heads: Vec<_> = paths_after(code, "crate::")
        .into_iter()
        .map(|(_, head)| head)
        .collect();
    assert_eq!(heads, ["app", "ui", "model", "stats"]);
    assert!(names_crate("use virt::connect::Connect;", "virt"));
    assert!(!names_crate(
        "use crate::libvirt::x; let a = my_virt::y;",
        "virt"
    ));
}
