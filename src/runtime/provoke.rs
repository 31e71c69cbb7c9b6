//! Accidents on demand, for the tests in a terminal; not in release builds.
//!
//! `VIRTTY_PROVOKE` names what happens at the next `redraw` (Ctrl-L): `main` panics, `input` is a panic of a thread of the
//! console, `worker` one of a thread that talks to libvirt, `hang` stops the loop for ever, `error` is a terminal that
//! cannot be written, `stderr` prints as a careless library would.

use std::io;
use std::thread;

/// Does what the environment asks for.
///
/// # Errors
/// When that is an error.
#[allow(clippy::panic, reason = "this is what it is for")]
pub fn accident() -> io::Result<()> {
    let Ok(what) = std::env::var("VIRTTY_PROVOKE") else {
        return Ok(());
    };
    let panic_in = |name: &str| {
        let spawned = thread::Builder::new()
            .name(name.to_owned())
            .spawn(|| panic!("a provoked panic"));
        spawned.map(|thread| {
            let _ = thread.join();
        })
    };
    match what.as_str() {
        "main" => panic!("a provoked panic"),
        "input" => panic_in("runtime-provoked"),
        "worker" => panic_in("libvirt-provoked"),
        "hang" => loop {
            thread::park();
        },
        "error" => Err(io::Error::other("a provoked error")),
        "stderr" => {
            eprintln!("a careless library");
            Ok(())
        }
        _ => Ok(()),
    }
}
