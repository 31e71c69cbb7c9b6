//! Displays of servers that are made of bytes: logins that virtty does not have, ends in the midst of a picture, texts that
//! take their time, pictures for terminals that draw pixels.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::harness::{PATIENCE, Session, Setup};
use crate::rfb_server::{beginning, raw, update};
use crate::support::wait::wait_until;

/// What a server says to one client, and whether it stays then.
type Says = Box<dyn Fn(usize) -> (Vec<u8>, bool) + Send>;

/// A VNC server; it ends with the test's process.
struct Server {
    port: u16,
    heard: Arc<Mutex<Vec<u8>>>,
}

impl Server {
    /// Says the same to every client, and stays.
    fn of(bytes: Vec<u8>) -> Self {
        Self::saying(Box::new(move |_| (bytes.clone(), true)))
    }

    /// Says to each client, by its number, what it is told to.
    fn saying(says: Says) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let ears = Arc::clone(&heard);
        thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                let Ok(mut stream) = stream else { return };
                let (bytes, stays) = says(number);
                if stream.write_all(&bytes).is_err() || !stays {
                    continue;
                }
                let ears = Arc::clone(&ears);
                thread::spawn(move || {
                    let mut piece = [0; 4096];
                    while let Ok(count @ 1..) = stream.read(&mut piece) {
                        let mut ears = ears.lock().unwrap_or_else(PoisonError::into_inner);
                        ears.extend(&piece[..count]);
                    }
                });
            }
        });
        Self { port, heard }
    }

    fn heard(&self) -> MutexGuard<'_, Vec<u8>> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A screen of one colour.
fn screen() -> Vec<u8> {
    [
        beginning(64, 48),
        update(1),
        raw([0, 0, 64, 48], [10, 200, 30]),
    ]
    .concat()
}

/// virtty on libvirt's test driver with running domains `vm-0`, `vm-1` … whose displays are these.
fn viewer(settings: &str, servers: &[&Server], words: &[&str]) -> Session {
    let domains: String = servers
        .iter()
        .enumerate()
        .map(|(number, server)| {
            format!(
                "<domain type='test'><name>vm-{number}</name><memory>65536</memory><os><type>hvm</type></os><devices>\
                 <graphics type='vnc' port='{}' autoport='no' listen='127.0.0.1'/></devices></domain>",
                server.port
            )
        })
        .collect();
    let mut setup = Setup::virtty(&[]).size(120, 30);
    setup.home().write(
        "config/virtty/config.toml",
        &format!("[display]\n{settings}"),
    );
    let node = setup
        .home()
        .write("node.xml", &format!("<node>{domains}</node>"));
    for word in [&["-c", &format!("test://{}", node.display())], words].concat() {
        setup = setup.argument(word);
    }
    setup.start()
}

#[test]
fn a_login_that_virtty_does_not_have_is_named_and_a_viewer_is_told() {
    for (kind, name) in [(19, "VeNCrypt (TLS)"), (20, "SASL"), (18, "TLS")] {
        let server = Server::of([b"RFB 003.008\n", &[1, kind][..]].concat());
        let console = viewer("", &[&server], &["view", "vm-0"]);
        let screen = console.wait_for(&format!("asks for {name}, which virtty does not have"));
        assert!(screen.line(0).contains("pictures: "), "{}", screen.text());
        console.quiet(Duration::from_millis(300));
        console.press("<C-]>c");
        console.wait_for("virt-viewer -c test://");
        end(console);
    }
}

#[test]
fn a_server_that_ends_in_the_midst_of_a_picture_is_sought_again() {
    let server = Server::saying(Box::new(|number| {
        let whole = screen();
        let half = whole[..whole.len() / 2].to_vec();
        if number < 2 {
            (half, false)
        } else {
            (whole, true)
        }
    }));
    let console = viewer("", &[&server], &["view", "vm-0"]);
    console.wait_until("a picture in the end", |screen| {
        screen.line(0).contains("VNC") && screen.line(0).contains("64x48")
    });
    end(console);
}

#[test]
fn a_server_that_talks_nonsense_ends_its_view_and_nothing_else() {
    let server = Server::of([beginning(64, 48), vec![200; 5000]].concat());
    let console = viewer("", &[&server], &["view", "vm-0"]);
    console.wait_for("is not VNC as it should be");
    console.wait_for("ctrl-] r tries again");
    end(console);
}

#[test]
fn a_text_is_typed_at_its_pace_and_can_be_stopped() {
    let server = Server::of(screen());
    let console = viewer("type-per-s = 1", &[&server], &["view", "vm-0"]);
    console.wait_for("64x48");
    console.send(format!("\x1b[200~{}\x1b[201~", "a".repeat(500)).as_bytes());
    console.wait_for("of 500 (ctrl-] x stops)");
    console.press("<C-]>x");
    console.wait_for("Stopped: ");
    console.wait_gone("of 500 (");
    // Keys go on: the b is behind all that was typed.
    console.press("b");
    let pressed = |key: u8| [4, 1, 0, 0, 0, 0, 0, key];
    wait_until(PATIENCE, "the key", || {
        server.heard().windows(8).any(|one| one == pressed(b'b'))
    });
    let count = |key| {
        let heard = server.heard();
        heard.windows(8).filter(|one| *one == pressed(key)).count()
    };
    let typed = count(b'a');
    assert!((1..400).contains(&typed), "{typed}");
    end(console);
}

/// What a terminal with kitty's graphics gets, as no such terminal runs in tests: bytes, their order and their sizes.
#[test]
fn displays_side_by_side_are_pictures_of_their_own() {
    let servers = [Server::of(screen()), Server::of(screen())];
    let both = [&servers[0], &servers[1]];
    let console = viewer("pixels = \"kitty\"", &both, &["view", "vm-0"]);
    console.wait_for("64x48");
    console.quiet(Duration::from_millis(300));
    console.press("<C-]>b");
    console.wait_for("Memory");
    let row = console.wait_for("vm-1").number_of("vm-1");
    console.press("<Down>");
    console.wait_until("the next row", |screen| screen.line(row).starts_with('▌'));
    console.press("v");
    console.wait_for("vm-1 · VNC");
    // Both are drawn anew beside each other, whatever was drawn before.
    let count = console.count();
    console.press("<C-]>T");
    console.wait_until("both", |screen| {
        screen.has("vm-0 · VNC") && screen.has("vm-1 · VNC")
    });
    let place = |number: u32| format!("\x1b_Ga=T,f=100,i={},p=1,C=1,q=2,c=", 7620 + number);
    wait_until(PATIENCE, "two pictures", || {
        let bytes = console.since(count);
        let text = String::from_utf8_lossy(&bytes);
        text.contains(&place(0)) && text.contains(&place(1))
    });
    let bytes = console.raw();
    let text = String::from_utf8(bytes).unwrap();
    let commands: Vec<_> = text.split("\x1b_G").skip(1).collect();
    for command in commands {
        // The last may be on its way still.
        let Some((command, _)) = command.split_once("\x1b\\") else {
            continue;
        };
        let data = command.split_once(';').map_or("", |(_, data)| data);
        assert!(data.len() <= 4096, "{} bytes at once", data.len());
    }
    console.press("<C-]>d");
    console.wait_gone("vm-1 · VNC");
    end(console);
}

fn end(mut console: Session) {
    console.press("<C-]>d");
    console.wait_for("Memory");
    console.press("q");
    assert_eq!(console.code(), 0);
}
