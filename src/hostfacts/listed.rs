//! Files of another host, as a small program there lists them: read once, asked often.

use std::collections::BTreeMap;

use super::files::{Blind, Owner};

/// The program: plain sh, for the host's own shell. It reads requests from its standard input.
pub const READER: &str = include_str!("reader.sh");

/// Most files that are believed.
const MOST: usize = 200_000;

/// What is known of one path.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Entry {
    text: Option<String>,
    refused: Option<String>,
    names: Option<Vec<String>>,
    owner: Option<Owner>,
}

/// A part of a host's files at one moment. Texts are untrusted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listed {
    entries: BTreeMap<String, Entry>,
}

impl Listed {
    /// Reads what [`READER`] prints: a line `F`, `E`, `D` or `S` with a path, below it lines that begin with a blank.
    #[must_use]
    pub fn parse<'a>(lines: impl IntoIterator<Item = &'a str>) -> Self {
        let mut found = Self::default();
        let mut at: Option<(char, String)> = None;
        for line in lines {
            if let Some(content) = line.strip_prefix(' ') {
                if let Some((kind, path)) = &at {
                    found.add(*kind, path, content);
                }
                continue;
            }
            at = match line.split_once(' ') {
                Some((kind @ ("F" | "E" | "D" | "S"), path)) if found.entries.len() < MOST => {
                    let kind = kind.chars().next().unwrap_or('F');
                    let entry = found.entries.entry(path.to_owned()).or_default();
                    match kind {
                        'F' => entry.text = Some(String::new()),
                        'D' => entry.names = Some(Vec::new()),
                        _ => {}
                    }
                    Some((kind, path.to_owned()))
                }
                _ => None,
            };
        }
        found
    }

    fn add(&mut self, kind: char, path: &str, content: &str) {
        let Some(entry) = self.entries.get_mut(path) else {
            return;
        };
        match kind {
            'F' => {
                let text = entry.text.get_or_insert_default();
                text.push_str(content);
                text.push('\n');
            }
            'E' => entry.refused = Some(content.to_owned()),
            'D' => entry.names.get_or_insert_default().push(content.to_owned()),
            _ => entry.owner = owner(content),
        }
    }

    pub(super) fn text(&self, path: &str) -> Result<String, Blind> {
        let entry = self.entries.get(path).ok_or(Blind::Absent)?;
        if let Some(why) = &entry.refused {
            return Err(Blind::Refused(why.clone()));
        }
        let text = entry.text.as_ref().ok_or(Blind::Absent)?;
        Ok(text.trim().to_owned())
    }

    pub(super) fn names(&self, path: &str) -> Result<Vec<String>, Blind> {
        let names = self
            .entries
            .get(path)
            .and_then(|entry| entry.names.clone())
            .ok_or(Blind::Absent)?;
        Ok(names)
    }

    pub(super) fn exists(&self, path: &str) -> bool {
        let named = || {
            let (folder, name) = path.rsplit_once('/')?;
            let names = self.entries.get(folder)?.names.as_ref()?;
            Some(names.iter().any(|known| known == name))
        };
        self.entries.contains_key(path) || named() == Some(true)
    }

    pub(super) fn owner(&self, path: &str) -> Result<Owner, Blind> {
        let entry = self.entries.get(path).ok_or(Blind::Absent)?;
        entry
            .owner
            .ok_or_else(|| Blind::Refused("its rights could not be read".to_owned()))
    }
}

/// `uid gid mode kind`, as stat prints them.
fn owner(line: &str) -> Option<Owner> {
    let mut words = line.splitn(4, ' ');
    Some(Owner {
        uid: words.next()?.parse().ok()?,
        gid: words.next()?.parse().ok()?,
        mode: u32::from_str_radix(words.next()?, 8).ok()?,
        device: words.next()?.contains("device"),
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::path::Path;
    use std::process::{Command, Stdio};
    use std::sync::Arc;

    use super::*;
    use crate::hostfacts::{Files, Guest, HostReport, Told};

    /// What the program prints for one request on this machine, below `root`.
    fn ask(root: &Path, wish: &str) -> String {
        ask_as(&["sh"], root, wish)
    }

    /// The same by the shell at the end of this command.
    fn ask_as(shell: &[&str], root: &Path, wish: &str) -> String {
        let mut child = Command::new(shell[0])
            .args(&shell[1..])
            .args(["-c", READER])
            .env("VIRTTY_ROOT", root)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        input.write_all(wish.as_bytes()).unwrap();
        drop(input);
        let said = child.wait_with_output().unwrap();
        String::from_utf8_lossy(&said.stdout).into_owned()
    }

    #[test]
    fn the_program_tells_what_the_files_themselves_say() {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/hosts");
        let mut seen = 0;
        for tree in std::fs::read_dir(fixtures).unwrap().flatten() {
            let root = tree.path();
            let guest = "<domain><name>a</name><memory>1</memory><devices><disk><source file='/var/lib/a'/>\
                <target dev='vda'/></disk></devices></domain>";
            let told = || Told {
                guests: Guest::read(guest, true, true).into_iter().collect(),
                guests_known: true,
                ..Told::default()
            };
            let said = ask(&root, "all\n");
            let listed = Files::Listed(Arc::new(Listed::parse(said.lines())));
            let there = HostReport::new(told(), &listed);
            let here = HostReport::new(told(), &Files::At(root.clone()));
            // Rights of files that stand for devices differ from checkout to checkout; all else is the same.
            assert_eq!(there.facts, here.facts, "{}", root.display());
            assert_eq!(there.checks, here.checks, "{}", root.display());
            seen += 1;
        }
        assert!(seen >= 5);
    }

    #[test]
    fn a_value_is_set_and_a_refusal_has_its_reason() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("run"), "0\n").unwrap();
        assert!(ask(folder.path(), "set\n/run\n1\n").contains("\nok\n.\n"));
        assert_eq!(
            std::fs::read_to_string(folder.path().join("run")).unwrap(),
            "1\n"
        );
        let said = ask(folder.path(), "set\n/none/run\n1\n");
        // In the words of that shell.
        let refusal = said.lines().find_map(|line| line.strip_prefix("no "));
        assert!(
            refusal.is_some_and(|why| !why.is_empty() && !why.contains('/')),
            "{said}"
        );
        let said = ask(
            folder.path(),
            "put\n/etc/x.d/virtty-a.conf\n# a\nb 'c'\n.\n",
        );
        assert!(said.contains("\nok\n.\n"), "{said}");
        let kept = folder.path().join("etc/x.d/virtty-a.conf");
        assert_eq!(std::fs::read_to_string(&kept).unwrap(), "# a\nb 'c'\n");
        assert!(ask(folder.path(), "remove\n/etc/x.d/virtty-a.conf\n").contains("\nok\n"));
        assert!(!kept.exists());
    }

    #[test]
    fn who_may_not_write_is_told_so() {
        use std::fs::Permissions;
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        std::fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        let file = folder.path().join("run");
        std::fs::write(&file, "0\n").unwrap();
        std::fs::set_permissions(&file, Permissions::from_mode(0o444)).unwrap();
        // Root may write whatever it likes.
        let nobody: &[&str] = match rustix::process::geteuid().is_root() {
            true => &["setpriv", "--reuid=65534", "--clear-groups", "sh"],
            false => &["sh"],
        };
        let said = ask_as(nobody, folder.path(), "set\n/run\n1\n");
        assert!(said.contains("\nno Permission denied\n"), "{said}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "0\n");
    }

    #[test]
    fn lines_without_a_path_say_nothing() {
        let listed = Listed::parse([
            " stray",
            "X /a",
            " b",
            "F /c",
            " d",
            " e",
            "",
            " f",
            "E /g",
            " Permission denied",
        ]);
        assert_eq!(listed.text("/a"), Err(Blind::Absent));
        assert_eq!(listed.text("/c").unwrap(), "d\ne");
        assert_eq!(
            listed.text("/g"),
            Err(Blind::Refused("Permission denied".to_owned()))
        );
    }
}
