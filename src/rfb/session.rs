//! A session: pixels into a picture, keys and pointer out.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;
use vnc::{
    ClientKeyEvent, ClientMouseEvent, PixelFormat, Rect, VncClient, VncConnector, VncEncoding,
    VncEvent, X11Event,
};

use super::watched::Sight;
use super::{Byways, Trouble, Watched};
use crate::display::{Area, Keysym, Picture};

/// How long a beginning may take, each step of it.
const BEGIN: Duration = Duration::from_secs(10);

/// How long the server may take none of what is sent.
const SEND: Duration = Duration::from_secs(5);

/// Bytes of a text that goes into a guest's clipboard.
pub const MOST_CUT: usize = 256 * 1024;

/// What is asked for, best first. No cursor: the terminal has one, and the guest's picture of it may be endless.
const ENCODINGS: [VncEncoding; 5] = [
    VncEncoding::CopyRect,
    VncEncoding::Zrle,
    VncEncoding::Raw,
    VncEncoding::DesktopSizePseudo,
    VncEncoding::LastRectPseudo,
];

/// What the server did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happened {
    /// A part of the picture is another.
    Drawn,
    /// The picture has another size, and nothing on it.
    Resized,
    /// The guest put a text into its clipboard; untrusted.
    Cut(String),
    /// Nothing that matters.
    Nothing,
}

/// An open session. Dropping it ends it.
pub struct Session {
    client: VncClient,
    sight: Arc<Sight>,
    picture: Picture,
}

impl Session {
    /// Begins over a stream. Other clients keep the display.
    ///
    /// # Errors
    /// See [`Trouble`].
    pub async fn begin(stream: Box<dyn Byways>, password: Option<String>) -> Result<Self, Trouble> {
        let (watched, sight) = Watched::new(stream);
        let given = password.is_some();
        let begun = timeout(BEGIN, connect(watched, password)).await;
        let client = match begun {
            Ok(Ok(client)) => client,
            Ok(Err(error)) => {
                let offered = sight.security_types();
                return Err(Trouble::of_beginning(error, offered.as_deref(), given));
            }
            Err(_) => return Err(Trouble::Late(BEGIN.as_secs())),
        };
        let mut session = Self {
            client,
            sight,
            picture: Picture::default(),
        };
        // The size comes first. A server that then sends no picture has none to send.
        match timeout(BEGIN, session.next()).await {
            Ok(Ok(_)) => Ok(session),
            Ok(Err(trouble)) => Err(trouble),
            Err(_) => Err(Trouble::Late(BEGIN.as_secs())),
        }
    }

    /// What the display shows.
    #[must_use]
    pub fn picture(&self) -> &Picture {
        &self.picture
    }

    /// Bytes that came so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.sight.bytes()
    }

    /// Whether all that came has been read: no picture is half on its way here.
    #[must_use]
    pub fn is_dry(&self) -> bool {
        self.sight.is_dry()
    }

    /// Waits for what the server does next. May be given up at any moment and asked again.
    ///
    /// # Errors
    /// When the session has ended.
    pub async fn next(&mut self) -> Result<Happened, Trouble> {
        let event = self.client.recv_event().await;
        self.take(event.map_err(Trouble::of_session)?)
    }

    /// What the server has done, when something waits.
    ///
    /// # Errors
    /// When the session has ended.
    pub async fn try_next(&mut self) -> Result<Option<Happened>, Trouble> {
        match self.client.poll_event().await {
            Ok(Some(event)) => self.take(event).map(Some),
            Ok(None) => Ok(None),
            Err(error) => Err(Trouble::of_session(error)),
        }
    }

    fn take(&mut self, event: VncEvent) -> Result<Happened, Trouble> {
        let refused = || Trouble::Protocol("a picture that cannot be".to_owned());
        Ok(match event {
            VncEvent::SetResolution(size) => {
                let fresh = Picture::black(size.width, size.height);
                self.picture = fresh.ok_or_else(refused)?;
                Happened::Resized
            }
            VncEvent::RawImage(rect, bytes) => {
                if !self.picture.put(area(rect), &bytes) {
                    return Err(refused());
                }
                Happened::Drawn
            }
            VncEvent::Copy(to, from) => {
                if !self.picture.copy(area(to), area(from)) {
                    return Err(refused());
                }
                Happened::Drawn
            }
            VncEvent::Text(text) => Happened::Cut(text),
            VncEvent::Error(words) => return Err(Trouble::Protocol(words)),
            _ => Happened::Nothing,
        })
    }

    /// Asks for what has changed.
    ///
    /// # Errors
    /// When the session has ended.
    pub async fn ask(&self) -> Result<(), Trouble> {
        self.send(X11Event::Refresh).await
    }

    /// Presses a key, or lets it go.
    ///
    /// # Errors
    /// When the session has ended.
    pub async fn key(&self, key: Keysym, down: bool) -> Result<(), Trouble> {
        let event = ClientKeyEvent {
            keycode: key.0,
            down,
        };
        self.send(X11Event::KeyEvent(event)).await
    }

    /// Puts a text into the guest's clipboard (RFC 6143, section 7.5.6), at most [`MOST_CUT`] bytes. It goes as UTF-8, which QEMU
    /// passes on to its guests as it is; a server that keeps to the letter of the standard takes it for Latin-1.
    ///
    /// # Errors
    /// When the session has ended.
    pub async fn cut(&self, text: String) -> Result<(), Trouble> {
        let mut end = text.len().min(MOST_CUT);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        self.send(X11Event::CopyText(text[..end].to_owned())).await
    }

    /// Moves the pointer.
    ///
    /// # Errors
    /// When the session has ended.
    pub async fn point(&self, x: u16, y: u16, buttons: u8) -> Result<(), Trouble> {
        let event = ClientMouseEvent {
            position_x: x.min(self.picture.width().saturating_sub(1)),
            position_y: y.min(self.picture.height().saturating_sub(1)),
            bottons: buttons,
        };
        self.send(X11Event::PointerEvent(event)).await
    }

    async fn send(&self, event: X11Event) -> Result<(), Trouble> {
        match timeout(SEND, self.client.input(event)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Trouble::of_session(error)),
            Err(_) => Err(Trouble::Late(SEND.as_secs())),
        }
    }
}

fn area(rect: Rect) -> Area {
    Area {
        x: rect.x,
        y: rect.y,
        width: rect.width,
        height: rect.height,
    }
}

async fn connect(stream: Watched, password: Option<String>) -> Result<VncClient, vnc::VncError> {
    let mut connector = VncConnector::new(stream)
        .allow_shared(true)
        .set_pixel_format(PixelFormat::bgra());
    for encoding in ENCODINGS {
        connector = connector.add_encoding(encoding);
    }
    let password = password.map(|word| async move { Ok::<_, vnc::VncError>(word) });
    match password {
        Some(password) => {
            let connector = connector.set_auth_method(password);
            connector.build()?.try_start().await?.finish()
        }
        None => connector.build()?.try_start().await?.finish(),
    }
}
