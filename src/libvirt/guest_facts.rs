//! What the guest agent said, arranged for people.

use super::ffi::Value;
use crate::protocol::GuestFact;
use crate::text::bytes;

/// Fields of `virDomainGetGuestInfo` that stand alone: (field, group, name).
const SINGLE: [(&str, &str, &str); 12] = [
    ("hostname", "System", "Host name"),
    ("os.pretty-name", "System", "OS"),
    ("os.name", "System", "OS name"),
    ("os.id", "System", "OS id"),
    ("os.version", "System", "Version"),
    ("os.version-id", "System", "Version id"),
    ("os.variant", "System", "Variant"),
    ("os.kernel-release", "System", "Kernel"),
    ("os.kernel-version", "System", "Kernel version"),
    ("os.machine", "System", "Machine"),
    ("timezone.name", "System", "Time zone"),
    ("timezone.offset", "System", "Offset from UTC in s"),
];

/// The facts in the order of the page: system, users, file systems. All texts are the guest's and untrusted.
pub fn facts(info: Vec<(String, Value)>) -> Vec<GuestFact> {
    let mut info: Vec<(String, String)> = info
        .into_iter()
        .map(|(field, value)| (field, value.into_text()))
        .collect();
    let mut take = |field: &str| {
        let at = info.iter().position(|(name, _)| name == field)?;
        Some(info.swap_remove(at).1)
    };
    let mut found = Vec::new();
    let mut add = |group: &str, name: String, value: String| {
        found.push(GuestFact {
            group: group.to_owned(),
            name,
            value,
        });
    };
    for (field, group, name) in SINGLE {
        if let Some(value) = take(field) {
            add(group, name.to_owned(), value);
        }
    }
    for number in 0..count(take("user.count")) {
        let Some(name) = take(&format!("user.{number}.name")) else {
            continue;
        };
        let since = take(&format!("user.{number}.login-time"))
            .and_then(|millis| millis.parse().ok())
            .and_then(chrono::DateTime::from_timestamp_millis)
            .map(|time| format!("since {}", time.format("%Y-%m-%d %H:%M:%S UTC")));
        let domain = take(&format!("user.{number}.domain")).map(|domain| format!("of {domain}"));
        let value = [domain, since].into_iter().flatten().collect::<Vec<_>>();
        add("Users", name, value.join(", "));
    }
    for number in 0..count(take("fs.count")) {
        let Some(mountpoint) = take(&format!("fs.{number}.mountpoint")) else {
            continue;
        };
        let mut size = |what| {
            take(&format!("fs.{number}.{what}"))?
                .parse::<u64>()
                .ok()
                .map(bytes)
        };
        let filled = match (size("used-bytes"), size("total-bytes")) {
            (Some(used), Some(total)) => Some(format!("{used} of {total} used")),
            _ => None,
        };
        let kind = take(&format!("fs.{number}.fstype"));
        let device = take(&format!("fs.{number}.disk.0.device"))
            .or_else(|| take(&format!("fs.{number}.name")));
        let value = [kind, filled, device].into_iter().flatten();
        add(
            "File systems",
            mountpoint,
            value.collect::<Vec<_>>().join(", "),
        );
    }
    found
}

/// Larger counts than this are not believed: they are the guest's.
const MOST: usize = 256;

fn count(text: Option<String>) -> usize {
    text.and_then(|text| text.parse().ok())
        .unwrap_or(0)
        .min(MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(field: &str, value: &str) -> (String, Value) {
        (field.to_owned(), Value::Text(value.to_owned()))
    }

    fn number(field: &str, value: u64) -> (String, Value) {
        (field.to_owned(), Value::Uint(value))
    }

    fn lines(info: Vec<(String, Value)>) -> Vec<String> {
        facts(info)
            .into_iter()
            .map(|fact| format!("{} | {} | {}", fact.group, fact.name, fact.value))
            .collect()
    }

    #[test]
    fn facts_are_grouped_and_carry_their_units() {
        let info = vec![
            number("user.count", 1),
            text("user.0.name", "ann"),
            number("user.0.login-time", 1_700_000_000_000),
            text("os.pretty-name", "Debian 12"),
            text("hostname", "db-1"),
            number("fs.count", 1),
            text("fs.0.name", "vda1"),
            text("fs.0.mountpoint", "/"),
            text("fs.0.fstype", "ext4"),
            number("fs.0.total-bytes", 10 << 30),
            number("fs.0.used-bytes", 1 << 30),
            text("fs.0.disk.0.device", "/dev/vda1"),
        ];
        assert_eq!(
            lines(info),
            [
                "System | Host name | db-1",
                "System | OS | Debian 12",
                "Users | ann | since 2023-11-14 22:13:20 UTC",
                "File systems | / | ext4, 1.0G of 10G used, /dev/vda1",
            ]
        );
    }

    #[test]
    fn a_guest_that_lies_about_counts_costs_nothing() {
        let info = vec![
            number("user.count", u64::MAX),
            text("fs.count", "99999999999"),
            text("fs.3.mountpoint", "/x"),
        ];
        assert_eq!(lines(info), ["File systems | /x | "]);
    }
}
