//! The text of a form in the editor: it goes back to the form, not to the host.

use super::EditorPage;
use super::acting::Done;
use super::dialog::{Dialog, DialogKind};
use crate::app::{Effect, Form, Level, State, Tone, forms};
use crate::editor::{Editor, Place};
use crate::model::{ConnectionId, StoredKind};
use crate::protocol::{DocumentRef, Private};
use crate::text::visible;
use crate::xml::Tree;

impl EditorPage {
    /// The page of a form's text.
    ///
    /// # Errors
    /// The form, when the text cannot be edited.
    pub(in crate::app) fn lent(
        connection: ConnectionId,
        name: String,
        form: Box<Form>,
        text: &str,
    ) -> Result<Self, Box<Form>> {
        let Ok(editor) = Editor::new(text) else {
            return Err(form);
        };
        let name = if name.is_empty() {
            "new domain".to_owned()
        } else {
            name
        };
        let mut page = Self::new(connection, DocumentRef::New(StoredKind::Domain), name);
        page.base = Private::new(editor.buffer().written());
        page.editor = Some(editor);
        // One of another new domain has no place in it.
        page.draft_offered = true;
        page.form = Some(form);
        Ok(page)
    }

    /// Whether a form waits for the text.
    pub(super) fn is_lent(&self) -> bool {
        self.form.is_some()
    }

    /// Gives the text to the form that it is of.
    pub(super) fn give_back(&mut self, state: &mut State, effects: &mut Vec<Effect>) -> Done {
        let Some(editor) = &mut self.editor else {
            return Done::Stays;
        };
        let text = editor.buffer().written();
        let wrong = match Tree::parse(&text) {
            Ok(tree) => unfit(&tree, self.base.text()),
            Err(error) => {
                let place = Place {
                    line: error.line.saturating_sub(1),
                    column: error.column.saturating_sub(1),
                };
                editor.move_to(place, false);
                Some(format!("Not well-formed: {error}"))
            }
        };
        if let Some(why) = wrong {
            state.say(Level::Failed, why);
            return Done::Stays;
        }
        let changed = self.is_changed().then(|| Private::new(text));
        self.forget_draft(state, effects);
        self.return_form(state, changed);
        Done::Leaves
    }

    /// Opens the form again, where there is one.
    pub(super) fn return_form(&mut self, state: &mut State, text: Option<Private>) {
        if let Some(form) = self.form.take() {
            forms::give_back(form, text, state);
        }
    }

    /// The question what becomes of a text that was changed.
    pub(super) fn offer_return(&self) -> Dialog {
        Dialog::new(
            DialogKind::Leave,
            format!("The XML of '{}' is changed", visible(&self.name)),
            &[
                ('s', "take it into the form"),
                ('x', "back to the form, throw the changes away"),
            ],
        )
        .line("Nothing is made yet.", Tone::Normal)
    }
}

/// Why a form cannot take a text: what it is named by must stay as the form has it.
fn unfit(tree: &Tree<'_>, base: &str) -> Option<String> {
    let of = |tree: &Tree<'_>, name: &str| {
        let root = tree.root();
        let found = root.children().find(|child| child.has_tag_name(name));
        found
            .and_then(|node| node.text())
            .map(|text| text.trim().to_owned())
    };
    let base = Tree::parse(base).ok()?;
    if !tree.root().has_tag_name("domain") {
        return Some("It is no domain any more: its element must stay.".to_owned());
    }
    ["name", "uuid"].into_iter().find_map(|name| {
        (of(tree, name) != of(&base, name)).then(|| {
            format!("The {name} is the form's: leave <{name}> as it is, and change it there.")
        })
    })
}
