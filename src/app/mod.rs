//! The program without its screen: state, events, and the one function that leads from one to the next.
//!
//! [`update()`] takes the state, an [`Event`] and the time, changes the state and answers with [`Effect`]s that the
//! loop performs. Nothing here does I/O, waits, or asks a clock, so a test presses keys and hands in reports and
//! looks at what comes out (`tests/app`).
//!
//! # Adding a page
//! 1. `app/pages/NAME.rs`: a struct with what the page remembers (ids, never indices), and
//!    - `contexts(&self) -> &'static [Context]`: where its keys are looked up, innermost first;
//!    - `act(state, action, effects) -> bool`: does what it knows, `false` for what it does not;
//!    - `answered(&mut self, job, &result)`: takes answers to requests it made with [`State::ask`].
//! 2. One variant of [`Page`] and its arms in `app/pages/mod.rs`.
//! 3. `ui/pages/NAME.rs`: `render(&State, &NAME, Rect, &mut Painter)`, and its arm in `ui/pages/mod.rs`.
//! 4. Its keys: a section in `assets/keymap.toml`; new intents are rows of `action/table.rs`.
//!
//! # Adding a dialog
//! The same with `app/layers/` and `ui/layers/`: a variant of [`Layer`]. The top layer gets each key first.

mod actions;
mod bulk;
mod calls;
mod command;
mod connection;
mod effect;
mod event;
mod event_words;
mod guest;
mod happened;
mod input;
mod jobs;
mod layers;
mod layout;
mod list;
mod messages;
mod pages;
mod reports;
mod state;
mod table;
mod update;
mod views;

pub use calls::Calls;
pub use command::{History, Offer};
pub use connection::Connection;
pub use effect::Effect;
pub use event::{Event, Mouse, MouseKind, Now, Size, Target};
pub use event_words::{event_tone, event_words};
pub use guest::Guest;
pub use happened::{EventLog, Happened, MOST_HAPPENED};
pub use input::Line;
pub use jobs::{Job, Jobs, Purpose};
pub use layers::{
    ColumnChooser, CommandLine, Confirm, Finder, FinderPlace, Intent, Jump, Layer, Menu, MenuEntry,
    PROVIDERS, Question, Reader, ReaderLine, TextField, TextUse,
};
pub use layout::Areas;
pub use list::List;
pub use messages::{Level, Message, Messages};
pub use pages::{
    CallColumn, CallRow, Debug, DebugLine, Details, EndpointId, Events, Finding, FindingColumn,
    FixedId, Found, Frozen, Graph, Gravity, Grid, Lines, Loaded, Log, Page, Piece, Place,
    PortColumn, PortLines, PortSection, Ports, Role, SPANS, SheetLine, Tab, XmlText, columns,
    line_numbers,
};
pub use state::{Options, State};
pub use table::{Cell, Column, Group, GroupId, Grouping, Placed, Table, TableRow, Tone, Totals};
pub use update::{take_reports, update};
pub use views::View;
