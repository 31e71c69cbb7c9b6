//! What the commands of the editor do.

use super::dialog::{Dialog, DialogKind};
use super::review::{Review, defining};
use super::{EditorPage, EditorView, changes_text};
use crate::action::Action;
use crate::app::{Effect, Layer, Level, Line, Purpose, State, TextField, TextUse, Tone};
use crate::editor::{Motion, Pattern};
use crate::protocol::{ApplyDocument, DocumentRef, Private, Verb};
use crate::record::Entry;
use crate::text::shell_quote;
use crate::xml::{Tree, changes, leave_out};

/// What became of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::app::pages) enum Done {
    /// It was done.
    Stays,
    /// It is none of this page's.
    Unknown,
    /// The page is closed.
    Leaves,
}

impl EditorPage {
    /// Does what a command means.
    pub(in crate::app::pages) fn act(
        &mut self,
        state: &mut State,
        action: Action,
        effects: &mut Vec<Effect>,
    ) -> Done {
        if self.review.is_some() {
            return self.act_on_review(state, action, effects);
        }
        if changes_text(action) && self.shown().is_some_and(|shown| shown.is_locked()) {
            state.say(Level::Note, "Nothing can be changed here.".to_owned());
            return Done::Stays;
        }
        let Some(editor) = self.shown_mut() else {
            return match action {
                Action::LeaveEditor => Done::Leaves,
                _ => Done::Unknown,
            };
        };
        match action {
            Action::Undo if !editor.undo() => {
                state.say(Level::Note, "There is nothing to take back.".to_owned());
            }
            Action::Redo if !editor.redo() => {
                state.say(Level::Note, "There is nothing to do again.".to_owned());
            }
            Action::Undo | Action::Redo => self.rejected = None,
            Action::SelectAll => editor.select_all(),
            Action::CopyText => {
                let text = editor.copy(false).to_owned();
                self.copied(state, text, effects);
            }
            Action::CutText => {
                let text = editor.copy(true).to_owned();
                self.copied(state, text, effects);
            }
            Action::PasteText => {
                editor.paste_clip();
            }
            Action::ToggleComment => editor.toggle_comment(),
            Action::MoveBlockUp => editor.move_block(false),
            Action::MoveBlockDown => editor.move_block(true),
            Action::Fold => editor.toggle_fold(),
            Action::FoldAll => editor.toggle_all_folds(),
            Action::OtherTag => editor.go(Motion::OtherTag, false),
            Action::FindText => {
                let field = TextField::new(TextUse::FindInText, Line::new(""));
                state.layers.push(Layer::Text(field));
            }
            Action::ReplaceText => {
                let field = TextField::new(TextUse::Replace, Line::new(""));
                state.layers.push(Layer::Text(field));
            }
            Action::FindNext | Action::FindPrevious => {
                self.find(state, action == Action::FindPrevious, false);
            }
            Action::GoToLine => {
                let field = TextField::new(TextUse::GoToLine, Line::new(""));
                state.layers.push(Layer::Text(field));
            }
            Action::NextFinding => self.go_to_finding(state, true),
            Action::PreviousFinding => self.go_to_finding(state, false),
            Action::CompleteXml => {
                self.inquired = true;
                self.inquire(false, effects);
            }
            Action::ElementHelp => self.inquire(true, effects),
            Action::Outline => self.open_outline(),
            Action::EditOutside if self.locked.is_none() => {
                if let Some(editor) = &self.editor {
                    let text = Private::new(editor.buffer().written());
                    effects.push(Effect::EditOutside(
                        (self.connection, self.what.clone()),
                        text,
                    ));
                }
            }
            Action::DryRun => self.try_out(state, effects),
            Action::ShowPast => self.ask_past(state, effects),
            Action::UndoSave => self.undo_save(),
            Action::ShowFindings => self.panel = !self.panel,
            Action::Reveal => self.revealed = !self.revealed,
            Action::NextText => self.next_view(state),
            Action::ReviewChanges if self.is_lent() => return self.give_back(state, effects),
            Action::ReviewChanges => self.save(state),
            Action::LeaveEditor => {
                let left = self.leave();
                if left == Done::Leaves {
                    self.return_form(state, None);
                }
                return left;
            }
            _ => return Done::Unknown,
        }
        Done::Stays
    }

    fn copied(&mut self, state: &mut State, text: String, effects: &mut Vec<Effect>) {
        // A password goes to the clipboard only when it is seen.
        let secret = !self.revealed && !crate::xml::secrets::ranges(&text).is_empty();
        if secret {
            state.say(
                Level::Note,
                "Kept for this editor only: it holds a password that is not shown.".to_owned(),
            );
            return;
        }
        let lines = text.lines().count();
        state.copying = Some(format!("{lines} line{}", if lines == 1 { "" } else { "s" }));
        effects.push(Effect::Copy(text));
    }

    fn find(&mut self, state: &mut State, back: bool, from_here: bool) {
        let Some(pattern) = self.pattern.clone() else {
            return state.say(Level::Note, "Nothing is searched for yet.".to_owned());
        };
        let is_vi = self.vi.is_some();
        let Some(editor) = self.shown_mut() else {
            return;
        };
        match editor.find(&pattern, back, from_here) {
            Some((at, all)) => {
                // vi's cursor stands on what was found.
                if is_vi && let Some(found) = editor.buffer().selection() {
                    editor.move_to_byte(found.start, false);
                }
                state.say(Level::Note, format!("{at} of {all}"));
            }
            None => state.say(
                Level::Note,
                format!("Nothing matches '{}'.", pattern.words()),
            ),
        }
    }

    fn go_to_finding(&mut self, state: &mut State, on: bool) {
        let here = self
            .editor
            .as_ref()
            .map_or(0, |editor| editor.buffer().at());
        let mut places: Vec<(usize, String)> = self
            .findings()
            .iter()
            .map(|finding| (finding.bytes.start, finding.message.clone()))
            .collect();
        places.sort();
        let next = if on {
            places.iter().find(|(at, _)| *at > here).or(places.first())
        } else {
            places
                .iter()
                .rev()
                .find(|(at, _)| *at < here)
                .or(places.last())
        };
        match next.cloned() {
            Some((at, message)) => {
                self.view = EditorView::NextBoot;
                if let Some(editor) = &mut self.editor {
                    editor.move_to_byte(at, false);
                }
                state.say(Level::Note, message);
            }
            None => state.say(Level::Note, "Nothing was found in the text.".to_owned()),
        }
    }

    fn next_view(&mut self, state: &mut State) {
        if !self.is_running() {
            return state.say(
                Level::Note,
                "It does not run: there is only the definition of its next start.".to_owned(),
            );
        }
        let at = EditorView::ALL.iter().position(|view| *view == self.view);
        let next = EditorView::ALL[(at.unwrap_or(0) + 1) % EditorView::ALL.len()];
        self.show(next);
    }

    /// Shows what would change; first what another changed, and what keeps it from being applied at all.
    pub(super) fn save(&mut self, state: &mut State) {
        if self.locked.is_some() || self.view != EditorView::NextBoot {
            return state.say(Level::Note, "There is nothing to save here.".to_owned());
        }
        if self.changed {
            self.dialog = self.offer_merge();
            return;
        }
        let running = self.is_running();
        let Some(editor) = &mut self.editor else {
            return;
        };
        if let Err(error) = Tree::parse(editor.text()) {
            let line = error.line.saturating_sub(1);
            let place = crate::editor::Place {
                line,
                column: error.column.saturating_sub(1),
            };
            editor.move_to(place, false);
            return state.say(Level::Failed, format!("Not well-formed: {error}"));
        }
        let mine = editor.buffer().written();
        let made = Review::new(&self.what, &self.name, running, self.base.text(), &mine);
        let Some(review) = made else { return };
        if review.rows.is_empty() && !self.base.text().is_empty() && !self.gone {
            let words = if self.is_changed() {
                "Nothing changes: only blanks and order differ."
            } else {
                "Nothing was changed."
            };
            return state.say(Level::Note, words.to_owned());
        }
        self.review = Some(review);
    }

    fn act_on_review(
        &mut self,
        state: &mut State,
        action: Action,
        effects: &mut Vec<Effect>,
    ) -> Done {
        let page = isize::try_from(self.height).unwrap_or(isize::MAX);
        let Some(review) = &mut self.review else {
            return Done::Unknown;
        };
        match action {
            Action::Down => review.scroll(1),
            Action::Up => review.scroll(-1),
            Action::PageDown => review.scroll(page),
            Action::PageUp => review.scroll(-page),
            Action::First => review.scroll(isize::MIN),
            Action::Last => review.scroll(isize::MAX),
            Action::ToggleChoice => review.toggle(),
            Action::ShowLines => review.turn(),
            Action::ScrollLeft => review.scroll_across(false),
            Action::ScrollRight => review.scroll_across(true),
            Action::Validate => review.validate = !review.validate,
            Action::ApplyChanges if self.applying.is_none() => self.apply(state, effects),
            Action::LeaveEditor if self.applying.is_none() => self.review = None,
            Action::ApplyChanges | Action::LeaveEditor => {
                state.say(
                    Level::Note,
                    "The document is on its way to the host.".to_owned(),
                );
            }
            _ => return Done::Unknown,
        }
        Done::Stays
    }

    fn apply(&mut self, state: &mut State, effects: &mut Vec<Effect>) {
        let (Some(review), Some(editor)) = (&self.review, &self.editor) else {
            return;
        };
        if let Some((about, why)) = review.impossible() {
            let text = format!("{about}: {why}. Take that change back, or shut it down first.");
            return state.say(Level::Failed, text);
        }
        let Some(connection) = state.connection(self.connection) else {
            return state.say(
                Level::Failed,
                "The connection is closed; the draft is kept.".to_owned(),
            );
        };
        if connection.readonly() {
            return state.say(Level::Note, "The connection is read-only.".to_owned());
        }
        if !connection.is_live() {
            return state.say(
                Level::Failed,
                "The connection is lost; the text is kept until it is back.".to_owned(),
            );
        }
        let uri = connection.uri().to_owned();
        let mine = editor.buffer().written();
        let left = review.left_out();
        if review.is_nothing() {
            return state.say(
                Level::Note,
                "All of it is left out: there is nothing to save.".to_owned(),
            );
        }
        let sent = if left.is_empty() {
            Some(mine.clone())
        } else {
            let trees = (Tree::parse(self.base.text()), Tree::parse(&mine));
            match trees {
                (Ok(before), Ok(after)) => {
                    let all = changes(&before, &after);
                    leave_out(&before, &after, &all, &left)
                }
                _ => None,
            }
        };
        let Some(sent) = sent else {
            let words =
                "What is left out goes together with the rest: take it back in the text instead.";
            return state.say(Level::Failed, words.to_owned());
        };
        let wanted = ApplyDocument {
            what: self.what.clone(),
            expected: self.base.clone(),
            text: Private::new(sent.clone()),
            validate: review.validate,
            live: review.live_steps(),
        };
        let line = defining(&self.what, &self.name, review.validate);
        let name = self.name.clone();
        let verb = Verb::ApplyDocument(Box::new(wanted));
        let job = state.ask(self.target(), Purpose::Read, verb, effects);
        let entry = Entry {
            time: state.now.wall,
            connection: uri.clone(),
            domain: name.clone(),
            uuid: self
                .what
                .uuid()
                .map_or_else(String::new, |uuid| uuid.to_string()),
            line: format!("virsh -c {} {line}", shell_quote(&uri)),
            took: std::time::Duration::ZERO,
            failure: None,
        };
        state.jobs.describe(job, entry);
        state.changes_definition((self.connection, self.what.clone()));
        self.sent = Some(Private::new(sent));
        self.applying = Some(job);
    }

    /// Closes the page, or asks what becomes of the changes.
    fn leave(&mut self) -> Done {
        if let Some(editor) = self.shown_mut()
            && editor.unselect()
        {
            return Done::Stays;
        }
        if self.view != EditorView::NextBoot {
            self.show(EditorView::NextBoot);
            return Done::Stays;
        }
        if !self.is_changed() {
            return Done::Leaves;
        }
        if self.is_lent() {
            self.dialog = Some(self.offer_return());
            return Done::Stays;
        }
        let dialog = Dialog::new(
            DialogKind::Leave,
            format!("'{}' is changed and not saved", self.name),
            &[
                ('s', "show what changes, and save"),
                ('k', "leave, keep the draft"),
                ('x', "leave, throw the changes away"),
            ],
        )
        .line("Your text is not on the host yet.", Tone::Normal);
        self.dialog = Some(dialog);
        Done::Stays
    }
}

/// Does what was answered to a dialog of the editor.
pub(super) fn answered(
    state: &mut State,
    kind: DialogKind,
    answer: char,
    effects: &mut Vec<Effect>,
) {
    let Some(crate::app::Page::Editor(mut page)) = state.pages.pop() else {
        return;
    };
    let mut stays = true;
    match (kind, answer) {
        (DialogKind::Leave, 's') if page.is_lent() => {
            stays = page.give_back(state, effects) != Done::Leaves;
        }
        (DialogKind::Leave, 's') => page.save(state),
        (DialogKind::Leave, 'x') if page.is_lent() => {
            page.forget_draft(state, effects);
            page.return_form(state, None);
            stays = false;
        }
        (DialogKind::Leave, 'x') => {
            page.forget_draft(state, effects);
            stays = false;
        }
        (DialogKind::Leave, _) | (DialogKind::Rejected, 'g') => {
            page.remember_draft(state);
            stays = false;
        }
        (DialogKind::Draft, answer) => page.take_draft(state, answer, effects),
        (DialogKind::Merge, answer) if page.merge_as(answer) => page.save(state),
        (DialogKind::Rejected, 'i') => {
            page.save(state);
            if let Some(review) = &mut page.review {
                review.validate = false;
            }
        }
        (DialogKind::Refused, 'n') => {
            if let DocumentRef::Stored(kind, _) = page.what {
                page.what = DocumentRef::New(kind);
                page.base = Private::default();
                page.gone = false;
                page.save(state);
            }
        }
        _ => {}
    }
    if stays {
        state.pages.push(crate::app::Page::Editor(page));
    }
}

/// Does what a line was typed for: searching, replacing, going to a line. An error says what is wrong with it.
pub(in crate::app) fn found_by(
    state: &mut State,
    use_: &TextUse,
    text: &str,
    effects: &mut Vec<Effect>,
) -> Result<(), String> {
    let Some(crate::app::Page::Editor(mut page)) = state.pages.pop() else {
        return Ok(());
    };
    let result = page.typed(state, use_, text, effects);
    if result != Ok(true) {
        state.pages.push(crate::app::Page::Editor(page));
    }
    result.map(|_| ())
}

impl EditorPage {
    /// `true` closes the page.
    fn typed(
        &mut self,
        state: &mut State,
        use_: &TextUse,
        text: &str,
        effects: &mut Vec<Effect>,
    ) -> Result<bool, String> {
        match use_ {
            // Nothing typed looks for the same again.
            TextUse::FindInText if text.is_empty() => self.find(state, false, false),
            TextUse::FindInText => {
                self.pattern = Some(Pattern::new(text)?);
                self.find(state, false, true);
            }
            TextUse::Replace => {
                self.pattern = Some(Pattern::new(text)?);
                let field = TextField::new(TextUse::ReplaceWith, Line::new(""));
                state.layers.push(Layer::Text(field));
            }
            TextUse::ReplaceWith => {
                let Some(pattern) = self.pattern.clone() else {
                    return Ok(false);
                };
                let Some(editor) = self.shown_mut() else {
                    return Ok(false);
                };
                let count = editor.replace_all(&pattern, text).count;
                state.say(
                    Level::Note,
                    format!("Replaced {count}; Undo takes all of it back."),
                );
            }
            TextUse::ViCommand => return self.obey(state, text, effects),
            _ => {
                let line: usize = text
                    .trim()
                    .parse()
                    .map_err(|_| "a line is a number".to_owned())?;
                let Some(editor) = self.shown_mut() else {
                    return Ok(false);
                };
                let last = editor.buffer().lines().len();
                let place = crate::editor::Place {
                    line: line.clamp(1, last) - 1,
                    column: 0,
                };
                editor.move_to(place, false);
            }
        }
        Ok(false)
    }
}

impl EditorPage {
    /// A line behind vi's colon. `true` closes the page.
    fn obey(
        &mut self,
        state: &mut State,
        text: &str,
        effects: &mut Vec<Effect>,
    ) -> Result<bool, String> {
        let text = text.trim();
        match text {
            "w" | "wq" | "x" => self.save(state),
            "q" => return Ok(self.leave() == Done::Leaves),
            "q!" => {
                self.forget_draft(state, effects);
                return Ok(true);
            }
            "" => {}
            _ => {
                if let Ok(line) = text.parse::<usize>() {
                    self.typed(state, &TextUse::GoToLine, &line.to_string(), effects)?;
                    return Ok(false);
                }
                let (rest, all) = match text
                    .strip_prefix('%')
                    .or_else(|| text.strip_prefix("'<,'>"))
                {
                    Some(rest) => (rest, true),
                    None => (text, false),
                };
                let Some(rest) = rest.strip_prefix('s') else {
                    return Err(format!(
                        "'{text}' is no command here: w, q, q!, wq, x, a line, s/…/…/"
                    ));
                };
                let Some(mark) = rest.chars().next().filter(|c| !c.is_alphanumeric()) else {
                    return Err("s needs a mark, as in s/old/new/".to_owned());
                };
                let mut pieces = rest[mark.len_utf8()..].split(mark);
                let (Some(old), Some(new)) = (pieces.next(), pieces.next()) else {
                    return Err(
                        "s needs what to find and what comes in its place: s/old/new/".to_owned(),
                    );
                };
                let pattern = Pattern::new(old)?;
                let Some(editor) = self.shown_mut() else {
                    return Ok(false);
                };
                if editor.is_locked() {
                    return Err("nothing can be changed here".to_owned());
                }
                let selected = editor.buffer().selection().is_some();
                if !all && !selected {
                    let line = editor.buffer().cursor().line;
                    // With its end, so that it is taken for several lines.
                    let end = editor.buffer().start_of(line + 1);
                    editor.select(editor.buffer().start_of(line)..end);
                } else if text.starts_with('%') {
                    editor.unselect();
                }
                let count = editor.replace_all(&pattern, new).count;
                editor.unselect();
                state.say(Level::Note, format!("Replaced {count}."));
                self.pattern = Some(pattern);
            }
        }
        Ok(false)
    }

    /// Asks what QEMU would be started with, before and after.
    fn try_out(&mut self, state: &mut State, effects: &mut Vec<Effect>) {
        if self.what.word() != "domain" {
            return state.say(Level::Note, "Only domains have a command line.".to_owned());
        }
        let Some(editor) = &self.editor else { return };
        if self.dry_run.is_some() {
            return;
        }
        let verb = Verb::DryRun(self.base.clone(), Private::new(editor.text()));
        self.dry_run = Some(state.ask(self.target(), Purpose::Read, verb, effects));
    }

    /// The text came back from another editor.
    pub(in crate::app) fn edited_outside(&mut self, text: Result<Private, String>) {
        let Some(editor) = &mut self.editor else {
            return;
        };
        self.note = Some(match text {
            Ok(text) if text.text() == editor.buffer().written() => {
                (Level::Note, "It came back unchanged.".to_owned())
            }
            Ok(text) if editor.set_text(text.text()) => {
                (Level::Done, "The text is taken back.".to_owned())
            }
            Ok(_) => (
                Level::Failed,
                "The text is too large to be edited here.".to_owned(),
            ),
            Err(why) => (Level::Failed, format!("{why}; the text is as it was.")),
        });
    }
}
