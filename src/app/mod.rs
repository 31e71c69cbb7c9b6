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
//! The same with `app/layers/` and `ui/layers/`: a variant of [`Layer`]. The top layer gets each key first. What is filled
//! in is a [`Form`], of which `app/layers/form` tells how one is added.

mod actions;
mod alerts;
mod arriving;
mod ballooning;
mod bulk;
mod calls;
mod command;
mod comparing;
mod connection;
mod consoles;
mod displays;
mod effect;
mod event;
mod forms;
mod frozen;
mod guest;
mod happened;
mod host_changes;
mod host_devices;
mod input;
mod jobs;
mod layers;
mod layout;
mod leaving;
mod list;
mod long_jobs;
mod made;
mod messages;
mod outcomes;
mod own;
mod pages;
mod plans;
mod reports;
mod settings;
mod split;
mod state;
mod storing;
mod table;
mod update;
mod views;

pub use crate::journal::event_words;
pub use alerts::{AlertKind, Alerts};
pub use arriving::Arrival;
pub use ballooning::Ballooning;
pub use calls::Calls;
pub use command::{History, Offer};
pub use comparing::{Compared, Comparison, HEADINGS as MEASURE_HEADINGS, Means, Measured};
pub use connection::Connection;
pub use consoles::{Console, Consoles};
pub use displays::{Display, Displays, Link, Meter};
pub use effect::Effect;
pub use event::{Event, Mouse, MouseKind, Now, Pointer, Size, Target};
pub use forms::{FormUse, cap_percent};
pub use guest::Guest;
pub use happened::{EventLog, Happened, MOST_HAPPENED, event_tone, grade_tone};
pub use host_changes::{HostChanges, HostDeed, Undo};
pub use host_devices::DevicesAsked;
pub use input::Line;
pub use jobs::{Job, Jobs, Purpose, Transferred};
pub use layers::{
    Choice, Choices, ColumnChooser, CommandLine, Confirm, Field, FieldKind, FieldOption, Finder,
    FinderPlace, Form, Intent, Jump, KeyEntry, KeyMenu, Layer, Menu, MenuEntry, PROVIDERS,
    Question, Reader, ReaderLine, Submitted, TextField, TextUse, Wrong,
};
pub use layout::Areas;
pub use list::List;
pub use long_jobs::{JobRow, LongJobs, Running};
pub use messages::{Level, Message, Messages};
pub use outcomes::{Failed, Outcomes};
pub use own::{Ended, OwnCommands, OwnRun};
pub use pages::{AgentLine, AgentPage, AgentWhat, MonitorLine, MonitorPage, MonitorRole, Standing};
pub use pages::{
    BENCH_BANNER, Bench, BenchRow, CallColumn, CallRow, ConsolePage, CpuMark, Debug, DebugLine,
    Details, Dialog, DialogKind, DisplayPage, DisplayPlace, EditorPage, EditorView, EffectChoice,
    EndpointId, Events, Finding, FindingColumn, FixedId, Found, Frozen, Graph, Gravity, Grid,
    HOST_TOLD, HardwareLine, HardwarePage, Host, HostLine, HostTab, JobsPage, Lines, Loaded, Log,
    MapRow, Mapped, NetClient, NetDeed, NetItem, NetLine, NetRow, NetTab, Networks, Page, Piece,
    Place, PlansPage, PortColumn, PortLines, PortSection, Ports, Review, ReviewRow, ReviewSide,
    ReviewView, Role, SPANS, SheetLine, SnapshotId, Snapshots, Sweep, SweepResult, Tab, Wall,
    WallGrid, XmlColours, XmlText, columns, line_numbers, link_speed,
};
pub use pages::{
    DefinitionReads, Draft, EditorId, Examination, Examine, ExamineQuestion, Examined, Past,
    PastDefinition, Popup, SeenDefinition,
};
pub use pages::{
    PoolColumn, STORAGE_TOLD, Storage, StorageTab, VolumeColumn, VolumeRow, Volumes, full_tone,
};
pub use plans::{
    Member, MemberState, Phase, Plan, PlanRun, Plans, Progress, Step, StepVerb, Targets, no_plan,
};
pub use settings::Reread;
pub use split::{Beside, Pane, Split, Tile};
pub use state::{Options, State};
pub use table::{Cell, Column, Group, GroupId, Grouping, Placed, Table, TableRow, Tone, Totals};
pub use update::{take_reports, update};
pub use views::View;
