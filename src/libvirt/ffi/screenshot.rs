//! What is on a display.

use virt::stream::Stream;

use super::{Domain, Error, Result};

/// Bytes read at once.
const PIECE: usize = 64 * 1024;

/// The largest picture that is read: 8192 by 8192 pixels of three bytes, and something for the head.
const MOST: usize = 8192 * 8192 * 3 + 1024;

impl Domain {
    /// `virDomainScreenshot`: the media type of the picture, and the picture.
    ///
    /// # Errors
    /// libvirt's own: not running, no display, not supported; or a picture larger than anything has.
    pub fn screenshot(&self, screen: u32) -> Result<(String, Vec<u8>)> {
        let meter = self.meter();
        let stream = Stream::new(self.connection().handle()?, 0)?;
        let kind = meter.call("virDomainScreenshot", || {
            self.handle.screenshot(&stream, screen, 0)
        })?;
        let mut picture = Vec::new();
        let mut piece = vec![0_u8; PIECE];
        loop {
            let read = meter.call("virStreamRecv", || stream.recv(&mut piece));
            match read.map(usize::try_from) {
                Ok(Ok(0)) => break,
                Ok(Ok(read)) if picture.len() + read <= MOST => {
                    picture.extend_from_slice(&piece[..read.min(PIECE)]);
                }
                Ok(_) => {
                    let _ = stream.abort();
                    return Err(Error::own("the picture is larger than any display"));
                }
                Err(error) => {
                    let error = Error::from(error);
                    let _ = stream.abort();
                    return Err(error);
                }
            }
        }
        meter.call("virStreamFinish", || stream.finish())?;
        Ok((kind, picture))
    }
}
