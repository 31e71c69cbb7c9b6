//! From a way to a session.

use std::io;
use std::pin::Pin;
use std::process::Stdio;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UnixStream};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

use super::calls::Way;
use crate::ports::Target;
use crate::rfb::{Byways, Session, Trouble};

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(10);

/// Goes a way, and begins a session at its end.
///
/// # Errors
/// See [`Trouble`]; what the way itself says is [`Trouble::Stream`].
pub async fn go(way: Way, password: Option<String>) -> Result<Session, Trouble> {
    let stream = match timeout(CONNECT, stream(way)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return Err(Trouble::Stream(error.to_string())),
        Err(_) => return Err(Trouble::Late(CONNECT.as_secs())),
    };
    Session::begin(stream, password).await
}

async fn stream(way: Way) -> io::Result<Box<dyn Byways>> {
    Ok(match way {
        Way::Stream(fd) => {
            let stream = std::os::unix::net::UnixStream::from(fd);
            stream.set_nonblocking(true)?;
            Box::new(UnixStream::from_std(stream)?)
        }
        Way::To(Target::Unix(path)) => Box::new(
            UnixStream::connect(&path)
                .await
                .map_err(|error| at(&path, &error))?,
        ),
        Way::To(target @ Target::Tcp { .. }) => {
            let Target::Tcp { host, port } = &target else {
                return Err(io::ErrorKind::InvalidInput.into());
            };
            let stream = TcpStream::connect((host.as_str(), *port)).await;
            let stream = stream.map_err(|error| at(&target.to_string(), &error))?;
            // A key is a few bytes that somebody waits for.
            stream.set_nodelay(true)?;
            Box::new(stream)
        }
        Way::Through(command) => Box::new(Piped::start(&command)?),
        Way::Pictures(why) => return Err(io::Error::other(why)),
    })
}

fn at(place: &str, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{place}: {error}"))
}

/// A program whose standard input and output are the stream. It ends with it.
struct Piped {
    input: ChildStdin,
    output: ChildStdout,
    _child: Child,
}

impl Piped {
    fn start(words: &[String]) -> io::Result<Self> {
        let (program, arguments) = words.split_first().ok_or(io::ErrorKind::InvalidInput)?;
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| at(program, &error))?;
        let missing = || io::Error::other("no pipe to the program");
        Ok(Self {
            input: child.stdin.take().ok_or_else(missing)?,
            output: child.stdout.take().ok_or_else(missing)?,
            _child: child,
        })
    }
}

impl AsyncRead for Piped {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.output).poll_read(context, buffer)
    }
}

impl AsyncWrite for Piped {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.input).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.input).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.input).poll_shutdown(context)
    }
}
