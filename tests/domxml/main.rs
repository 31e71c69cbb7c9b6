//! Domain XML as files: what each of them says listens, and that no text whatever breaks the reader.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod fixtures;
mod hostile;
