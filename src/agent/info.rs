//! What the agent tells of the guest, from the fields of `virDomainGetGuestInfo`. All of it is the guest's own and untrusted.

use crate::model::GuestFileSystem;

/// More users, file systems or interfaces are not believed: their number is the guest's.
const MOST: usize = 256;
/// Longer texts are cut, in bytes.
const LONGEST: usize = 1024;

/// Somebody who is logged in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GuestUser {
    /// The name.
    pub name: String,
    /// The domain, of Windows.
    pub domain: String,
    /// Since when, in ms since 1970.
    pub since_ms: Option<i64>,
}

/// An interface as the guest names it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GuestNic {
    /// The name.
    pub name: String,
    /// The hardware address.
    pub mac: String,
    /// Addresses with their prefix length.
    pub addresses: Vec<String>,
}

/// All of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GuestInfo {
    /// The name that the guest gave itself.
    pub hostname: Option<String>,
    /// What runs: fields of `os.` with their values, such as `pretty-name`.
    pub os: Vec<(String, String)>,
    /// Name of its time zone.
    pub timezone: Option<String>,
    /// Seconds that it is east of UTC.
    pub timezone_offset: Option<i64>,
    /// Load averages of 1, 5 and 15 minutes, as they are told.
    pub load: Vec<(String, String)>,
    /// Who is logged in.
    pub users: Vec<GuestUser>,
    /// What is mounted.
    pub file_systems: Vec<GuestFileSystem>,
    /// Network interfaces.
    pub nics: Vec<GuestNic>,
}

impl GuestInfo {
    /// Reads the fields. What is not known, and what is too much, is left out.
    #[must_use]
    pub fn read(fields: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut info = Self::default();
        for (field, value) in fields {
            info.take(&field, cut(value));
        }
        // Places that were named by a number and never filled.
        info.users.retain(|user| !user.name.is_empty());
        info.file_systems
            .retain(|system| !system.mountpoint.is_empty() || !system.name.is_empty());
        info.nics.retain(|nic| !nic.name.is_empty());
        info
    }

    /// What the OS calls itself.
    #[must_use]
    pub fn system(&self) -> Option<&str> {
        let named = |name: &str| {
            let found = self.os.iter().find(|(field, _)| field == name);
            found.map(|(_, value)| value.as_str())
        };
        named("pretty-name").or_else(|| named("name"))
    }

    /// A field of the OS.
    #[must_use]
    pub fn os(&self, name: &str) -> Option<&str> {
        let found = self.os.iter().find(|(field, _)| field == name);
        found.map(|(_, value)| value.as_str())
    }

    fn take(&mut self, field: &str, value: String) {
        let Some((group, rest)) = field.split_once('.') else {
            if field == "hostname" {
                self.hostname = Some(value);
            }
            return;
        };
        match (group, rest.split_once('.')) {
            ("os", None) if self.os.len() < MOST => self.os.push((rest.to_owned(), value)),
            ("timezone", None) if rest == "name" => self.timezone = Some(value),
            ("timezone", None) if rest == "offset" => self.timezone_offset = value.parse().ok(),
            ("load", None) if self.load.len() < 8 => self.load.push((rest.to_owned(), value)),
            ("user", Some((number, name))) => {
                let Some(user) = place(&mut self.users, number) else {
                    return;
                };
                match name {
                    "name" => user.name = value,
                    "domain" => user.domain = value,
                    "login-time" => user.since_ms = value.parse().ok(),
                    _ => {}
                }
            }
            ("fs", Some((number, name))) => {
                let Some(system) = place(&mut self.file_systems, number) else {
                    return;
                };
                match name {
                    "name" => system.name = value,
                    "mountpoint" => system.mountpoint = value,
                    "fstype" => system.kind = value,
                    "total-bytes" => system.total_bytes = value.parse().ok(),
                    "used-bytes" => system.used_bytes = value.parse().ok(),
                    _ if name.starts_with("disk.")
                        && name.ends_with(".alias")
                        && system.disks.len() < MOST =>
                    {
                        system.disks.push(value);
                    }
                    _ => {}
                }
            }
            ("if", Some((number, name))) => {
                let Some(nic) = place(&mut self.nics, number) else {
                    return;
                };
                match name {
                    "name" => nic.name = value,
                    "hwaddr" => nic.mac = value,
                    _ => nic.address(name, value),
                }
            }
            _ => {}
        }
    }
}

impl GuestNic {
    /// `addr.N.addr` and `addr.N.prefix`, in whatever order.
    fn address(&mut self, field: &str, value: String) {
        let mut parts = field.split('.');
        let (Some("addr"), Some(number), Some(name), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return;
        };
        let Some(address) = place(&mut self.addresses, number) else {
            return;
        };
        match name {
            "addr" => *address = format!("{value}{address}"),
            "prefix" => address.push_str(&format!("/{value}")),
            _ => {}
        }
    }
}

/// The place of this number in a list, made where it lacks.
fn place<'a, T: Default>(list: &'a mut Vec<T>, number: &str) -> Option<&'a mut T> {
    let number = number.parse::<usize>().ok().filter(|n| *n < MOST)?;
    if list.len() <= number {
        list.resize_with(number + 1, T::default);
    }
    list.get_mut(number)
}

fn cut(mut text: String) -> String {
    if text.len() > LONGEST {
        let mut end = LONGEST;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> GuestInfo {
        let fields = text.lines().filter_map(|line| line.trim().split_once(": "));
        GuestInfo::read(fields.map(|(field, value)| (field.trim().to_owned(), value.to_owned())))
    }

    #[test]
    fn all_groups_are_read() {
        let info = read(
            "user.count: 1
             user.0.name: ann
             user.0.domain: CORP
             user.0.login-time: 1700000000123
             os.pretty-name: Debian 12
             os.kernel-release: 6.1.0
             timezone.name: CET
             timezone.offset: 3600
             hostname: db-1
             fs.count: 1
             fs.0.name: vda1
             fs.0.mountpoint: /
             fs.0.fstype: ext4
             fs.0.total-bytes: 100
             fs.0.used-bytes: 40
             fs.0.disk.0.alias: vda
             if.0.name: eth0
             if.0.hwaddr: 52:54:00:00:00:01
             if.0.addr.0.type: ipv4
             if.0.addr.0.addr: 10.0.0.5
             if.0.addr.0.prefix: 24
             load.1m: 0.50
             load.5m: 0.25",
        );
        assert_eq!(info.hostname.as_deref(), Some("db-1"));
        assert_eq!(info.system(), Some("Debian 12"));
        assert_eq!(info.os("kernel-release"), Some("6.1.0"));
        assert_eq!(
            (info.timezone.as_deref(), info.timezone_offset),
            (Some("CET"), Some(3600))
        );
        assert_eq!(
            info.users,
            [GuestUser {
                name: "ann".to_owned(),
                domain: "CORP".to_owned(),
                since_ms: Some(1_700_000_000_123),
            }]
        );
        assert_eq!(info.file_systems[0].disks, ["vda"]);
        assert_eq!(info.file_systems[0].used_bytes, Some(40));
        assert_eq!(info.nics[0].addresses, ["10.0.0.5/24"]);
        assert_eq!(info.load.len(), 2);
    }

    #[test]
    fn a_guest_that_lies_costs_nothing() {
        let long = "x".repeat(10_000);
        let info = read(&format!(
            "hostname: {long}\nuser.99999999999.name: a\nuser.200.name: b\nfs.255.mountpoint: /x\nfs.256.mountpoint: /y\nfs.0.total-bytes: -1\nif.0.addr.77777.addr: z\nos.: q\nload.: 1\n.: x"
        ));
        assert!(info.hostname.unwrap().len() < 1100);
        assert_eq!(info.users.len(), 1);
        assert_eq!(info.file_systems.len(), 1);
        assert_eq!(info.file_systems[0].mountpoint, "/x");
        assert!(info.nics.is_empty());
    }
}
