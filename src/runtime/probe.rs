//! Trying whether something answers at a TCP port, in threads of their own: a guest that drops packets answers never.

use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(2);

/// What tries, and what comes of it.
pub struct Probes {
    sender: UnboundedSender<(SocketAddr, bool)>,
    receiver: UnboundedReceiver<(SocketAddr, bool)>,
}

impl Default for Probes {
    fn default() -> Self {
        let (sender, receiver) = unbounded_channel();
        Self { sender, receiver }
    }
}

impl Probes {
    /// Tries a port; whether it was open comes by [`Probes::recv`].
    pub fn start(&self, address: SocketAddr) {
        let sender = self.sender.clone();
        let tried = thread::Builder::new()
            .name("probe".to_owned())
            .spawn(move || {
                let open = TcpStream::connect_timeout(&address, PATIENCE).is_ok();
                let _ = sender.send((address, open));
            });
        if let Err(error) = tried {
            tracing::warn!("no thread to try {address}: {error}");
            let _ = self.sender.send((address, false));
        }
    }

    /// The next answer.
    pub async fn recv(&mut self) -> Option<(SocketAddr, bool)> {
        self.receiver.recv().await
    }
}
