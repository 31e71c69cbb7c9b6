//! The forms: what each is for, what it does after a change, and what it does in the end.

mod backup;
mod bridge;
mod checkpoint;
mod clone;
mod create;
mod delete;
mod describe;
mod disk;
mod guest;
mod hardware;
mod limits;
mod network;
mod pins;
mod pool;
mod secret;
mod shut_down;
mod snapshot;
mod stored;
mod templates;
mod volume;

use super::{Effect, Form, State, Submitted};
use crate::model::{ConnectionId, DomainId};
use crate::protocol::{Answer, Failure, JobId};

pub use bridge::BridgeForm;
pub use network::NetworkForm;

pub(super) use backup::open as open_backup;
pub(super) use bridge::open as open_bridge;
pub(super) use checkpoint::open as open_checkpoint;
pub(super) use clone::{open as open_clone, open_snapshot as open_snapshot_clone};
pub(super) use create::{follow, open as open_create};
pub(super) use delete::open as open_delete;
pub(super) use describe::open as open_describe;
pub(super) use disk::{Seen as SeenDisk, open as open_disk};
pub(super) use guest::{open_key, open_password, open_run};
pub(super) use hardware::{has_form, open_add, open_bulk, open_edit};
pub use limits::cap_percent;
pub(super) use limits::open as open_limits;
pub(super) use network::{open_entry as open_network_entry, open_new as open_new_network};
pub(super) use pins::{open as open_pins, open_one as open_pin};
pub(super) use pool::open as open_pool;
pub(super) use secret::open as open_secret;
pub(super) use shut_down::open as open_shut_down;
pub(super) use snapshot::{open_edit as open_snapshot_edit, open_take as open_snapshot};
pub(super) use stored::open as open_stored;
pub(super) use templates::{name as template_name, save as save_template};
pub(super) use volume::open as open_volume;

/// What a form is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormUse {
    /// Changing a bridge of a host.
    Bridge(BridgeForm),
    /// Making a network, or adding to one.
    Network(NetworkForm),
    /// Making a domain.
    Create(Box<create::Create>),
    /// Cloning a domain.
    Clone(clone::Clone),
    /// Deleting a domain.
    Delete(delete::Delete),
    /// Doing something to a disk.
    Disk(Box<disk::DiskForm>),
    /// What people say of domains.
    Describe(Vec<DomainId>),
    /// Acting inside of a guest.
    Guest(guest::GuestForm),
    /// Changing hardware.
    Hardware(hardware::HardwareForm),
    /// Shutting domains down, in other ways than the usual one.
    ShutDown(Vec<DomainId>),
    /// Taking a snapshot.
    Snapshot(snapshot::Take),
    /// Describing a snapshot otherwise.
    SnapshotEdit(snapshot::Edit),
    /// Taking a checkpoint.
    Checkpoint(checkpoint::Checkpoint),
    /// Writing a backup.
    Backup(backup::Backup),
    /// A new storage pool of a host.
    Pool(ConnectionId),
    /// A new volume.
    Volume(volume::InPool),
    /// Copying, resizing, sending or fetching a volume.
    Stored(Box<stored::StoredForm>),
    /// A new secret of a host.
    Secret(ConnectionId),
    /// Where domains run.
    Pins(pins::PinForm),
    /// What a domain may use.
    Limits(limits::LimitForm),
}

/// Opens the XML of a form in the editor, which has the form until it is given back.
///
/// # Errors
/// The form, when it has none.
pub(super) fn lend(form: Box<Form>, state: &mut State) -> Result<(), Box<Form>> {
    match &form.use_ {
        FormUse::Create(create) => create::lend(&create.clone(), form, state),
        _ => Err(form),
    }
}

/// Takes a form back from the editor, with the text where it was changed.
pub(super) fn give_back(
    mut form: Box<Form>,
    text: Option<crate::protocol::Private>,
    state: &mut State,
) {
    if let (FormUse::Create(create), Some(text)) = (&mut form.use_, text) {
        create.edit(text);
    }
    form.refresh(state);
    state.layers.push(super::Layer::Form(form));
}

/// Forgets what is no field.
pub(super) fn begin_anew(form: &mut Form) {
    if let FormUse::Create(create) = &mut form.use_ {
        create.forget_edits();
    }
}

/// What is no field, of a form that comes back as it was left.
pub(super) fn take_up(now: &mut FormUse, left: FormUse) {
    if let (FormUse::Create(now), FormUse::Create(left)) = (now, left) {
        now.take_up(*left);
    }
}

/// After a change: hides fields, writes preview and command.
pub(super) fn changed(state: &State, form: &mut Form) {
    match form.use_.clone() {
        FormUse::Bridge(wanted) => bridge::changed(state, form, &wanted),
        FormUse::Network(wanted) => network::changed(state, form, &wanted),
        FormUse::Create(create) => create::changed(state, form, &create),
        FormUse::Clone(clone) => clone::changed(state, form, &clone),
        FormUse::Delete(delete) => delete::changed(state, form, &delete),
        FormUse::Disk(wanted) => disk::changed(state, form, &wanted),
        FormUse::Describe(ids) => describe::changed(state, form, &ids),
        FormUse::Guest(what) => guest::changed(state, form, &what),
        FormUse::Hardware(what) => hardware::changed(state, form, &what),
        FormUse::ShutDown(ids) => shut_down::changed(state, form, &ids),
        FormUse::Snapshot(take) => snapshot::changed(state, form, &take),
        FormUse::SnapshotEdit(edit) => snapshot::edit_changed(state, form, &edit),
        FormUse::Checkpoint(checkpoint) => checkpoint::changed(state, form, &checkpoint),
        FormUse::Backup(backup) => backup::changed(state, form, &backup),
        FormUse::Pool(host) => pool::changed(state, form, host),
        FormUse::Volume(place) => volume::changed(state, form, &place),
        FormUse::Stored(wanted) => stored::changed(state, form, &wanted),
        FormUse::Secret(host) => secret::changed(state, form, host),
        FormUse::Pins(wanted) => pins::changed(state, form, &wanted),
        FormUse::Limits(wanted) => limits::changed(state, form, &wanted),
    }
}

/// Does what the form is for; all fields are sound by themselves.
pub(super) fn submit(state: &mut State, form: &Form, effects: &mut Vec<Effect>) -> Submitted {
    match form.use_.clone() {
        FormUse::Bridge(wanted) => bridge::submit(state, form, &wanted, effects),
        FormUse::Network(wanted) => network::submit(state, form, &wanted, effects),
        FormUse::Create(create) => create::submit(state, form, &create, effects),
        FormUse::Clone(clone) => clone::submit(state, form, &clone, effects),
        FormUse::Delete(delete) => delete::submit(state, form, &delete, effects),
        FormUse::Disk(wanted) => disk::submit(state, form, &wanted, effects),
        FormUse::Describe(ids) => describe::submit(state, form, &ids, effects),
        FormUse::Guest(what) => guest::submit(state, form, &what, effects),
        FormUse::Hardware(what) => hardware::submit(state, form, &what, effects),
        FormUse::ShutDown(ids) => shut_down::submit(state, form, &ids, effects),
        FormUse::Snapshot(take) => snapshot::submit(state, form, &take, effects),
        FormUse::SnapshotEdit(edit) => snapshot::submit_edit(state, form, &edit, effects),
        FormUse::Checkpoint(checkpoint) => checkpoint::submit(state, form, &checkpoint, effects),
        FormUse::Backup(backup) => backup::submit(state, form, &backup, effects),
        FormUse::Pool(host) => pool::submit(state, form, host, effects),
        FormUse::Volume(place) => volume::submit(state, form, &place, effects),
        FormUse::Stored(wanted) => stored::submit(state, form, &wanted, effects),
        FormUse::Secret(host) => secret::submit(state, form, host, effects),
        FormUse::Pins(wanted) => pins::submit(state, form, &wanted, effects),
        FormUse::Limits(wanted) => limits::submit(state, form, &wanted, effects),
    }
}

/// Takes the answer to a question that a form asked when it was opened.
pub(super) fn answered(state: &mut State, job: JobId, result: &Result<Answer, Failure>) {
    delete::answered(state, job, result);
    create::answered(state, job, result);
    clone::answered(state, job, result);
    disk::answered(state, job, result);
    stored::answered(state, job, result);
    snapshot::answered(state, job, result);
    hardware::answered(state, job, result);
}
