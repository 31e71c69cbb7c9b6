//! Names of many at once: `web-{01..20}`, `{db,web}-test`.

/// The most names one text may stand for.
const MOST: usize = 1000;

/// The names that a text stands for, in order; a text without braces stands for itself.
///
/// # Errors
/// What is wrong with it, in words.
pub fn expand(text: &str) -> Result<Vec<String>, String> {
    let Some(open) = text.find('{') else {
        return Ok(vec![text.to_owned()]);
    };
    let Some(length) = text[open..].find('}') else {
        return Err(format!("'{text}': a brace is not closed"));
    };
    let (before, inner, after) = (
        &text[..open],
        &text[open + 1..open + length],
        &text[open + length + 1..],
    );
    let here = match inner.split_once("..") {
        Some((from, to)) => range(from, to)?,
        None if inner.contains(',') => inner.split(',').map(str::to_owned).collect(),
        None => {
            return Err(format!(
                "'{{{inner}}}': a range such as {{01..20}}, or names such as {{db,web}}"
            ));
        }
    };
    let rest = expand(after)?;
    if here.len() * rest.len() > MOST {
        return Err(format!(
            "'{text}' stands for {} names; {MOST} at most",
            here.len() * rest.len()
        ));
    }
    Ok(here
        .iter()
        .flat_map(|here| rest.iter().map(move |rest| format!("{before}{here}{rest}")))
        .collect())
}

/// Numbers from one to another, as wide as the wider of them where one has leading zeros.
fn range(from: &str, to: &str) -> Result<Vec<String>, String> {
    let wrong =
        || format!("'{{{from}..{to}}}': two whole numbers below 1000000, the smaller one first");
    let number = |text: &str| {
        text.parse::<u32>()
            .ok()
            .filter(|number| *number < 1_000_000)
    };
    let (Some(first), Some(last)) = (number(from), number(to)) else {
        return Err(wrong());
    };
    if first > last {
        return Err(wrong());
    }
    if (last - first) as usize >= MOST {
        return Err(format!(
            "'{{{from}..{to}}}' are {} numbers; {MOST} at most",
            last - first + 1
        ));
    }
    let padded = |text: &str| text.len() > 1 && text.starts_with('0');
    let width = if padded(from) || padded(to) {
        from.len().max(to.len())
    } else {
        0
    };
    Ok((first..=last)
        .map(|number| format!("{number:0width$}"))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ranges_and_lists_are_counted_out() {
        let names = expand("web-{01..20}").unwrap();
        assert_eq!(names.len(), 20);
        assert_eq!(
            (names[0].as_str(), names[19].as_str()),
            ("web-01", "web-20")
        );
        assert_eq!(expand("{9..11}x").unwrap(), ["9x", "10x", "11x"]);
        assert_eq!(expand("{a,b}{1..2}").unwrap(), ["a1", "a2", "b1", "b2"]);
        assert_eq!(expand("plain").unwrap(), ["plain"]);
        assert_eq!(expand("{7..7}").unwrap(), ["7"]);
        assert_eq!(expand("n{08..10}").unwrap(), ["n08", "n09", "n10"]);
    }

    #[test]
    fn what_stands_for_nothing_says_why() {
        for (text, said) in [
            ("a{1..2", "not closed"),
            ("a{2..1}", "smaller one first"),
            ("a{x..y}", "two whole numbers"),
            ("a{1}", "a range such as"),
            ("a{}", "a range such as"),
            ("{1..100000}", "1000 at most"),
            ("{1..100}{1..100}", "1000 at most"),
        ] {
            let error = expand(text).unwrap_err();
            assert!(error.contains(said), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in any::<String>()) {
            let _ = expand(&text);
        }
    }
}
