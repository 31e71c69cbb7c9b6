//! `<pool>`.

use roxmltree::{Document, Node};

use super::{part, words};

/// What a pool's XML tells that nothing else does.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PoolFacts {
    /// `@type`.
    pub kind: String,
    /// `target/path`.
    pub path: Option<String>,
    /// What it is made of, as one text.
    pub source: Option<String>,
}

/// Reads a pool's XML; `None` when it is none.
#[must_use]
pub fn pool(xml: &str) -> Option<PoolFacts> {
    let document = Document::parse(xml).ok()?;
    let root = document.root_element();
    if !root.has_tag_name("pool") {
        return None;
    }
    let path = part(root, "target").and_then(|target| words(target, "path"));
    Some(PoolFacts {
        kind: root.attribute("type").unwrap_or_default().to_owned(),
        path: path.map(|path| match path.trim_end_matches('/') {
            "" => path.clone(),
            trimmed => trimmed.to_owned(),
        }),
        source: part(root, "source").and_then(source),
    })
}

/// `host:/dir`, `device, device`, `name`: what there is of it.
fn source(node: Node<'_, '_>) -> Option<String> {
    let of = |name: &'static str, attribute: &'static str| {
        node.children()
            .filter(move |child| child.has_tag_name(name))
            .filter_map(move |child| child.attribute(attribute))
            .map(str::to_owned)
    };
    let mut pieces: Vec<String> = Vec::new();
    let hosts: Vec<String> = of("host", "name").collect();
    let places: Vec<String> = of("dir", "path").chain(of("device", "path")).collect();
    match (hosts.is_empty(), places.is_empty()) {
        (false, false) => pieces.push(format!("{}:{}", hosts.join(","), places.join(","))),
        (true, false) => pieces.push(places.join(", ")),
        (false, true) => pieces.push(hosts.join(",")),
        (true, true) => {}
    }
    pieces.extend(words(node, "name"));
    pieces.extend(of("adapter", "name"));
    (!pieces.is_empty()).then(|| pieces.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pool_tells_what_it_is_made_of() {
        let read = |xml: &str| pool(xml).unwrap();
        let dir =
            read("<pool type='dir'><source></source><target><path>/srv/vm/</path></target></pool>");
        assert_eq!(
            (dir.kind.as_str(), dir.path.as_deref(), dir.source),
            ("dir", Some("/srv/vm"), None)
        );
        let nfs = read(
            "<pool type='netfs'><source><host name='nas'/><dir path='/export'/><format type='nfs'/></source></pool>",
        );
        assert_eq!(nfs.source.as_deref(), Some("nas:/export"));
        let group = read(
            "<pool type='logical'><source><device path='/dev/sda'/><device path='/dev/sdb'/><name>vg0</name></source></pool>",
        );
        assert_eq!(group.source.as_deref(), Some("/dev/sda, /dev/sdb vg0"));
        let rbd = read(
            "<pool type='rbd'><source><host name='a'/><host name='b'/><name>images</name></source></pool>",
        );
        assert_eq!(rbd.source.as_deref(), Some("a,b images"));
        assert_eq!(pool("<volume/>"), None);
        assert_eq!(pool("<pool"), None);
    }
}
