//! What checking, completing and comparing of documents takes.

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use virtty::schema::{FOLDER, Facts, Schemas};
use virtty::xml::{Tree, changes, merge};

use crate::ground::Ground;
use crate::report::{ROUNDS, Report, ms};

/// A domain of some 400 lines.
fn domain() -> String {
    let mut text = String::from(
        "<domain type='kvm'>\n  <name>db</name>\n  <memory unit='KiB'>1048576</memory>\n  <vcpu>2</vcpu>\n  \
         <os>\n    <type arch='x86_64'>hvm</type>\n  </os>\n  <devices>\n",
    );
    for number in 0..55 {
        let letters = [b'a' + number / 26, b'a' + number % 26].map(char::from);
        let name: String = letters.iter().collect();
        text.push_str(&format!(
            "    <disk type='file' device='disk'>\n      <driver name='qemu' type='qcow2' cache='none'/>\n      \
             <source file='/images/{name}.qcow2'/>\n      <target dev='vd{name}' bus='virtio'/>\n      \
             <serial>{name}</serial>\n      <alias name='ua-{name}'/>\n    </disk>\n"
        ));
    }
    text.push_str("  </devices>\n</domain>\n");
    text
}

fn best(mut measure: impl FnMut() -> Duration) -> f64 {
    (0..ROUNDS).map(|_| ms(measure())).fold(f64::MAX, f64::min)
}

/// Reading the schema, validating, completing, comparing and merging a domain.
pub fn measure(_: &Ground, report: &mut Report) {
    if !Path::new(FOLDER).join("domain.rng").is_file() {
        println!("no schemas in {FOLDER}: not measured");
        return;
    }
    let text = domain();
    let lines = text.lines().count();
    let small =
        "<domain type='kvm'><name>a</name><memory>1</memory><os><type>hvm</type></os></domain>";
    let mut schemas = Schemas::default();
    let read = best(|| {
        schemas = Schemas::default();
        let begun = Instant::now();
        assert!(schemas.check(small.as_bytes()).is_valid());
        begun.elapsed()
    });
    report.line(
        "documents: the schema of domains read",
        read,
        15.0,
        "ms",
        "libxml2",
    );
    let checked = best(|| {
        let begun = Instant::now();
        assert!(schemas.check(text.as_bytes()).is_valid());
        begun.elapsed()
    });
    let what = format!("documents: a domain of {lines} lines validated");
    report.line(&what, checked, 5.0, "ms", "");
    let wrong = text.replacen("<driver", "<dirver", 1);
    schemas.check(wrong.as_bytes());
    let told = best(|| {
        let begun = Instant::now();
        assert!(!schemas.check(wrong.as_bytes()).is_valid());
        begun.elapsed()
    });
    let what = format!("documents: what is wrong in {lines} lines found");
    report.line(&what, told, 20.0, "ms", "libxml2 and our own walk");
    let at = text.len() - "  </devices>\n</domain>\n".len();
    let facts = Facts::default();
    let offered = best(|| {
        let begun = Instant::now();
        assert!(!schemas.complete(&text, at, &facts).offers.is_empty());
        begun.elapsed()
    });
    report.line(
        "documents: completion at their end",
        offered,
        20.0,
        "ms",
        "",
    );
    let theirs = text.replace("cache='none'", "cache='none' io='native'");
    let mine = text.replacen("1048576", "2097152", 1);
    let merged = best(|| {
        let begun = Instant::now();
        assert!(merge(&text, &theirs, &mine).is_clean());
        begun.elapsed()
    });
    report.line(
        "documents: merged three ways",
        merged,
        20.0,
        "ms",
        "55 changes with one",
    );
    let compared = best(|| {
        let begun = Instant::now();
        let (before, after) = (Tree::parse(&text).unwrap(), Tree::parse(&theirs).unwrap());
        assert_eq!(black_box(changes(&before, &after)).len(), 55);
        begun.elapsed()
    });
    report.line("documents: compared", compared, 10.0, "ms", "55 changes");
}
