//! The domain that a word names, and the word that names a domain.

use std::borrow::Cow;

use crate::model::{Domain, Uuid};
use crate::text::visible;

/// The word that names a domain for virsh: its name, or its UUID where the name would not be taken for one.
///
/// virsh looks a number up as an id and a UUID as a UUID before it tries names, and a name with control characters cannot
/// be pasted. A name like `--all` is one only behind `--`.
#[must_use]
pub fn domain_word(name: &str, uuid: Uuid) -> Cow<'_, str> {
    let is_plain = !name.is_empty()
        && !is_number(name)
        && name.parse::<Uuid>().is_err()
        && visible(name) == name;
    if is_plain {
        Cow::Borrowed(name)
    } else {
        Cow::Owned(uuid.to_string())
    }
}

/// What C's `strtol` reads whole: blanks, a sign, digits.
fn is_number(name: &str) -> bool {
    let digits = name.trim_start().trim_start_matches(['+', '-']);
    !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit())
}

/// A word that names two domains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ambiguous {
    /// The domain of this name.
    pub by_name: Uuid,
    /// The domain of this id.
    pub by_id: Uuid,
}

/// The domain of `domains` that `word` names: by UUID, by name, by id.
///
/// # Errors
/// When it is the name of one and the id of another: virtty does not guess which was meant.
pub fn named<'a>(
    domains: impl Iterator<Item = &'a Domain> + Clone,
    word: &str,
) -> Result<Option<&'a Domain>, Ambiguous> {
    if let Ok(uuid) = word.parse::<Uuid>()
        && let Some(domain) = domains.clone().find(|domain| domain.id.uuid == uuid)
    {
        return Ok(Some(domain));
    }
    let by_name = domains.clone().find(|domain| domain.name == word);
    let id: Option<u32> = word.parse().ok();
    let by_id = id.and_then(|id| domains.clone().find(|domain| domain.runtime_id == Some(id)));
    match (by_name, by_id) {
        (Some(by_name), Some(by_id)) if by_name.id != by_id.id => Err(Ambiguous {
            by_name: by_name.id.uuid,
            by_id: by_id.id.uuid,
        }),
        (found, other) => Ok(found.or(other)),
    }
}

impl Ambiguous {
    /// A sentence with the way out.
    #[must_use]
    pub fn sentence(&self, word: &str) -> String {
        format!(
            "'{word}' is the name of one domain and the id of another: use the UUID, {} for the name, {} for the id",
            self.by_name, self.by_id
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ConnectionId, DomainId, DomainState, StateReason};

    fn domain(name: &str, uuid: u8, id: Option<u32>) -> Domain {
        Domain {
            id: DomainId {
                connection: ConnectionId(0),
                uuid: Uuid([uuid; 16]),
            },
            name: name.to_owned(),
            runtime_id: id,
            state: DomainState::Running,
            reason: StateReason::default(),
            persistent: true,
            autostart: None,
            managed_save: None,
            vcpus: None,
            memory_kib: None,
            max_memory_kib: None,
            definition: None,
            definition_error: None,
        }
    }

    #[test]
    fn a_uuid_wins_and_a_number_must_be_clear() {
        let uuid = "22222222-2222-2222-2222-222222222222";
        let domains = [
            domain("one", 0x11, Some(7)),
            domain("two", 0x22, Some(1)),
            domain("7", 0x33, None),
            domain("8", 0x55, Some(8)),
            domain(uuid, 0x44, None),
        ];
        let find = |word| named(domains.iter(), word).map(|found| found.map(|d| d.id.uuid.0[0]));
        assert_eq!(find("one"), Ok(Some(0x11)));
        assert_eq!(find(uuid), Ok(Some(0x22)));
        assert_eq!(find("1"), Ok(Some(0x22)));
        assert_eq!(find("8"), Ok(Some(0x55)));
        assert_eq!(find("9"), Ok(None));
        let both = find("7").unwrap_err();
        assert_eq!((both.by_name.0[0], both.by_id.0[0]), (0x33, 0x11));
        assert!(both.sentence("7").contains(&Uuid([0x33; 16]).to_string()));
    }

    #[test]
    fn names_that_virsh_would_take_for_something_else_become_uuids() {
        let uuid = Uuid([0x11; 16]);
        for name in [
            "7",
            "-1",
            "+5",
            " 12",
            "",
            "22222222-2222-2222-2222-222222222222",
            "a\tb",
            "a\u{202e}b",
        ] {
            assert_eq!(domain_word(name, uuid), uuid.to_string(), "{name:?}");
        }
        for name in [
            "web-1", "--all", "a b", "it's", "$(id)", "-rf", "7a", "仮想",
        ] {
            assert_eq!(domain_word(name, uuid), name);
        }
    }
}
