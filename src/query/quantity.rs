//! Numbers with their units.

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Things.
    None,
    /// Hundredths.
    Percent,
    /// Bytes, or bytes a second.
    Bytes,
    /// Time.
    Seconds,
}

/// A number in its unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quantity {
    /// In bytes, seconds, hundredths or things.
    pub value: f64,
    /// Which.
    pub unit: Unit,
}

/// Suffixes in small letters, what they count, and how much of it. The last of a value is the one printed.
const SUFFIXES: &[(&str, Unit, f64)] = &[
    ("%", Unit::Percent, 1.0),
    ("k", Unit::Bytes, 1024.0),
    ("m", Unit::Bytes, 1_048_576.0),
    ("g", Unit::Bytes, 1_073_741_824.0),
    ("t", Unit::Bytes, 1_099_511_627_776.0),
    ("p", Unit::Bytes, 1_125_899_906_842_624.0),
    ("b", Unit::Bytes, 1.0),
    ("ns", Unit::Seconds, 1e-9),
    ("µs", Unit::Seconds, 1e-6),
    ("us", Unit::Seconds, 1e-6),
    ("ms", Unit::Seconds, 1e-3),
    ("s", Unit::Seconds, 1.0),
    ("min", Unit::Seconds, 60.0),
    ("m", Unit::Seconds, 60.0),
    ("h", Unit::Seconds, 3600.0),
    ("d", Unit::Seconds, 86_400.0),
    ("w", Unit::Seconds, 604_800.0),
];

/// Largest number; nothing that is counted comes near.
const MOST: f64 = 1e20;

/// Why a text is no quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    Number,
    Unit,
}

/// Reads a number with a unit out of `units`; a bare one is of the first.
pub(super) fn read(text: &str, units: &[Unit]) -> Result<Quantity, Refused> {
    let text = text.trim();
    let digit = |c: char| c.is_ascii_digit() || c == '.';
    let end = text.find(|c| !digit(c)).unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    let number: f64 = number.parse().map_err(|_| Refused::Number)?;
    if number > MOST {
        return Err(Refused::Number);
    }
    if suffix.is_empty() {
        let unit = units.first().copied().unwrap_or(Unit::None);
        return Ok(Quantity {
            value: number,
            unit,
        });
    }
    let suffix = suffix.to_lowercase();
    let suffix = suffix.strip_suffix("/s").unwrap_or(&suffix);
    // KiB, kB and K are the same here, as they are on the screen.
    let short = suffix
        .strip_suffix("ib")
        .or_else(|| suffix.strip_suffix('b').filter(|rest| !rest.is_empty()))
        .unwrap_or(suffix);
    SUFFIXES
        .iter()
        .find(|(name, unit, _)| {
            let name_fits = *name == suffix || (*unit == Unit::Bytes && *name == short);
            name_fits && units.contains(unit)
        })
        .map(|(_, unit, factor)| Quantity {
            value: number * factor,
            unit: *unit,
        })
        .ok_or(Refused::Unit)
}

impl Quantity {
    /// As it reads back, exactly.
    pub(super) fn print(self, units: &[Unit]) -> String {
        let bare = units.first() == Some(&self.unit);
        if self.unit == Unit::None || self.unit == Unit::Percent {
            return self.value.to_string();
        }
        // The largest suffix that leaves a short number and loses nothing.
        let fitting = SUFFIXES.iter().filter(|(_, unit, _)| *unit == self.unit);
        let best = fitting
            .filter(|(_, _, factor)| {
                let number = self.value / factor;
                let exact = number * factor == self.value;
                exact && number >= 1.0 && number.fract() == 0.0
            })
            .max_by(|a, b| a.2.total_cmp(&b.2));
        match best {
            Some((name, _, factor)) => format!("{}{}", self.value / factor, upper(name, self.unit)),
            None if bare => self.value.to_string(),
            None => format!("{}b", self.value),
        }
    }
}

fn upper(name: &str, unit: Unit) -> String {
    match unit {
        Unit::Bytes if name != "b" => name.to_uppercase(),
        _ => name.to_owned(),
    }
}
