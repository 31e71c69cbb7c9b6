//! Commands without what is secret in them, for the record and for histories.

use serde_json::Value;

/// What stands in place of a secret.
const MASK: &str = "••••••";

/// Words that something secret follows, in lower case.
const SECRET: [&str; 7] = [
    "passw",
    "secret",
    "token",
    "passphrase",
    "apikey",
    "api-key",
    "credential",
];

/// Members of JSON commands that hold what is typed into a guest, beside those whose names tell.
const HELD: [&str; 4] = ["input-data", "buf-b64", "crypted", "data"];

fn tells(word: &str) -> bool {
    let word = word.to_lowercase();
    SECRET.iter().any(|part| word.contains(part))
}

/// Arguments of a program, with what looks secret masked: `--password=x`, `-e TOKEN=x`, `--secret x`, `scheme://user:x@host`.
#[must_use]
pub fn masked_words(words: &[String]) -> Vec<String> {
    let mut next = false;
    let mut masked = Vec::with_capacity(words.len());
    for word in words {
        let is_value = std::mem::take(&mut next);
        if is_value && !word.starts_with('-') {
            masked.push(MASK.to_owned());
            continue;
        }
        if let Some((name, _)) = word.split_once('=').filter(|(name, _)| tells(name)) {
            masked.push(format!("{name}={MASK}"));
            continue;
        }
        // An option alone; a sentence that names one is masked whole, because nobody knows where the secret ends.
        if tells(word) {
            if word.contains(char::is_whitespace) {
                masked.push(MASK.to_owned());
                continue;
            }
            next = true;
        }
        masked.push(without_login(word));
    }
    masked
}

/// `scheme://user:password@host` without the password.
fn without_login(word: &str) -> String {
    let Some((before, rest)) = word.split_once("://") else {
        return word.to_owned();
    };
    let Some((login, host)) = rest.split_once('@') else {
        return word.to_owned();
    };
    match login.split_once(':') {
        Some((user, _)) => format!("{before}://{user}:{MASK}@{host}"),
        None => word.to_owned(),
    }
}

/// A command of the agent or of QEMU's monitor, with what looks secret masked; as it is where nothing does.
#[must_use]
pub fn masked_command(command: &str) -> String {
    if let Ok(mut value) = serde_json::from_str::<Value>(command) {
        let before = value.clone();
        mask(&mut value, 0);
        return if value == before {
            command.to_owned()
        } else {
            value.to_string()
        };
    }
    let words: Vec<String> = command.split(' ').map(str::to_owned).collect();
    // HMP: `set_password PROTOCOL PASSWORD`, `change DEVICE password PASSWORD`.
    match words.first().map(String::as_str) {
        Some("set_password") if words.len() > 2 => {
            return format!("{} {MASK}", words[..2].join(" "));
        }
        Some("change") if words.iter().any(|word| word == "password") => {
            return format!("{} password {MASK}", words[..2.min(words.len())].join(" "));
        }
        _ => {}
    }
    let parts: Vec<String> = words
        .iter()
        .map(|word| {
            let parts: Vec<&str> = word.split(',').collect();
            let is_secret = parts.first().is_some_and(|first| tells(first));
            let masked = parts.iter().map(|part| match part.split_once('=') {
                Some((name, _)) if tells(name) || (is_secret && name == "data") => {
                    format!("{name}={MASK}")
                }
                _ => (*part).to_owned(),
            });
            masked.collect::<Vec<_>>().join(",")
        })
        .collect();
    parts.join(" ")
}

fn mask(value: &mut Value, depth: usize) {
    if depth > 64 {
        *value = Value::String(MASK.to_owned());
        return;
    }
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let held = tells(name) || HELD.contains(&name.as_str());
                match member {
                    Value::String(text) if held => *text = MASK.to_owned(),
                    Value::String(text) if name == "command-line" => *text = masked_command(text),
                    Value::Array(words) if name == "arg" || name == "env" => {
                        let texts: Vec<String> = words
                            .iter()
                            .map(|word| word.as_str().unwrap_or_default().to_owned())
                            .collect();
                        *words = masked_words(&texts)
                            .into_iter()
                            .map(Value::String)
                            .collect();
                    }
                    member => mask(member, depth + 1),
                }
            }
        }
        Value::Array(all) => all.iter_mut().for_each(|one| mask(one, depth + 1)),
        _ => {}
    }
}

/// Whether a command holds something that is masked: such a line is not kept in a history.
#[must_use]
pub fn hides(command: &str) -> bool {
    masked_command(command) != command
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> String {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        masked_words(&words).join(" ")
    }

    #[test]
    fn secrets_among_arguments_are_masked() {
        for (line, masked) in [
            ("-l /tmp", "-l /tmp"),
            ("--password=x -v", "--password=•••••• -v"),
            ("-u ann --password x y", "-u ann --password •••••• y"),
            ("--password -v", "--password -v"),
            ("-e API_TOKEN=abc", "-e API_TOKEN=••••••"),
            ("https://ann:x@host/a", "https://ann:••••••@host/a"),
        ] {
            assert_eq!(words(line), masked);
        }
        let script = masked_words(&["-c".to_owned(), "mysql -p --password x".to_owned()]);
        assert_eq!(script, ["-c", MASK]);
    }

    #[test]
    fn secrets_of_commands_are_masked_and_others_stay_as_typed() {
        let plain = "{ \"execute\": \"guest-ping\" }";
        assert_eq!(masked_command(plain), plain);
        assert!(!hides(plain) && !hides("info balloon"));
        for secret in [
            "{\"execute\":\"guest-set-user-password\",\"arguments\":{\"username\":\"a\",\"password\":\"hunter2\"}}",
            "{\"execute\":\"guest-exec\",\"arguments\":{\"path\":\"x\",\"arg\":[\"--token\",\"hunter2\"]}}",
            "{\"execute\":\"guest-exec\",\"arguments\":{\"path\":\"x\",\"input-data\":\"hunter2\"}}",
            "{\"execute\":\"human-monitor-command\",\"arguments\":{\"command-line\":\"set_password vnc hunter2\"}}",
            "set_password vnc hunter2",
            "change vnc password hunter2",
            "object_add secret,id=s,data=hunter2",
        ] {
            let shown = masked_command(secret);
            assert!(!shown.contains("hunter2"), "{shown}");
            assert!(hides(secret));
        }
    }
}
