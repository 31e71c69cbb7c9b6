//! Making the view: filter, then sort.

use std::cmp::Ordering;

pub(in crate::app) use super::columns::SortKey;
use super::filter::Filter;
use super::{Column, Scene, Table};
use crate::model::DomainId;
use crate::query::Query;
use crate::text;

/// The domains that words of the filter fit, in no order.
///
/// # Errors
/// The first mistake in them, in words.
pub(in crate::app) fn fitting(text: &str, scene: &Scene<'_>) -> Result<Vec<DomainId>, String> {
    if let Some(mistake) = Query::parse(text).mistakes.first() {
        return Err(mistake.wrong.to_string());
    }
    let mut filter = Filter::new(text);
    let guests = scene.guests.values();
    Ok(guests
        .filter(|guest| filter.matches(guest, scene).is_some())
        .map(|guest| guest.domain.id)
        .collect())
}

impl Table {
    /// Filters and sorts all domains anew.
    pub(super) fn matching(&mut self, scene: &Scene<'_>) -> Vec<DomainId> {
        if self.names_stale {
            self.order_names(scene);
            self.names_stale = false;
        }
        let filtering = !self.filter.trim().is_empty();
        let mut filter = Filter::new(&self.filter);
        let mut rows: Vec<(u8, SortKey, DomainId)> = self
            .by_name
            .iter()
            .filter_map(|id| {
                let guest = scene.guests.get(id)?;
                let class = if filtering {
                    filter.matches(guest, scene)? as u8
                } else {
                    0
                };
                Some((class, self.sort.sort_key(guest, scene), *id))
            })
            .collect();
        let descending = self.sort.descending() != self.reversed;
        if self.sort == Column::Name {
            if self.reversed {
                rows.reverse();
            }
            rows.sort_by_key(|(class, _, _)| *class);
        } else {
            // Stable: what is equal keeps the order of the names.
            rows.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| compare(&a.1, &b.1, descending)));
        }
        rows.into_iter().map(|(_, _, id)| id).collect()
    }

    fn order_names(&mut self, scene: &Scene<'_>) {
        let mut names: Vec<_> = scene
            .guests
            .values()
            .map(|guest| (guest.domain.name.to_lowercase(), guest.domain.id))
            .collect();
        names.sort_unstable_by(|a, b| natural(&a.0, &b.0).then_with(|| a.1.cmp(&b.1)));
        self.by_name = names.into_iter().map(|(_, id)| id).collect();
        let longest = scene
            .guests
            .values()
            .map(|guest| text::width(&text::visible(&guest.domain.name)))
            .max();
        self.name_width = longest.unwrap_or(0).try_into().unwrap_or(u16::MAX);
    }
}

/// Unknown last, in either direction.
pub(in crate::app) fn compare(a: &SortKey, b: &SortKey, descending: bool) -> Ordering {
    let order = match (a, b) {
        (SortKey::Unknown, SortKey::Unknown) => return Ordering::Equal,
        (SortKey::Unknown, _) => return Ordering::Greater,
        (_, SortKey::Unknown) => return Ordering::Less,
        (SortKey::Number(a), SortKey::Number(b)) => a.total_cmp(b),
        (SortKey::Text(a), SortKey::Text(b)) => natural(a, b),
        (SortKey::Number(_), SortKey::Text(_)) => Ordering::Less,
        (SortKey::Text(_), SortKey::Number(_)) => Ordering::Greater,
    };
    if descending { order.reverse() } else { order }
}

/// Order of people: `web-2` before `web-10`.
pub(super) fn natural(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.as_bytes(), b.as_bytes());
    loop {
        let (Some(x), Some(y)) = (a.first(), b.first()) else {
            return a.len().cmp(&b.len());
        };
        if x.is_ascii_digit() && y.is_ascii_digit() {
            let (left, rest_a) = digits(a);
            let (right, rest_b) = digits(b);
            // More digits without leading zeros is the larger number.
            let order = left.len().cmp(&right.len()).then_with(|| left.cmp(right));
            if order != Ordering::Equal {
                return order;
            }
            (a, b) = (rest_a, rest_b);
        } else if x != y {
            return x.cmp(y);
        } else {
            (a, b) = (&a[1..], &b[1..]);
        }
    }
}

/// The number at the beginning without leading zeros, and the rest.
fn digits(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text
        .iter()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, rest) = text.split_at(end);
    let zeros = number.iter().take_while(|byte| **byte == b'0').count();
    (&number[zeros..], rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_names_count() {
        assert_eq!(natural("web-2", "web-10"), Ordering::Less);
        assert_eq!(natural("web-02", "web-2"), Ordering::Equal);
        assert_eq!(natural("a", "ab"), Ordering::Less);
        assert_eq!(natural("db", "web"), Ordering::Less);
    }

    #[test]
    fn unknown_is_last_in_both_directions() {
        for descending in [false, true] {
            assert_eq!(
                compare(&SortKey::Unknown, &SortKey::Number(1.0), descending),
                Ordering::Greater
            );
        }
    }
}
