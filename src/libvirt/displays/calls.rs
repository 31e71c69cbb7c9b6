//! The thread that makes a display's libvirt calls. Each may hang; nothing else waits for it.

use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use tokio::sync::mpsc::UnboundedSender;

use crate::display::{Picture, TEXT_MEMORY};
use crate::domxml::{self, Secrets};
use crate::libvirt::ffi::{Domain, Error};
use crate::libvirt::meter::Kind;
use crate::libvirt::opener::{OnDemand, Opener};
use crate::libvirt::remedies;
use crate::model::{EndpointKind, ListenKind, Transport, Uri, Uuid};
use crate::ports::{self, Target};
use crate::protocol::{Failure, XmlKind};

/// How long keys are held that libvirt presses, in ms.
const HOLD: u32 = 20;

/// What is to be called.
#[derive(Debug)]
pub enum Ask {
    /// Find a way to the display, and its password where that may be read and is needed.
    Reach(bool),
    /// Read the memory of a VGA in text mode.
    Peek,
    /// Take a picture.
    Shoot,
    /// Press keys together, by Linux' numbers.
    Press(Vec<u16>),
}

/// What came of it.
#[derive(Debug)]
pub enum Answer {
    /// Of [`Ask::Reach`]: the way, and the password.
    Reached(Result<(Way, Option<String>), Missed>),
    /// Of [`Ask::Peek`]; nothing where libvirt would not.
    Peeked(Option<Vec<u8>>),
    /// Of [`Ask::Shoot`].
    Shot(Result<Picture, Missed>),
    /// Of [`Ask::Press`].
    Pressed(Result<(), String>),
}

/// A way to a display.
#[derive(Debug)]
pub enum Way {
    /// An open stream.
    Stream(OwnedFd),
    /// A place to connect to.
    To(Target),
    /// A command whose standard input and output lead there.
    Through(Vec<String>),
    /// No VNC, and why: pictures.
    Pictures(String),
}

/// Why there is none.
#[derive(Debug)]
pub enum Missed {
    /// The domain does not run.
    Off,
    /// It may come back.
    Lost(String),
    /// It will not come by itself.
    Refused(Failure),
}

/// What the thread works with.
pub struct Calls {
    /// How connections are opened.
    pub opener: Arc<Opener>,
    /// For the way.
    pub uri: Option<Uri>,
    /// The domain.
    pub domain: Uuid,
    /// Where answers go.
    pub answers: UnboundedSender<Answer>,
}

impl Calls {
    /// Runs until nobody asks any more.
    pub fn run(self, asks: &Receiver<Ask>) {
        let connection = OnDemand::new(Arc::clone(&self.opener), Kind::Streams);
        while let Ok(ask) = asks.recv() {
            let domain = connection.get().and_then(|open| open.domain(self.domain));
            let answer = match ask {
                Ask::Reach(secret) => Answer::Reached(
                    domain
                        .map_err(|error| self.judge(&error))
                        .and_then(|domain| {
                            let way = self.reach(&domain)?;
                            let needed = secret && matches!(way, Way::To(_) | Way::Through(_));
                            Ok((way, needed.then(|| password(&domain)).flatten()))
                        }),
                ),
                Ask::Peek => {
                    let (address, count) = TEXT_MEMORY;
                    Answer::Peeked(domain.and_then(|domain| domain.peek(address, count)).ok())
                }
                Ask::Shoot => Answer::Shot(self.shoot(domain)),
                Ask::Press(keys) => {
                    let pressed = domain.and_then(|domain| domain.send_keys(&keys, HOLD));
                    Answer::Pressed(pressed.map_err(|error| error.message))
                }
            };
            if self.answers.send(answer).is_err() {
                return;
            }
        }
    }

    fn shoot(&self, domain: Result<Domain, Error>) -> Result<Picture, Missed> {
        let shot = domain.and_then(|domain| domain.screenshot(0));
        let (kind, bytes) = shot.map_err(|error| self.judge(&error))?;
        Picture::read(&bytes)
            .map_err(|why| Missed::Lost(format!("the picture ({kind}) cannot be read: {why}")))
    }

    /// What a failed call means.
    fn judge(&self, error: &Error) -> Missed {
        if error.is_not_running() || error.is_no_domain() {
            return Missed::Off;
        }
        if error.is_of_transport() || error.code == 0 || error.is_internal() {
            return Missed::Lost(error.message.clone());
        }
        Missed::Refused(remedies::failure(
            "see the display",
            error,
            self.uri.as_ref(),
        ))
    }

    /// Finds a way: the descriptor that libvirt passes, else the address as it is reached from here, else pictures.
    fn reach(&self, domain: &Domain) -> Result<Way, Missed> {
        let failed = |error: Error| self.judge(&error);
        let (state, _) = domain.state().map_err(failed)?;
        if !state.is_active() {
            return Err(Missed::Off);
        }
        let xml = domain.xml(XmlKind::Live).map_err(failed)?;
        let found = domxml::endpoints(&xml, Secrets::LeftOut)
            .map_err(|error| Missed::Lost(format!("its XML cannot be read: {error}")))?
            .found;
        let displays: Vec<_> = found
            .iter()
            .filter(|one| one.kind != EndpointKind::Serial)
            .collect();
        let Some(vnc) = displays.iter().find(|one| one.kind == EndpointKind::Vnc) else {
            return Ok(Way::Pictures(without_vnc(
                displays.iter().map(|one| one.kind),
            )));
        };
        let uri = self.uri.as_ref();
        let transport = uri.map_or(&Transport::Local, |uri| &uri.transport);
        let here = matches!(transport, Transport::Local | Transport::Unix);
        let mut why = String::new();
        if here {
            let index = domxml::graphics_index(&xml, EndpointKind::Vnc).unwrap_or(0);
            match domain.open_graphics(index) {
                Ok(stream) => return Ok(Way::Stream(stream)),
                Err(error) if error.is_not_running() => return Err(Missed::Off),
                Err(error) => why = error.message,
            }
        }
        let target = match uri {
            Some(uri) => ports::target(vnc, uri),
            None => self.default_target(vnc),
        };
        let Some(target) = target else {
            let nothing = match vnc.listen {
                Some(ListenKind::None) => "its VNC display listens nowhere".to_owned(),
                _ => "its VNC display has no port".to_owned(),
            };
            let why = if why.is_empty() {
                nothing
            } else {
                format!("{nothing} ({why})")
            };
            return Ok(Way::Pictures(why));
        };
        match (transport, uri) {
            (Transport::Ssh, _) => Ok(self.through_ssh(&target)),
            (_, Some(uri)) if ports::tunnel_needed(vnc, uri) => Ok(Way::Pictures(format!(
                "its VNC display ({target}) answers on its own host only, and this connection is no ssh"
            ))),
            _ => Ok(Way::To(target)),
        }
    }

    /// Without a URI libvirt chose one of this machine.
    fn default_target(&self, vnc: &crate::model::Endpoint) -> Option<Target> {
        "qemu:///system"
            .parse()
            .ok()
            .and_then(|uri| ports::target(vnc, &uri))
    }

    /// Over the login that all of this host shares.
    fn through_ssh(&self, target: &Target) -> Way {
        let command = match target {
            Target::Tcp { host, port } => {
                // As seen from the host: a wildcard was made the host's own name, which it may not know itself by.
                let own = self.uri.as_ref().and_then(|uri| uri.host.as_deref()) == Some(host);
                let host = if own { "127.0.0.1" } else { host };
                let place = if host.contains(':') {
                    format!("[{host}]:{port}")
                } else {
                    format!("{host}:{port}")
                };
                self.opener.ssh_command(&["-W", &place])
            }
            Target::Unix(_) => None,
        };
        match (command, target) {
            (Some(command), _) => Way::Through(command),
            (None, Target::Unix(path)) => Way::Pictures(format!(
                "its VNC display is the socket {path} of the host, which ssh does not pass on by itself"
            )),
            (None, _) => {
                Way::Pictures("the login to the host is not made by the program ssh".to_owned())
            }
        }
    }
}

/// The password of a domain's VNC display, where libvirt tells it.
fn password(domain: &Domain) -> Option<String> {
    let xml = domain.xml_with_secrets().ok()?;
    domxml::vnc_password(&xml)
}

/// Why there is no VNC, by what there is.
fn without_vnc(kinds: impl Iterator<Item = EndpointKind>) -> String {
    let words: Vec<_> = kinds.map(|kind| kind.word().to_uppercase()).collect();
    match words.as_slice() {
        [] => "it has no display that can be reached".to_owned(),
        words => format!("its display is {}, not VNC", words.join(" and ")),
    }
}
