//! Consoles: non-blocking streams and their callbacks.
//!
//! The crate's own stream callbacks keep the address of a value that may move; here the sink is boxed once and freed by
//! libvirt's free callback.

use std::ffi::{CString, c_int, c_void};
use std::ptr;
use std::sync::Arc;
use std::thread;

use super::connection::free_box;
use super::{Connection, Domain, Error, Result};
use crate::protocol::{ConsoleAccess, ConsoleDevice};

/// Where what comes from a stream goes. Called on the event thread: must not block and must not call libvirt.
pub trait StreamSink: Send + Sync {
    /// Bytes came.
    fn bytes(&self, bytes: &[u8]);
    /// Nothing will come any more: the other side ended it, or why it broke.
    fn ended(&self, reason: Option<Error>);
}

type Sink = Arc<dyn StreamSink>;

/// An open stream. Dropping it gives the line free, on a thread of its own, because that waits for the daemon.
pub struct Stream {
    raw: Raw,
    connection: Connection,
}

#[derive(Clone, Copy)]
struct Raw(virt_sys::virStreamPtr);

// SAFETY: libvirt locks its streams; any thread may call them as long as a reference is held, which `Stream` does.
unsafe impl Send for Raw {}

/// Bytes read at once.
const PIECE: usize = 16 * 1024;

/// Pieces read before other callbacks of the event thread have their turn.
const PIECES: usize = 64;

/// "Nothing now", of a stream that does not block.
const AGAIN: c_int = -2;

const EVENTS: u32 = virt_sys::VIR_STREAM_EVENT_READABLE
    | virt_sys::VIR_STREAM_EVENT_ERROR
    | virt_sys::VIR_STREAM_EVENT_HANGUP;

impl Domain {
    /// Sends a break over a serial line (`virDomainQemuMonitorCommand`, `chardev-send-break`): the domain counts as tainted
    /// from then on until it is off.
    ///
    /// # Errors
    /// libvirt's own, QEMU's words where that has no such line, or a channel, which knows no break.
    pub fn send_break(&self, device: &ConsoleDevice) -> Result<()> {
        let Some(command) = device.break_command() else {
            return Err(Error::own("a channel knows no break"));
        };
        let reply = self.monitor_command(&command, false)?;
        if reply.contains("\"error\"") {
            return Err(Error::own(reply));
        }
        Ok(())
    }

    /// Opens a console or channel (`virDomainOpenConsole`, `virDomainOpenChannel`); what it says goes to `sink`.
    ///
    /// # Errors
    /// libvirt's own: not running, in use, no such device, not supported.
    pub fn open_console(
        &self,
        device: &ConsoleDevice,
        access: ConsoleAccess,
        sink: Sink,
    ) -> Result<Stream> {
        let name = match device {
            ConsoleDevice::First => None,
            ConsoleDevice::Alias(name) | ConsoleDevice::Channel(name) => Some(
                CString::new(name.as_str())
                    .map_err(|_| Error::own("the name of the device contains a NUL byte"))?,
            ),
        };
        let name = name.as_ref().map_or(ptr::null(), |name| name.as_ptr());
        // SAFETY: the connection is valid.
        let raw = unsafe {
            virt_sys::virStreamNew(self.connection().raw(), virt_sys::VIR_STREAM_NONBLOCK)
        };
        if raw.is_null() {
            return Err(Error::last());
        }
        // Freed by its drop from here on.
        let stream = Stream {
            raw: Raw(raw),
            connection: self.connection().clone(),
        };
        let channel = matches!(device, ConsoleDevice::Channel(_));
        let flags = match (access, channel) {
            (ConsoleAccess::Polite, _) | (ConsoleAccess::Safe, true) => 0,
            (ConsoleAccess::Safe, false) => virt_sys::VIR_DOMAIN_CONSOLE_SAFE,
            (ConsoleAccess::Force, false) => virt_sys::VIR_DOMAIN_CONSOLE_FORCE,
            (ConsoleAccess::Force, true) => virt_sys::VIR_DOMAIN_CHANNEL_FORCE,
        };
        let opened = if channel {
            self.meter().call("virDomainOpenChannel", || {
                // SAFETY: domain and stream are valid, the name is null or NUL-terminated and not kept.
                unsafe { virt_sys::virDomainOpenChannel(self.raw(), name, raw, flags) }
            })
        } else {
            self.meter().call("virDomainOpenConsole", || {
                // SAFETY: as above.
                unsafe { virt_sys::virDomainOpenConsole(self.raw(), name, raw, flags) }
            })
        };
        if opened < 0 {
            return Err(Error::last());
        }
        let opaque = Box::into_raw(Box::new(sink));
        // SAFETY: the stream is valid; `opaque` is freed by libvirt through `free_box`, or right below.
        let added = unsafe {
            virt_sys::virStreamEventAddCallback(
                raw,
                EVENTS.cast_signed(),
                Some(on_stream),
                opaque.cast(),
                Some(free_box::<Sink>),
            )
        };
        if added < 0 {
            let error = Error::last();
            // SAFETY: libvirt did not take it.
            unsafe { free_box::<Sink>(opaque.cast()) };
            return Err(error);
        }
        Ok(stream)
    }
}

impl Stream {
    /// Sends bytes to the guest; gives how many were taken, which may be none. May block while the daemon does not read.
    ///
    /// # Errors
    /// libvirt's own: the stream or its connection is gone.
    pub fn send(&self, bytes: &[u8]) -> Result<usize> {
        // SAFETY: the stream is valid, and libvirt reads no further than it is told.
        let sent = self.connection.meter().call("virStreamSend", || unsafe {
            virt_sys::virStreamSend(self.raw.0, bytes.as_ptr().cast(), bytes.len())
        });
        match usize::try_from(sent) {
            Ok(sent) => Ok(sent),
            Err(_) if sent == AGAIN => Ok(0),
            Err(_) => Err(Error::last()),
        }
    }

    /// See [`Connection::is_alive`].
    pub fn is_alive(&self) -> bool {
        self.connection.is_alive()
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        let raw = self.raw;
        let connection = self.connection.clone();
        let close = move || {
            // The whole value, not its pointer alone, which could not go to another thread.
            let raw = raw;
            // SAFETY: the reference of `Stream` is given up here, after the last use. Removing what is not there and
            // aborting what has ended are refused without harm.
            unsafe {
                virt_sys::virStreamEventRemoveCallback(raw.0);
                virt_sys::virStreamAbort(raw.0);
                virt_sys::virStreamFree(raw.0);
            }
            drop(connection);
        };
        // Without a thread the stream is left as it is: the end of its connection ends it.
        let _ = thread::Builder::new()
            .name("console-close".to_owned())
            .spawn(close);
    }
}

unsafe extern "C" fn on_stream(raw: virt_sys::virStreamPtr, _: c_int, opaque: *mut c_void) {
    // SAFETY: `opaque` is the box registered with this callback; libvirt frees it only after the last call.
    let sink = unsafe { &*opaque.cast::<Sink>() };
    let mut buffer = [0_u8; PIECE];
    for _ in 0..PIECES {
        // SAFETY: the stream is valid during its callback, and the buffer is as long as is said.
        let got = unsafe { virt_sys::virStreamRecv(raw, buffer.as_mut_ptr().cast(), PIECE) };
        let reason = match usize::try_from(got) {
            Err(_) if got == AGAIN => return,
            Err(_) => Some(Error::last()),
            Ok(0) => None,
            Ok(count) => {
                sink.bytes(&buffer[..count.min(PIECE)]);
                continue;
            }
        };
        sink.ended(reason);
        // It would be called again for ever. The sink lives until this returns.
        // SAFETY: the stream is valid during its callback.
        unsafe { virt_sys::virStreamEventRemoveCallback(raw) };
        return;
    }
}
