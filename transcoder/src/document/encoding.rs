//! Which encoding an old text is in. Only the guess; reading and writing are elsewhere.

use balado_media::sniff::{ByteOrder, utf16_without_mark};
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, ISO_8859_15, MACINTOSH, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// How much of a long text decides.
const DECISIVE_BYTES: usize = 256 * 1024;

/// The letters and marks beyond ASCII that French prose is made of.
const FRENCH: &str = "àâäçéèêëîïôöùûüÿœæÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŸŒÆ«»’‘“”–—…€°\u{A0}";

/// The text, by its mark, else by its zeros, else UTF-8 when it is valid, else by its letters.
pub(super) fn decode(bytes: &[u8]) -> String {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return encoding.decode(bytes).0.into_owned();
    }
    if let Some(order) = utf16_without_mark(bytes) {
        let encoding = if order == ByteOrder::LittleEndian { UTF_16LE } else { UTF_16BE };
        return encoding.decode_without_bom_handling(bytes).0.into_owned();
    }
    match UTF_8.decode_without_bom_handling_and_without_replacement(bytes) {
        Some(text) => text.into_owned(),
        None if is_mostly_utf8(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        None => guess(bytes).decode_without_bom_handling(bytes).0.into_owned(),
    }
}

/// Whether a text is UTF-8 but for what was pasted into it, or cut off at its end.
fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let (mut good, mut bad) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().chars().filter(|character| !character.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    good >= bad.saturating_mul(10) && bad > 0
}

/// French first, in the three encodings its old programs used, because no general detector knows Macintosh and ISO
/// 8859-15; then whatever the detector of browsers says.
fn guess(bytes: &[u8]) -> &'static Encoding {
    let head = bytes.get(..DECISIVE_BYTES).unwrap_or(bytes);
    let detected = {
        let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
        detector.feed(head, true);
        detector.guess(None, Utf8Detection::Deny)
    };
    let high = head.iter().filter(|byte| **byte >= 0x80).count();
    let candidates = [WINDOWS_1252, ISO_8859_15, MACINTOSH];
    let scored = candidates.into_iter().rev().map(|encoding| (french_marks(head, encoding), encoding));
    match scored.max_by_key(|(score, _)| *score) {
        // A detector that recognised another alphabet has better reasons than a few coincidences.
        Some((score, encoding)) if score * 10 >= high * 9 => encoding,
        _ => detected,
    }
}

/// How many bytes beyond ASCII are French letters or marks where French has them.
fn french_marks(bytes: &[u8], encoding: &'static Encoding) -> usize {
    let text = encoding.decode_without_bom_handling(bytes).0;
    let mut previous = ' ';
    let mut count = 0;
    for character in text.chars() {
        // A capital with an accent does not follow a small letter: "fenÍtre" is "fenêtre" read wrong.
        let misplaced = character.is_uppercase() && previous.is_lowercase();
        count += usize::from(FRENCH.contains(character) && !misplaced);
        previous = character;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENTENCE: &str = "L’élève naïf paie 20 € à l’œuvre : où ça ? « Là-bas », dit la fenêtre.";

    #[test]
    fn one_bad_byte_does_not_garble_the_rest_of_utf_8() {
        let whole = SENTENCE.as_bytes();
        let cut = [whole, "é".as_bytes().get(..1).unwrap()].concat();
        assert_eq!(decode(&cut), format!("{SENTENCE}\u{FFFD}"));
        let pasted = [whole, b" caf\xE9 ", whole].concat();
        assert_eq!(decode(&pasted), format!("{SENTENCE} caf\u{FFFD} {SENTENCE}"));
    }

    #[test]
    fn the_usual_encodings_give_the_same_text() {
        let units = || SENTENCE.encode_utf16();
        let little: Vec<u8> = units().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = units().flat_map(u16::to_be_bytes).collect();
        let marked: Vec<u8> = [0xFEFF_u16].into_iter().chain(units()).flat_map(u16::to_le_bytes).collect();
        let utf8 = SENTENCE.as_bytes().to_vec();
        for bytes in [utf8, format!("\u{FEFF}{SENTENCE}").into_bytes(), little, big, marked] {
            assert_eq!(decode(&bytes), SENTENCE);
        }
        for encoding in [WINDOWS_1252, MACINTOSH] {
            assert_eq!(decode(&encoding.encode(SENTENCE).0), SENTENCE, "{}", encoding.name());
        }
        let typewriter = SENTENCE.replace('’', "'");
        assert_eq!(decode(&ISO_8859_15.encode(&typewriter).0), typewriter);
    }

    #[test]
    fn other_alphabets_are_left_to_the_detector() {
        let cases = [
            (encoding_rs::WINDOWS_1251, "Ученик читает книгу в школе, а потом идёт домой."),
            (encoding_rs::WINDOWS_1253, "Ο μαθητής διαβάζει το βιβλίο στο σχολείο και μετά πηγαίνει σπίτι."),
            (
                encoding_rs::WINDOWS_1250,
                "Żółta łódź płynie przez jezioro. Gęś siedzi na brzegu i śpiewa pieśń.",
            ),
        ];
        for (encoding, text) in cases {
            assert_eq!(decode(&encoding.encode(text).0), text, "{}", encoding.name());
        }
    }

    #[test]
    fn one_accent_is_enough() {
        assert_eq!(decode(b"\xE9t\xE9"), "été");
        assert_eq!(decode(b"La dict\xE9e"), "La dictée");
    }
}
