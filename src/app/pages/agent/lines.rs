//! The lines of the page, from top to bottom.

use std::hash::{DefaultHasher, Hash, Hasher as _};

use super::{AgentPage, AgentRow};
use crate::action::{Action, Context};
use crate::agent::{CHANNEL, GuestInfo, GuestNic, packages};
use crate::app::{State, Tone};
use crate::model::GuestFileSystem;
use crate::text;

/// Whether there is an agent that can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The domain does not run.
    Off,
    /// Its host is not connected.
    NoHost,
    /// The connection may not ask.
    ReadOnly,
    /// It is not known yet.
    Unknown,
    /// The domain has no channel for it.
    NoChannel,
    /// Nobody answers on the channel.
    NotConnected,
    /// The domain's hypervisor does not answer.
    Silent,
    /// It can be asked.
    Ready,
}

/// One line.
#[derive(Debug, Clone, PartialEq)]
pub struct AgentLine {
    /// What tells it from others, however often it is read anew.
    pub id: AgentRow,
    /// What stands there.
    pub what: AgentWhat,
}

/// What stands in a line.
#[derive(Debug, Clone, PartialEq)]
pub enum AgentWhat {
    /// Nothing.
    Blank,
    /// The beginning of a section, and a note beside it.
    Heading(&'static str, String),
    /// A sentence.
    Text(Tone, String),
    /// A name and a value; untrusted.
    Fact(&'static str, Tone, String),
    /// A file system.
    FileSystem(GuestFileSystem),
    /// A user who is logged in: name, and since when.
    User(String, String),
    /// A key: whose, and the line.
    Key(String, String),
    /// A network interface.
    Nic(GuestNic),
}

/// Gathers lines, each with an identity of its own.
#[derive(Default)]
struct Lines {
    all: Vec<AgentLine>,
    section: &'static str,
    count: usize,
}

impl Lines {
    fn push(&mut self, key: &str, what: AgentWhat) {
        let mut hasher = DefaultHasher::new();
        (self.section, key).hash(&mut hasher);
        let mut id = hasher.finish();
        // Two of one name are two.
        while self.all.iter().any(|line| line.id == id) {
            id = id.wrapping_add(1);
        }
        self.all.push(AgentLine { id, what });
    }

    fn heading(&mut self, name: &'static str, note: impl Into<String>) {
        if !self.all.is_empty() {
            self.count += 1;
            self.push(&format!("blank {}", self.count), AgentWhat::Blank);
        }
        self.section = name;
        self.push("", AgentWhat::Heading(name, note.into()));
    }

    fn fact(&mut self, label: &'static str, tone: Tone, text: impl Into<String>) {
        self.push(label, AgentWhat::Fact(label, tone, text.into()));
    }

    fn text(&mut self, tone: Tone, words: impl Into<String>) {
        let words = words.into();
        self.push(&words.clone(), AgentWhat::Text(tone, words));
    }

    fn wrapped(&mut self, state: &State, tone: Tone, words: &str) {
        let columns = usize::from(state.size.width.saturating_sub(4)).max(20);
        for line in text::wrap(words, columns) {
            self.text(tone, line);
        }
    }
}

impl AgentPage {
    /// Whether there is an agent that can be asked.
    #[must_use]
    pub fn standing(&self, state: &State) -> Standing {
        let Some(guest) = state.guest(self.id) else {
            return Standing::Off;
        };
        let Some(connection) = state.connection(self.id.connection) else {
            return Standing::NoHost;
        };
        if !connection.is_live() {
            return Standing::NoHost;
        }
        if connection.readonly() {
            return Standing::ReadOnly;
        }
        if !guest.domain.state.is_active() {
            return Standing::Off;
        }
        if guest.silent_since.is_some() {
            return Standing::Silent;
        }
        match guest.domain.definition.as_ref().map(|d| d.guest_agent) {
            None => Standing::Unknown,
            Some(None) => Standing::NoChannel,
            Some(Some(false)) => Standing::NotConnected,
            Some(Some(true)) => Standing::Ready,
        }
    }

    /// All lines.
    #[must_use]
    pub fn lines(&self, state: &State) -> Vec<AgentLine> {
        let mut lines = Lines::default();
        match self.standing(state) {
            Standing::Ready => self.ready(state, &mut lines),
            standing => self.not_ready(state, standing, &mut lines),
        }
        lines.all
    }

    fn ready(&self, state: &State, lines: &mut Lines) {
        if let Some(title) = self.running() {
            lines.heading("Running", "");
            lines.text(Tone::Info, format!("{title} …"));
        }
        if state.frozen_since(self.id).is_some() {
            lines.heading("FROZEN", "");
            lines.wrapped(
                state,
                Tone::Bad,
                "The file systems are frozen: whatever writes in the guest hangs, and so does who logs in.",
            );
            let key = state.keymap.hint(&[Context::Agent], Action::ThawGuest);
            let words = match key {
                Some(key) => format!("{key} thaws them. Until then the agent says nothing else."),
                None => "Until they are thawed the agent says nothing else.".to_owned(),
            };
            lines.text(Tone::Warn, words);
        }
        if let Some(failure) = &self.failure {
            lines.heading("No answer", "");
            lines.wrapped(state, Tone::Bad, &failure.reason);
            if let Some(remedy) = &failure.remedy {
                lines.wrapped(state, Tone::Normal, &remedy.advice);
            }
            lines.wrapped(
                state,
                Tone::Dim,
                "It is asked again after 30 s; r asks at once. Nothing else waits for it.",
            );
        }
        let Some(report) = &self.report else {
            if self.failure.is_none() && state.frozen_since(self.id).is_none() {
                lines.text(Tone::Dim, "Asking the agent …");
            }
            self.keys(lines);
            return;
        };
        if report.frozen {
            return;
        }
        let info = &report.info;
        system(report.clock.as_ref(), info, lines);
        self.file_systems(info, lines);
        users(info, lines);
        self.keys(lines);
        nics(info, lines);
        if let Some(cpus) = &report.cpus
            && !cpus.known.is_empty()
        {
            lines.heading("Virtual CPUs", "as the guest uses them");
            let words = |set| match crate::hostfacts::set_words(set) {
                words if words.is_empty() => "none".to_owned(),
                words => words,
            };
            lines.fact("Online", Tone::Normal, words(&cpus.online));
            let off: std::collections::BTreeSet<u32> =
                cpus.known.difference(&cpus.online).copied().collect();
            if !off.is_empty() {
                lines.fact("Offline", Tone::Warn, words(&off));
            }
            lines.fact("May be taken off", Tone::Dim, words(&cpus.offlinable));
        }
        if !report.missing.is_empty() {
            lines.heading("Not told", "");
            for (what, why) in &report.missing {
                lines.wrapped(state, Tone::Dim, &format!("{what}: {why}"));
            }
        }
    }

    fn file_systems(&self, info: &GuestInfo, lines: &mut Lines) {
        lines.heading("File systems", "");
        if info.file_systems.is_empty() {
            lines.text(Tone::Dim, "The agent names none.");
        }
        for system in &info.file_systems {
            lines.push(&system.mountpoint, AgentWhat::FileSystem(system.clone()));
        }
    }

    fn keys(&self, lines: &mut Lines) {
        match (&self.keys, &self.keys_asked) {
            (_, Some((_, user))) => {
                lines.heading("SSH keys", user.clone());
                lines.text(Tone::Dim, "Asking the agent …");
            }
            (Some((user, Ok(keys))), None) => {
                lines.heading("SSH keys", user.clone());
                if keys.is_empty() {
                    lines.text(Tone::Dim, "No key lets this user in.");
                }
                for key in keys {
                    lines.push(key, AgentWhat::Key(user.clone(), key.clone()));
                }
            }
            (Some((user, Err(why))), None) => {
                lines.heading("SSH keys", user.clone());
                lines.text(Tone::Bad, why.clone());
            }
            (None, None) => {}
        }
    }

    fn not_ready(&self, state: &State, standing: Standing, lines: &mut Lines) {
        match standing {
            Standing::Off => lines.text(Tone::Dim, "It does not run: there is nobody to ask."),
            Standing::NoHost => lines.text(Tone::Warn, "Its host is not connected."),
            Standing::ReadOnly => lines.wrapped(
                state,
                Tone::Warn,
                "libvirt asks an agent for nobody who may only read: open the connection without --readonly.",
            ),
            Standing::Silent => lines.wrapped(
                state,
                Tone::Warn,
                "Its hypervisor does not answer: the agent is not asked until it does.",
            ),
            Standing::Unknown => lines.text(Tone::Dim, "Reading its XML …"),
            Standing::NoChannel | Standing::NotConnected | Standing::Ready => {
                self.without_agent(state, standing, lines);
            }
        }
    }

    /// What is missing, and how it is got.
    fn without_agent(&self, state: &State, standing: Standing, lines: &mut Lines) {
        let contexts = [Context::Agent, Context::Domain];
        let key = |action| {
            let key = state.keymap.hint(&contexts, action);
            key.map_or_else(String::new, |key| key.to_string())
        };
        lines.text(Tone::Warn, "No agent answers in this guest.");
        let mut number = 1;
        if standing == Standing::NoChannel {
            lines.heading("1. The channel", "it is missing in the XML of the domain");
            lines.wrapped(state, Tone::Info, CHANNEL);
            lines.wrapped(
                state,
                Tone::Normal,
                &format!(
                    "{} opens the hardware, where {} adds “Channel of the guest agent” while it runs; {} edits the XML.",
                    key(Action::ShowHardware),
                    state
                        .keymap
                        .hint(&[Context::Hardware], Action::AddHardware)
                        .map_or_else(String::new, |key| key.to_string()),
                    key(Action::EditXml)
                ),
            );
            number = 2;
        }
        let heading = match number {
            1 => "1. The package",
            _ => "2. The package",
        };
        lines.heading(heading, "in the guest");
        let os = state
            .guest(self.id)
            .and_then(|guest| guest.domain.definition.as_ref())
            .and_then(|definition| definition.os_id.as_deref());
        for package in packages(os) {
            lines.fact(package.systems, Tone::Info, package.command);
        }
        let heading = match number {
            1 => "2. Its start",
            _ => "3. Its start",
        };
        lines.heading(heading, "in the guest");
        lines.fact(
            "with systemd",
            Tone::Info,
            "systemctl enable --now qemu-guest-agent",
        );
        if standing == Standing::NotConnected {
            lines.text(
                Tone::Dim,
                "The channel is there. A guest that is booting answers when its agent has started.",
            );
        }
    }
}

fn system(clock: Option<&crate::agent::GuestClock>, info: &GuestInfo, lines: &mut Lines) {
    lines.heading("System", "");
    if let Some(name) = &info.hostname {
        lines.fact("Host name", Tone::Strong, name.clone());
    }
    if let Some(system) = info.system() {
        let machine = info.os("machine").unwrap_or_default();
        lines.fact(
            "OS",
            Tone::Normal,
            format!("{system} {machine}").trim_end().to_owned(),
        );
    }
    for (label, field) in [("Version", "version"), ("Variant", "variant")] {
        if let Some(value) = info.os(field) {
            lines.fact(label, Tone::Normal, value.to_owned());
        }
    }
    if let Some(kernel) = info.os("kernel-release") {
        let version = info.os("kernel-version").unwrap_or_default();
        lines.fact("Kernel", Tone::Normal, format!("{kernel}  {version}"));
    }
    if !info.load.is_empty() {
        let loads: Vec<_> = info
            .load
            .iter()
            .map(|(span, load)| format!("{load} ({span})"))
            .collect();
        lines.fact("Load", Tone::Normal, loads.join("  "));
    }
    if let Some(clock) = clock {
        let tone = if clock.is_right() {
            Tone::Normal
        } else {
            Tone::Warn
        };
        lines.fact("Clock", tone, format!("{}, {}", clock.utc(), clock.drift()));
    }
    if info.timezone.is_some() || info.timezone_offset.is_some() {
        let name = info.timezone.clone().unwrap_or_default();
        let offset = info.timezone_offset.map_or_else(String::new, |seconds| {
            let minutes = seconds.unsigned_abs() / 60;
            let sign = if seconds < 0 { '-' } else { '+' };
            format!("UTC{sign}{:02}:{:02}", minutes / 60, minutes % 60)
        });
        lines.fact("Time zone", Tone::Normal, format!("{name}  {offset}"));
    }
}

fn users(info: &GuestInfo, lines: &mut Lines) {
    lines.heading("Users", "who are logged in");
    if info.users.is_empty() {
        lines.text(Tone::Dim, "Nobody is logged in.");
    }
    for user in &info.users {
        let since = user
            .since_ms
            .and_then(chrono::DateTime::from_timestamp_millis)
            .map(|time| format!("since {}", time.format("%Y-%m-%d %H:%M UTC")));
        let domain = Some(&user.domain)
            .filter(|domain| !domain.is_empty())
            .map(|domain| format!("of {domain}"));
        let about: Vec<String> = domain.into_iter().chain(since).collect();
        lines.push(
            &user.name,
            AgentWhat::User(user.name.clone(), about.join(", ")),
        );
    }
}

fn nics(info: &GuestInfo, lines: &mut Lines) {
    lines.heading("Network interfaces", "");
    if info.nics.is_empty() {
        lines.text(Tone::Dim, "The agent names none.");
    }
    for nic in &info.nics {
        lines.push(&nic.name, AgentWhat::Nic(nic.clone()));
    }
}
