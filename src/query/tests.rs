use proptest::prelude::*;

use super::*;

fn read(line: &str) -> Query {
    Query::parse(line)
}

/// What a line reads as, printed; with what is wrong, in the place where it stands.
fn told(line: &str) -> String {
    let query = read(line);
    let wrong: Vec<_> = query
        .mistakes
        .iter()
        .map(|mistake| format!("{}: {}", &line[mistake.at.clone()], mistake.wrong))
        .collect();
    format!("{query}|{}", wrong.join("; "))
}

#[test]
fn terms_of_every_kind_are_read() {
    let line = "state:paused cpu>50 mem>80 port:5901 ip:10.1. mac:52:54 net:br0 tag:prod host:web virt:kvm os:debian \
                disk:/srv/images -autostart title:\"a b\" !tag:old web :59";
    let query = read(line);
    assert_eq!(query.mistakes, []);
    assert_eq!(query.terms.len(), 17);
    assert_eq!(query.to_string(), line.replace("port:", "port="));
}

#[test]
fn figures_have_units_and_signs() {
    for (line, printed) in [
        ("cpu>=50%", "cpu>=50"),
        ("CPU:>50", "cpu>50"),
        ("mem>2GiB", "mem>2G"),
        ("mem<1.5g", "mem<1536M"),
        ("disk>10M/s", "disk>10M"),
        ("net>=512kB", "net>=512K"),
        ("uptime>36h", "uptime>36h"),
        ("uptime<90", "uptime<90s"),
        ("latency>5ms", "latency>5ms"),
        ("snapshots>0", "snapshots>0"),
        ("!vcpus<=4", "!vcpus<=4"),
        ("-cpu>5", "!cpu>5"),
    ] {
        assert_eq!(told(line), format!("{printed}|"), "{line}");
    }
}

#[test]
fn properties_have_signs() {
    for (line, printed) in [
        ("-autostart", "-autostart"),
        ("!autostart", "-autostart"),
        ("!-autostart", "+autostart"),
        ("+saved", "+saved"),
        ("saved", "saved"),
        ("-", "-"),
        ("!!web", "web"),
        ("-5", "-5"),
    ] {
        assert_eq!(told(line), format!("{printed}|"), "{line}");
    }
}

#[test]
fn mistakes_are_told_where_they_stand_and_the_rest_works() {
    for (line, expected) in [
        (
            "web stat:paused cpu>5",
            "web cpu>5|stat: there is no term `stat` (did you mean `state`?)",
        ),
        ("st:x", "|st: there is no term `st` (did you mean `state`?)"),
        ("cpu>x", "|x: `x` is no number"),
        ("cpu>5G db", "db|5G: cpu is counted in %"),
        ("cpu>", "|cpu>: cpu of what?"),
        ("!tag:", "|tag:: tag of what?"),
        ("title:\"a b", "|\"a b: the quote has no end"),
        ("title>5", "|>5: title is text: only title: and title="),
        (
            "state:pasued",
            "|pasued: `pasued` is no state (did you mean `paused`?)",
        ),
        (
            "-autostrat",
            "|-autostrat: there is no property `autostrat`; `!autostrat` excludes a word (did you mean `autostart`?)",
        ),
        (
            "ip:ten",
            "|ten: `ten` is no part of an address and no network",
        ),
        ("port>1.5", "|1.5: port is counted in whole numbers"),
    ] {
        assert_eq!(told(line), expected, "{line}");
    }
}

#[test]
fn quotes_keep_what_would_be_read_otherwise() {
    for line in [
        "\"cpu>5\"",
        "title:\"a, b\",c",
        "title:\"say \\\"hi\\\" \\\\\"",
        "title=\"\"",
        "\"-autostart\"",
    ] {
        assert_eq!(told(line), format!("{line}|"));
    }
    assert_eq!(told("na\"me wi\"th"), "\"name with\"|");
}

#[test]
fn states_are_those_of_screen_and_virsh() {
    let paused = |line: &str| match &read(line).terms[..] {
        [term] => term.asks.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        paused("state:paused,crashed"),
        Asks::Text {
            field: Words::State,
            whole: false,
            any: vec!["paused".to_owned(), "crashed".to_owned()]
        }
    );
    assert_eq!(told("state:\"shut off\""), "state:\"shut off\"|");
}

#[test]
fn the_end_of_a_line_is_completed() {
    assert_eq!(completions("web sta"), ["state:"]);
    assert_eq!(completions("!ti"), ["title:"]);
    assert_eq!(completions("-a"), ["-autostart", "-agent"]);
    assert_eq!(completions("!state:pa"), ["state:paused"]);
    assert!(completions("").contains(&"cpu>".to_owned()));
    assert!(completions("web ").is_empty());
    for name in Field::names() {
        assert!(
            completions(name)
                .iter()
                .all(|other| other.len() > name.len())
        );
    }
}

proptest! {
    /// Whatever is typed is read, its mistakes lie in the line, and what is printed reads as the same.
    #[test]
    fn any_line_reads_and_prints_back(line in "\\PC{0,40}") {
        let query = read(&line);
        for mistake in &query.mistakes {
            prop_assert!(line.get(mistake.at.clone()).is_some(), "{:?}", mistake);
        }
        let again = read(&query.to_string());
        prop_assert_eq!(&again.terms, &query.terms, "{}", query);
        prop_assert!(again.mistakes.is_empty(), "{}: {:?}", query, again.mistakes);
    }

    /// The same with lines that look like terms.
    #[test]
    fn likely_lines_read_and_print_back(
        parts in proptest::collection::vec(
            (
                "!{0,2}",
                proptest::sample::select(vec![
                    "state", "cpu", "mem", "port", "ip", "tag", "disk", "net", "title", "uptime", "-autostart", "x", "",
                    "latency", "mac", "-", "+saved",
                ]),
                proptest::sample::select(vec![":", ">", "<=", "=", "", ":>"]),
                proptest::sample::select(vec![
                    "5", "0.1", "80%", "1.7G", "123456789", "5901", "paused", "run,off", "\"a b\"", "\"\"", "\"", "10.0.0.0/8",
                    "::1", "52-54", "3d", "17ms", "", "\\", "a\\\"b", "1.1.1", "99999999999999999999m",
                ]),
            ),
            0..5,
        )
    ) {
        let terms: Vec<_> = parts.iter().map(|(a, b, c, d)| format!("{a}{b}{c}{d}")).collect();
        let line = terms.join(" ");
        let query = read(&line);
        let again = read(&query.to_string());
        prop_assert_eq!(&again.terms, &query.terms, "{} -> {}", line, query);
        prop_assert!(again.mistakes.is_empty(), "{}: {:?}", query, again.mistakes);
    }
}
