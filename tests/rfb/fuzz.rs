//! Sessions with servers that mean no good, made at random: whatever they say, a session ends with a reason and keeps to its
//! bounds.

use proptest::collection::vec;
use proptest::prelude::*;
use virtty::rfb::Trouble;

use crate::run;
use crate::server::{beginning, drain, end_of, raw, rectangle, screen, session, update};

/// Pixels that a screen may have at most, as `vnc-rs` bounds them.
const MOST_PIXELS: usize = 8_294_400;

/// A side or a place: those at the edges of what is right are the likeliest.
fn side() -> impl Strategy<Value = u16> {
    prop_oneof![
        Just(0_u16),
        Just(1),
        Just(31),
        Just(32),
        Just(33),
        Just(8192),
        Just(8193),
        Just(u16::MAX),
        any::<u16>(),
    ]
}

/// Encodings that were asked for, that were not, and that nobody knows.
fn encoding() -> impl Strategy<Value = i32> {
    prop_oneof![
        4 => Just(0),
        2 => Just(1),
        4 => Just(16),
        2 => Just(-223),
        2 => Just(-224),
        1 => proptest::sample::select(vec![2, 4, 5, 6, 7, 15, 21, -232, -239, -240, -247, -256, -257, -258]),
        1 => proptest::sample::select(vec![-260, -305, -307, -308, -309, -312, 0x574d_5664, -0x3f5e_1a32]),
        1 => any::<i32>(),
    ]
}

/// What comes behind the head of a rectangle.
fn content() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        vec(any::<u8>(), 0..300),
        // A length, and less or more than that.
        (any::<u32>(), vec(any::<u8>(), 0..80)).prop_map(|(length, bytes)| [
            length.to_be_bytes().to_vec(),
            bytes
        ]
        .concat()),
        (0_u32..64, vec(any::<u8>(), 0..80)).prop_map(|(length, bytes)| {
            [length.to_be_bytes().to_vec(), vec![0x78, 0x9c], bytes].concat()
        }),
        Just(vec![0; 4096]),
    ]
}

fn place() -> impl Strategy<Value = [u16; 4]> {
    [side(), side(), side(), side()]
}

fn message() -> impl Strategy<Value = Vec<u8>> {
    let rectangles = (
        any::<Option<u16>>(),
        vec((place(), encoding(), content()), 0..6),
    )
        .prop_map(|(told, all)| {
            let count = told.unwrap_or_else(|| u16::try_from(all.len()).unwrap());
            let mut bytes = update(count);
            for (place, encoding, content) in all {
                bytes.extend(rectangle(place, encoding));
                bytes.extend(content);
            }
            bytes
        });
    prop_oneof![
        6 => rectangles,
        2 => (0_u16..33, 0_u16..17, any::<[u8; 3]>())
            .prop_map(|(x, y, colour)| [update(1), raw([x, y, 1, 1], colour)].concat()),
        1 => Just(vec![2]),
        1 => (any::<i32>(), vec(any::<u8>(), 0..200))
            .prop_map(|(length, text)| [vec![3, 0, 0, 0], length.to_be_bytes().to_vec(), text].concat()),
        1 => (any::<u16>(), vec(any::<u8>(), 0..60))
            .prop_map(|(count, colours)| [vec![1, 0, 0, 0], count.to_be_bytes().to_vec(), colours].concat()),
        1 => vec(any::<u8>(), 1..60),
    ]
}

/// What a server may begin with: versions, kinds of security, results, sizes and names that are nearly right.
fn hostile_beginning() -> impl Strategy<Value = Vec<u8>> {
    let version = prop_oneof![
        Just(b"RFB 003.008\n".to_vec()),
        Just(b"RFB 003.003\n".to_vec()),
        Just(b"RFB 003.007\n".to_vec()),
        Just(b"RFB 004.000\n".to_vec()),
        Just(b"RFB 999.999\n".to_vec()),
        vec(any::<u8>(), 0..24),
    ];
    let kinds = prop_oneof![
        vec(any::<u8>(), 0..255).prop_map(|kinds| {
            let mut bytes = vec![u8::try_from(kinds.len()).unwrap()];
            bytes.extend(kinds);
            bytes
        }),
        Just(vec![1, 1]),
        Just(vec![0]),
        Just(vec![255]),
        any::<u32>().prop_map(|kind| kind.to_be_bytes().to_vec()),
    ];
    let result = prop_oneof![
        Just(vec![0; 4]),
        any::<[u8; 4]>().prop_map(|result| result.to_vec()),
        (any::<u32>(), vec(any::<u8>(), 0..60)).prop_map(|(length, words)| {
            [vec![0, 0, 0, 1], length.to_be_bytes().to_vec(), words].concat()
        }),
    ];
    let size = (side(), side(), any::<[u8; 16]>(), any::<Option<u32>>()).prop_map(
        |(width, height, format, name)| {
            let mut bytes = screen(width, height);
            if let Some(length) = name {
                bytes[4..20].copy_from_slice(&format);
                bytes[20..24].copy_from_slice(&length.to_be_bytes());
            }
            bytes
        },
    );
    (version, kinds, result, size)
        .prop_map(|(version, kinds, result, size)| [version, kinds, result, size].concat())
}

/// A session to its end: the reason, and how large its picture became.
fn ended(bytes: Vec<u8>) -> (Trouble, usize) {
    run(async {
        match session(bytes, None).await {
            (Ok(mut session), _echo) => {
                let trouble = drain(&mut session).await;
                let picture = session.picture();
                let size = usize::from(picture.width()) * usize::from(picture.height());
                (trouble, size)
            }
            (Err(trouble), _) => (trouble, 0),
        }
    })
}

fn is_told(trouble: &Trouble) -> bool {
    let words = trouble.to_string();
    !words.is_empty() && words.chars().count() < 400
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn whatever_a_server_draws_ends_a_session_with_a_reason(
        messages in vec(message(), 1..12),
        cut in any::<prop::sample::Index>(),
        whole in any::<bool>(),
    ) {
        let mut bytes = [beginning(32, 16), messages.concat()].concat();
        if !whole {
            bytes.truncate(cut.index(bytes.len()));
        }
        let (trouble, pixels) = ended(bytes);
        prop_assert!(is_told(&trouble), "{trouble:?}");
        prop_assert!(pixels <= MOST_PIXELS);
        prop_assert!(!matches!(trouble, Trouble::Late(_)), "{trouble:?}");
    }

    #[test]
    fn whatever_a_server_begins_with_ends_with_a_reason(
        start in hostile_beginning(),
        messages in vec(message(), 0..3),
        password in any::<bool>(),
    ) {
        let bytes = [start, messages.concat()].concat();
        let trouble = run(async {
            match session(bytes, password.then_some("secret")).await {
                (Ok(mut session), _echo) => drain(&mut session).await,
                (Err(trouble), _) => trouble,
            }
        });
        prop_assert!(is_told(&trouble), "{trouble:?}");
        prop_assert!(!trouble.to_string().contains("secret"));
    }
}

#[test]
fn a_session_may_be_cut_in_every_place() {
    let mut bytes = beginning(32, 16);
    for part in [
        update(3),
        raw([0, 0, 4, 2], [1, 2, 3]),
        rectangle([8, 0, 4, 2], 1),
        vec![0; 4],
        rectangle([0, 0, 32, 16], -224),
        vec![2],
        vec![3, 0, 0, 0, 0, 0, 0, 2, b'h', b'i'],
        update(1),
        rectangle([0, 0, 40, 20], -223),
    ] {
        bytes.extend(part);
    }
    for cut in 0..=bytes.len() {
        let trouble = run(end_of(bytes[..cut].to_vec()));
        assert!(is_told(&trouble), "{cut}: {trouble:?}");
        assert!(
            matches!(trouble, Trouble::Stream(_) | Trouble::Protocol(_)),
            "{cut}: {trouble:?}"
        );
    }
}
