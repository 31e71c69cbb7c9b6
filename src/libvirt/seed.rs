//! The image of a NoCloud seed, made by the tool this machine has.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::create::{SEED_LABEL, Seed};

/// Programs that make ISO images and take mkisofs' options.
const TOOLS: &[(&str, &[&str])] = &[
    ("xorrisofs", &[]),
    ("genisoimage", &[]),
    ("mkisofs", &[]),
    ("xorriso", &["-as", "mkisofs"]),
];

/// The image.
///
/// # Errors
/// In words: a file that cannot be written, no tool, or what the tool says.
pub fn image(seed: &Seed) -> Result<Vec<u8>, String> {
    let folder = Folder::new().map_err(|error| format!("a folder for the seed: {error}"))?;
    let image = folder.0.join("seed.iso");
    let files = folder.0.join("files");
    fs::create_dir(&files).map_err(|error| error.to_string())?;
    for (name, text) in seed.files() {
        fs::write(files.join(name), text).map_err(|error| format!("{name}: {error}"))?;
    }
    for (tool, first) in TOOLS {
        match run(tool, first, &files, &image) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(format!("{tool}: {error}")),
            Ok(()) => return fs::read(&image).map_err(|error| format!("{tool}: {error}")),
        }
    }
    Err("the seed for cloud-init is an ISO image, and this machine has no program that makes one (package xorriso or \
         genisoimage)"
        .to_owned())
}

fn run(tool: &str, first: &[&str], files: &Path, image: &Path) -> io::Result<()> {
    let output = Command::new(tool)
        .args(first)
        .args(["-quiet", "-input-charset", "utf-8", "-J", "-r"])
        .args(["-V", SEED_LABEL, "-o"])
        .arg(image)
        .arg(files)
        .stdin(Stdio::null())
        .output()?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.lines().last().unwrap_or("it failed").to_owned();
    Err(io::Error::other(said))
}

/// A folder that nobody else can look into, which goes with its value: keys and passwords may stand in a seed.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// Makes one.
    ///
    /// # Errors
    /// The system's own.
    pub fn new() -> io::Result<Self> {
        let base = std::env::temp_dir();
        loop {
            let path = base.join(format!("virtty-{:016x}", fastrand::u64(..)));
            match DirBuilder::new().mode(0o700).create(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                made => return made.map(|()| Self(path)),
            }
        }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
