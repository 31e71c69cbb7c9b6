//! Whether a filter holds for an event.

use std::time::{Duration, SystemTime};

use chrono::{DateTime, Local, NaiveDate, NaiveTime, TimeZone as _};

use super::Told;
use crate::query::{EventAsks, EventField, EventQuery, Moment};

/// A filter with its moments on the clock of who looks.
pub struct Wanted {
    query: EventQuery,
    now: SystemTime,
}

impl Wanted {
    /// The filter as it is meant now.
    #[must_use]
    pub fn new(query: EventQuery, now: SystemTime) -> Self {
        Self { query, now }
    }

    /// Whether all its terms hold for an event.
    #[must_use]
    pub fn holds(&self, event: &Told) -> bool {
        self.query.terms.iter().all(|term| {
            let holds = match &term.asks {
                EventAsks::Word(word) => {
                    let texts = [&event.host, &event.name, &event.text, &event.event];
                    texts.iter().any(|text| text.to_lowercase().contains(word))
                        || event.object.word().contains(word)
                }
                EventAsks::Text { field, whole, any } => {
                    let texts = match field {
                        EventField::Name => vec![event.name.to_lowercase()],
                        EventField::Host => {
                            vec![event.host.to_lowercase(), event.connection.to_lowercase()]
                        }
                        EventField::Kind => vec![event.event.clone()],
                        EventField::Object => vec![event.object.word().to_owned()],
                        EventField::Text => vec![event.text.to_lowercase()],
                    };
                    let holds = |text: &String, wanted: &String| {
                        if *whole {
                            text == wanted
                        } else {
                            text.contains(wanted)
                        }
                    };
                    texts
                        .iter()
                        .any(|text| any.iter().any(|wanted| holds(text, wanted)))
                }
                EventAsks::Since(moment) => {
                    begin(*moment, self.now).is_none_or(|at| event.time >= at)
                }
                EventAsks::Until(moment) => {
                    end(*moment, self.now).is_none_or(|at| event.time <= at)
                }
            };
            holds != term.negated
        })
    }
}

/// When a moment begins; `None` for a day that no calendar has.
fn begin(moment: Moment, now: SystemTime) -> Option<SystemTime> {
    match moment {
        Moment::Ago(seconds) => now.checked_sub(Duration::from_secs(seconds)),
        Moment::Clock(seconds) => {
            let today = DateTime::<Local>::from(now).date_naive();
            let at = local(today, seconds)?;
            if at <= now {
                Some(at)
            } else {
                local(today.pred_opt()?, seconds)
            }
        }
        Moment::Day {
            year,
            month,
            day,
            clock,
        } => local(
            NaiveDate::from_ymd_opt(year, month, day)?,
            clock.unwrap_or(0),
        ),
    }
}

/// When it ends: a whole day with its last second.
fn end(moment: Moment, now: SystemTime) -> Option<SystemTime> {
    let begin = begin(moment, now)?;
    Some(match moment {
        Moment::Day { clock: None, .. } => begin + Duration::from_secs(86_399),
        Moment::Ago(_) => begin,
        // The second that was named is in.
        _ => begin + Duration::from_millis(999),
    })
}

fn local(day: NaiveDate, seconds: u32) -> Option<SystemTime> {
    let time = NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0)?;
    let at = Local.from_local_datetime(&day.and_time(time)).earliest()?;
    Some(at.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Grade;
    use crate::model::EventObject;

    fn event(seconds: u64) -> Told {
        Told {
            time: SystemTime::UNIX_EPOCH + Duration::from_secs(seconds),
            connection: "qemu+ssh://kvm2/system".to_owned(),
            host: "kvm2".to_owned(),
            object: EventObject::Pool,
            name: "Default".to_owned(),
            uuid: None,
            event: "refresh".to_owned(),
            text: "Refreshed".to_owned(),
            grade: Grade::Normal,
        }
    }

    #[test]
    fn fields_and_words_are_asked() {
        for (filter, holds) in [
            ("", true),
            ("default", true),
            ("name=default", true),
            ("name=defaul", false),
            ("name:defaul", true),
            ("host:kvm2", true),
            ("host:ssh", true),
            ("kind:refresh,lifecycle", true),
            ("object:pool", true),
            ("!object:pool", false),
            ("pool refreshed", true),
            ("pool stopped", false),
            ("text:fresh", true),
        ] {
            let wanted = Wanted::new(EventQuery::parse(filter), SystemTime::UNIX_EPOCH);
            assert_eq!(wanted.holds(&event(0)), holds, "{filter}");
        }
    }

    #[test]
    fn moments_are_on_the_clock_of_who_asks() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        let local: DateTime<Local> = now.into();
        let clock = |back: u64| {
            let at: DateTime<Local> = (now - Duration::from_secs(back)).into();
            at.format("%Y-%m-%dT%H:%M:%S").to_string()
        };
        let holds = |filter: String, age: u64| {
            Wanted::new(EventQuery::parse(&filter), now).holds(&event(1_700_000_000 - age))
        };
        assert!(holds("since:2h".to_owned(), 7000) && !holds("since:2h".to_owned(), 8000));
        assert!(holds(format!("since:{}", clock(100)), 100));
        assert!(!holds(format!("since:{}", clock(100)), 101));
        assert!(holds(format!("until:{}", clock(100)), 100));
        assert!(!holds(format!("until:{}", clock(100)), 99));
        let day = local.format("%Y-%m-%d").to_string();
        assert!(holds(format!("since:{day} until:{day}"), 0));
        assert!(!holds(format!("until:{day}"), 0) || holds(format!("since:{day}"), 0));
        assert!(!holds(format!("since:{day}"), 90_000));
        // A time of the day that is still to come was yesterday's.
        let later = DateTime::<Local>::from(now + Duration::from_secs(60))
            .format("%H:%M:%S")
            .to_string();
        assert!(holds(format!("since:{later}"), 80_000));
    }
}
