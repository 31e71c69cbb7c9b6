//! What is given, as a line.

use super::{Given, Kind, Need, join};

impl Given {
    /// The words of the line: the options by name, then `--` and what stands without a name, so that a domain called
    /// `--all` is a domain.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        let mut words = vec![self.command.name.to_owned()];
        let mut plain = Vec::new();
        for (option, value) in self.values() {
            match value {
                None => words.push(format!("--{}", option.name)),
                Some(_) if option.need == Need::Many => {
                    for value in self.all(option.name) {
                        words.push(format!("--{}", option.name));
                        words.push(value.to_owned());
                    }
                }
                Some(value) if option.kind == Kind::Keys && self.subject().is_some() => {
                    plain.extend(value.split_whitespace().map(str::to_owned));
                }
                Some(value) if option.kind == Kind::Keys => {
                    for key in value.split_whitespace() {
                        words.push(format!("--{}", option.name));
                        words.push(key.to_owned());
                    }
                }
                // Without the domain before them, others would be taken for it.
                Some(value) if option.need == Need::Optional || self.subject().is_none() => {
                    words.push(format!("--{}", option.name));
                    words.push(value.to_owned());
                }
                Some(value) => plain.push(value.to_owned()),
            }
        }
        debug_assert!(plain.is_empty() || self.command.options.iter().any(|o| o.kind.is_subject()));
        if !plain.is_empty() {
            words.push("--".to_owned());
            words.extend(plain);
        }
        words
    }

    /// The line, with the host where one is named; ready for a shell behind `virsh`, and for [`super::parse`].
    #[must_use]
    pub fn line(&self) -> String {
        let words = self.words();
        let line = join(words.iter().map(String::as_str));
        match &self.host {
            Some(host) => format!("-c {} {line}", join([host.as_str()])),
            None => line,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{COMMANDS, Command, Kind, Opt, parse};
    use super::*;
    use proptest::prelude::*;

    fn text() -> impl Strategy<Value = String> {
        prop_oneof![
            "[a-z0-9$'\" \\\\;#&*=-]{1,12}",
            Just("--all".to_owned()),
            Just("--".to_owned()),
            Just("-c".to_owned()),
            Just(String::new()),
            any::<String>(),
        ]
        .prop_map(|text| text.replace('\0', ""))
    }

    fn value(option: &'static Opt) -> BoxedStrategy<Option<String>> {
        match option.kind {
            _ if option.need == Need::Many => proptest::collection::vec(text(), 1..3)
                .prop_map(|all| Some(all.join("\n")))
                .boxed(),
            Kind::Flag => Just(None).boxed(),
            Kind::Choice(words) => proptest::sample::select(words)
                .prop_map(|word| Some(word.to_owned()))
                .boxed(),
            Kind::Size => (0_u64..1 << 40)
                .prop_map(|kib| Some(super::super::scaled(kib)))
                .boxed(),
            Kind::Bytes => (0_u64..1 << 50)
                .prop_map(|bytes| Some(bytes.to_string()))
                .boxed(),
            Kind::Keys => proptest::collection::vec("[A-Z_0-9]{1,9}", 1..5)
                .prop_map(|keys| Some(keys.join(" ")))
                .boxed(),
            Kind::Count => any::<u32>().prop_map(|n| Some(n.to_string())).boxed(),
            _ => text().prop_map(Some).boxed(),
        }
    }

    fn given(command: &'static Command) -> BoxedStrategy<Given> {
        let each: Vec<_> = command
            .options
            .iter()
            .map(|option| {
                let must = option.need == Need::Required && !option.kind.is_subject();
                (Just(option), value(option), any::<bool>())
                    .prop_map(move |(option, value, on)| (must || on).then_some((option, value)))
            })
            .collect();
        (each, proptest::option::of(text()))
            .prop_map(move |(values, host)| {
                let mut given = Given::new(command);
                given.host = host;
                for (option, value) in values.into_iter().flatten() {
                    given.name(option.name, value).unwrap();
                }
                given
            })
            .boxed()
    }

    fn any_given() -> impl Strategy<Value = Given> {
        proptest::sample::select((0..COMMANDS.len()).collect::<Vec<_>>())
            .prop_flat_map(|index| given(&COMMANDS[index]))
    }

    proptest! {
        #[test]
        fn what_is_printed_is_parsed_back(given in any_given()) {
            let line = given.line();
            prop_assert_eq!(parse(&line), Ok(given.clone()), "{}", line);
            let pasted = format!("virsh {line}");
            prop_assert_eq!(parse(&pasted), Ok(given), "{}", pasted);
        }

        #[test]
        fn any_line_is_parsed_or_refused(line in any::<String>()) {
            if let Ok(given) = parse(&line) {
                prop_assert_eq!(parse(&given.line()), Ok(given));
            }
        }

        #[test]
        fn any_beginning_can_be_completed(given in any_given(), at in any::<prop::sample::Index>()) {
            let line = given.line();
            let ends: Vec<_> = line.char_indices().map(|(at, _)| at).collect();
            let end = ends[at.index(ends.len())];
            let found = super::super::completion(&line[..end]);
            prop_assert!(found.start <= end);
            prop_assert!(line.is_char_boundary(found.start));
        }
    }
}
