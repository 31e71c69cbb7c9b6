//! How a program is started in a terminal.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Home, Session, Terminal};

/// What to start, and where.
pub struct Setup {
    program: PathBuf,
    arguments: Vec<String>,
    variables: Vec<(String, Option<String>)>,
    size: (u16, u16),
    folder: Option<PathBuf>,
    home: Home,
}

impl Setup {
    /// virtty with arguments, in a terminal of 100x30.
    pub fn virtty(arguments: &[&str]) -> Self {
        Self::program(Path::new(env!("CARGO_BIN_EXE_virtty")), arguments)
    }

    /// virtty on its demo host.
    pub fn demo() -> Self {
        Self::virtty(&["--demo"])
    }

    /// A shell with job control; `$virtty` is the program.
    pub fn shell() -> Self {
        Self::program(Path::new("bash"), &["--norc", "--noprofile", "-i"])
            .variable("PS1", "ready> ")
            .variable("virtty", env!("CARGO_BIN_EXE_virtty"))
            .variable("HISTFILE", "/dev/null")
    }

    /// A script of `sh`; `$virtty` is the program.
    pub fn script(script: &str) -> Self {
        Self::program(Path::new("sh"), &["-c", script])
            .variable("virtty", env!("CARGO_BIN_EXE_virtty"))
    }

    fn program(program: &Path, arguments: &[&str]) -> Self {
        Self {
            program: program.to_owned(),
            arguments: arguments.iter().map(|&word| word.to_owned()).collect(),
            variables: Vec::new(),
            size: (100, 30),
            folder: None,
            home: Home::new(),
        }
    }

    pub fn size(mut self, columns: u16, lines: u16) -> Self {
        self.size = (columns, lines);
        self
    }

    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables
            .push((name.to_owned(), Some(value.to_owned())));
        self
    }

    pub fn without_variable(mut self, name: &str) -> Self {
        self.variables.push((name.to_owned(), None));
        self
    }

    /// The directory it starts in.
    pub fn folder(mut self, folder: &Path) -> Self {
        self.folder = Some(folder.to_owned());
        self
    }

    /// Its home, to put files there before the start.
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// Adds an argument, which may name a file in the home.
    pub fn argument(mut self, word: &str) -> Self {
        self.arguments.push(word.to_owned());
        self
    }

    #[track_caller]
    pub fn start(self) -> Session {
        let terminal = Terminal::new(self.size.0, self.size.1);
        let before = terminal.settings();
        let slave = || terminal.slave().try_clone().unwrap();
        // The leader of a session of its own, whose terminal this is.
        let mut command = Command::new("setsid");
        command
            .arg("--ctty")
            .arg(&self.program)
            .args(&self.arguments)
            .env_clear()
            .envs(self.home.environment())
            .current_dir(self.folder.as_deref().unwrap_or(self.home.path()))
            .stdin(slave())
            .stdout(slave())
            .stderr(slave());
        for (name, value) in &self.variables {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let child = command.spawn().unwrap();
        Session::new(terminal, child, self.home, before)
    }
}
