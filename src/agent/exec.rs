//! Running a command in a guest by `guest-exec` of its agent: what is sent, and what comes back.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// Output of one stream that is kept, in bytes.
const KEPT: usize = 256 * 1024;

/// What a command left.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GuestOutput {
    /// Its exit code.
    pub code: Option<i64>,
    /// The signal that ended it.
    pub signal: Option<i64>,
    /// What it wrote; untrusted.
    pub out: String,
    /// What it wrote to standard error; untrusted.
    pub err: String,
    /// Output beyond what is kept was dropped, by the agent or here.
    pub cut: bool,
    /// It still ran when nobody waited any longer: its number in the guest.
    pub left_running: Option<i64>,
}

/// How a command stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExecStatus {
    /// It runs.
    Running,
    /// It has ended.
    Ended(GuestOutput),
}

/// `guest-exec`: a program with its arguments, which no shell sees.
#[must_use]
pub fn exec_command(program: &str, arguments: &[String], input: Option<&str>) -> String {
    let mut wanted = json!({ "path": program, "arg": arguments, "capture-output": true });
    if let Some(input) = input {
        wanted["input-data"] = Value::String(STANDARD.encode(input));
    }
    // In the order in which people read it.
    format!("{{\"execute\":\"guest-exec\",\"arguments\":{wanted}}}")
}

/// The number of the process that `guest-exec` began.
///
/// # Errors
/// When that is no answer of an agent.
pub fn exec_started(answer: &str) -> Result<i64, String> {
    let value: Value = serde_json::from_str(answer).map_err(|error| unsound(&error))?;
    let number = value.pointer("/return/pid").and_then(Value::as_i64);
    number.ok_or_else(|| "the agent's answer to guest-exec names no process".to_owned())
}

/// `guest-exec-status`.
#[must_use]
pub fn status_command(process: i64) -> String {
    json!({ "execute": "guest-exec-status", "arguments": { "pid": process } }).to_string()
}

/// How it stands.
///
/// # Errors
/// When that is no answer of an agent.
pub fn exec_status(answer: &str) -> Result<ExecStatus, String> {
    let value: Value = serde_json::from_str(answer).map_err(|error| unsound(&error))?;
    let Some(told) = value.get("return") else {
        return Err("the agent's answer to guest-exec-status says nothing".to_owned());
    };
    if told.get("exited").and_then(Value::as_bool) != Some(true) {
        return Ok(ExecStatus::Running);
    }
    let number = |name: &str| told.get(name).and_then(Value::as_i64);
    let cut_there = |name: &str| told.get(name).and_then(Value::as_bool) == Some(true);
    let (out, out_cut) = stream(told.get("out-data"));
    let (err, err_cut) = stream(told.get("err-data"));
    Ok(ExecStatus::Ended(GuestOutput {
        code: number("exitcode"),
        signal: number("signal"),
        out,
        err,
        cut: out_cut || err_cut || cut_there("out-truncated") || cut_there("err-truncated"),
        left_running: None,
    }))
}

/// A stream's text, and whether something of it was dropped.
fn stream(data: Option<&Value>) -> (String, bool) {
    let Some(data) = data.and_then(Value::as_str) else {
        return (String::new(), false);
    };
    // Four characters are three bytes; what is beyond is not even decoded.
    let most = KEPT / 3 * 4;
    let cut = data.len() > most;
    let data = data.get(..most).unwrap_or(data);
    match STANDARD.decode(data) {
        Ok(bytes) => (String::from_utf8_lossy(&bytes).into_owned(), cut),
        Err(error) => (format!("(output that is no base64: {error})"), cut),
    }
}

fn unsound(error: &serde_json::Error) -> String {
    format!("the agent's answer is no JSON: {error}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_json_whatever_is_in_it() {
        let sent = exec_command(
            "/bin/ls",
            &["-l".to_owned(), "a \"b\"\n".to_owned()],
            Some("x"),
        );
        let back: Value = serde_json::from_str(&sent).unwrap();
        assert_eq!(back["execute"], "guest-exec");
        assert_eq!(back["arguments"]["arg"][1], "a \"b\"\n");
        assert_eq!(back["arguments"]["input-data"], "eA==");
        assert_eq!(exec_started("{\"return\":{\"pid\":132}}"), Ok(132));
        assert!(exec_started("{\"return\":{}}").is_err());
        assert!(exec_started("[").is_err());
    }

    #[test]
    fn output_is_decoded_and_bounded() {
        let status = |text: &str| exec_status(text);
        assert_eq!(
            status("{\"return\":{\"exited\":false}}"),
            Ok(ExecStatus::Running)
        );
        let ended = "{\"return\":{\"exited\":true,\"exitcode\":3,\"out-data\":\"aGkK\",\"err-data\":\"b2g=\"}}";
        let Ok(ExecStatus::Ended(output)) = status(ended) else {
            panic!()
        };
        assert_eq!((output.code, output.out.as_str()), (Some(3), "hi\n"));
        assert_eq!((output.err.as_str(), output.cut), ("oh", false));
        let much = STANDARD.encode(vec![b'a'; 3 * KEPT]);
        let ended =
            format!("{{\"return\":{{\"exited\":true,\"signal\":9,\"out-data\":\"{much}\"}}}}");
        let Ok(ExecStatus::Ended(output)) = status(&ended) else {
            panic!()
        };
        assert!(output.cut && output.out.len() <= KEPT && output.out.len() > KEPT - 4);
        assert_eq!((output.code, output.signal), (None, Some(9)));
        let wrong = "{\"return\":{\"exited\":true,\"out-data\":\"é%\"}}";
        let Ok(ExecStatus::Ended(output)) = status(wrong) else {
            panic!()
        };
        assert!(output.out.contains("no base64"));
        for nonsense in [
            "",
            "{}",
            "null",
            "{\"return\":5}",
            "{\"return\":{\"exited\":1}}",
        ] {
            assert!(
                !matches!(status(nonsense), Ok(ExecStatus::Ended(_))),
                "{nonsense}"
            );
        }
    }
}
