//! The clipboard of the terminal at the far end of whatever lies between.
//!
//! OSC 52 goes through SSH by itself. tmux takes it only when told to (`set-clipboard on`), so inside tmux the text is
//! also handed to tmux, which passes it on with its own OSC 52; screen lets it through in a DCS string.

use std::env;
use std::io::{self, Write as _};
use std::process::{Command, Stdio};
use std::thread;

use crossterm::clipboard::CopyToClipboard;

use super::terminal::Out;

/// Puts `text` into the clipboard, as far as one can tell: terminals do not answer.
///
/// # Errors
/// When the terminal cannot be written.
pub fn copy(text: &str) -> io::Result<()> {
    let mut sequence = Vec::new();
    crossterm::queue!(sequence, CopyToClipboard::to_clipboard_from(text))?;
    let mut out = Out;
    if env::var_os("TMUX").is_none() && env::var_os("STY").is_some() {
        out.write_all(b"\x1bP")?;
        out.write_all(&sequence)?;
        out.write_all(b"\x1b\\")?;
    } else {
        out.write_all(&sequence)?;
    }
    out.flush()?;
    if env::var_os("TMUX").is_some() {
        hand_to_tmux(text.to_owned());
    }
    Ok(())
}

/// `tmux load-buffer -w -`, on a thread of its own: tmux may be slow.
fn hand_to_tmux(text: String) {
    let spawned = thread::Builder::new()
        .name("clipboard".to_owned())
        .spawn(move || {
            let child = Command::new("tmux")
                .args(["load-buffer", "-w", "-"])
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn();
            let Ok(mut child) = child else { return };
            if let Some(mut stdin) = child.stdin.take() {
                let _ = stdin.write_all(text.as_bytes());
            }
            let _ = child.wait();
        });
    if let Err(error) = spawned {
        tracing::warn!("tmux is not told of the copy: {error}");
    }
}
