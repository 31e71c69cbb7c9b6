//! The XML of network filters and of their bindings.

use super::{attribute, child, children, with_root};
use crate::model::{FilterBinding, NwFilter, Uuid};

/// Reads a network filter.
///
/// # Errors
/// That the text is no filter, in words.
pub fn filter(name: String, uuid: Uuid, xml: String) -> Result<NwFilter, String> {
    let (chain, rules, references) = with_root(&xml, "filter", |root| {
        let references = children(root, "filterref");
        (
            attribute(root, "chain"),
            children(root, "rule").count(),
            references
                .filter_map(|node| attribute(node, "filter"))
                .collect(),
        )
    })?;
    Ok(NwFilter {
        uuid,
        name,
        chain,
        rules,
        references,
        xml,
    })
}

/// Reads a binding of a filter to a tap; `None` for what names none of the two.
#[must_use]
pub fn binding(xml: &str) -> Option<FilterBinding> {
    let read = with_root(xml, "filterbinding", |root| {
        Some(FilterBinding {
            port: attribute(child(root, "portdev")?, "name")?,
            filter: attribute(child(root, "filterref")?, "filter")?,
        })
    });
    read.ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_and_bindings_are_read() {
        let xml = "<filter name='clean-traffic' chain='root'><filterref filter='no-mac-spoofing'/>\
            <rule action='accept' direction='out' priority='-650'/></filter>";
        let read = filter("clean-traffic".to_owned(), Uuid([1; 16]), xml.to_owned()).unwrap();
        assert_eq!((read.rules, read.references.len()), (1, 1));
        assert_eq!(read.chain.as_deref(), Some("root"));
        let bound = "<filterbinding><owner><name>web</name></owner><portdev name='vnet0'/>\
            <mac address='52:54:00:00:00:01'/><filterref filter='clean-traffic'/></filterbinding>";
        let bound = binding(bound).unwrap();
        assert_eq!(
            (bound.port.as_str(), bound.filter.as_str()),
            ("vnet0", "clean-traffic")
        );
        assert_eq!(binding("<filterbinding/>"), None);
        assert!(filter(String::new(), Uuid([0; 16]), "<network/>".to_owned()).is_err());
    }
}
