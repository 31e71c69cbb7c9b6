//! Our own walk against libxml2: one verdict on every document, since it stands in for it on huge ones.

use std::ffi::CString;

use roxmltree::Document;

use super::complete_tests::SAMPLES;
use super::ffi::ParsedDocument;
use super::grammar::Grammar;
use super::patience::Patience;
use super::pattern::Patterns;
use super::*;

/// Every document that is a sample with one thing removed, doubled, renamed or given another value.
fn mutations(sample: &str) -> Vec<String> {
    let document = Document::parse(sample).unwrap();
    let mut found = Vec::new();
    let mut put = |range: Range<usize>, text: &str| {
        let mut mutated = sample.to_owned();
        mutated.replace_range(range, text);
        found.push(mutated);
    };
    for node in document.descendants().filter(roxmltree::Node::is_element) {
        let range = node.range();
        put(range.clone(), "");
        put(range.clone(), &sample[range.clone()].repeat(2));
        put(range.end..range.end, "<bogus/>");
        for attribute in node.attributes() {
            put(attribute.range(), "");
            put(attribute.range_qname(), "bogus");
            for value in ["", "bogus", "-1", "yes", "99999999999"] {
                put(attribute.range_value(), value);
            }
        }
        if let Some(text) = node.first_child().filter(roxmltree::Node::is_text) {
            for value in ["", "bogus", "-1"] {
                put(text.range(), value);
            }
        }
    }
    found
}

#[test]
fn our_walk_and_libxml2_agree() {
    for sample in SAMPLES {
        let root = Document::parse(sample).unwrap();
        let kind = root.root_element().tag_name().name().to_owned();
        let (_, file) = KINDS.iter().find(|(known, _)| *known == kind).unwrap();
        let path = Path::new(FOLDER).join(file);
        let validator = load_validator(&path).unwrap();
        let grammar = Grammar::load(&path).unwrap();
        let mut patterns = Patterns::new(&grammar);
        for text in mutations(sample) {
            let Ok(tree) = Document::parse(&text) else {
                continue;
            };
            if tree.root_element().tag_name().name() != kind {
                continue;
            }
            let whole = CString::new(text.as_str()).unwrap();
            let parsed = ParsedDocument::read(&whole).ok().unwrap();
            let patience = Patience::of_this_thread(Duration::from_secs(60));
            let walk = locate::locate(&tree, &mut patterns, patience);
            let valid = validator.validate(&parsed).is_ok();
            assert_eq!(
                walk.findings.is_empty(),
                valid,
                "{:?} {text}",
                walk.findings
            );
        }
    }
}
