//! Makes texts that people typed fit for a feed, for the renderers of this package. Escaping is `xml`'s.

/// Longest value of a tag that is not a description, in characters (Apple's limit).
pub(crate) const LINE_CHARS: usize = 255;

/// Longest description, in bytes of UTF-8 (Apple's limit).
pub(crate) const DESCRIPTION_BYTES: usize = 4000;

const ELLIPSIS: char = '…';

/// Whether XML 1.0 can hold the character. Control characters it tolerates are refused too: no reader shows them.
/// A carriage return is refused because parsers turn it into something else.
pub(crate) fn is_writable(c: char) -> bool {
    matches!(c, '\t' | '\n' | ' '..='\u{7e}' | '\u{a0}'..='\u{fffd}' | '\u{10000}'..)
}

/// One trimmed line of at most [`LINE_CHARS`] characters, runs of white space as one space.
pub(crate) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len().min(4 * LINE_CHARS));
    for word in writable(text).split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    match line.char_indices().nth(LINE_CHARS) {
        None => line,
        Some(_) => {
            let kept: String = line.chars().take(LINE_CHARS - 1).collect();
            format!("{}{ELLIPSIS}", kept.trim_end())
        }
    }
}

/// The first of the two that is not empty once on one line.
pub(crate) fn one_line_or(text: &str, otherwise: &str) -> String {
    let line = one_line(text);
    if line.is_empty() { one_line(otherwise) } else { line }
}

/// An address as typed, whole however long: trimmed, its spaces encoded.
pub(crate) fn web_address(text: &str) -> String {
    writable(text).split_whitespace().collect::<Vec<_>>().join("%20")
}

/// The lines of a text that hold something, trimmed.
pub(crate) fn lines(text: &str) -> Vec<String> {
    writable(text).lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
}

/// A description of at most [`DESCRIPTION_BYTES`], one paragraph per line.
pub(crate) fn description(text: &str) -> String {
    let mut whole = lines(text).join("\n");
    if whole.len() > DESCRIPTION_BYTES {
        whole.truncate(whole.floor_char_boundary(DESCRIPTION_BYTES - ELLIPSIS.len_utf8()));
        whole.truncate(whole.trim_end().len());
        whole.push(ELLIPSIS);
    }
    whole
}

fn writable(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n").chars().filter(|c| is_writable(*c)).collect()
}

#[cfg(test)]
mod tests {
    use super::{DESCRIPTION_BYTES, LINE_CHARS, description, lines, one_line, one_line_or};

    #[test]
    fn a_line_holds_no_control_character_and_no_outer_space() {
        assert_eq!(one_line("  Le\u{0}çon\t\r\n 3 \u{1b}\u{fffe}"), "Leçon 3");
        assert_eq!(one_line_or(" \u{7}", "voix.mp3"), "voix.mp3");
    }

    #[test]
    fn a_long_line_is_cut_with_a_sign() {
        let line = one_line(&"é".repeat(300));
        assert_eq!(line.chars().count(), LINE_CHARS);
        assert!(line.ends_with('…'));
        assert_eq!(one_line(&"é".repeat(LINE_CHARS)).chars().count(), LINE_CHARS);
    }

    #[test]
    fn a_long_description_is_cut_between_two_characters() {
        let short = description(&"€".repeat(3000));
        assert!(short.len() <= DESCRIPTION_BYTES && short.ends_with("€…"));
        assert_eq!(description("a\r\n\r\n b \rc"), "a\nb\nc");
        assert_eq!(lines("\n\n"), Vec::<String>::new());
    }
}
