//! What happens to the program.

use std::time::{Instant, SystemTime};

use super::{
    CallColumn, Column, Draft, EditorId, Ended, EndpointId, Examined, Finding, GroupId,
    PastDefinition, PortColumn, Reread,
};
use crate::action::Action;
use crate::display::PixelWay;
use crate::journal::Told;
use crate::keymap::Key;
use crate::model::DomainId;
use crate::protocol::{Private, Report};

/// The time of an update, handed in so that tests need no clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// For ages and intervals.
    pub instant: Instant,
    /// For people.
    pub wall: SystemTime,
}

/// Columns and lines of the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Size {
    /// Columns.
    pub width: u16,
    /// Lines.
    pub height: u16,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A key was pressed.
    Key(Key),
    /// The mouse did something; the screen has said what stands there.
    Mouse(Mouse),
    /// The mouse did something over the screen of a guest: column and line.
    Pointed(Pointer, u16, u16),
    /// How pixels go to the terminal, and pixels of a cell.
    PixelsFound(PixelWay, (u16, u16)),
    /// Text was pasted.
    Paste(String),
    /// The terminal has this size.
    Resize(Size),
    /// A connection reports.
    Report(Box<Report>),
    /// A command run for [`super::Effect::Run`] ended: its exit code, or why it could not run.
    Ran(Result<i32, String>),
    /// A program started for [`super::Effect::Start`] ended, or why it could not run.
    Ended(u64, Result<Ended, String>),
    /// The text went to the terminal's clipboard, or why it could not.
    Copied(Result<(), String>),
    /// A view was saved in this file, or why it was not.
    ViewSaved(Result<String, String>),
    /// What became of keeping a template: its file, or why not.
    TemplateSaved(Result<String, String>),
    /// A set of pins was kept in this file, or why not.
    PinningSaved(Result<String, String>),
    /// Events of before, as the file has kept them; oldest first.
    Remembered(Vec<Told>),
    /// The settings were read anew, or what is wrong with them.
    Reread(Result<Box<Reread>, String>),
    /// The schemas looked at a text.
    Examined(Box<Examined>),
    /// Texts of before that were not saved.
    Drafts(Vec<Draft>),
    /// Former definitions of a document, newest first.
    Definitions(EditorId, Vec<PastDefinition>),
    /// The text of an editor came back from the user's own, or why not.
    EditedOutside(EditorId, Result<Private, String>),
    /// The program started for an alert could not be, in words.
    AlertFailed(String),
    /// A TCP port was tried: whether something answered.
    Probed(std::net::SocketAddr, bool),
    /// The terminal is ours again after a suspension.
    Resumed,
    /// The program cannot be stopped: no shell is there to let it go on again.
    NobodyToContinue,
    /// A thread that talks to libvirt failed, in words.
    ThreadFailed(String),
    /// Nothing but time: [`super::State::next_wake`] has come.
    Tick,
}

/// What a mouse does, as a guest has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pointer {
    /// A button was pressed: 0 left, 1 middle, 2 right.
    Pressed(u8),
    /// A button was let go.
    Released(u8),
    /// It was moved.
    Moved,
    /// The wheel was turned towards the top.
    WheelUp,
    /// The wheel was turned towards the end.
    WheelDown,
}

/// A movement of the mouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mouse {
    /// What it did.
    pub kind: MouseKind,
    /// What stands under the pointer.
    pub target: Option<Target>,
}

/// What the mouse did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MouseKind {
    /// The left button was pressed.
    Click,
    /// The right button was pressed.
    Menu,
    /// The wheel was turned towards the top.
    WheelUp,
    /// The wheel was turned towards the end.
    WheelDown,
}

/// What stands in a place of the screen. By identity: the row may have moved since it was drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A domain's row.
    Domain(DomainId),
    /// The heading of a group of rows.
    Group(GroupId),
    /// The header of a column.
    Column(Column),
    /// A display or serial line on the page of ports.
    Endpoint(EndpointId),
    /// A row of the events of all hosts, by its number.
    Event(u64),
    /// A warning or a fixed port on the page of ports.
    Finding(Finding),
    /// The header of a column on the page of ports.
    PortColumn(PortColumn),
    /// The header of a column on the debug page.
    CallColumn(CallColumn),
    /// A hint or a button that stands for an action.
    Action(Action),
    /// A line of a list of choices, or of a page with lines of its own.
    Choice(usize),
    /// A section of a page.
    Tab(usize),
    /// A place in a text that is edited, by its byte.
    Text(usize),
}
