//! Documents for the editor: read with their passwords, applied when nobody changed them meanwhile, tried out.

use super::documents;
use super::ffi::{By, Connection, DeviceChange, Error, Result};
use super::remedies;
use crate::checks::Wanted;
use crate::model::{StoredKind, Uri, Uuid};
use crate::protocol::{
    Affect, Applied, ApplyDocument, CommandLine, Document, DocumentRef, DomainVerb, Failure,
    LiveStep, Private, XmlKind,
};
use crate::xml::{Identity, LiveOperation, Standing, Tree, is_equal, secrets, standing, with_uuid};

/// Reads a document with all that it takes to edit it; `None` when its object is gone.
pub fn open(connection: &Connection, what: &DocumentRef) -> Result<Option<Document>> {
    match what {
        DocumentRef::Stored(kind, uuid) => stored(connection, *kind, By::Uuid(&uuid.to_string())),
        DocumentRef::Named(kind, name) => stored(connection, *kind, By::Name(name)),
        DocumentRef::New(_) => Ok(None),
        DocumentRef::Snapshot(domain, name) => {
            let (text, is_whole) = connection.domain(*domain)?.snapshot_to_edit(name)?;
            Ok(Some(plain(name, text, is_whole)))
        }
        DocumentRef::Volume { pool, volume } => {
            let text = connection.volume_xml(pool, volume)?;
            Ok(Some(plain(volume, text, true)))
        }
    }
}

fn plain(name: &str, text: String, is_whole: bool) -> Document {
    Document {
        name: name.to_owned(),
        text: Private::new(text),
        is_whole,
        live: None,
        is_persistent: true,
    }
}

fn stored(connection: &Connection, kind: StoredKind, by: By<'_>) -> Result<Option<Document>> {
    let Some(raw) = connection.present(kind, by)? else {
        return Ok(None);
    };
    let identity =
        Tree::parse(&raw.plain).map_or_else(|_| Identity::default(), |tree| Identity::of(&tree));
    let uuid = identity.uuid.as_deref().and_then(|uuid| uuid.parse().ok());
    let live = match uuid.filter(|_| kind == StoredKind::Domain && raw.is_active) {
        Some(uuid) => Some(Private::new(connection.domain(uuid)?.xml(XmlKind::Live)?)),
        None => None,
    };
    let name = identity.name.or(identity.uuid).unwrap_or_default();
    // Other kinds have no secrets in what can be read of them.
    let is_whole = raw.secure.is_some() || kind != StoredKind::Domain;
    Ok(Some(Document {
        name,
        text: Private::new(raw.secure.unwrap_or(raw.plain)),
        is_whole,
        live,
        is_persistent: raw.is_persistent,
    }))
}

/// Applies a document: looks at what its host has as late as can be, defines it, does the steps on the running domain, and
/// reads back what became of it.
///
/// # Errors
/// What failed: then nothing was defined.
pub fn apply(
    connection: &Connection,
    wanted: &ApplyDocument,
    uri: Option<&Uri>,
) -> std::result::Result<Applied, Failure> {
    let word = wanted.what.word();
    let fail = |what: String, error: &Error| remedies::failure(what, error, uri);
    let looking = |error: Error| fail(format!("look the {word} up"), &error);
    let defining = |error: Error| {
        let mut failure = fail(format!("define the {word}"), &error);
        // What the schema says is often blurred; the plain reader of libvirt may say it better.
        if error.is_of_schema()
            && let Err(plain) = connection.qemu_command_line(wanted.text.text())
            && plain.is_of_document()
        {
            failure.reason = format!("{}; without the schema: {}", failure.reason, plain.message);
        }
        failure
    };
    if let DocumentRef::Snapshot(domain, name) = &wanted.what {
        let now = open(connection, &wanted.what).map_err(looking)?;
        if let Some(now) = now.filter(|now| differs(wanted.expected.text(), now.text.text())) {
            return Ok(Applied::Changed(Box::new(now)));
        }
        let domain = connection.domain(*domain).map_err(looking)?;
        domain
            .redefine_edited_snapshot(wanted.text.text(), wanted.validate)
            .map_err(|error| fail(format!("define the metadata of snapshot '{name}'"), &error))?;
        return Ok(Applied::Done {
            now: open(connection, &wanted.what).ok().flatten().map(Box::new),
            live: Vec::new(),
            uuid: None,
        });
    }
    let (DocumentRef::Stored(kind, _) | DocumentRef::Named(kind, _) | DocumentRef::New(kind)) =
        &wanted.what
    else {
        let error = Error::own("libvirt cannot define a volume anew");
        return Err(fail("save the volume".to_owned(), &error));
    };
    let kind = *kind;
    let text = wanted.text.text();
    let tree = Tree::parse(text)
        .map_err(|error| fail(format!("read the {word}"), &Error::own(error.to_string())))?;
    let root = tree.root().tag_name().name().to_owned();
    if root != kind.root() {
        let error = Error::own(format!("it is a <{root}>, not a <{}>", kind.root()));
        return Err(fail(format!("define the {word}"), &error));
    }
    let mine = Identity::of(&tree);
    let opened = Tree::parse(wanted.expected.text())
        .ok()
        .map(|tree| Identity::of(&tree))
        .filter(|_| wanted.what.uuid().is_some());
    let look = |by: Option<By<'_>>| match by {
        Some(by) => connection.present(kind, by),
        None => Ok(None),
    };
    let by_uuid = look(mine.uuid.as_deref().map(By::Uuid)).map_err(looking)?;
    let by_name = look(mine.name.as_deref().map(By::Name)).map_err(looking)?;
    let identity =
        |plain: &str| Tree::parse(plain).map_or_else(|_| Identity::default(), |t| Identity::of(&t));
    let theirs = [&by_uuid, &by_name].map(|raw| raw.as_ref().map(|raw| identity(&raw.plain)));
    let decided = standing(
        kind.word(),
        &mine,
        opened.as_ref(),
        theirs[0].as_ref(),
        theirs[1].as_ref(),
    );
    let decided = match decided {
        Ok(Standing::Replaces | Standing::ReplacesWithoutUuid) if wanted.what.uuid().is_none() => {
            let name = mine.name.clone().unwrap_or_default();
            return Ok(Applied::Refused(
                format!("there is a {word} '{name}' already"),
                "give it another name and another uuid, or none; to change that one, edit it"
                    .to_owned(),
            ));
        }
        Ok(decided) => decided,
        Err(refusal) => return Ok(Applied::Refused(refusal.what, refusal.way_out)),
    };
    let there = match decided {
        Standing::New => None,
        Standing::Replaces => theirs[0].clone(),
        Standing::ReplacesWithoutUuid => theirs[1].clone(),
    };
    let uuid = there.and_then(|there| there.uuid);
    if let Some(uuid) = &uuid
        && let Some(now) = stored(connection, kind, By::Uuid(uuid)).map_err(looking)?
        && differs(wanted.expected.text(), now.text.text())
    {
        return Ok(Applied::Changed(Box::new(now)));
    }
    let sent = match (decided, &uuid) {
        (Standing::ReplacesWithoutUuid, Some(uuid)) => with_uuid(&tree, uuid),
        _ => text.to_owned(),
    };
    connection
        .define(kind, &sent, wanted.validate)
        .map_err(defining)?;
    let uuid = match uuid {
        Some(uuid) => Some(uuid),
        None => look(mine.name.as_deref().map(By::Name))
            .ok()
            .flatten()
            .and_then(|raw| identity(&raw.plain).uuid),
    };
    let live = wanted
        .live
        .iter()
        .map(|step| {
            let done = uuid
                .as_deref()
                .and_then(|uuid| uuid.parse().ok())
                .ok_or_else(|| Error::own("its UUID is not known"))
                .and_then(|uuid| perform(connection, uuid, step));
            (step.about.clone(), done.err().map(|error| error.message))
        })
        .collect();
    let now = uuid
        .as_deref()
        .and_then(|uuid| stored(connection, kind, By::Uuid(uuid)).ok().flatten());
    Ok(Applied::Done {
        now: now.map(Box::new),
        live,
        uuid: uuid.and_then(|uuid| uuid.parse().ok()),
    })
}

/// Whether another changed a document, read as XML.
fn differs(expected: &str, now: &str) -> bool {
    match (Tree::parse(expected), Tree::parse(now)) {
        (Ok(expected), Ok(now)) => !is_equal(&expected, &now),
        _ => expected != now,
    }
}

/// Does a step to a running domain, and to that alone: its definition holds it already.
fn perform(connection: &Connection, uuid: Uuid, step: &LiveStep) -> Result<()> {
    let domain = connection.domain(uuid)?;
    let affect = Affect::Live;
    match &step.operation {
        LiveOperation::Attach(xml) => domain.change_device(DeviceChange::Attach, xml, affect),
        LiveOperation::Detach(xml) => domain.change_device(DeviceChange::Detach, xml, affect),
        LiveOperation::Update(xml) => domain.change_device(DeviceChange::Update, xml, affect),
        LiveOperation::SetVcpus(count) => domain.act(&DomainVerb::SetVcpus {
            count: *count,
            maximum: false,
            guest: false,
            affect,
        }),
        LiveOperation::SetMemoryKib(kib) => {
            domain.act(&DomainVerb::SetMemory { kib: *kib, affect })
        }
        LiveOperation::SetTitle(title) => domain.act(&DomainVerb::SetTitle(
            title.clone().unwrap_or_default(),
            affect,
        )),
        LiveOperation::SetDescription(text) => domain.act(&DomainVerb::SetDescription(
            text.clone().unwrap_or_default(),
            affect,
        )),
    }
}

/// What QEMU would be started with by each of two documents, without their passwords.
pub fn command_lines(connection: &Connection, before: &str, after: &str) -> [CommandLine; 2] {
    [before, after].map(|text| {
        if text.is_empty() {
            return Ok(Private::default());
        }
        connection
            .qemu_command_line(text)
            .map(|line| Private::new(hidden(&line, text)))
            .map_err(|error| error.message)
    })
}

/// A line without the passwords of its document.
fn hidden(line: &str, text: &str) -> String {
    let mut line = line.to_owned();
    for range in secrets::ranges(text) {
        let secret = &text[range];
        if secret.len() > 2 {
            line = line.replace(secret, secrets::MASK);
        }
    }
    line
}

/// What a host says of what a document names.
pub fn check_host(
    connection: &Connection,
    uri: Option<&Uri>,
    wanted: &[Wanted],
) -> crate::checks::Host {
    documents::check_host(connection, uri, wanted)
}
