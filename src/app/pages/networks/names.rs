//! Names as numbers: rows are identities that are copied, and a link is known by its name alone.

/// Every name that was seen, each with its number for as long as the page is open.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Names(Vec<String>);

impl Names {
    /// The number of a name.
    pub fn number(&mut self, name: &str) -> u32 {
        let at = self.0.iter().position(|known| known == name);
        let at = at.unwrap_or_else(|| {
            self.0.push(name.to_owned());
            self.0.len() - 1
        });
        u32::try_from(at).unwrap_or(u32::MAX)
    }
}
