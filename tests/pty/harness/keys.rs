//! Keys as a terminal sends them.

/// What a terminal sends for keys written like `jj<Enter>`. One element for each piece that must arrive by itself: an
/// Esc with something right behind it is another key.
pub fn bytes(keys: &str) -> Vec<Vec<u8>> {
    let mut pieces = vec![Vec::new()];
    let mut rest = keys;
    while let Some(first) = rest.chars().next() {
        let name = rest
            .strip_prefix('<')
            .and_then(|inner| inner.split_once('>'))
            .filter(|(name, _)| name.len() > 1);
        let Some((name, behind)) = name else {
            let (character, behind) = rest.split_at(first.len_utf8());
            pieces.last_mut().unwrap().extend(character.bytes());
            rest = behind;
            continue;
        };
        pieces.last_mut().unwrap().extend(named(name));
        if name == "Esc" {
            pieces.push(Vec::new());
        }
        rest = behind;
    }
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

fn named(name: &str) -> Vec<u8> {
    if let Some(letter) = name.strip_prefix("C-") {
        return vec![letter.as_bytes()[0] & 0x1f];
    }
    if let Some(letter) = name.strip_prefix("A-") {
        return [b"\x1b", letter.as_bytes()].concat();
    }
    let sequence: &[u8] = match name {
        "Enter" => b"\r",
        "Delete" => b"\x1b[3~",
        "Esc" => b"\x1b",
        "Tab" => b"\t",
        "BackTab" => b"\x1b[Z",
        "Backspace" => b"\x7f",
        "Up" => b"\x1b[A",
        "Down" => b"\x1b[B",
        "Right" => b"\x1b[C",
        "Left" => b"\x1b[D",
        "Home" => b"\x1b[H",
        "End" => b"\x1b[F",
        "PgUp" => b"\x1b[5~",
        "PgDn" => b"\x1b[6~",
        "F1" => b"\x1bOP",
        other => panic!("there is no key <{other}>"),
    };
    sequence.to_vec()
}
