//! Writing XML: elements with attributes, text and children, indented as libvirt does.

use std::borrow::Cow;

/// A name that is known here, or that was asked for.
type Name = Cow<'static, str>;

/// An element. Attributes and children keep their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    name: Name,
    attributes: Vec<(Name, String)>,
    text: Option<String>,
    children: Vec<Element>,
}

impl Element {
    /// An empty element.
    pub fn new(name: impl Into<Name>) -> Self {
        Self {
            name: name.into(),
            attributes: Vec::new(),
            text: None,
            children: Vec::new(),
        }
    }

    /// An element with a text alone.
    pub fn text(name: impl Into<Name>, text: impl ToString) -> Self {
        Self {
            text: Some(text.to_string()),
            ..Self::new(name)
        }
    }

    /// Adds an attribute.
    #[must_use]
    pub fn with(mut self, name: impl Into<Name>, value: impl ToString) -> Self {
        self.attributes.push((name.into(), value.to_string()));
        self
    }

    /// Adds an attribute where there is a value.
    #[must_use]
    pub fn maybe(self, name: impl Into<Name>, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// Adds a child.
    #[must_use]
    pub fn child(mut self, child: Self) -> Self {
        self.children.push(child);
        self
    }

    /// Adds children.
    #[must_use]
    pub fn children(mut self, children: impl IntoIterator<Item = Self>) -> Self {
        self.children.extend(children);
        self
    }

    /// The `nth` child of a name, from 0. Those that are missing up to it are made.
    pub fn nth_child(&mut self, name: &str, nth: usize) -> &mut Self {
        let mut seen = 0;
        let at = self.children.iter().position(|child| {
            seen += usize::from(child.name == name);
            child.name == name && seen > nth
        });
        let at = at.unwrap_or_else(|| {
            for _ in seen..=nth {
                self.children.push(Self::new(name.to_owned()));
            }
            self.children.len() - 1
        });
        &mut self.children[at]
    }

    /// The child of a name whose attribute has a value; it is made where there is none.
    pub fn child_with(&mut self, name: &str, attribute: &'static str, value: &str) -> &mut Self {
        let is = |child: &Self| {
            let has = |(own, of): &(Name, String)| own == attribute && of == value;
            child.name == name && child.attributes.iter().any(has)
        };
        let at = self.children.iter().position(is).unwrap_or_else(|| {
            let child = Self::new(name.to_owned()).with(attribute, value);
            self.children.push(child);
            self.children.len() - 1
        });
        &mut self.children[at]
    }

    /// Gives an attribute a value, in place of the one it has.
    pub fn set_attribute(&mut self, name: &str, value: &str) {
        match self.attributes.iter_mut().find(|(own, _)| own == name) {
            Some((_, old)) => value.clone_into(old),
            None => self
                .attributes
                .push((name.to_owned().into(), value.to_owned())),
        }
    }

    /// Takes an attribute out.
    pub fn remove_attribute(&mut self, name: &str) {
        self.attributes.retain(|(own, _)| own != name);
    }

    /// Gives it a text, in place of all that is in it.
    pub fn set_text(&mut self, text: &str) {
        self.text = Some(text.to_owned());
        self.children.clear();
    }

    /// Takes the `nth` child of a name out, from 0; all of them without a number.
    pub fn remove_child(&mut self, name: &str, nth: Option<usize>) {
        let mut seen = 0;
        self.children.retain(|child| {
            if child.name != name {
                return true;
            }
            seen += 1;
            nth.is_some_and(|nth| seen - 1 != nth)
        });
    }

    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.attributes.is_empty() && self.children.is_empty() && self.text.is_none()
    }

    /// The document, with an end of line at its end.
    pub fn document(&self) -> String {
        let mut out = String::new();
        self.write(0, &mut out);
        out
    }

    fn write(&self, depth: usize, out: &mut String) {
        for _ in 0..depth {
            out.push_str("  ");
        }
        out.push('<');
        out.push_str(&self.name);
        for (name, value) in &self.attributes {
            out.push(' ');
            out.push_str(name.as_ref());
            out.push_str("='");
            escape(value, true, out);
            out.push('\'');
        }
        match (&self.text, self.children.is_empty()) {
            (None, true) => out.push_str("/>"),
            (Some(text), _) => {
                out.push('>');
                escape(text, false, out);
                self.close(out);
            }
            (None, false) => {
                out.push_str(">\n");
                for child in &self.children {
                    child.write(depth + 1, out);
                }
                for _ in 0..depth {
                    out.push_str("  ");
                }
                self.close(out);
            }
        }
        out.push('\n');
    }

    fn close(&self, out: &mut String) {
        out.push_str("</");
        out.push_str(&self.name);
        out.push('>');
    }
}

/// A text as it stands in a document: between tags, or as an attribute in single quotes.
#[must_use]
pub fn escaped(text: &str, attribute: bool) -> String {
    let mut out = String::new();
    escape(text, attribute, &mut out);
    out
}

/// XML 1.0, section 2.2: most control characters cannot stand in a document at all and are left out.
fn escape(text: &str, attribute: bool, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\'' if attribute => out.push_str("&apos;"),
            '\n' if attribute => out.push_str("&#10;"),
            '\t' if attribute => out.push_str("&#9;"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() => {}
            '\u{fffe}' | '\u{ffff}' => {}
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn elements_are_indented_and_escaped() {
        let domain = Element::new("domain")
            .with("type", "a'b")
            .child(Element::text("name", "<x>&"))
            .child(Element::new("devices").child(Element::new("disk").with("n", 1)));
        assert_eq!(
            domain.document(),
            "<domain type='a&apos;b'>\n  <name>&lt;x&gt;&amp;</name>\n  <devices>\n    <disk n='1'/>\n  </devices>\n</domain>\n"
        );
    }

    proptest! {
        #[test]
        fn any_text_makes_a_document(text in any::<String>()) {
            let document = Element::new("a").with("b", &text).child(Element::text("c", &text)).document();
            let read = roxmltree::Document::parse(&document);
            prop_assert!(read.is_ok(), "{document:?}");
        }
    }
}
