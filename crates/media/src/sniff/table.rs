//! Whether a text is a table of separated values: the same count of the same separator in each of the first records.

/// How many records decide.
const DECISIVE_RECORDS: usize = 20;

/// Whether the text, which begins at its first visible character, is a table.
pub(super) fn is_table(text: &str) -> bool {
    [';', '\t', ','].into_iter().any(|separator| is_separated(text, separator))
}

fn is_separated(text: &str, separator: char) -> bool {
    let mut counts = counts(text, separator);
    // The last record may be cut by the end of the head.
    if counts.len() > 2 {
        counts.pop();
    }
    let Some((first, spaced)) = counts.first().copied() else { return false };
    let all_spaced = counts.iter().all(|(count, spaced)| spaced == count);
    // Prose has a space after its commas and around its semicolons; two verses with one comma each are no table.
    if separator != '\t' && (spaced > 0 || all_spaced) && (first < 2 || counts.len() < 3) {
        return false;
    }
    let alike = counts.iter().filter(|(count, _)| *count == first).count();
    // In a long table a short row now and then is no reason to doubt.
    let enough = alike == counts.len() || (counts.len() >= 5 && first >= 2 && alike * 5 >= counts.len() * 4);
    first > 0 && counts.len() > 1 && enough
}

/// Separators of each record outside quotes, and how many of them stand before a space. Empty records do not count.
fn counts(text: &str, separator: char) -> Vec<(usize, usize)> {
    let mut counts = Vec::new();
    let (mut count, mut spaced, mut is_quoted, mut is_empty) = (0, 0, false, true);
    let mut previous = '\n';
    for character in text.chars().chain(['\n']) {
        match character {
            '"' if is_quoted => is_quoted = false,
            // A quote inside a field that did not begin with one is a letter like any other, but for a doubled one.
            '"' if previous == separator || previous == '\n' || previous == '"' => is_quoted = true,
            '\n' if !is_quoted => {
                if !is_empty {
                    counts.push((count, spaced));
                }
                if counts.len() == DECISIVE_RECORDS + 1 {
                    break;
                }
                (count, spaced, is_empty) = (0, 0, true);
            }
            ' ' if !is_quoted && previous == separator => spaced += 1,
            character if character == separator && !is_quoted => count += 1,
            _ => {}
        }
        is_empty &= character.is_whitespace();
        if character != '\r' {
            previous = character;
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_told_from_verses() {
        let tables = [
            "nom;note\nLou;12\nMax;15\n",
            "nom\tnote\nLou\t12\n",
            "a,b,c\n1,2,3",
            "nom;avis\n\"Lou; Max\";\"un\ndeux\"\nZoé;rien\n",
            "nom, prénom, note\nMartin, Lou, 12\nDurand, Max, 15\nPetit, Zoé, 9\n",
            "a;b;c\n1;2;3\n1;2;3\n1;2\n1;2;3\n1;2;3\n1;2;3\n",
        ];
        for text in tables {
            assert!(is_table(text), "{text}");
        }
        let prose = [
            "Maître Corbeau, sur un arbre perché,\nTenait en son bec un fromage.\n",
            "Un, deux\nTrois, quatre\n",
            "Un mot ; un autre\nUn mot ; encore\n",
            "Bonjour,\nvoici la dictée.",
            "Le titre\n\nUne phrase.\n",
        ];
        for text in prose {
            assert!(!is_table(text), "{text}");
        }
    }
}
