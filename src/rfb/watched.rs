//! A stream that is watched on its way: how much came, whether more is coming, and what the server offered first.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Bytes handed on at once. The crate queues 4,096 pieces before it stops reading: 32 MiB of these.
const PIECE: usize = 8 * 1024;

/// Bytes of a beginning that are kept: version, number of security types, the types.
const BEGINNING: usize = 12 + 1 + 255;

/// A stream in both directions.
pub trait Byways: AsyncRead + AsyncWrite + Unpin + Send + Sync + 'static {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + Sync + 'static> Byways for S {}

/// What was seen of a stream.
#[derive(Debug, Default)]
pub struct Sight {
    bytes: AtomicU64,
    /// The last attempt to read found nothing, or the end.
    dry: AtomicBool,
    beginning: Mutex<Vec<u8>>,
}

impl Sight {
    /// Bytes that came.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Whether all that came was read.
    pub fn is_dry(&self) -> bool {
        self.dry.load(Ordering::Relaxed)
    }

    /// The security types that the server offered (RFC 6143, section 7.1.2); `None` where it did not come so far.
    pub fn security_types(&self) -> Option<Vec<u8>> {
        let beginning = self
            .beginning
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let count = usize::from(*beginning.get(12)?);
        (count > 0).then(|| beginning.get(13..13 + count).map(<[u8]>::to_vec))?
    }
}

/// See the module's words.
pub struct Watched {
    inner: Box<dyn Byways>,
    sight: Arc<Sight>,
}

impl Watched {
    /// Watches a stream.
    pub fn new(inner: Box<dyn Byways>) -> (Self, Arc<Sight>) {
        let sight = Arc::new(Sight::default());
        let watched = Self {
            inner,
            sight: Arc::clone(&sight),
        };
        (watched, sight)
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut piece = [0; PIECE];
        let room = buffer.remaining().min(PIECE);
        let mut part = ReadBuf::new(&mut piece[..room]);
        let polled = Pin::new(&mut *self.inner).poll_read(context, &mut part);
        // Behind its end nothing more comes either.
        let ended = !matches!(polled, Poll::Ready(Ok(()))) || part.filled().is_empty();
        self.sight.dry.store(ended, Ordering::Relaxed);
        if let Poll::Ready(Ok(())) = polled {
            let came = part.filled();
            buffer.put_slice(came);
            let before = self
                .sight
                .bytes
                .fetch_add(came.len() as u64, Ordering::Relaxed);
            if before < BEGINNING as u64 {
                let mut beginning = self
                    .sight
                    .beginning
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner);
                let room = BEGINNING.saturating_sub(beginning.len());
                beginning.extend(came.iter().take(room));
            }
        }
        polled
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.inner).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.inner).poll_shutdown(context)
    }
}
