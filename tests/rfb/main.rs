//! The VNC client against servers made of bytes: one that is right, and many that are not.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod fuzz;
mod server;

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use proptest::prelude::*;
use server::{beginning, drain, end_of, listening, raw, rectangle, screen, session, update};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use virtty::display::Keysym;
use virtty::rfb::{Happened, MOST_CUT, Session, Trouble};

/// Runs on a clock that leaps when nothing else happens: a server that says nothing costs no time.
fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(work)
}

#[test]
fn pixels_copies_and_sizes_are_taken_in() {
    run(async {
        let mut bytes = beginning(4, 2);
        bytes.extend(update(2));
        bytes.extend(raw([0, 0, 2, 2], [1, 2, 3]));
        bytes.extend(rectangle([2, 0, 2, 2], 1));
        bytes.extend([0, 0, 0, 0]);
        bytes.extend(update(1));
        bytes.extend(rectangle([0, 0, 3, 1], -223));
        bytes.extend(update(1));
        bytes.extend(raw([2, 0, 1, 1], [9, 8, 7]));
        let (begun, _echo) = session(bytes, None).await;
        let mut session = begun.unwrap();
        assert_eq!(session.next().await, Ok(Happened::Drawn));
        assert_eq!(session.next().await, Ok(Happened::Drawn));
        assert_eq!(session.picture().line(1), [0x0003_0201; 4]);
        assert_eq!(session.next().await, Ok(Happened::Resized));
        assert_eq!(session.next().await, Ok(Happened::Drawn));
        assert_eq!(session.picture().line(0), [0, 0, 0x0007_0809]);
        assert!(matches!(drain(&mut session).await, Trouble::Stream(_)));
    });
}

#[test]
fn keys_and_pointer_go_out() {
    run(async {
        let (begun, mut echo) = listening(beginning(100, 50)).await;
        let session = begun.unwrap();
        session.key(Keysym::RETURN, true).await.unwrap();
        session.key(Keysym::RETURN, false).await.unwrap();
        // Beyond the edge is the edge.
        session.point(20, 5000, 1).await.unwrap();
        session.cut("hé".to_owned()).await.unwrap();
        let wanted: &[&[u8]] = &[
            &[4, 1, 0, 0, 0, 0, 0xff, 0x0d],
            &[4, 0, 0, 0, 0, 0, 0xff, 0x0d],
            &[5, 1, 0, 20, 0, 49],
            &[6, 0, 0, 0, 0, 0, 0, 3, b'h', 0xc3, 0xa9],
        ];
        let wanted = wanted.concat();
        let mut heard = Vec::new();
        while !heard.ends_with(&wanted) {
            heard.push(echo.read_u8().await.unwrap());
        }
        assert!(heard.starts_with(b"RFB 003.008\n\x01\x01"), "{heard:?}");
    });
}

#[test]
fn a_server_that_ends_has_closed_its_display_whoever_notices() {
    run(async {
        let (begun, _echo) = session(beginning(8, 8), None).await;
        let mut session = begun.unwrap();
        let closed = Trouble::Stream("the display was closed".to_owned());
        assert_eq!(drain(&mut session).await, closed);
        assert!(session.is_dry(), "nothing more is on its way");
        assert_eq!(session.key(Keysym::RETURN, true).await, Err(closed.clone()));
        // Who only sends finds the reader gone.
        let (begun, _echo) = self::session(beginning(8, 8), None).await;
        let session = begun.unwrap();
        let mut ended = Ok(());
        for _ in 0..10_000 {
            ended = session.key(Keysym::RETURN, true).await;
            if ended.is_err() {
                break;
            }
            tokio::task::yield_now().await;
        }
        assert_eq!(ended, Err(closed));
    });
}

#[test]
fn a_clipboard_has_a_bound() {
    run(async {
        let (begun, mut echo) = listening(beginning(8, 8)).await;
        let session = begun.unwrap();
        session.cut("é".repeat(MOST_CUT)).await.unwrap();
        let mut before = [0; 8];
        loop {
            before.rotate_left(1);
            before[7] = echo.read_u8().await.unwrap();
            if before[..4] == [6, 0, 0, 0] {
                break;
            }
        }
        let told = u32::from_be_bytes([before[4], before[5], before[6], before[7]]);
        assert_eq!(told as usize, MOST_CUT);
    });
}

#[test]
fn a_password_is_asked_for_and_tried() {
    let locked = |result: u32, words: &[u8]| {
        let mut bytes = b"RFB 003.008\n\x01\x02".to_vec();
        bytes.extend([7; 16]);
        bytes.extend(result.to_be_bytes());
        bytes.extend(words);
        bytes
    };
    run(async {
        let (begun, _) = session(locked(0, &[]), None).await;
        assert_eq!(begun.err(), Some(Trouble::NoPassword));
        let refusal = b"\x00\x00\x00\x16Authentication failed\x00";
        let (begun, _) = session(locked(1, refusal), Some("wrong")).await;
        let wrong = Trouble::WrongPassword("Authentication failed".to_owned());
        assert_eq!(begun.err(), Some(wrong));
        let (begun, _) = session(locked(0, &screen(8, 8)), Some("right")).await;
        assert!(begun.is_ok());
    });
}

#[test]
fn logins_that_are_not_had_are_named() {
    for (offered, named) in [
        (&[1, 19][..], "VeNCrypt (TLS)"),
        (&[1, 20], "SASL"),
        (&[2, 18, 19], "TLS or VeNCrypt (TLS)"),
        (&[1, 99], "security type 99"),
    ] {
        let bytes = [b"RFB 003.008\n", offered].concat();
        let trouble = run(end_of(bytes));
        assert_eq!(trouble, Trouble::Security(named.to_owned()));
    }
}

#[test]
fn a_server_that_says_nothing_is_given_up() {
    run(async {
        // The other end stays open, and silent.
        let (here, _there) = tokio::io::duplex(64);
        let begun = Session::begin(Box::new(here), None).await;
        assert_eq!(begun.err(), Some(Trouble::Late(10)));
    });
}

/// What a server may say instead of what it should.
fn lies() -> Vec<(&'static str, Vec<u8>)> {
    let open = |rest: &[&[u8]]| [&beginning(64, 48), &*rest.concat()].concat();
    vec![
        ("nothing", Vec::new()),
        ("garbage", (0..=255).cycle().take(5000).collect()),
        (
            "another protocol",
            b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(),
        ),
        ("no size", beginning(0, 0)),
        ("a huge size", beginning(u16::MAX, u16::MAX)),
        ("a long name", {
            let mut bytes = beginning(8, 8);
            let at = bytes.len() - 8;
            bytes.splice(at..at + 4, u32::MAX.to_be_bytes());
            bytes
        }),
        (
            "half a rectangle",
            open(&[&update(1), &raw([0, 0, 64, 48], [1, 2, 3])[..5000]]),
        ),
        (
            "a rectangle outside",
            open(&[&update(1), &raw([60, 0, 8, 8], [1, 2, 3])]),
        ),
        (
            "one as large as can be",
            open(&[&update(1), &rectangle([0, 0, 65535, 65535], 0)]),
        ),
        (
            "a copy from outside",
            open(&[&update(1), &rectangle([0, 0, 64, 48], 1), &[0, 1, 0, 0]]),
        ),
        (
            "a resize to nothing",
            open(&[&update(1), &rectangle([0, 0, 0, 0], -223)]),
        ),
        (
            "a resize to all",
            open(&[&update(1), &rectangle([0, 0, 65535, 65535], -223)]),
        ),
        (
            "a cursor nobody asked for",
            open(&[&update(1), &rectangle([0, 0, 8000, 8000], -239)]),
        ),
        ("cursors without end", {
            let one = [&update(1)[..], &rectangle([0, 0, 8, 8], -239), &[0; 264]].concat();
            open(&[&one.repeat(1000)])
        }),
        (
            "an encoding nobody asked for",
            open(&[&update(1), &rectangle([0, 0, 8, 8], 7)]),
        ),
        (
            "compressed nonsense",
            open(&[
                &update(1),
                &rectangle([0, 0, 64, 48], 16),
                &[0, 0, 0, 9],
                &[0xaa; 9],
            ]),
        ),
        (
            "too much compressed",
            open(&[&update(1), &rectangle([0, 0, 64, 48], 16), &[0xff; 64]]),
        ),
        ("colours by a map", open(&[&[1, 0, 0, 0, 0xff, 0xff]])),
        ("a clipboard of 4 GiB", open(&[&[3, 0, 0, 0], &[0xff; 4]])),
        ("an unknown message", open(&[&[200; 100]])),
        (
            "rectangles without end",
            open(&[
                &update(u16::MAX),
                &raw([0, 0, 1, 1], [1, 2, 3]).repeat(3000),
            ]),
        ),
    ]
}

#[test]
fn a_lie_ends_the_session_with_a_reason() {
    for (name, bytes) in lies() {
        let trouble = run(end_of(bytes));
        let words = trouble.to_string();
        assert!(!words.is_empty() && words.len() < 300, "{name}: {words}");
        assert!(
            !matches!(trouble, Trouble::NoPassword | Trouble::Late(_)),
            "{name}: {trouble:?}"
        );
    }
}

/// Says the beginning, and then the same update as fast as anybody reads.
struct Flood {
    next: Vec<u8>,
    again: Vec<u8>,
}

impl AsyncRead for Flood {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        if self.next.is_empty() {
            self.next = self.again.clone();
        }
        let count = self.next.len().min(buffer.remaining());
        buffer.put_slice(&self.next[..count]);
        self.next.drain(..count);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Flood {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[test]
fn a_flood_that_nobody_reads_stays_outside() {
    run(async {
        let flood = Flood {
            next: beginning(64, 64),
            again: [update(1), raw([0, 0, 64, 64], [1, 2, 3])].concat(),
        };
        let mut session = Session::begin(Box::new(flood), None).await.unwrap();
        let mut before = 0;
        // Until no more is taken.
        while session.bytes() != before {
            before = session.bytes();
            for _ in 0..10_000 {
                tokio::task::yield_now().await;
            }
        }
        let most = 4200 * 8 * 1024;
        assert!(before < most, "{before} bytes wait");
        for _ in 0..100 {
            assert_eq!(session.next().await, Ok(Happened::Drawn));
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// A server that is nearly right is the worst.
    #[test]
    fn bytes_that_are_changed_end_a_session_and_nothing_else(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = beginning(32, 16);
        for part in [
            update(3), raw([0, 0, 8, 8], [1, 2, 3]), rectangle([8, 0, 8, 8], 1), vec![0; 4],
            rectangle([0, 0, 32, 16], 16), vec![0, 0, 0, 4, 0x78, 0x9c, 1, 2], vec![2],
            vec![3, 0, 0, 0, 0, 0, 0, 2, b'h', b'i'], update(1), rectangle([0, 0, 40, 20], -223),
        ] {
            bytes.extend(part);
        }
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes.truncate(cut.index(bytes.len()) + 1);
        let trouble = run(end_of(bytes));
        prop_assert!(!trouble.to_string().is_empty());
    }

    #[test]
    fn any_bytes_behind_the_beginning_end_a_session(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let trouble = run(end_of([beginning(16, 16), bytes].concat()));
        prop_assert!(!trouble.to_string().is_empty());
    }
}
