//! What the loop is asked to do.

use crate::config::SavedView;
use crate::model::ConnectionId;
use crate::protocol::{ConnectionSpec, Interest, Request};
use crate::record::Entry;

/// Something to be performed outside of the state.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Open a connection.
    Open(ConnectionSpec),
    /// Open the demonstration under this number.
    OpenDemo(ConnectionSpec),
    /// Close a connection for good.
    Close(ConnectionId),
    /// Try to open a lost connection now; read an open one anew.
    Retry(ConnectionId),
    /// Give up opening a connection.
    Cancel(ConnectionId),
    /// Ask a connection for something.
    Send(ConnectionId, Request),
    /// Say what the screen looks at.
    Interest(ConnectionId, Interest),
    /// Answer a question of a connection; `None` when the person declined.
    Reply {
        /// Who asked.
        connection: ConnectionId,
        /// The question's number.
        prompt: u64,
        /// What was typed.
        text: Option<String>,
    },
    /// Put a text into the terminal's clipboard.
    Copy(String),
    /// Give the terminal to a command, wait for it, and report [`super::Event::Ran`]. Never through a shell.
    Run(Vec<String>),
    /// Keep a view in the file of saved views, and report [`super::Event::ViewSaved`].
    SaveView(SavedView),
    /// Put on record what was done.
    Record(Entry),
    /// Keep a command line for later runs of the program.
    Remember(String),
    /// Stop like any job of the shell.
    Suspend,
    /// Draw everything anew.
    Redraw,
    /// Leave.
    Quit,
}
