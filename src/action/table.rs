//! The rows.

use super::{
    Context::{
        Always, Columns, Command, Debug, Details, Dialog, Domain, Events, Finder, Global, Graph,
        List, Menu, Ports, Reader, Table, Text, Welcome, Wide, Xml,
    },
    Row, Traits,
};

/// An ordinary action.
const PLAIN: Traits = Traits {
    mutating: false,
    dangerous: false,
    hinted: false,
};
/// One worth a place in the footer.
const HINTED: Traits = Traits {
    hinted: true,
    ..PLAIN
};
/// One that changes the host.
const MUTATING: Traits = Traits {
    mutating: true,
    ..HINTED
};
/// One that can destroy work.
const DANGEROUS: Traits = Traits {
    dangerous: true,
    ..MUTATING
};

/// One that changes the host, and is wanted too seldom for the footer.
const SELDOM: Traits = Traits {
    mutating: true,
    ..PLAIN
};
/// One of those that can destroy work.
const SELDOM_DANGEROUS: Traits = Traits {
    dangerous: true,
    ..SELDOM
};

/// Makes the enum and its table of one list, so that neither can have a row that the other lacks.
macro_rules! actions {
    ($($(#[doc = $doc:literal])+ $action:ident: $name:literal, $label:literal, $virsh:expr, $traits:expr, $contexts:expr;)*) => {
        /// What a person wants done.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Action {
            $($(#[doc = $doc])+ $action,)*
        }

        /// The table of actions, in the order of the footer and of the documentation.
        pub const ACTIONS: &[Row] = &[
            $(Row {
                action: Action::$action,
                name: $name,
                label: $label,
                virsh: $virsh,
                doc: concat!($($doc),+).trim_ascii(),
                traits: $traits,
                contexts: $contexts,
            },)*
        ];
    };
}

actions! {
    /// Open the details of the selected domain.
    Open: "open", "Details", None, HINTED, &[Table, Ports, Events];
    /// Copy the address of a display, a tunnel or a viewer's command line.
    Copy: "copy", "Copy", None, HINTED, &[Domain, Ports];
    /// Filter as one types: words fuzzy on name and title, digits and :5901 by port, and terms such as state:paused cpu>50 tag:prod !host:web -autostart.
    Filter: "filter", "Filter", None, HINTED, &[Table, Ports, Events];
    /// Type a command in virsh's words, the name of an action, or a port to jump to.
    CommandLine: "command-line", "Command", None, PLAIN, &[Global];
    /// Show the ports of all domains.
    ShowPorts: "show-ports", "Ports", None, HINTED, &[Global];
    /// Start the domain; one with a saved state is restored.
    Start: "start", "Start", Some("start"), MUTATING, &[Domain];
    /// Ask the guest to shut down; it decides.
    ShutDown: "shut-down", "Shut Down", Some("shutdown"), MUTATING, &[Domain];
    /// Ask the guest to reboot; it decides.
    Reboot: "reboot", "Reboot", Some("reboot"), MUTATING, &[Domain];
    /// Halt the virtual CPUs; memory stays.
    Pause: "pause", "Pause", Some("suspend"), MUTATING, &[Domain];
    /// Let a paused domain go on.
    Resume: "resume", "Resume", Some("resume"), MUTATING, &[Domain];
    /// Press the reset button: the guest loses what it has not written.
    ForceReset: "force-reset", "Force Reset", Some("reset"), DANGEROUS, &[Domain];
    /// Pull the plug: the guest loses what it has not written.
    ForceOff: "force-off", "Force Off", Some("destroy"), DANGEROUS, &[Domain];
    /// Write control characters in title and description as visible text, so that libvirt can read its own file again.
    MendTexts: "mend-texts", "Mend Title", None, DANGEROUS, &[Domain];
    /// Save the state of the domain to the host's disk and stop it; its next start goes on from there.
    Save: "save", "Save", Some("managedsave"), SELDOM, &[Domain];
    /// Throw the saved state away: the next start boots afresh, and what was in memory is lost.
    DiscardSaved: "discard-saved", "Discard Saved State", Some("managedsave-remove"), SELDOM_DANGEROUS, &[Domain];
    /// Start the domain together with its host, or no more.
    Autostart: "autostart", "Autostart", Some("autostart"), SELDOM, &[Domain];
    /// Give the domain another name; it must be off.
    Rename: "rename", "Rename", Some("domrename"), SELDOM, &[Domain];
    /// Write the description of the domain, or with --title its title.
    Describe: "describe", "Describe", Some("desc"), SELDOM, &[Domain];
    /// Send the guest a non-maskable interrupt; many answer by a crash dump.
    InjectNmi: "inject-nmi", "Inject NMI", Some("inject-nmi"), SELDOM_DANGEROUS, &[Domain];
    /// Write the memory of the domain into a file on its host.
    CoreDump: "core-dump", "Core Dump", Some("dump"), SELDOM, &[Domain];
    /// Set how much memory the domain has.
    SetMemory: "set-memory", "Memory", Some("setmem"), SELDOM, &[Domain];
    /// Set how much memory the domain may have at most.
    SetMaxMemory: "set-max-memory", "Largest Memory", Some("setmaxmem"), SELDOM, &[Domain];
    /// Set how many virtual CPUs the domain has.
    SetVcpus: "set-vcpus", "vCPUs", Some("setvcpus"), SELDOM, &[Domain];
    /// Delete the definition of the domain, and what is chosen with it; nothing else goes.
    Delete: "delete", "Delete", Some("undefine"), SELDOM_DANGEROUS, &[Domain];

    /// Mark the domain, or take its mark off, and go to the next. Keys that act are for all marked ones.
    Mark: "mark", "Mark", None, PLAIN, &[Table];
    /// Mark all domains that are shown, or take their marks off.
    MarkShown: "mark-shown", "Mark all shown", None, PLAIN, &[Table];
    /// Sort by the column to the left.
    SortPrevious: "sort-previous", "Sort by previous column", None, PLAIN, &[Table, Ports, Debug];
    /// Sort by the column to the right.
    SortNext: "sort-next", "Sort by next column", None, PLAIN, &[Table, Ports, Debug];
    /// Turn the order of sorting round.
    SortReverse: "sort-reverse", "Reverse the order", None, PLAIN, &[Table, Ports];
    /// Group the rows by host, by state, by tag, or not at all.
    GroupNext: "group-next", "Group", None, PLAIN, &[Table];
    /// Hide or show the rows of the group.
    Fold: "fold", "Fold", None, PLAIN, &[Table];
    /// Show the saved view of this number; 0 goes back to the beginning.
    ShowView: "view", "View", None, PLAIN, &[Table];
    /// List the saved views, and save the present one.
    Views: "views", "Views", None, PLAIN, &[Table];
    /// Choose and order the columns.
    ChooseColumns: "choose-columns", "Columns", None, PLAIN, &[Table];

    /// Move down a line.
    Down: "down", "Down", None, PLAIN, &[List, Reader, Menu, Finder];
    /// Move up a line.
    Up: "up", "Up", None, PLAIN, &[List, Reader, Menu, Finder];
    /// Move down a page.
    PageDown: "page-down", "Page down", None, PLAIN, &[List, Reader, Menu, Finder];
    /// Move up a page.
    PageUp: "page-up", "Page up", None, PLAIN, &[List, Reader, Menu, Finder];
    /// Move to the first line.
    First: "first", "First", None, PLAIN, &[List, Reader, Menu];
    /// Move to the last line.
    Last: "last", "Last", None, PLAIN, &[List, Reader, Menu];

    /// Show the next section.
    NextTab: "next-tab", "Next section", None, HINTED, &[Details, Debug, Ports];
    /// Show the previous section.
    PreviousTab: "previous-tab", "Previous section", None, PLAIN, &[Details, Debug, Ports];
    /// Show what the domain is and how it fares.
    ShowOverview: "show-overview", "Overview", None, PLAIN, &[Details];
    /// Show its graphs.
    ShowPerformance: "show-performance", "Performance", None, PLAIN, &[Details];
    /// Show its disks.
    ShowDisks: "show-disks", "Disks", None, PLAIN, &[Details];
    /// Show its network interfaces and their addresses.
    ShowNics: "show-nics", "NICs", None, PLAIN, &[Details];
    /// Show its displays and consoles.
    ShowDisplays: "show-displays", "Displays", None, PLAIN, &[Details];
    /// Show what its guest agent says.
    ShowGuest: "show-guest", "Guest", None, PLAIN, &[Details];
    /// Show what happened to it.
    ShowEvents: "show-events", "Events", None, PLAIN, &[Details];
    /// Show its XML.
    ShowXml: "show-xml", "XML", None, PLAIN, &[Details];
    /// Show the end of its hypervisor's log.
    ShowLog: "show-log", "Log", None, PLAIN, &[Details];
    /// Show a shorter span of time.
    ZoomIn: "zoom-in", "Zoom in", None, HINTED, &[Graph];
    /// Show a longer span of time.
    ZoomOut: "zoom-out", "Zoom out", None, HINTED, &[Graph];
    /// Hold the graphs still, or let them run again; data is collected all the same.
    Freeze: "freeze", "Freeze", None, HINTED, &[Graph];

    /// Read anew what this section shows.
    Refresh: "refresh", "Refresh", None, PLAIN, &[Details];
    /// Show the XML of the next boot instead of the running one, and back.
    OtherXml: "other-xml", "Live or next boot", None, HINTED, &[Xml];
    /// Scroll to the left.
    ScrollLeft: "scroll-left", "Left", None, PLAIN, &[Wide];
    /// Scroll to the right.
    ScrollRight: "scroll-right", "Right", None, PLAIN, &[Wide];

    /// Try the connections that are not open again at once.
    Retry: "retry", "Retry", None, PLAIN, &[Global, Welcome];
    /// Change the URI that failed and open it.
    EditUri: "edit-uri", "Edit the URI", None, HINTED, &[Welcome];
    /// Run the command that mends the failure, after a question.
    RunRemedy: "run-remedy", "Run the remedy", None, HINTED, &[Welcome];
    /// Open the demonstration: a made-up host of libvirt's test driver.
    OpenDemo: "open-demo", "Open the demo", None, HINTED, &[Welcome];
    /// Open one more connection.
    Connect: "connect", "Connect to", None, PLAIN, &[Global];
    /// Jump to a domain, host, view, page or action by a few letters of its name.
    Jump: "jump", "Jump", None, PLAIN, &[Global];
    /// Show what was done in this session, as the commands that do the same.
    ShowActions: "show-actions", "Log", None, PLAIN, &[Global];
    /// Show the messages of this session.
    ShowMessages: "show-messages", "Messages", None, PLAIN, &[Global];
    /// Show what happened to the domains of all hosts.
    ShowAllEvents: "show-all-events", "Events of all hosts", None, PLAIN, &[Global];
    /// Show round trips, parked calls and timings of each connection.
    ShowDebug: "show-debug", "Debug", None, PLAIN, &[Global];
    /// Show the keys.
    Help: "help", "Help", None, HINTED, &[Global];
    /// Leave the page, clear the filter, or stop waiting for a host that does not answer.
    Back: "back", "Back", None, PLAIN, &[Global];
    /// Leave the program.
    Quit: "quit", "Quit", None, HINTED, &[Global, Always];

    /// Do what the button says, or take the choice.
    Accept: "accept", "Accept", None, HINTED, &[Dialog, Menu, Text, Finder, Command];
    /// Take the first term that is offered beside the filter.
    Complete: "complete", "Complete", None, PLAIN, &[Text];
    /// Say yes.
    Yes: "yes", "Yes", None, PLAIN, &[Dialog];
    /// Close without doing anything.
    Cancel: "cancel", "Cancel", None, HINTED, &[Dialog, Menu, Text, Columns, Finder, Command];
    /// Go to the other button.
    NextButton: "next-button", "Other button", None, PLAIN, &[Dialog];
    /// Complete the word, then try the next possibility.
    CompleteNext: "complete-next", "Complete", None, PLAIN, &[Command];
    /// Try the possibility before.
    CompletePrevious: "complete-previous", "Previous", None, PLAIN, &[Command];
    /// Bring back the line before that begins like this one.
    RecallOlder: "recall-older", "Older", None, PLAIN, &[Command];
    /// Bring back the line after.
    RecallNewer: "recall-newer", "Newer", None, PLAIN, &[Command];
    /// Show or hide the column.
    ToggleColumn: "toggle-column", "Show or hide", None, HINTED, &[Columns];
    /// Move the column to the left.
    ColumnLeft: "column-left", "Move left", None, HINTED, &[Columns];
    /// Move the column to the right.
    ColumnRight: "column-right", "Move right", None, HINTED, &[Columns];
    /// Go back to the columns of the beginning.
    ResetColumns: "reset-columns", "Default columns", None, HINTED, &[Columns];
    /// Close what is read.
    Close: "close", "Close", None, HINTED, &[Reader];

    /// Stop the program and give the shell back; `fg` brings it again.
    Suspend: "suspend", "Suspend", None, PLAIN, &[Always];
    /// Draw the whole screen anew.
    Redraw: "redraw", "Redraw", None, PLAIN, &[Always];
}
