//! What the loop is asked to do.

use super::{Draft, EditorId, Examine, SeenDefinition};
use crate::config::{Pinning, SavedView, Template};
use crate::journal::Told;
use crate::model::ConnectionId;
use crate::protocol::{
    ConnectionSpec, ConsoleId, ConsoleVerb, DisplayId, DisplayVerb, Interest, Private, Request,
    WallWish,
};
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
    /// Ask something of a console.
    Console(ConnectionId, ConsoleId, ConsoleVerb),
    /// Ask something of a display.
    Display(ConnectionId, DisplayId, DisplayVerb),
    /// Say which screens are wanted as small pictures.
    Wall(ConnectionId, WallWish),
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
    /// Start a program in the background under this number, and report [`super::Event::Ended`]. Never through a shell.
    Start(u64, Vec<String>),
    /// Keep a template of new domains in their file, and report [`super::Event::TemplateSaved`].
    SaveTemplate(Template),
    /// Keep a set of pins in their file, and report [`super::Event::PinningSaved`].
    SavePinning(Pinning),
    /// Keep a view in the file of saved views, and report [`super::Event::ViewSaved`].
    SaveView(SavedView),
    /// Read the settings anew, and report [`super::Event::Reread`].
    Reload,
    /// Keep an event in the file of events.
    Journal(Told),
    /// Have the schemas look at a text, and report [`super::Event::Examined`].
    Examine(Examine),
    /// Keep a text that is not saved yet, in place of its former one.
    KeepDraft(EditorId, Box<Draft>),
    /// Forget the draft of an editor on the host with this URI.
    ForgetDraft(EditorId, String),
    /// Remove the file of a draft that was found.
    DropDraft(String),
    /// Keep a definition that was seen, among the former ones of its object.
    KeepDefinition(Box<SeenDefinition>),
    /// Read the former definitions of a document on the host with this URI, and report [`super::Event::Definitions`].
    ReadDefinitions(EditorId, String),
    /// Give the terminal to the user's editor with a text, and report [`super::Event::EditedOutside`].
    EditOutside(EditorId, Private),
    /// Put on record what was done.
    Record(Entry),
    /// Keep a command line for later runs of the program.
    Remember(String),
    /// Call for attention: ring the bell, start a program in the background. Never through a shell.
    Alert {
        /// Ring.
        bell: bool,
        /// Program and arguments; none when empty.
        command: Vec<String>,
    },
    /// Keep a line that was typed for a monitor, for later runs of the program.
    RememberMonitor(String),
    /// Try a TCP port, and report [`super::Event::Probed`].
    Probe(std::net::SocketAddr),
    /// Find out how pixels go to the terminal, and report [`super::Event::PixelsFound`].
    FindPixels,
    /// Stop like any job of the shell.
    Suspend,
    /// Draw everything anew.
    Redraw,
    /// Leave.
    Quit,
}
