//! RELAX NG grammars as libvirt installs them, read into a tree of our own.
//!
//! RELAX NG Specification, OASIS 2001, section 4 (simplification): includes are merged, references resolved, name classes and
//! namespaces written out. What libvirt's schemas do not use (externalRef, parentRef) is refused.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::Path;

use roxmltree::{Document, Node as Xml};

/// Namespace of RELAX NG itself.
const RELAX_NG: &str = "http://relaxng.org/ns/structure/1.0";
/// Deepest nesting of includes.
const DEEPEST: usize = 16;

/// Number of a node.
pub type NodeId = usize;

/// Which names an element or an attribute may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NameClass {
    /// This one.
    Name {
        /// Its namespace, empty for none.
        ns: String,
        /// Its local name.
        local: String,
    },
    /// Any but those.
    Any(Option<Box<NameClass>>),
    /// Any of a namespace but those.
    OfNamespace(String, Option<Box<NameClass>>),
    /// One of several.
    OneOf(Vec<NameClass>),
}

impl NameClass {
    /// Whether a name is in the class.
    pub fn contains(&self, ns: &str, local: &str) -> bool {
        match self {
            Self::Name {
                ns: own,
                local: name,
            } => own == ns && name == local,
            Self::Any(except) => !excepted(except.as_deref(), ns, local),
            Self::OfNamespace(own, except) => own == ns && !excepted(except.as_deref(), ns, local),
            Self::OneOf(classes) => classes.iter().any(|class| class.contains(ns, local)),
        }
    }

    /// The names that can be said, with their namespaces.
    pub fn pairs(&self, into: &mut Vec<(String, String)>) {
        match self {
            Self::Name { ns, local } => into.push((ns.clone(), local.clone())),
            Self::OneOf(classes) => classes.iter().for_each(|class| class.pairs(into)),
            Self::Any(_) | Self::OfNamespace(..) => {}
        }
    }

    /// The names that can be said.
    pub fn names(&self, into: &mut Vec<String>) {
        match self {
            Self::Name { local, .. } => {
                if !into.contains(local) {
                    into.push(local.clone());
                }
            }
            Self::OneOf(classes) => classes.iter().for_each(|class| class.names(into)),
            Self::Any(_) | Self::OfNamespace(..) => {}
        }
    }
}

fn excepted(except: Option<&NameClass>, ns: &str, local: &str) -> bool {
    except.is_some_and(|except| except.contains(ns, local))
}

/// A type of text, with what restricts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataType {
    /// Name in the XML Schema library, such as `unsignedInt`.
    pub name: String,
    /// Parameters: (name, value).
    pub params: Vec<(String, String)>,
}

/// A node of the grammar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// An element and what is in it.
    Element(NameClass, NodeId),
    /// An attribute and what its value is.
    Attribute(NameClass, NodeId),
    /// One after the other.
    Group(Vec<NodeId>),
    /// In any order.
    Interleave(Vec<NodeId>),
    /// One of them.
    Choice(Vec<NodeId>),
    /// One or more times.
    OneOrMore(NodeId),
    /// Words separated by blanks.
    List(NodeId),
    /// A definition, by its number.
    Ref(usize),
    /// Nothing.
    Empty,
    /// Any text.
    Text,
    /// Never.
    NotAllowed,
    /// This text; blanks around it do not count unless it is a `string`.
    Value(String, bool),
    /// Text of a type, but not what follows.
    Data(DataType, Option<NodeId>),
}

/// A grammar.
#[derive(Debug, Default)]
pub struct Grammar {
    nodes: Vec<Node>,
    /// Definitions; `None` while only referred to.
    definitions: Vec<Option<NodeId>>,
    names: Vec<String>,
    start: Option<NodeId>,
}

/// One scope of definitions: a grammar inside of another has its own.
type Scope = HashMap<String, usize>;

impl Grammar {
    /// Reads a schema with all that it includes.
    ///
    /// # Errors
    /// In words: a file that cannot be read, is not XML, or uses what is not known here.
    pub fn load(path: &Path) -> Result<Self, String> {
        let mut grammar = Self::default();
        let mut scope = Scope::new();
        grammar.file(path, &mut scope, &HashSet::new(), 0)?;
        let start = scope
            .get("<start>")
            .and_then(|number| grammar.definitions[*number]);
        grammar.start = Some(start.ok_or_else(|| format!("{}: no start", path.display()))?);
        if let Some(missing) = grammar.definitions.iter().position(Option::is_none) {
            return Err(format!(
                "{}: no definition of '{}'",
                path.display(),
                grammar.names[missing]
            ));
        }
        Ok(grammar)
    }

    /// Where it begins.
    pub fn start(&self) -> NodeId {
        self.start.unwrap_or_default()
    }

    /// A node.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id]
    }

    /// What a definition stands for.
    pub fn definition(&self, number: usize) -> NodeId {
        // `load` refuses a grammar with one that is missing.
        self.definitions[number].unwrap_or_default()
    }

    fn add(&mut self, node: Node) -> NodeId {
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    fn file(
        &mut self,
        path: &Path,
        scope: &mut Scope,
        overridden: &HashSet<String>,
        depth: usize,
    ) -> Result<(), String> {
        if depth > DEEPEST {
            return Err(format!("{}: includes go round in a circle", path.display()));
        }
        let told = |error: String| format!("{}: {error}", path.display());
        let text = fs::read_to_string(path).map_err(|error| told(error.to_string()))?;
        let document = Document::parse(&text).map_err(|error| told(error.to_string()))?;
        let root = document.root_element();
        let folder = path.parent().unwrap_or(Path::new("."));
        self.grammar(root, folder, scope, overridden, depth)
            .map_err(|error| {
                if error.contains(": ") {
                    error
                } else {
                    told(error)
                }
            })
    }

    /// Takes in the definitions of a `grammar`, `div` or `include`.
    fn grammar(
        &mut self,
        parent: Xml<'_, '_>,
        folder: &Path,
        scope: &mut Scope,
        overridden: &HashSet<String>,
        depth: usize,
    ) -> Result<(), String> {
        for child in elements(parent) {
            match child.tag_name().name() {
                "define" | "start" => {
                    let name = definition_name(child);
                    if overridden.contains(&name) {
                        continue;
                    }
                    let content = self.group(child, folder, scope)?;
                    let number = self.number(scope, &name);
                    let combined = match self.definitions[number] {
                        None => content,
                        Some(earlier) => match combination(child, parent, &name) {
                            Some("interleave") => {
                                self.add(Node::Interleave(vec![earlier, content]))
                            }
                            Some(_) => self.add(Node::Choice(vec![earlier, content])),
                            // One file included by two ways.
                            None => earlier,
                        },
                    };
                    self.definitions[number] = Some(combined);
                }
                "include" => {
                    let own: HashSet<String> = elements(child)
                        .filter(|node| matches!(node.tag_name().name(), "define" | "start"))
                        .map(definition_name)
                        .chain(overridden.iter().cloned())
                        .collect();
                    let href = child.attribute("href").ok_or("an include without href")?;
                    self.file(&folder.join(href), scope, &own, depth + 1)?;
                    self.grammar(child, folder, scope, overridden, depth)?;
                }
                "div" => self.grammar(child, folder, scope, overridden, depth)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn number(&mut self, scope: &mut Scope, name: &str) -> usize {
        if let Some(number) = scope.get(name) {
            return *number;
        }
        self.definitions.push(None);
        self.names.push(name.to_owned());
        scope.insert(name.to_owned(), self.definitions.len() - 1);
        self.definitions.len() - 1
    }

    /// What is inside of a node, all of it in order.
    fn group(
        &mut self,
        parent: Xml<'_, '_>,
        folder: &Path,
        scope: &mut Scope,
    ) -> Result<NodeId, String> {
        let all = self.all(parent, folder, scope)?;
        Ok(match all.as_slice() {
            [] => self.add(Node::Empty),
            [only] => *only,
            _ => self.add(Node::Group(all)),
        })
    }

    fn all(
        &mut self,
        parent: Xml<'_, '_>,
        folder: &Path,
        scope: &mut Scope,
    ) -> Result<Vec<NodeId>, String> {
        let mut all = Vec::new();
        for child in elements(parent) {
            let name = child.tag_name().name();
            let is_class = matches!(name, "name" | "anyName" | "nsName")
                || (name == "choice" && is_name_choice(child));
            if is_class || matches!(name, "param" | "except") {
                continue;
            }
            all.push(self.pattern(child, folder, scope)?);
        }
        Ok(all)
    }

    fn pattern(
        &mut self,
        node: Xml<'_, '_>,
        folder: &Path,
        scope: &mut Scope,
    ) -> Result<NodeId, String> {
        let made = match node.tag_name().name() {
            "element" => {
                let class = name_class(node, true)?;
                let content = self.group(node, folder, scope)?;
                Node::Element(class, content)
            }
            "attribute" => {
                let class = name_class(node, false)?;
                let all = self.all(node, folder, scope)?;
                let content = match all.first() {
                    Some(first) => *first,
                    None => self.add(Node::Text),
                };
                Node::Attribute(class, content)
            }
            "group" => return self.group(node, folder, scope),
            "interleave" => Node::Interleave(self.all(node, folder, scope)?),
            "mixed" => {
                let mut all = self.all(node, folder, scope)?;
                all.push(self.add(Node::Text));
                Node::Interleave(all)
            }
            "choice" => Node::Choice(self.all(node, folder, scope)?),
            "optional" => {
                let content = self.group(node, folder, scope)?;
                let nothing = self.add(Node::Empty);
                Node::Choice(vec![content, nothing])
            }
            "oneOrMore" => Node::OneOrMore(self.group(node, folder, scope)?),
            "zeroOrMore" => {
                let content = self.group(node, folder, scope)?;
                let some = self.add(Node::OneOrMore(content));
                let nothing = self.add(Node::Empty);
                Node::Choice(vec![some, nothing])
            }
            "list" => Node::List(self.group(node, folder, scope)?),
            "ref" => {
                let name = node.attribute("name").unwrap_or_default().trim();
                Node::Ref(self.number(scope, name))
            }
            "empty" => Node::Empty,
            "text" => Node::Text,
            "notAllowed" => Node::NotAllowed,
            "value" => Node::Value(
                node.text().unwrap_or_default().to_owned(),
                inherited(node, "type") == Some("string"),
            ),
            "data" => {
                let params = elements(node)
                    .filter(|child| child.tag_name().name() == "param")
                    .map(|child| {
                        (
                            child.attribute("name").unwrap_or_default().to_owned(),
                            child.text().unwrap_or_default().to_owned(),
                        )
                    })
                    .collect();
                let name = node.attribute("type").unwrap_or("string").to_owned();
                let except = elements(node).find(|child| child.tag_name().name() == "except");
                let except = match except {
                    Some(except) => {
                        let all = self.all(except, folder, scope)?;
                        Some(self.add(Node::Choice(all)))
                    }
                    None => None,
                };
                Node::Data(DataType { name, params }, except)
            }
            "grammar" => {
                let mut inner = Scope::new();
                self.grammar(node, folder, &mut inner, &HashSet::new(), 0)?;
                Node::Ref(self.number(&mut inner, "<start>"))
            }
            other => return Err(format!("RELAX NG's <{other}> is not known here")),
        };
        Ok(self.add(made))
    }
}

fn elements<'a, 'i>(parent: Xml<'a, 'i>) -> impl Iterator<Item = Xml<'a, 'i>> {
    parent
        .children()
        .filter(|node| node.is_element() && node.tag_name().namespace() == Some(RELAX_NG))
}

fn definition_name(node: Xml<'_, '_>) -> String {
    if node.tag_name().name() == "start" {
        return "<start>".to_owned();
    }
    node.attribute("name").unwrap_or_default().trim().to_owned()
}

/// How definitions of one name go together: what any of them says.
fn combination<'a>(node: Xml<'a, '_>, parent: Xml<'a, '_>, name: &str) -> Option<&'a str> {
    node.attribute("combine").or_else(|| {
        elements(parent)
            .filter(|other| definition_name(*other) == name)
            .find_map(|other| other.attribute("combine"))
    })
}

/// `choice` of names in place of a name, as opposed to one of patterns.
fn is_name_choice(node: Xml<'_, '_>) -> bool {
    let mut children = elements(node);
    children
        .next()
        .is_some_and(|child| matches!(child.tag_name().name(), "name" | "anyName" | "nsName"))
}

/// The nearest value of an attribute that holds for what is inside too.
fn inherited<'a>(node: Xml<'a, '_>, name: &str) -> Option<&'a str> {
    node.attribute(name)
}

/// The nearest `ns`.
fn namespace(node: Xml<'_, '_>) -> String {
    node.ancestors()
        .find_map(|ancestor| ancestor.attribute("ns"))
        .unwrap_or_default()
        .to_owned()
}

fn name_class(node: Xml<'_, '_>, element: bool) -> Result<NameClass, String> {
    if let Some(name) = node.attribute("name") {
        // The namespace around an attribute's name is not its own (section 4.8).
        let own = node.attribute("ns").map(str::to_owned);
        let ns = own.unwrap_or_else(|| {
            if element {
                namespace(node)
            } else {
                String::new()
            }
        });
        return Ok(named(node, name.trim(), ns));
    }
    let class = elements(node)
        .find(|child| {
            matches!(child.tag_name().name(), "name" | "anyName" | "nsName")
                || (child.tag_name().name() == "choice" && is_name_choice(*child))
        })
        .ok_or("an element without a name")?;
    Ok(class_of(class))
}

fn class_of(node: Xml<'_, '_>) -> NameClass {
    let except = || {
        elements(node)
            .find(|child| child.tag_name().name() == "except")
            .map(|except| Box::new(NameClass::OneOf(elements(except).map(class_of).collect())))
    };
    match node.tag_name().name() {
        "anyName" => NameClass::Any(except()),
        "nsName" => NameClass::OfNamespace(namespace(node), except()),
        "choice" => NameClass::OneOf(elements(node).map(class_of).collect()),
        _ => named(
            node,
            node.text().unwrap_or_default().trim(),
            namespace(node),
        ),
    }
}

/// A name, whose prefix is one of the schema's.
fn named(node: Xml<'_, '_>, name: &str, ns: String) -> NameClass {
    match name.split_once(':') {
        Some((prefix, local)) => NameClass::Name {
            ns: node
                .lookup_namespace_uri(Some(prefix))
                .unwrap_or_default()
                .to_owned(),
            local: local.to_owned(),
        },
        None => NameClass::Name {
            ns,
            local: name.to_owned(),
        },
    }
}
