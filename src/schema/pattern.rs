//! What a document may still hold at a place, and how that changes with each thing that is read.
//!
//! The derivatives of James Clark, "An algorithm for RELAX NG validation" (2002): a pattern, and for each start tag, attribute,
//! text and end tag the pattern of what may follow. Equal patterns are one and the same number, so that derivatives are
//! worked out once.

use std::collections::HashMap;
use std::rc::Rc;

use super::datatype;
use super::grammar::{Grammar, NameClass, Node, NodeId};

/// Number of a pattern.
pub type Id = u32;

/// Nothing can make it right any more.
pub const NOT_ALLOWED: Id = 0;
/// Nothing more is needed, nothing more may come.
pub const EMPTY: Id = 1;
const TEXT: Id = 2;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Pattern {
    NotAllowed,
    Empty,
    Text,
    Choice(Id, Id),
    Interleave(Id, Id),
    Group(Id, Id),
    OneOrMore(Id),
    List(Id),
    /// A `Value` or `Data` node.
    Typed(NodeId),
    Attribute(NodeId),
    Element(NodeId),
    After(Id, Id),
}

/// The patterns of one grammar.
pub struct Patterns<'a> {
    grammar: &'a Grammar,
    patterns: Vec<Pattern>,
    nullable: Vec<bool>,
    known: HashMap<Pattern, Id>,
    compiled: HashMap<NodeId, Id>,
    closed: HashMap<Id, Id>,
    /// Numbers of names: (namespace, local name).
    names: HashMap<String, HashMap<String, u32>>,
    named: u32,
    opened: HashMap<(Id, u32), Id>,
    ended: HashMap<Id, Id>,
    /// What the values of an attribute can be.
    contents: HashMap<(Id, u32), Rc<[NodeId]>>,
    /// After an attribute whose value fits some of them.
    passed: HashMap<(Id, u32, u64), Id>,
    /// What a text can be; `None` where that depends on its words.
    typed: HashMap<Id, Option<Rc<[NodeId]>>>,
    /// After a text that fits some of them.
    told: HashMap<(Id, u64), Id>,
}

impl<'a> Patterns<'a> {
    /// Those of a grammar, none worked out yet.
    pub fn new(grammar: &'a Grammar) -> Self {
        let mut patterns = Self {
            grammar,
            patterns: Vec::new(),
            nullable: Vec::new(),
            known: HashMap::new(),
            compiled: HashMap::new(),
            closed: HashMap::new(),
            names: HashMap::new(),
            named: 0,
            opened: HashMap::new(),
            ended: HashMap::new(),
            contents: HashMap::new(),
            passed: HashMap::new(),
            typed: HashMap::new(),
            told: HashMap::new(),
        };
        patterns.make(Pattern::NotAllowed);
        patterns.make(Pattern::Empty);
        patterns.make(Pattern::Text);
        patterns
    }

    /// What a whole document may be.
    pub fn start(&mut self) -> Id {
        self.compile(self.grammar.start())
    }

    /// Whether nothing more is needed.
    pub fn is_nullable(&self, id: Id) -> bool {
        self.nullable[id as usize]
    }

    fn make(&mut self, pattern: Pattern) -> Id {
        if let Some(id) = self.known.get(&pattern) {
            return *id;
        }
        let nullable = match &pattern {
            Pattern::Empty | Pattern::Text => true,
            Pattern::Choice(a, b) => self.is_nullable(*a) || self.is_nullable(*b),
            Pattern::Interleave(a, b) | Pattern::Group(a, b) => {
                self.is_nullable(*a) && self.is_nullable(*b)
            }
            Pattern::OneOrMore(a) => self.is_nullable(*a),
            _ => false,
        };
        let id = Id::try_from(self.patterns.len()).unwrap_or(NOT_ALLOWED);
        self.patterns.push(pattern.clone());
        self.nullable.push(nullable);
        self.known.insert(pattern, id);
        id
    }

    fn get(&self, id: Id) -> Pattern {
        self.patterns[id as usize].clone()
    }

    fn choice(&mut self, a: Id, b: Id) -> Id {
        match (a, b) {
            (NOT_ALLOWED, other) | (other, NOT_ALLOWED) => other,
            (a, b) if a == b => a,
            (EMPTY, other) | (other, EMPTY) if self.is_nullable(other) => other,
            (a, b) => {
                // One that is among the choices already adds nothing.
                if self.has_choice(a, b) {
                    return a;
                }
                self.make(Pattern::Choice(a, b))
            }
        }
    }

    fn has_choice(&self, among: Id, wanted: Id) -> bool {
        match &self.patterns[among as usize] {
            Pattern::Choice(a, b) => *a == wanted || *b == wanted || self.has_choice(*a, wanted),
            _ => among == wanted,
        }
    }

    fn group(&mut self, a: Id, b: Id) -> Id {
        match (a, b) {
            (NOT_ALLOWED, _) | (_, NOT_ALLOWED) => NOT_ALLOWED,
            (EMPTY, other) | (other, EMPTY) => other,
            (a, b) => self.make(Pattern::Group(a, b)),
        }
    }

    fn interleave(&mut self, a: Id, b: Id) -> Id {
        match (a, b) {
            (NOT_ALLOWED, _) | (_, NOT_ALLOWED) => NOT_ALLOWED,
            (EMPTY, other) | (other, EMPTY) => other,
            (a, b) => self.make(Pattern::Interleave(a, b)),
        }
    }

    fn after(&mut self, a: Id, b: Id) -> Id {
        match (a, b) {
            (NOT_ALLOWED, _) | (_, NOT_ALLOWED) => NOT_ALLOWED,
            (a, b) => self.make(Pattern::After(a, b)),
        }
    }

    fn one_or_more(&mut self, a: Id) -> Id {
        match a {
            NOT_ALLOWED | EMPTY => a,
            a => self.make(Pattern::OneOrMore(a)),
        }
    }

    fn compile(&mut self, node: NodeId) -> Id {
        if let Some(id) = self.compiled.get(&node) {
            return *id;
        }
        let grammar = self.grammar;
        let id = match grammar.node(node) {
            Node::Element(..) => self.make(Pattern::Element(node)),
            Node::Attribute(..) => self.make(Pattern::Attribute(node)),
            Node::Group(all) => self.fold(all, Self::group, EMPTY),
            Node::Interleave(all) => self.fold(all, Self::interleave, EMPTY),
            Node::Choice(all) => self.fold(all, Self::choice, NOT_ALLOWED),
            Node::OneOrMore(inner) => {
                let inner = self.compile(*inner);
                self.one_or_more(inner)
            }
            Node::List(inner) => {
                let inner = self.compile(*inner);
                self.make(Pattern::List(inner))
            }
            Node::Ref(number) => self.compile(grammar.definition(*number)),
            Node::Empty => EMPTY,
            Node::Text => TEXT,
            Node::NotAllowed => NOT_ALLOWED,
            Node::Value(..) | Node::Data(..) => self.make(Pattern::Typed(node)),
        };
        self.compiled.insert(node, id);
        id
    }

    fn fold(&mut self, all: &[NodeId], with: fn(&mut Self, Id, Id) -> Id, none: Id) -> Id {
        let mut result = none;
        for node in all {
            let id = self.compile(*node);
            result = with(self, result, id);
        }
        result
    }

    /// After the beginning of a start tag.
    pub fn open(&mut self, id: Id, ns: &str, local: &str) -> Id {
        let key = (id, self.number(ns, local));
        if let Some(known) = self.opened.get(&key) {
            return *known;
        }
        let result = match self.get(id) {
            Pattern::Choice(a, b) => {
                let (a, b) = (self.open(a, ns, local), self.open(b, ns, local));
                self.choice(a, b)
            }
            Pattern::Element(node) => match self.grammar.node(node) {
                Node::Element(class, content) if class.contains(ns, local) => {
                    let content = self.compile(*content);
                    self.after(content, EMPTY)
                }
                _ => NOT_ALLOWED,
            },
            Pattern::Interleave(a, b) => {
                let first = self.open(a, ns, local);
                let first = self.apply(first, &mut |all, rest| all.interleave(rest, b));
                let second = self.open(b, ns, local);
                let second = self.apply(second, &mut |all, rest| all.interleave(a, rest));
                self.choice(first, second)
            }
            Pattern::OneOrMore(a) => {
                let more = self.choice(id, EMPTY);
                let first = self.open(a, ns, local);
                self.apply(first, &mut |all, rest| all.group(rest, more))
            }
            Pattern::Group(a, b) => {
                let first = self.open(a, ns, local);
                let first = self.apply(first, &mut |all, rest| all.group(rest, b));
                if self.is_nullable(a) {
                    let second = self.open(b, ns, local);
                    self.choice(first, second)
                } else {
                    first
                }
            }
            Pattern::After(a, b) => {
                let inner = self.open(a, ns, local);
                self.apply(inner, &mut |all, rest| all.after(rest, b))
            }
            _ => NOT_ALLOWED,
        };
        self.opened.insert(key, result);
        result
    }

    /// Changes what comes after in every choice.
    fn apply(&mut self, id: Id, with: &mut dyn FnMut(&mut Self, Id) -> Id) -> Id {
        match self.get(id) {
            Pattern::After(a, b) => {
                let rest = with(self, b);
                self.after(a, rest)
            }
            Pattern::Choice(a, b) => {
                let (a, b) = (self.apply(a, with), self.apply(b, with));
                self.choice(a, b)
            }
            _ => NOT_ALLOWED,
        }
    }

    /// The number of a name.
    fn number(&mut self, ns: &str, local: &str) -> u32 {
        if let Some(number) = self.names.get(ns).and_then(|names| names.get(local)) {
            return *number;
        }
        self.named += 1;
        let names = self.names.entry(ns.to_owned()).or_default();
        names.insert(local.to_owned(), self.named);
        self.named
    }

    /// After an attribute. Which of the types it may have a value fits is all that counts, so that one path is like another.
    pub fn attribute(&mut self, id: Id, ns: &str, local: &str, value: &str) -> Id {
        let name = self.number(ns, local);
        let contents = match self.contents.get(&(id, name)) {
            Some(known) => Rc::clone(known),
            None => {
                let mut found = Vec::new();
                self.collect(id, true, &mut |class, content| {
                    if class.contains(ns, local) && !found.contains(&content) {
                        found.push(content);
                    }
                });
                let found: Rc<[NodeId]> = found.into();
                self.contents.insert((id, name), Rc::clone(&found));
                found
            }
        };
        if contents.is_empty() {
            return NOT_ALLOWED;
        }
        if contents.len() > 64 {
            return self.attribute_anew(id, ns, local, value);
        }
        let mut fits = 0_u64;
        for (bit, content) in contents.iter().enumerate() {
            let content = self.compile(*content);
            fits |= u64::from(self.matches(content, value)) << bit;
        }
        if let Some(known) = self.passed.get(&(id, name, fits)) {
            return *known;
        }
        let result = self.attribute_anew(id, ns, local, value);
        self.passed.insert((id, name, fits), result);
        result
    }

    fn attribute_anew(&mut self, id: Id, ns: &str, local: &str, value: &str) -> Id {
        match self.get(id) {
            Pattern::After(a, b) => {
                let a = self.attribute_anew(a, ns, local, value);
                self.after(a, b)
            }
            Pattern::Choice(a, b) => {
                let a = self.attribute_anew(a, ns, local, value);
                let b = self.attribute_anew(b, ns, local, value);
                self.choice(a, b)
            }
            Pattern::Group(a, b) => {
                let first = self.attribute_anew(a, ns, local, value);
                let first = self.group(first, b);
                let second = self.attribute_anew(b, ns, local, value);
                let second = self.group(a, second);
                self.choice(first, second)
            }
            Pattern::Interleave(a, b) => {
                let first = self.attribute_anew(a, ns, local, value);
                let first = self.interleave(first, b);
                let second = self.attribute_anew(b, ns, local, value);
                let second = self.interleave(a, second);
                self.choice(first, second)
            }
            Pattern::OneOrMore(a) => {
                let more = self.choice(id, EMPTY);
                let first = self.attribute_anew(a, ns, local, value);
                self.group(first, more)
            }
            Pattern::Attribute(node) => match self.grammar.node(node) {
                Node::Attribute(class, content) if class.contains(ns, local) => {
                    let content = self.compile(*content);
                    if self.matches(content, value) {
                        EMPTY
                    } else {
                        NOT_ALLOWED
                    }
                }
                _ => NOT_ALLOWED,
            },
            _ => NOT_ALLOWED,
        }
    }

    /// Whether a text is all that a pattern needs.
    fn matches(&mut self, id: Id, value: &str) -> bool {
        if self.is_nullable(id) && value.trim().is_empty() {
            return true;
        }
        let rest = self.text(id, value);
        self.is_nullable(rest)
    }

    /// After the end of a start tag.
    pub fn close(&mut self, id: Id) -> Id {
        if let Some(known) = self.closed.get(&id) {
            return *known;
        }
        let result = match self.get(id) {
            Pattern::After(a, b) => {
                let a = self.close(a);
                self.after(a, b)
            }
            Pattern::Choice(a, b) => {
                let (a, b) = (self.close(a), self.close(b));
                self.choice(a, b)
            }
            Pattern::Group(a, b) => {
                let (a, b) = (self.close(a), self.close(b));
                self.group(a, b)
            }
            Pattern::Interleave(a, b) => {
                let (a, b) = (self.close(a), self.close(b));
                self.interleave(a, b)
            }
            Pattern::OneOrMore(a) => {
                let a = self.close(a);
                self.one_or_more(a)
            }
            Pattern::Attribute(_) => NOT_ALLOWED,
            _ => id,
        };
        self.closed.insert(id, result);
        result
    }

    /// After the end of a start tag, as if every attribute that is missing were there.
    pub fn close_anyway(&mut self, id: Id) -> Id {
        match self.get(id) {
            Pattern::After(a, b) => {
                let a = self.close_anyway(a);
                self.after(a, b)
            }
            Pattern::Choice(a, b) => {
                let (a, b) = (self.close_anyway(a), self.close_anyway(b));
                self.choice(a, b)
            }
            Pattern::Group(a, b) => {
                let (a, b) = (self.close_anyway(a), self.close_anyway(b));
                self.group(a, b)
            }
            Pattern::Interleave(a, b) => {
                let (a, b) = (self.close_anyway(a), self.close_anyway(b));
                self.interleave(a, b)
            }
            Pattern::OneOrMore(a) => {
                let a = self.close_anyway(a);
                self.one_or_more(a)
            }
            Pattern::Attribute(_) => EMPTY,
            _ => id,
        }
    }

    /// After a text.
    pub fn text(&mut self, id: Id, text: &str) -> Id {
        let known = match self.typed.get(&id) {
            Some(known) => known.clone(),
            None => {
                let mut found = Vec::new();
                let counts = self.typed_in(id, &mut found) && found.len() <= 64;
                let found = counts.then(|| Rc::from(found));
                self.typed.insert(id, found.clone());
                found
            }
        };
        let Some(nodes) = known else {
            return self.text_anew(id, text);
        };
        let mut fits = 0_u64;
        for (bit, node) in nodes.iter().enumerate() {
            fits |= u64::from(self.typed(*node, text) == EMPTY) << bit;
        }
        if let Some(known) = self.told.get(&(id, fits)) {
            return *known;
        }
        let result = self.text_anew(id, text);
        self.told.insert((id, fits), result);
        result
    }

    /// Gathers the types of text in the present element; false when words are looked at one by one.
    fn typed_in(&self, id: Id, into: &mut Vec<NodeId>) -> bool {
        match &self.patterns[id as usize] {
            Pattern::Choice(a, b) | Pattern::Group(a, b) | Pattern::Interleave(a, b) => {
                self.typed_in(*a, into) && self.typed_in(*b, into)
            }
            Pattern::OneOrMore(a) | Pattern::After(a, _) => self.typed_in(*a, into),
            Pattern::List(_) => false,
            Pattern::Typed(node) => {
                if !into.contains(node) {
                    into.push(*node);
                }
                true
            }
            _ => true,
        }
    }

    fn text_anew(&mut self, id: Id, text: &str) -> Id {
        match self.get(id) {
            Pattern::Choice(a, b) => {
                let (a, b) = (self.text_anew(a, text), self.text_anew(b, text));
                self.choice(a, b)
            }
            Pattern::Interleave(a, b) => {
                let first = self.text_anew(a, text);
                let first = self.interleave(first, b);
                let second = self.text_anew(b, text);
                let second = self.interleave(a, second);
                self.choice(first, second)
            }
            Pattern::Group(a, b) => {
                let first = self.text_anew(a, text);
                let first = self.group(first, b);
                if self.is_nullable(a) {
                    let second = self.text_anew(b, text);
                    self.choice(first, second)
                } else {
                    first
                }
            }
            Pattern::After(a, b) => {
                let a = self.text_anew(a, text);
                self.after(a, b)
            }
            Pattern::OneOrMore(a) => {
                let more = self.choice(id, EMPTY);
                let first = self.text_anew(a, text);
                self.group(first, more)
            }
            Pattern::Text => id,
            Pattern::Typed(node) => self.typed(node, text),
            Pattern::List(inner) => {
                let mut rest = inner;
                for word in text.split_whitespace() {
                    rest = self.text_anew(rest, word);
                }
                if self.is_nullable(rest) {
                    EMPTY
                } else {
                    NOT_ALLOWED
                }
            }
            _ => NOT_ALLOWED,
        }
    }

    fn typed(&mut self, node: NodeId, text: &str) -> Id {
        let fits = match self.grammar.node(node) {
            Node::Value(value, true) => value == text,
            Node::Value(value, false) => value.split_whitespace().eq(text.split_whitespace()),
            Node::Data(data, except) => {
                datatype::allows(data, text)
                    && !except.is_some_and(|except| {
                        let except = self.compile(except);
                        self.matches(except, text)
                    })
            }
            _ => false,
        };
        if fits { EMPTY } else { NOT_ALLOWED }
    }

    /// After an end tag.
    pub fn end(&mut self, id: Id) -> Id {
        if let Some(known) = self.ended.get(&id) {
            return *known;
        }
        let result = match self.get(id) {
            Pattern::Choice(a, b) => {
                let (a, b) = (self.end(a), self.end(b));
                self.choice(a, b)
            }
            Pattern::After(a, b) if self.is_nullable(a) => b,
            _ => NOT_ALLOWED,
        };
        self.ended.insert(id, result);
        result
    }

    /// What comes after the present element, whatever is missing in it.
    pub fn rest(&mut self, id: Id) -> Id {
        match self.get(id) {
            Pattern::Choice(a, b) => {
                let (a, b) = (self.rest(a), self.rest(b));
                self.choice(a, b)
            }
            Pattern::After(_, b) => b,
            _ => NOT_ALLOWED,
        }
    }

    /// Names of what may come next inside of the present element: elements, or attributes.
    pub fn offered(&self, id: Id, attributes: bool) -> Vec<String> {
        let mut names = Vec::new();
        self.collect(id, attributes, &mut |class, _| class.names(&mut names));
        names.sort();
        names
    }

    /// The same with their namespaces: (namespace, name), each once.
    pub fn names(&self, id: Id, attributes: bool) -> Vec<(String, String)> {
        let mut names = Vec::new();
        self.collect(id, attributes, &mut |class, _| class.pairs(&mut names));
        names.sort();
        names.dedup();
        names
    }

    /// Whether a text may stand in the present element.
    pub fn has_text(&self, id: Id) -> bool {
        match &self.patterns[id as usize] {
            Pattern::Choice(a, b) | Pattern::Group(a, b) | Pattern::Interleave(a, b) => {
                self.has_text(*a) || self.has_text(*b)
            }
            Pattern::OneOrMore(a) | Pattern::After(a, _) => self.has_text(*a),
            Pattern::Text | Pattern::Typed(_) | Pattern::List(_) => true,
            _ => false,
        }
    }

    /// Values of an attribute that are written down, and in words what else it may be; `None` for one that cannot come.
    pub fn choices(&self, id: Id, ns: &str, local: &str) -> Option<(Vec<String>, Vec<String>)> {
        let mut contents = Vec::new();
        self.collect(id, true, &mut |class, content| {
            if class.contains(ns, local) {
                contents.push(content);
            }
        });
        if contents.is_empty() {
            return None;
        }
        let (mut written, mut all) = (Vec::new(), Vec::new());
        for content in contents {
            self.literals(content, &mut all);
            self.written(content, &mut written);
        }
        all.retain(|words| !written.contains(words));
        Some((written, all))
    }

    /// The same of the text in the present element.
    pub fn text_choices(&self, id: Id) -> (Vec<String>, Vec<String>) {
        let (mut written, mut all) = (Vec::new(), Vec::new());
        self.text_nodes(id, &mut |node| {
            self.literals(node, &mut all);
            self.written(node, &mut written);
        });
        all.retain(|words| !written.contains(words));
        (written, all)
    }

    /// Values that are written down.
    fn written(&self, node: NodeId, into: &mut Vec<String>) {
        match self.grammar.node(node) {
            Node::Value(value, _) => {
                let value = value.trim().to_owned();
                if !into.contains(&value) {
                    into.push(value);
                }
            }
            Node::Choice(all) => {
                for inner in all {
                    self.written(*inner, into);
                }
            }
            Node::Ref(number) => self.written(self.grammar.definition(*number), into),
            _ => {}
        }
    }

    /// Whether an attribute of this name could come, whatever its value; and the values that are written down for it.
    pub fn values(&self, id: Id, ns: &str, local: &str) -> Option<Vec<String>> {
        let mut contents = Vec::new();
        self.collect(id, true, &mut |class, content| {
            if class.contains(ns, local) {
                contents.push(content);
            }
        });
        if contents.is_empty() {
            return None;
        }
        let mut values = Vec::new();
        for content in contents {
            self.literals(content, &mut values);
        }
        Some(values)
    }

    /// What a text in the present element may be, as far as it is written down.
    pub fn text_values(&self, id: Id) -> Vec<String> {
        let mut values = Vec::new();
        self.text_nodes(id, &mut |node| self.literals(node, &mut values));
        values
    }

    fn text_nodes(&self, id: Id, each: &mut dyn FnMut(NodeId)) {
        match &self.patterns[id as usize] {
            Pattern::Choice(a, b) | Pattern::Group(a, b) | Pattern::Interleave(a, b) => {
                self.text_nodes(*a, each);
                self.text_nodes(*b, each);
            }
            Pattern::OneOrMore(a) | Pattern::List(a) | Pattern::After(a, _) => {
                self.text_nodes(*a, each);
            }
            Pattern::Typed(node) => each(*node),
            _ => {}
        }
    }

    fn literals(&self, node: NodeId, into: &mut Vec<String>) {
        match self.grammar.node(node) {
            Node::Value(value, _) => {
                let value = value.trim().to_owned();
                if !into.contains(&value) {
                    into.push(value);
                }
            }
            Node::Data(data, _) => {
                let words = datatype::describe(data);
                if !into.contains(&words) {
                    into.push(words);
                }
            }
            Node::Choice(all) | Node::Group(all) | Node::Interleave(all) => {
                for inner in all {
                    self.literals(*inner, into);
                }
            }
            Node::OneOrMore(inner) | Node::List(inner) => self.literals(*inner, into),
            Node::Ref(number) => self.literals(self.grammar.definition(*number), into),
            _ => {}
        }
    }

    fn collect(&self, id: Id, attributes: bool, each: &mut dyn FnMut(&NameClass, NodeId)) {
        match &self.patterns[id as usize] {
            Pattern::Choice(a, b) | Pattern::Interleave(a, b) => {
                self.collect(*a, attributes, each);
                self.collect(*b, attributes, each);
            }
            Pattern::Group(a, b) => {
                self.collect(*a, attributes, each);
                // Of elements in order, the second can come only when the first need not.
                if attributes || self.is_nullable(*a) || self.has_only_attributes(*a) {
                    self.collect(*b, attributes, each);
                }
            }
            Pattern::OneOrMore(a) | Pattern::After(a, _) => self.collect(*a, attributes, each),
            Pattern::Attribute(node) | Pattern::Element(node) => match self.grammar.node(*node) {
                Node::Attribute(class, content) if attributes => each(class, *content),
                Node::Element(class, content) if !attributes => each(class, *content),
                _ => {}
            },
            _ => {}
        }
    }

    fn has_only_attributes(&self, id: Id) -> bool {
        match &self.patterns[id as usize] {
            Pattern::Attribute(_) | Pattern::Empty => true,
            Pattern::Choice(a, b) | Pattern::Group(a, b) | Pattern::Interleave(a, b) => {
                self.has_only_attributes(*a) && self.has_only_attributes(*b)
            }
            Pattern::OneOrMore(a) => self.has_only_attributes(*a),
            _ => false,
        }
    }

    /// Names of what must come in any case, elements or attributes.
    pub fn required(&self, id: Id, attributes: bool) -> Vec<String> {
        match &self.patterns[id as usize] {
            Pattern::Choice(a, b) => {
                let other = self.required(*b, attributes);
                let mut both = self.required(*a, attributes);
                both.retain(|name| other.contains(name));
                both
            }
            Pattern::Group(a, b) | Pattern::Interleave(a, b) => {
                let mut all = self.required(*a, attributes);
                for name in self.required(*b, attributes) {
                    if !all.contains(&name) {
                        all.push(name);
                    }
                }
                all
            }
            Pattern::OneOrMore(a) | Pattern::After(a, _) => self.required(*a, attributes),
            Pattern::Attribute(node) | Pattern::Element(node) => {
                let mut names = Vec::new();
                match self.grammar.node(*node) {
                    Node::Attribute(class, _) if attributes => class.names(&mut names),
                    Node::Element(class, _) if !attributes => class.names(&mut names),
                    _ => {}
                }
                names
            }
            _ => Vec::new(),
        }
    }
}
