//! A VNC server made of bytes: good ones and bad ones.

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use virtty::rfb::{Session, Trouble};

/// What a server without a password says until the first update.
pub fn beginning(width: u16, height: u16) -> Vec<u8> {
    let mut bytes = b"RFB 003.008\n".to_vec();
    bytes.extend([1, 1]);
    bytes.extend(0_u32.to_be_bytes());
    bytes.extend(screen(width, height));
    bytes
}

/// Size, format and name of a screen.
pub fn screen(width: u16, height: u16) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend(width.to_be_bytes());
    bytes.extend(height.to_be_bytes());
    bytes.extend([32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0]);
    bytes.extend(4_u32.to_be_bytes());
    bytes.extend(b"fake");
    bytes
}

/// An update with so many rectangles, which follow.
pub fn update(rectangles: u16) -> Vec<u8> {
    let mut bytes = vec![0, 0];
    bytes.extend(rectangles.to_be_bytes());
    bytes
}

/// The head of a rectangle.
pub fn rectangle(place: [u16; 4], encoding: i32) -> Vec<u8> {
    let mut bytes: Vec<u8> = place.into_iter().flat_map(u16::to_be_bytes).collect();
    bytes.extend(encoding.to_be_bytes());
    bytes
}

/// A rectangle of one colour, blue first.
pub fn raw(place: [u16; 4], colour: [u8; 3]) -> Vec<u8> {
    let mut bytes = rectangle(place, 0);
    for _ in 0..u32::from(place[2]) * u32::from(place[3]) {
        bytes.extend(colour);
        bytes.push(0);
    }
    bytes
}

/// A session with a server that says `bytes` and then ends; what is sent to it comes out of the other end.
pub async fn session(
    bytes: Vec<u8>,
    password: Option<&str>,
) -> (Result<Session, Trouble>, DuplexStream) {
    begun(bytes, password, true).await
}

/// The same with one that listens on.
pub async fn listening(bytes: Vec<u8>) -> (Result<Session, Trouble>, DuplexStream) {
    begun(bytes, None, false).await
}

async fn begun(
    bytes: Vec<u8>,
    password: Option<&str>,
    ends: bool,
) -> (Result<Session, Trouble>, DuplexStream) {
    let (here, mut there) = duplex(1024 * 1024);
    let (echo, mut heard) = duplex(1024 * 1024);
    tokio::spawn(async move {
        let _ = there.write_all(&bytes).await;
        if ends {
            let _ = there.shutdown().await;
        }
        let mut piece = [0; 4096];
        while let Ok(read @ 1..) = there.read(&mut piece).await {
            if heard.write_all(&piece[..read]).await.is_err() {
                return;
            }
        }
    });
    let begun = Session::begin(Box::new(here), password.map(str::to_owned)).await;
    (begun, echo)
}

/// Takes in all that a server says; why it ended.
pub async fn drain(session: &mut Session) -> Trouble {
    loop {
        if let Err(trouble) = session.next().await {
            return trouble;
        }
    }
}

/// Runs a session with these bytes to its end.
pub async fn end_of(bytes: Vec<u8>) -> Trouble {
    match session(bytes, None).await {
        (Ok(mut session), _echo) => drain(&mut session).await,
        (Err(trouble), _) => trouble,
    }
}
