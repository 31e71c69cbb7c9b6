//! What the words of the text are: elements, where the cursor is in them, what can be folded, which devices there are.

use std::ops::Range;

use crate::xml::scan::{self, Element, Word};
use crate::xml::secrets;

/// A text read by its words. It may be broken.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Anatomy {
    words: Vec<Word>,
    elements: Vec<Element>,
    secrets: Vec<Range<usize>>,
}

impl std::fmt::Debug for Anatomy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Anatomy({} words)", self.words.len())
    }
}

/// Something in the text that one goes to by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// `disk vda`, `interface 52:54:00:00:00:01`, `memory`; untrusted.
    pub name: String,
    /// The first byte of its element.
    pub at: usize,
    /// How deep it stands below the root.
    pub depth: usize,
}

impl Anatomy {
    /// Reads a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let words = scan::words(text);
        let elements = scan::elements_of(text, &words);
        Self {
            elements,
            secrets: secrets::ranges_of(text, &words),
            words,
        }
    }

    /// The words that some bytes are in.
    #[must_use]
    pub fn words_in(&self, range: Range<usize>) -> &[Word] {
        let from = self
            .words
            .partition_point(|word| word.range.end <= range.start);
        let to = self
            .words
            .partition_point(|word| word.range.start < range.end);
        &self.words[from..to.max(from)]
    }

    /// The word that a byte is in.
    #[must_use]
    pub fn word_at(&self, at: usize) -> Option<&Word> {
        let number = self.words.partition_point(|word| word.range.end <= at);
        self.words.get(number)
    }

    /// All elements, in the order of their start tags.
    #[must_use]
    pub fn elements(&self) -> &[Element] {
        &self.elements
    }

    /// Bytes of passwords.
    #[must_use]
    pub fn secrets(&self) -> &[Range<usize>] {
        &self.secrets
    }

    /// The elements that a byte is in, from the root; an element's own tags belong to it.
    #[must_use]
    pub fn around(&self, at: usize) -> Vec<usize> {
        let behind = self
            .elements
            .partition_point(|element| element.start.start <= at);
        let mut next = behind.checked_sub(1);
        while let Some(number) = next {
            if self.whole(number).is_none_or(|whole| at < whole.end) {
                break;
            }
            next = self.elements[number].parent;
        }
        let mut found = Vec::new();
        while let Some(number) = next {
            found.push(number);
            next = self.elements[number].parent;
        }
        found.reverse();
        found
    }

    /// The bytes of an element with its tags; `None` when its end tag is missing.
    #[must_use]
    pub fn whole(&self, number: usize) -> Option<Range<usize>> {
        let element = self.elements.get(number)?;
        if element.is_empty {
            return Some(element.start.clone());
        }
        let end = element.end.as_ref()?;
        Some(element.start.start..end.end)
    }

    /// The way to a byte: `domain › devices › disk[2] › target`. Elements are numbered among those of their name where there
    /// are several.
    #[must_use]
    pub fn path(&self, text: &str, at: usize) -> Vec<String> {
        let step = |number: &usize| {
            let element = &self.elements[*number];
            let name = &text[element.name.clone()];
            let like = |other: &&Element| {
                other.parent == element.parent && text[other.name.clone()] == *name
            };
            let count = self.elements.iter().filter(like).count();
            let before = self.elements[..*number].iter().filter(like).count();
            if count > 1 {
                format!("{name}[{}]", before + 1)
            } else {
                name.to_owned()
            }
        };
        self.around(at).iter().map(step).collect()
    }

    /// The names of both tags of the element whose tag a byte is in.
    #[must_use]
    pub fn tags_at(&self, at: usize) -> Option<[Range<usize>; 2]> {
        self.elements.iter().find_map(|element| {
            let end = element.end.as_ref()?;
            let inside = |tag: &Range<usize>| tag.start <= at && at <= tag.end;
            let of_start = element.start.start <= at && at <= element.name.end;
            (of_start || inside(end)).then(|| {
                let name = end.start + 2..(end.start + 2 + element.name.len()).min(end.end);
                [element.name.clone(), name]
            })
        })
    }

    /// What can be gone to by name: the children of the root, and the devices.
    #[must_use]
    pub fn outline(&self, text: &str) -> Vec<Device> {
        let mut found = Vec::new();
        for (number, element) in self.elements.iter().enumerate() {
            let name = &text[element.name.clone()];
            let of_devices = element
                .parent
                .is_some_and(|parent| text[self.elements[parent].name.clone()] == *"devices");
            if element.depth == 1 || (element.depth == 2 && of_devices) {
                let told = match self.label(text, number) {
                    Some(label) => format!("{name} {label}"),
                    None => name.to_owned(),
                };
                found.push(Device {
                    name: told,
                    at: element.start.start,
                    depth: element.depth - 1,
                });
            }
        }
        found
    }

    /// What an element is called: the target of a disk, the address of a card, a model, a type, or a short text.
    fn label(&self, text: &str, number: usize) -> Option<String> {
        let element = &self.elements[number];
        let inside = |child: &str, attribute: &str| {
            let found = self
                .elements
                .iter()
                .skip(number + 1)
                .take_while(|other| other.depth > element.depth)
                .find(|other| other.parent == Some(number) && text[other.name.clone()] == *child)?;
            attribute_of(&text[found.start.clone()], attribute)
        };
        let own = |attribute: &str| attribute_of(&text[element.start.clone()], attribute);
        let name = &text[element.name.clone()];
        let label = match name {
            "disk" | "filesystem" => inside("target", "dev").or_else(|| inside("target", "dir")),
            "interface" => inside("mac", "address"),
            "controller" => {
                let kind = own("type")?;
                Some(
                    format!("{kind} {}", own("index").unwrap_or_default())
                        .trim_end()
                        .to_owned(),
                )
            }
            "video" => inside("model", "type"),
            "channel" | "console" | "serial" | "parallel" => inside("target", "name")
                .or_else(|| inside("target", "port").or_else(|| own("type"))),
            _ => own("type").or_else(|| own("model")).or_else(|| own("mode")),
        };
        label.or_else(|| {
            let end = element.end.as_ref()?;
            let content = text.get(element.start.end..end.start)?.trim();
            let short = !content.is_empty() && content.len() <= 48 && !content.contains('<');
            (short
                && self
                    .secrets
                    .iter()
                    .all(|secret| !element.start.contains(&secret.start)))
            .then(|| content.to_owned())
        })
    }
}

/// The value of an attribute in a start tag.
fn attribute_of(tag: &str, name: &str) -> Option<String> {
    let words = scan::words(tag);
    let mut of = "";
    for word in &words {
        let piece = &tag[word.range.clone()];
        match word.kind {
            scan::Kind::Attribute => of = piece,
            scan::Kind::Value if of == name => {
                return Some(piece.trim_matches(['"', '\'']).to_owned());
            }
            _ => {}
        }
    }
    None
}
