//! A text to read: the keys, the messages, a failure in full.

use crate::action::{Action, Context};
use crate::app::{Effect, Level, State, Tone};
use crate::config::OwnCommand;
use crate::keymap::Keymap;
use crate::record::{CALL, Entry};
use crate::text;

/// One line: a word on the left, text on the right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReaderLine {
    /// Keys or a time; empty for a heading.
    pub left: String,
    /// The text; untrusted.
    pub text: String,
    /// Its meaning.
    pub tone: Tone,
}

/// The text and how far it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// Heading.
    pub title: String,
    /// Lines.
    pub lines: Vec<ReaderLine>,
    /// First line on the screen.
    pub top: usize,
    /// What can be copied of it as a whole: a script that does the same again.
    pub script: Option<String>,
}

impl Reader {
    /// The keys of these contexts, and of those that hold everywhere.
    #[must_use]
    pub fn help(keymap: &Keymap, contexts: &[Context], own: &[OwnCommand]) -> Self {
        let mut lines = Vec::new();
        if contexts.contains(&Context::Domain) && !own.is_empty() {
            lines.push(ReaderLine::new("", "Your own commands", Tone::Strong));
            for command in own {
                let key = command.key.map(|key| key.to_string()).unwrap_or_default();
                lines.push(ReaderLine::new(&key, &command.label, Tone::Normal));
            }
        }
        for context in contexts {
            let rows = keymap.rows(*context);
            if rows.is_empty() {
                continue;
            }
            if !lines.is_empty() {
                lines.push(ReaderLine::new("", "", Tone::Normal));
            }
            lines.push(ReaderLine::new("", context.heading(), Tone::Strong));
            for (action, keys) in rows {
                let keys: Vec<_> = keys.iter().map(ToString::to_string).collect();
                let row = action.row();
                // The word on the button matters where it is virt-manager's; elsewhere the sentence says it all.
                let text = if row.traits.mutating {
                    format!("{}: {}", row.label, row.doc)
                } else {
                    row.doc.to_owned()
                };
                let tone = if row.traits.dangerous {
                    Tone::Warn
                } else {
                    Tone::Normal
                };
                lines.push(ReaderLine::new(&keys.join(" "), &text, tone));
            }
        }
        Self {
            title: "Keys".to_owned(),
            lines,
            top: 0,
            script: None,
        }
    }

    /// The messages of this session, newest first.
    #[must_use]
    pub fn messages(state: &State) -> Self {
        let mut lines = Vec::new();
        for message in state.messages.all().rev() {
            let age = state
                .now
                .wall
                .duration_since(message.time)
                .unwrap_or_default();
            let tone = match message.level {
                Level::Done => Tone::Good,
                Level::Note => Tone::Normal,
                Level::Failed => Tone::Bad,
            };
            let left = format!("{} ago", text::duration_short(age));
            lines.push(ReaderLine::new(&left, &message.text, tone));
            if let Some(advice) = &message.advice {
                lines.push(ReaderLine::new("", advice, Tone::Dim));
            }
        }
        if lines.is_empty() {
            lines.push(ReaderLine::new("", "No messages yet.", Tone::Dim));
        }
        Self {
            title: "Messages".to_owned(),
            lines,
            top: 0,
            script: None,
        }
    }

    /// What was done in this session, newest first, as the commands that do the same.
    #[must_use]
    pub fn log(state: &State) -> Self {
        let mut lines = Vec::new();
        for entry in state.log.iter().rev() {
            let age = state
                .now
                .wall
                .duration_since(entry.time)
                .unwrap_or_default();
            let (tone, took) = match entry.failure {
                None => (Tone::Good, format!("{:.1} s", entry.took.as_secs_f64())),
                Some(_) => (Tone::Bad, "failed".to_owned()),
            };
            let left = format!("{} ago  {took}", text::duration_short(age));
            lines.push(ReaderLine::new(&left, &entry.line, tone));
            if let Some(why) = &entry.failure {
                lines.push(ReaderLine::new("", why, Tone::Dim));
            }
        }
        if lines.is_empty() {
            lines.push(ReaderLine::new("", "Nothing was done yet.", Tone::Dim));
        }
        Self {
            title: "Log".to_owned(),
            lines,
            top: 0,
            script: (!state.log.is_empty()).then(|| script(&state.log)),
        }
    }

    /// Lines in full, each with its meaning, which are copied as they stand.
    #[must_use]
    pub fn toned(title: &str, lines: &[(Tone, String)]) -> Self {
        let text: Vec<&str> = lines.iter().map(|(_, line)| line.as_str()).collect();
        let line = |(tone, line): &(Tone, String)| ReaderLine::new("", line, *tone);
        Self {
            title: title.to_owned(),
            script: Some(text.join("\n") + "\n"),
            lines: lines.iter().map(line).collect(),
            top: 0,
        }
    }

    /// A text in full, for what a line has no room for.
    #[must_use]
    pub fn text(title: &str, lines: &[String]) -> Self {
        Self {
            title: title.to_owned(),
            lines: lines
                .iter()
                .map(|line| ReaderLine::new("", line, Tone::Normal))
                .collect(),
            top: 0,
            script: None,
        }
    }

    pub(super) fn act(
        mut self,
        state: &mut State,
        action: Action,
        effects: &mut Vec<Effect>,
    ) -> Option<Self> {
        let page = usize::from(state.size.height.saturating_sub(4)).max(1);
        // The drawing stops at the last line whatever stands here; this keeps the way back short.
        let last = self.lines.len().saturating_sub(1);
        match action {
            Action::Down => self.top = (self.top + 1).min(last),
            Action::Up => self.top = self.top.saturating_sub(1),
            Action::PageDown => self.top = (self.top + page).min(last),
            Action::PageUp => self.top = self.top.saturating_sub(page),
            Action::First => self.top = 0,
            Action::Last => self.top = last.saturating_sub(page.saturating_sub(1)),
            Action::CopyScript => match &self.script {
                Some(script) => {
                    state.copying = Some("the log as a script".to_owned());
                    effects.push(Effect::Copy(script.clone()));
                }
                None => state.say(
                    Level::Note,
                    "There is nothing to copy as a script.".to_owned(),
                ),
            },
            Action::Close => return None,
            _ => {}
        }
        Some(self)
    }
}

impl ReaderLine {
    pub(in crate::app) fn new(left: &str, text: &str, tone: Tone) -> Self {
        Self {
            left: left.to_owned(),
            text: text.to_owned(),
            tone,
        }
    }
}

/// What was done, oldest first, as a script of the shell. What failed, and what only libvirt's calls do, stands in comments.
fn script(log: &[Entry]) -> String {
    let mut script = "#!/bin/sh\nset -e\n".to_owned();
    for entry in log {
        let line = text::visible(&entry.line);
        if let Some(why) = &entry.failure {
            script.push_str(&format!("# failed: {}\n", text::visible(why)));
        }
        // A line that had to be made visible would do something else.
        let runs = entry.failure.is_none() && !entry.line.starts_with(CALL) && line == entry.line;
        script.push_str(&format!("{}{line}\n", if runs { "" } else { "# " }));
    }
    script
}
