//! What ssh said on its way, made into the reason of a failure.

/// The most that is kept, in bytes; the end counts.
const LONGEST: usize = 8192;

/// The end of what a child printed.
#[derive(Debug, Default)]
pub struct Said(Vec<u8>);

impl Said {
    /// Takes in what was printed.
    pub fn push(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
        if self.0.len() > 2 * LONGEST {
            self.0.drain(..self.0.len() - LONGEST);
        }
    }

    /// One line: frames of asterisks and the like left out, what was said twice said once.
    pub fn line(&self) -> String {
        let text = String::from_utf8_lossy(&self.0);
        let mut lines: Vec<&str> = Vec::new();
        for line in text.lines() {
            let line = line.trim_matches(|c: char| c.is_whitespace() || c == '@');
            if !line.is_empty() && !lines.contains(&line) {
                lines.push(line);
            }
        }
        // The last refusal says what this one says, and who was refused.
        let again = "Permission denied, please try again.";
        if lines.last().is_some_and(|last| *last != again) {
            lines.retain(|line| *line != again);
        }
        lines.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> String {
        let mut said = Said::default();
        said.push(text.as_bytes());
        said.line()
    }

    #[test]
    fn a_refusal_is_said_once() {
        let text = "Permission denied, please try again.\r\nPermission denied, please try again.\r\n\
                    lab@kvm1: Permission denied (publickey,password).\r\n";
        assert_eq!(
            line(text),
            "lab@kvm1: Permission denied (publickey,password)."
        );
        assert_eq!(line(""), "");
    }

    #[test]
    fn the_frame_of_a_warning_is_dropped() {
        let text = "@@@@@@@@@@@@@@\n@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\n@@@@@@@@@@@@@@\n\
                    Host key verification failed.\n";
        assert_eq!(
            line(text),
            "WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! Host key verification failed."
        );
    }

    #[test]
    fn the_end_of_much_is_kept() {
        let mut said = Said::default();
        for _ in 0..10_000 {
            said.push(b"noise\n");
        }
        said.push(b"the end\n");
        assert!(said.0.len() <= 2 * LONGEST && said.line().ends_with("the end"));
    }
}
