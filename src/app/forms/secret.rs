//! A new secret; its value is set afterwards.

use crate::action::storage_lines;
use crate::app::{
    Effect, Field, FieldOption, Form, FormUse, State, Submitted, Tone, Wrong, storing,
};
use crate::model::ConnectionId;
use crate::protocol::{StorageDocument, StorageVerb};
use crate::storage::{NewSecret, secret_xml};

/// Opens the form.
pub fn open(state: &mut State, host: ConnectionId) {
    let usages = [
        ("volume", "volume: the passphrase of an encrypted volume"),
        ("ceph", "ceph: the key of a user of Ceph"),
        ("iscsi", "iscsi: a CHAP password"),
        ("tls", "tls: the password of a private key"),
        ("", "nothing in particular"),
    ];
    let usages = usages.map(|(word, label)| FieldOption::new(word, label));
    let fields = vec![
        Field::choice("usage", "It is for", usages.to_vec(), "volume"),
        Field::text("id", "Name", "").help("Path of the volume, name of the user or target."),
        Field::text("description", "Description", ""),
        Field::check("private", "Private", false)
            .help("libvirt tells its value to nobody but the hypervisor."),
        Field::check("ephemeral", "In memory only", false)
            .help("It is gone when the host restarts."),
    ];
    let form = Form::new(
        FormUse::Secret(host),
        "New secret".to_owned(),
        "Make it",
        fields,
    );
    form.open(state);
}

fn new_secret(form: &Form) -> NewSecret {
    let text = |key: &str| form.text(key).to_owned();
    let some = |text: String| (!text.is_empty()).then_some(text);
    NewSecret {
        ephemeral: form.checked("ephemeral"),
        private: form.checked("private"),
        description: some(text("description")),
        usage: some(text("usage")),
        usage_id: text("id"),
    }
}

/// Writes XML and command.
pub fn changed(state: &State, form: &mut Form, host: ConnectionId) {
    let used = !form.text("usage").is_empty();
    form.show("id", used);
    let xml = secret_xml(&new_secret(form));
    form.preview = xml
        .lines()
        .map(|line| (Tone::Dim, line.to_owned()))
        .collect();
    form.command = state.connection(host).map(|connection| {
        let verb = StorageVerb::Define(StorageDocument::Secret, xml);
        storage_lines(&verb, connection.uri()).join(" && ")
    });
}

/// Sends it.
pub fn submit(
    state: &mut State,
    form: &Form,
    host: ConnectionId,
    effects: &mut Vec<Effect>,
) -> Submitted {
    let new = new_secret(form);
    if new.usage.is_some() && new.usage_id.trim().is_empty() {
        return Submitted::Refused(vec![Wrong::at("id", "Say what it is for.")]);
    }
    let verb = StorageVerb::Define(StorageDocument::Secret, secret_xml(&new));
    match storing::begin(state, host, verb, effects) {
        Some(job) => Submitted::Waiting(job),
        None => Submitted::Refused(vec![Wrong::whole("The host is not connected.")]),
    }
}
