//! What the host answers: the document as it is now, what became of an applied one, and how both go together.

use super::dialog::{Dialog, DialogKind};
use super::{EditorPage, EditorView, is_same};
use crate::app::{Level, Tone};
use crate::editor::Editor;
use crate::hardware;
use crate::protocol::{
    Answer, Applied, CommandLine, Document, DocumentRef, Failure, JobId, Private,
};
use crate::schema::{Finding, Severity};
use crate::xml::{Identity, Tree, adopt, blame, changes, merge, secrets, unified};

impl EditorPage {
    /// Takes answers to requests it made.
    pub(in crate::app) fn answered(&mut self, job: JobId, result: &Result<Answer, Failure>) {
        self.surroundings(job, result);
        if self.dry_run == Some(job) {
            self.dry_run = None;
            self.dialog = Some(match result {
                Ok(Answer::CommandLines(lines)) => dry_run(&self.name, lines),
                Ok(_) => return,
                Err(failure) => Dialog::new(DialogKind::DryRun, "Dry run".to_owned(), &[])
                    .line(failure.to_string(), Tone::Bad),
            });
        }
        if self.asked == Some(job) {
            self.asked = None;
            match result {
                Ok(Answer::Document(Some(document))) => self.met(document),
                Ok(Answer::Document(None)) => self.gone = self.editor.is_some(),
                Err(failure) if self.editor.is_none() => {
                    self.failure = Some(failure.to_string());
                }
                _ => {}
            }
            if self.editor.is_none() && self.failure.is_none() {
                self.failure = Some(format!("there is no such {}", self.what.word()));
            }
        }
        if self.applying == Some(job) {
            self.applying = None;
            match result {
                Ok(Answer::Applied(applied)) => self.applied(applied),
                Ok(_) => {}
                Err(failure) => self.refused(failure),
            }
        }
    }

    /// Looks at what the host has now.
    fn met(&mut self, document: &Document) {
        self.gone = false;
        self.failure = None;
        self.name.clone_from(&document.name);
        let first = self.editor.is_none();
        let now = document.text.text().to_owned();
        if first {
            match Editor::new(&now) {
                Ok(editor) => self.editor = Some(editor),
                Err(why) => {
                    self.failure = Some(format!("{} '{}': {why}", self.what.word(), self.name));
                    return;
                }
            }
            self.base = document.text.clone();
        }
        if let DocumentRef::Named(kind, _) = self.what
            && let Ok(tree) = Tree::parse(&now)
            && let Some(uuid) = Identity::of(&tree).uuid.and_then(|uuid| uuid.parse().ok())
        {
            // From here on it is known by what does not change.
            self.what = DocumentRef::Stored(kind, uuid);
        }
        self.host = Some(document.clone());
        self.lock(document);
        if first {
            self.take_aim();
            return;
        }
        // Compared as XML: libvirt writes devices in another order when it pleases.
        self.changed = !is_same(self.base.text(), &now);
        if self.changed && !self.is_changed() {
            // Nothing of one's own is at stake.
            self.take_over(&now);
        }
        self.refresh_view();
    }

    fn lock(&mut self, document: &Document) {
        self.locked = if matches!(self.what, DocumentRef::Volume { .. }) {
            Some("libvirt cannot define a volume anew".to_owned())
        } else if !document.is_whole {
            Some(
                "this connection may not read the passwords, and saving without would delete them"
                    .to_owned(),
            )
        } else {
            None
        };
        let locked = self.locked.is_some();
        if let Some(editor) = &mut self.editor {
            editor.lock(locked);
        }
    }

    /// Makes the text what the host has, in the form that it had.
    fn take_over(&mut self, now: &str) {
        let Some(editor) = &mut self.editor else {
            return;
        };
        let text = adopt(&editor.buffer().written(), now).unwrap_or_else(|_| now.to_owned());
        let locked = editor.is_locked();
        editor.lock(false);
        editor.set_text(&text);
        editor.lock(locked);
        self.base = Private::new(editor.buffer().written());
        self.changed = false;
    }

    /// The question of how one's own text and the host's go together.
    pub(super) fn offer_merge(&self) -> Option<Dialog> {
        let host = self.host.as_ref()?;
        let mine = self.editor.as_ref()?.buffer().written();
        let merged = merge(self.base.text(), host.text.text(), &mine);
        let title = format!(
            "{} '{}' was changed on the host",
            self.what.word(),
            self.name
        );
        let answers: &[(char, &'static str)] = if merged.is_clean() {
            &[
                ('m', "merge: both changes"),
                ('o', "overwrite: theirs is lost"),
                ('t', "take theirs: mine is lost"),
            ]
        } else {
            &[
                ('m', "mark the conflicts in the text"),
                ('o', "overwrite: theirs is lost"),
                ('t', "take theirs: mine is lost"),
            ]
        };
        let mut dialog = Dialog::new(DialogKind::Merge, title, answers)
            .line("Changed on the host since you opened it:", Tone::Strong);
        let told = |base: &str, other: &str| -> Vec<String> {
            match (Tree::parse(base), Tree::parse(other)) {
                (Ok(base), Ok(other)) => changes(&base, &other)
                    .iter()
                    .map(ToString::to_string)
                    .collect(),
                _ => Vec::new(),
            }
        };
        for line in told(self.base.text(), host.text.text()) {
            dialog = dialog.line(format!("  {line}"), Tone::Info);
        }
        dialog = dialog.line("", Tone::Normal);
        let own = told(self.base.text(), &mine);
        dialog = dialog.line("Changed by you:", Tone::Strong);
        if own.is_empty() {
            dialog = dialog.line(
                "  the text is not well-formed: lines are merged",
                Tone::Warn,
            );
        }
        for line in own {
            dialog = dialog.line(format!("  {line}"), Tone::Normal);
        }
        dialog = dialog.line("", Tone::Normal);
        if merged.is_clean() {
            dialog = dialog.line(
                "Both go together. What the merge puts into your text:",
                Tone::Good,
            );
            let (mine, text) = (secrets::mask(&mine), secrets::mask(&merged.text));
            for line in unified(&mine, &text, ("yours", "merged"), 1)
                .lines()
                .skip(2)
            {
                let tone = match line.chars().next() {
                    Some('+') => Tone::Good,
                    Some('-') => Tone::Bad,
                    _ => Tone::Dim,
                };
                dialog = dialog.line(format!("  {line}"), tone);
            }
        } else {
            dialog = dialog.line("Both changed the same:", Tone::Bad);
            for conflict in &merged.conflicts {
                dialog = dialog.line(format!("  {}", conflict.what), Tone::Bad);
            }
        }
        Some(dialog)
    }

    /// Does what was answered to that question; `true` when the text can be reviewed now.
    pub(super) fn merge_as(&mut self, answer: char) -> bool {
        let Some(theirs) = self.host.as_ref().map(|host| host.text.clone()) else {
            return false;
        };
        let Some(editor) = &mut self.editor else {
            return false;
        };
        let mut clean = true;
        match answer {
            'm' => {
                let merged = merge(self.base.text(), theirs.text(), &editor.buffer().written());
                clean = merged.is_clean();
                editor.set_text(&merged.text);
                if let Some(first) = merged.marked.first() {
                    let at = editor.buffer().start_of(first.start);
                    editor.move_to_byte(at, false);
                }
            }
            't' => {
                self.take_over(theirs.text());
                return false;
            }
            _ => {}
        }
        // From here on it is theirs that one changes, written as one's own text is.
        self.base = match adopt(&editor.buffer().written(), theirs.text()) {
            Ok(text) => Private::new(text),
            Err(_) => theirs,
        };
        self.changed = false;
        clean
    }

    fn applied(&mut self, applied: &Applied) {
        match applied {
            Applied::Changed(document) => {
                self.review = None;
                self.host = Some((**document).clone());
                self.changed = true;
                self.dialog = self.offer_merge();
            }
            Applied::Refused(what, way_out) => {
                self.review = None;
                let kind = DialogKind::Refused;
                let gone = what.contains("undefined meanwhile");
                let answers: &[(char, &'static str)] = if gone {
                    &[('n', "define it as a new one")]
                } else {
                    &[]
                };
                let dialog = Dialog::new(kind, "Nothing was defined".to_owned(), answers)
                    .line(sentence(what), Tone::Bad)
                    .line("", Tone::Normal)
                    .line(sentence(way_out), Tone::Normal);
                self.dialog = Some(dialog);
            }
            Applied::Done { now, live, uuid } => {
                self.review = None;
                self.rejected = None;
                if let (DocumentRef::New(kind), Some(uuid)) = (&self.what, uuid) {
                    self.what = DocumentRef::Stored(*kind, *uuid);
                }
                // It is kept among those of before.
                self.seen = false;
                self.done(now.as_deref(), live);
            }
        }
    }

    /// It is defined: what the host has now, and what libvirt made of it.
    fn done(&mut self, now: Option<&Document>, live: &[(String, Option<String>)]) {
        let Some(editor) = &self.editor else { return };
        let mine = editor.buffer().written();
        if !self.base.text().is_empty() {
            self.replaced = Some(self.base.clone());
        }
        let sent = self
            .sent
            .take()
            .map_or_else(|| mine.clone(), |sent| sent.text().to_owned());
        let mut dialog = Dialog::new(
            DialogKind::Made,
            format!("{} '{}' is defined", self.what.word(), self.name),
            &[],
        );
        let mut worth = false;
        for (about, why) in live {
            dialog = match why {
                None => dialog.line(format!("Done at once: {about}"), Tone::Good),
                Some(why) => {
                    worth = true;
                    dialog
                        .line(format!("Not done at once: {about}: {why}"), Tone::Bad)
                        .line("  It takes effect at the next start.", Tone::Dim)
                }
            };
        }
        match now {
            Some(now) => {
                let text = now.text.text().to_owned();
                if let (Ok(sent), Ok(has)) = (Tree::parse(&sent), Tree::parse(&text)) {
                    let made = changes(&sent, &has);
                    if !made.is_empty() {
                        worth = true;
                        dialog = dialog.line("libvirt made of it:", Tone::Strong);
                        for change in &made {
                            dialog = dialog.line(format!("  {change}"), Tone::Info);
                        }
                    }
                }
                self.name.clone_from(&now.name);
                self.host = Some(now.clone());
                self.gone = false;
                if sent == mine {
                    self.take_over(&text);
                } else {
                    self.keep_rest(&sent, &text);
                }
            }
            None => {
                self.base = Private::new(mine);
                worth = true;
                dialog = dialog.line("What libvirt made of it could not be read.", Tone::Warn);
            }
        }
        self.refresh_view();
        let word = self.what.word();
        let words = match (live.iter().any(|(_, why)| why.is_none()), self.is_running()) {
            (true, _) => "saved, and changed at once where that was chosen",
            (false, true) => "saved; it takes effect when it is started anew",
            (false, false) => "saved",
        };
        self.note = Some((Level::Done, format!("{word} '{}' is {words}.", self.name)));
        self.dialog = worth.then_some(dialog);
    }

    /// What was left out stays in the text, unsaved.
    fn keep_rest(&mut self, sent: &str, now: &str) {
        let Some(editor) = &mut self.editor else {
            return;
        };
        let merged = merge(sent, now, &editor.buffer().written());
        editor.set_text(&merged.text);
        let base = adopt(&editor.buffer().written(), now).unwrap_or_else(|_| now.to_owned());
        self.base = Private::new(base);
        self.changed = false;
    }

    /// libvirt would not have it, or could not be asked: the text stays, the message stands where it belongs.
    fn refused(&mut self, failure: &Failure) {
        self.review = None;
        let Some(editor) = &mut self.editor else {
            return;
        };
        let text = editor.text().to_owned();
        let place = Tree::parse(&text).ok().and_then(|tree| {
            let bytes = blame(&tree, &failure.reason)?;
            Some((tree.place(bytes.start), bytes))
        });
        let mut dialog = Dialog::new(
            DialogKind::Rejected,
            "Nothing was defined; your text is as it was".to_owned(),
            &[
                ('r', "back to the text"),
                ('i', "ignore validation, knowingly"),
                ('g', "give up, keep the draft"),
            ],
        )
        .line(sentence(&failure.to_string().replace('\n', " ")), Tone::Bad);
        if let Some(((line, column), bytes)) = place {
            dialog = dialog.line("", Tone::Normal).line(
                format!("It speaks of line {line}, column {column}."),
                Tone::Normal,
            );
            editor.move_to_byte(bytes.start, false);
            self.rejected = Some(Finding {
                line,
                column,
                bytes,
                severity: Severity::Error,
                message: format!("libvirt: {}", failure.reason.replace('\n', " ")),
                hint: None,
            });
        }
        if let Some(remedy) = &failure.remedy {
            dialog = dialog
                .line("", Tone::Normal)
                .line(remedy.advice.clone(), Tone::Normal);
        }
        self.dialog = Some(dialog);
    }

    /// Shows another of the texts.
    pub(super) fn show(&mut self, view: EditorView) {
        self.view = view;
        self.shown = None;
        self.refresh_view();
    }

    pub(super) fn refresh_view(&mut self) {
        let Some(host) = &self.host else { return };
        let Some(live) = host.live.clone() else {
            self.view = EditorView::NextBoot;
            self.shown = None;
            return;
        };
        let text = match self.view {
            EditorView::NextBoot => return,
            EditorView::Now => live.text().to_owned(),
            EditorView::Waiting => waiting(live.text(), host.text.text()),
        };
        if self
            .shown
            .as_ref()
            .is_some_and(|shown| shown.text() == text)
        {
            return;
        }
        self.shown = Editor::new(&text).ok();
        if let Some(shown) = &mut self.shown {
            shown.lock(true);
        }
    }
}

/// What QEMU would be started with, before and after.
fn dry_run(name: &str, lines: &[CommandLine; 2]) -> Dialog {
    let title = format!("QEMU's command line of '{name}'");
    let mut dialog = Dialog::new(DialogKind::DryRun, title, &[]);
    let [before, after] = lines;
    match (before, after) {
        (_, Err(why)) => dialog.line(format!("libvirt would not start it: {why}"), Tone::Bad),
        (Err(_), Ok(line)) => {
            for option in options(line.text()).lines() {
                dialog = dialog.line(option, Tone::Normal);
            }
            dialog
        }
        (Ok(before), Ok(after)) => {
            let (before, after) = (options(before.text()), options(after.text()));
            if before == after {
                return dialog.line("It stays as it is.", Tone::Normal);
            }
            for line in unified(&before, &after, ("before", "after"), 0)
                .lines()
                .skip(2)
            {
                let tone = match line.chars().next() {
                    Some('+') => Tone::Good,
                    Some('-') => Tone::Bad,
                    _ => Tone::Dim,
                };
                dialog = dialog.line(line, tone);
            }
            dialog
        }
    }
}

/// A command line with an option a line.
fn options(line: &str) -> String {
    let mut text = line.trim().replace(" \\\n", " ").replace(" -", "\n-");
    text.push('\n');
    text
}

/// What the next start changes, as lines.
fn waiting(now: &str, next: &str) -> String {
    let (Ok(before), Ok(after)) = (Tree::parse(now), Tree::parse(next)) else {
        return String::new();
    };
    let found: Vec<String> = hardware::waiting(&before, &after)
        .iter()
        .map(ToString::to_string)
        .collect();
    if found.is_empty() {
        return "Nothing waits for a restart.".to_owned();
    }
    found.join("\n")
}

/// With a capital letter and a full stop.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first: String = chars
        .next()
        .map(|c| c.to_uppercase().collect())
        .unwrap_or_default();
    let rest = chars.as_str();
    let end = if rest.ends_with(['.', '!', '?']) {
        ""
    } else {
        "."
    };
    format!("{first}{rest}{end}")
}
