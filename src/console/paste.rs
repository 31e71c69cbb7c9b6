//! Pasted text as a guest gets it.

/// A text made ready, and what was left out of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pasted {
    /// The bytes to send.
    pub bytes: Vec<u8>,
    /// Control characters that were left out.
    pub left_out: usize,
    /// Lines that the guest will take for entered: ends of lines in the text.
    pub entered: usize,
}

/// Makes `text` ready for a guest: ends of lines become CR, as Enter sends it, other control characters than Tab are
/// left out, since they are keys (ESC, Ctrl-C, ...) that nobody pressed. In brackets where the guest asked for them.
#[must_use]
pub fn paste(text: &str, bracketed: bool) -> Pasted {
    let mut pasted = Pasted {
        bytes: Vec::with_capacity(text.len() + 12),
        left_out: 0,
        entered: 0,
    };
    if bracketed {
        pasted.bytes.extend(b"\x1b[200~");
    }
    let mut before = '\0';
    for c in text.chars() {
        match c {
            '\n' if before == '\r' => {}
            '\n' | '\r' => {
                pasted.bytes.push(b'\r');
                pasted.entered += 1;
            }
            '\t' => pasted.bytes.push(b'\t'),
            c if c.is_control() => pasted.left_out += 1,
            c => pasted.bytes.extend(c.encode_utf8(&mut [0; 4]).bytes()),
        }
        before = c;
    }
    if bracketed {
        pasted.bytes.extend(b"\x1b[201~");
    }
    pasted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_are_left_out_and_lines_are_entered() {
        let pasted = paste("a\r\nb\nc\td\x1b[201~\u{9b}\x03é", false);
        assert_eq!(pasted.bytes, "a\rb\rc\td[201~é".as_bytes());
        assert_eq!((pasted.left_out, pasted.entered), (3, 2));
    }

    #[test]
    fn brackets_cannot_be_left_from_within() {
        let pasted = paste("x\x1b[201~y", true);
        assert_eq!(pasted.bytes, b"\x1b[200~x[201~y\x1b[201~");
    }
}
