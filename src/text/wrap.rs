//! Long text in short lines.

/// `words` in lines of at most `columns` columns, broken at blanks where there are any.
#[must_use]
pub fn wrap(words: &str, columns: usize) -> Vec<String> {
    if columns == 0 {
        return Vec::new();
    }
    let shown = super::visible(words);
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in shown.split(' ') {
        let wide = super::width(word);
        if used > 0 && used + 1 + wide <= columns {
            used += 1 + wide;
            if let Some(line) = lines.last_mut() {
                line.push(' ');
                line.push_str(word);
            }
            continue;
        }
        if used > 0 {
            lines.push(String::new());
        }
        used = 0;
        // A word longer than a line is cut where it must be.
        for (unit, wide) in super::units(word) {
            if used + wide > columns && used > 0 {
                lines.push(String::new());
                used = 0;
            }
            if let Some(line) = lines.last_mut() {
                line.push_str(unit);
            }
            used += wide;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrapped_lines_fit_and_lose_nothing() {
        let words = "virsh -c qemu:///system destroy -- averyveryverylongname 仮想マシン";
        for columns in 2..40 {
            let lines = wrap(words, columns);
            for line in &lines {
                assert!(super::super::width(line) <= columns, "{line}");
            }
            let back: String = lines.concat().replace(' ', "");
            assert_eq!(back, words.replace(' ', ""));
        }
    }
}
