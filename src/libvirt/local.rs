//! What lies on this machine, or on the network, and its host needs to make a domain: an image to install from, an
//! installer's kernel. It is brought to the host as volumes.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::seed::Folder;
use crate::create::{
    HostFacts, Location, NewDomain, Pair, Piece, Source, candidates, cpio, treeinfo,
};

/// Files of this machine that a plan uploads.
#[derive(Debug, Default)]
pub struct Local {
    files: Vec<(Piece, PathBuf)>,
    /// What was fetched, gone with this value.
    _folder: Option<Folder>,
}

impl Local {
    /// The file of a piece.
    #[must_use]
    pub fn file(&self, piece: Piece) -> Option<&Path> {
        let found = self.files.iter().find(|(one, _)| *one == piece);
        found.map(|(_, path)| path.as_path())
    }

    fn add(&mut self, piece: Piece, path: PathBuf) -> Result<u64, String> {
        let size = fs::metadata(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        self.files.push((piece, path));
        Ok(size.len())
    }
}

/// Finds what has to be brought to the host, fetches what is on the network, and writes the sizes into `wanted`. `step` is
/// told what is fetched and says whether to go on.
///
/// # Errors
/// In words: nothing there, no tool, what the tool says.
pub fn gather(
    wanted: &mut NewDomain,
    facts: &HostFacts,
    step: &mut dyn FnMut(&str) -> bool,
) -> Result<Local, String> {
    let mut local = Local::default();
    match wanted.source.clone() {
        Source::Cdrom(path) if is_only_here(&path, facts) => {
            wanted.brought.media = Some(local.add(Piece::Media, PathBuf::from(path))?);
        }
        Source::Location(location) => {
            let arch = wanted.arch.clone().unwrap_or_else(|| facts.arch.clone());
            let folder = Folder::new().map_err(|error| format!("a folder: {error}"))?;
            let (kernel, initrd) = (folder.path().join("kernel"), folder.path().join("initrd"));
            let pair = if location.is_url() {
                fetch_tree(&location, &arch, folder.path(), step)?
            } else {
                take_out(&location, &arch, folder.path(), step)?
            };
            if let Some(method) = pair.method.filter(|_| location.is_url()) {
                wanted.brought.argument = Some(format!("{method}{}", location.place));
            }
            inject(&initrd, &location.inject)?;
            let kernel = local.add(Piece::Kernel, kernel)?;
            let initrd = local.add(Piece::Initrd, initrd)?;
            wanted.brought.boot = Some((kernel, initrd));
            if !location.is_url() && is_only_here(&location.place, facts) {
                let image = PathBuf::from(&location.place);
                wanted.brought.media = Some(local.add(Piece::Media, image)?);
            }
            local._folder = Some(folder);
        }
        _ => {}
    }
    Ok(local)
}

/// Puts files of this machine behind an initrd, as an archive of their own.
fn inject(initrd: &Path, paths: &[String]) -> Result<(), String> {
    if paths.is_empty() {
        return Ok(());
    }
    let mut files = Vec::new();
    for path in paths {
        let failed = |error: io::Error| format!("--initrd-inject {path}: {error}");
        let name = Path::new(path).file_name();
        let name = name.ok_or_else(|| format!("--initrd-inject {path}: not a file"))?;
        files.push((
            name.to_string_lossy().into_owned(),
            fs::read(path).map_err(failed)?,
        ));
    }
    let failed = |error: io::Error| format!("the initrd: {error}");
    let mut bytes = fs::read(initrd).map_err(failed)?;
    cpio::pad(&mut bytes);
    bytes.extend(cpio::archive(&files));
    fs::write(initrd, bytes).map_err(failed)
}

/// Whether an image is a file of this machine, and its host is another, which does not have it.
fn is_only_here(path: &str, facts: &HostFacts) -> bool {
    !facts.is_local
        && path.starts_with('/')
        && facts.volume_at(path).is_none()
        && Path::new(path).is_file()
}

/// Kernel and initrd of a tree on the network.
fn fetch_tree(
    location: &Location,
    arch: &str,
    folder: &Path,
    step: &mut dyn FnMut(&str) -> bool,
) -> Result<Pair, String> {
    let base = location.place.trim_end_matches('/');
    let mut fetch = |below: &str, to: &str, told: bool| -> Result<(), String> {
        let url = format!("{base}/{below}");
        if told && !step(&format!("fetch {url}")) {
            return Err("interrupted".to_owned());
        }
        download(&url, &folder.join(to))
    };
    let both = |pair: &Pair, fetch: &mut dyn FnMut(&str, &str, bool) -> Result<(), String>| {
        fetch(&pair.kernel, "kernel", true)?;
        fetch(&pair.initrd, "initrd", true)
    };
    if let Some(pair) = named(location) {
        both(&pair, &mut fetch)?;
        return Ok(pair);
    }
    let told = fetch(".treeinfo", "treeinfo", true)
        .ok()
        .and_then(|()| fs::read_to_string(folder.join("treeinfo")).ok())
        .and_then(|text| treeinfo(&text, arch));
    if let Some(pair) = told {
        both(&pair, &mut fetch)?;
        return Ok(pair);
    }
    let mut first = None;
    for pair in candidates(arch) {
        match both(&pair, &mut fetch) {
            Ok(()) => return Ok(pair),
            Err(why) if why == "interrupted" => return Err(why),
            Err(why) => {
                first.get_or_insert(why);
            }
        }
    }
    Err(format!(
        "no installer for {arch} is found below {base} ({}); say where it is: --location {base},kernel=PATH,initrd=PATH",
        first.unwrap_or_default()
    ))
}

/// Kernel and initrd of an image on this machine.
fn take_out(
    location: &Location,
    arch: &str,
    folder: &Path,
    step: &mut dyn FnMut(&str) -> bool,
) -> Result<Pair, String> {
    let image = &location.place;
    if !Path::new(image).is_file() {
        return Err(format!(
            "{image} is neither a URL nor an image on this machine; an image on the host is installed from by --cdrom"
        ));
    }
    if !step(&format!("take the kernel out of {image}")) {
        return Err("interrupted".to_owned());
    }
    let pairs = match named(location) {
        Some(pair) => vec![pair],
        None => candidates(arch),
    };
    for pair in pairs {
        let (kernel, initrd) = (folder.join("kernel"), folder.join("initrd"));
        if extract(image, &pair.kernel, &kernel)? && extract(image, &pair.initrd, &initrd)? {
            return Ok(pair);
        }
    }
    Err(format!(
        "no installer for {arch} is found in {image}; say where it is: --location {image},kernel=PATH,initrd=PATH"
    ))
}

/// The pair that the user names.
fn named(location: &Location) -> Option<Pair> {
    Some(Pair {
        kernel: location.kernel.clone()?,
        initrd: location.initrd.clone()?,
        method: None,
    })
}

/// Takes one file out of an image; whether it is there.
fn extract(image: &str, file: &str, to: &Path) -> Result<bool, String> {
    let output = Command::new("xorriso")
        .args(["-osirrox", "on", "-indev", image, "-extract"])
        .arg(format!("/{}", file.trim_start_matches('/')))
        .arg(to)
        .stdin(Stdio::null())
        .output();
    match output {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(
            "an installer is taken out of an image by xorriso, which this machine does not have (package xorriso)"
                .to_owned(),
        ),
        Err(error) => Err(format!("xorriso: {error}")),
        Ok(output) => Ok(output.status.success() && to.is_file()),
    }
}

/// Fetches a file by the tool this machine has.
fn download(url: &str, to: &Path) -> Result<(), String> {
    let tools: [(&str, &[&str]); 2] = [
        (
            "curl",
            &[
                "-fsSL",
                "--connect-timeout",
                "20",
                "--proto",
                "=http,https,ftp",
                "-o",
            ],
        ),
        ("wget", &["-q", "-T", "20", "-O"]),
    ];
    for (tool, options) in tools {
        let output = Command::new(tool)
            .args(options)
            .arg(to)
            .arg(url)
            .stdin(Stdio::null())
            .output();
        return match output {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => Err(format!("{tool}: {error}")),
            Ok(output) if output.status.success() => Ok(()),
            Ok(output) => {
                let said = String::from_utf8_lossy(&output.stderr).into_owned();
                let said = said.trim();
                Err(match said {
                    "" => format!("{url} cannot be fetched"),
                    said => format!("{url}: {said}"),
                })
            }
        };
    }
    Err(
        "what is on the network is fetched by curl or wget, and this machine has neither"
            .to_owned(),
    )
}
