//! What leads to the editor: the selected thing of a page, and words.

use super::{EditorPage, EditorView};
use crate::app::{Level, NetItem, Page, State, StorageTab};
use crate::editor::Editor;
use crate::hardware::Spot;
use crate::model::{ConnectionId, DomainId, StoredKind};
use crate::protocol::DocumentRef;
use crate::xml::Tree;

/// A document, where it is and the name of its object.
pub(in crate::app) type Opening = (ConnectionId, DocumentRef, String);

/// Opens the document of the selected domain.
pub(in crate::app) fn open(state: &mut State) {
    let Some(id) = state.target() else {
        state.say(Level::Note, "No domain is selected.".to_owned());
        return;
    };
    open_of(state, id);
}

/// Opens the document of a domain, or the page that has it open.
pub(in crate::app) fn open_of(state: &mut State, id: DomainId) {
    let name = state
        .guest(id)
        .map_or_else(|| id.uuid.to_string(), |guest| guest.domain.name.clone());
    let what = DocumentRef::Stored(StoredKind::Domain, id.uuid);
    open_document(state, id.connection, what, name);
}

/// Opens the document of a domain at one of its elements; `name` is what people call that.
pub(in crate::app) fn open_at(state: &mut State, id: DomainId, spot: Spot, name: &str) {
    open_of(state, id);
    if let Some(Page::Editor(page)) = state.pages.last_mut() {
        page.aim_at(spot, name);
    }
}

/// Opens the definition of what a word names: a UUID, or a name.
pub(in crate::app) fn open_named(
    state: &mut State,
    connection: ConnectionId,
    kind: StoredKind,
    word: &str,
) {
    let what = match word.parse() {
        Ok(uuid) => DocumentRef::Stored(kind, uuid),
        Err(_) => DocumentRef::Named(kind, word.to_owned()),
    };
    open_document(state, connection, what, word.to_owned());
}

/// Opens a document of a host, or the page that has it open.
pub(in crate::app) fn open_document(
    state: &mut State,
    connection: ConnectionId,
    what: DocumentRef,
    name: String,
) {
    let known = state.pages.iter().position(
        |page| matches!(page, Page::Editor(page) if page.connection == connection && page.is_of(&what)),
    );
    match known {
        Some(at) => {
            let page = state.pages.remove(at);
            state.pages.push(page);
        }
        None => {
            let page = EditorPage::new(connection, what, name);
            state.pages.push(Page::Editor(Box::new(page)));
        }
    }
}

impl EditorPage {
    /// Puts the cursor on an element, as soon as there is a text.
    fn aim_at(&mut self, spot: Spot, name: &str) {
        self.aim = Some((spot, name.to_owned()));
        self.view = EditorView::NextBoot;
        if self.editor.is_some() {
            self.take_aim();
        }
    }

    /// Puts the cursor where it is to be: in the definition of the next boot, else in what runs.
    pub(super) fn take_aim(&mut self) {
        let Some((spot, name)) = self.aim.take() else {
            return;
        };
        let height = self.height;
        let go = |editor: Option<&mut Editor>| {
            let Some(editor) = editor else { return false };
            let tree = Tree::parse(editor.text());
            let Some(range) = tree.ok().and_then(|tree| spot.range(&tree)) else {
                return false;
            };
            // All of it is seen, where there is room.
            editor.move_to_byte(range.end, false);
            editor.settle(height);
            editor.move_to_byte(range.start, false);
            true
        };
        if go(self.editor.as_mut()) {
            return;
        }
        self.view = EditorView::Now;
        self.refresh_view();
        let words = if go(self.shown.as_mut()) {
            format!("{name} goes with the next boot: this is what runs.")
        } else {
            self.view = EditorView::NextBoot;
            format!("{name} is not in the definition any more.")
        };
        self.note = Some((Level::Note, words));
    }
}

/// What the selected line of a page is the definition of. `None` for a page about domains, `Some(None)` where nothing with
/// a definition is selected.
pub(in crate::app) fn selected(page: &Page) -> Option<Option<Opening>> {
    let stored = |kind, uuid, name: &str| (DocumentRef::Stored(kind, uuid), name.to_owned());
    let (connection, found) = match page {
        Page::Networks(page) => {
            let found = match page.selected().map(|line| &line.item) {
                Some(NetItem::Filter(filter)) => {
                    Some(stored(StoredKind::NwFilter, filter.uuid, &filter.name))
                }
                _ => page
                    .network()
                    .map(|network| stored(StoredKind::Network, network.uuid, &network.name)),
            };
            (page.connection, found)
        }
        Page::Storage(page) => {
            let found = match page.tab {
                StorageTab::Pools => page
                    .selected()
                    .map(|pool| stored(StoredKind::Pool, pool.uuid, &pool.name)),
                StorageTab::Secrets => page.selected_secret().map(|one| {
                    let uuid = one.secret.uuid;
                    stored(StoredKind::Secret, uuid, &uuid.to_string())
                }),
                StorageTab::Leftovers => None,
            };
            (page.connection, found)
        }
        Page::Volumes(page) => {
            let found = page.selected().map(|volume| {
                let what = DocumentRef::Volume {
                    pool: page.pool.name.clone(),
                    volume: volume.name.clone(),
                };
                (what, volume.name.clone())
            });
            (page.connection, found)
        }
        Page::Snapshots(page) => {
            // Without one it is the domain that is meant.
            let name = page.selected()?.name.clone();
            let what = DocumentRef::Snapshot(page.id.uuid, name.clone());
            (page.id.connection, Some((what, name)))
        }
        _ => return None,
    };
    Some(found.map(|(what, name)| (connection, what, name)))
}
