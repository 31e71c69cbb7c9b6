//! Many volumes deleted after one look at who needs any of them: a look reads every domain and every volume of the host.

use std::collections::{HashMap, HashSet};

use super::ffi::{Connection, Error, Result, Volume};
use super::file_users::{self as users, Asked, User};
use super::storage_verbs::Beside;
use crate::protocol::VolumeName;

/// How many reasons a failure tells.
const TOLD: usize = 3;

/// Deletes all that nobody needs but others of them, what is based on another before that.
///
/// # Errors
/// What stayed, and why; all others are gone then.
pub(super) fn all(
    connection: &Connection,
    names: &[VolumeName],
    beside: &Beside<'_>,
) -> Result<()> {
    let mut stayed = Vec::new();
    let mut found = Vec::new();
    for name in names {
        match connection.volume_of(name).and_then(|volume| {
            let pool = volume.pool()?.name()?;
            Ok((volume, pool))
        }) {
            Ok((volume, pool)) => found.push((name, volume, pool)),
            Err(error) => stayed.push((name.name.clone(), error.message)),
        }
    }
    let asked: Vec<Asked> = found
        .iter()
        .map(|(name, volume, pool)| Asked {
            path: volume.path().to_owned(),
            named: Some((pool.clone(), name.name.clone())),
        })
        .collect();
    let paths: Vec<String> = asked.iter().map(|asked| asked.path.clone()).collect();
    users::refresh(connection, &paths);
    let needed = users::of(connection, &asked, users::Beside::default())?;
    (beside.pausing)();
    let mut needed_by: HashMap<&str, Vec<&User>> = HashMap::new();
    for one in &needed {
        needed_by.entry(&one.path).or_default().push(&one.user);
    }
    let mut waiting: Vec<(&VolumeName, Volume)> = found
        .into_iter()
        .map(|(name, volume, _)| (name, volume))
        .collect();
    let mut gone: HashSet<String> = HashSet::new();
    // What is based on another goes first, so each round has those that nothing is based on any more.
    loop {
        let is_free = |volume: &Volume| {
            let users = needed_by.get(volume.path()).into_iter().flatten();
            users
                .into_iter()
                .all(|user| matches!(user, User::Volume(path) if gone.contains(path)))
        };
        let (free, rest): (Vec<_>, Vec<_>) =
            waiting.into_iter().partition(|(_, volume)| is_free(volume));
        waiting = rest;
        if free.is_empty() {
            break;
        }
        for (name, volume) in free {
            let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
            if !(beside.progress)(count(gone.len()), Some(count(names.len()))) {
                let stays = names.len() - gone.len();
                return Err(Error::own(format!(
                    "it was given up: {} are deleted, {stays} stay",
                    gone.len()
                )));
            }
            let path = volume.path().to_owned();
            match volume.delete() {
                Ok(()) => {
                    gone.insert(path);
                }
                Err(error) => stayed.push((name.name.clone(), error.message)),
            }
        }
    }
    stayed.extend(waiting.into_iter().map(|(name, volume)| {
        let users = needed_by.get(volume.path()).into_iter().flatten();
        let words = users
            .filter(|user| !matches!(user, User::Volume(path) if gone.contains(path)))
            .map(|user| format!("it is {}", user.words()))
            .next();
        (name.name.clone(), words.unwrap_or_default())
    }));
    if stayed.is_empty() {
        return Ok(());
    }
    let told: Vec<String> = stayed
        .iter()
        .take(TOLD)
        .map(|(name, why)| format!("'{name}': {}", why.trim_end_matches('.')))
        .collect();
    let more = match stayed.len().saturating_sub(TOLD) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    Err(Error::own(format!(
        "{} of {} are deleted; {}{more}",
        gone.len(),
        names.len(),
        told.join("; ")
    )))
}
