//! Texts in the encodings of their time, as text: by their mark, their zeros, else their letters. Judges nothing.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, ISO_8859_15, MACINTOSH, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// How much of a long text decides.
const DECISIVE_BYTES: usize = 256 * 1024;

/// The letters and marks beyond ASCII that French prose is made of.
const FRENCH: &str = "àâäçéèêëîïôöùûüÿœæÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŸŒÆ«»’‘“”–—…€°\u{A0}";

/// What the bytes from 0x80 on are in code page 850, of DOS in Western Europe, which the encodings of the web do not
/// include. Code page 437 has the same small letters in the same places.
const DOS: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{AD}±‗¾¶§÷¸°¨·¹³²■\u{A0}";

/// An encoding of eight bits or more a letter.
#[derive(Clone, Copy)]
enum Letters {
    /// One the web knows.
    Web(&'static Encoding),
    /// Code page 850.
    Dos,
}

impl Letters {
    fn read(self, bytes: &[u8]) -> String {
        match self {
            Self::Web(encoding) => encoding.decode_without_bom_handling(bytes).0.into_owned(),
            Self::Dos => {
                let upper: Vec<char> = DOS.chars().collect();
                let letter = |byte: &u8| match byte.checked_sub(0x80) {
                    Some(place) => {
                        upper.get(usize::from(place)).copied().unwrap_or(char::REPLACEMENT_CHARACTER)
                    }
                    None => char::from(*byte),
                };
                bytes.iter().map(letter).collect()
            }
        }
    }
}

/// Whether bytes are UTF-16, by their mark or their zeros.
#[must_use]
pub fn is_utf16(bytes: &[u8]) -> bool {
    let marked = Encoding::for_bom(bytes).map(|(encoding, _)| encoding);
    marked.map_or_else(|| utf16_without_mark(bytes).is_some(), |encoding| encoding != UTF_8)
}

/// The text: UTF-16 by its mark or its zeros, UTF-8 when it is valid or nearly so, else as its letters make most sense. What
/// cannot be read is U+FFFD; a mark at the start is left out.
#[must_use]
pub fn decode(bytes: &[u8]) -> String {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return encoding.decode(bytes).0.into_owned();
    }
    if let Some(encoding) = utf16_without_mark(bytes) {
        return encoding.decode_without_bom_handling(bytes).0.into_owned();
    }
    match UTF_8.decode_without_bom_handling_and_without_replacement(bytes) {
        Some(text) => text.into_owned(),
        None if is_mostly_utf8(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        None => guess(bytes).read(bytes),
    }
}

/// The order of a text in UTF-16 that does not begin with its mark: Latin letters have a zero beside each, always on the
/// same side.
fn utf16_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    let pairs = bytes.chunks_exact(2).take(1024);
    let count = pairs.len();
    let zeros = |place: usize| pairs.clone().filter(|pair| pair.get(place) == Some(&0)).count();
    let (first, second) = (zeros(0), zeros(1));
    if count > 1 && second * 2 > count && first == 0 {
        Some(UTF_16LE)
    } else if count > 1 && first * 2 > count && second == 0 {
        Some(UTF_16BE)
    } else {
        None
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

/// French first, in the encodings its old programs used, because no general detector knows Macintosh, ISO 8859-15 and code
/// page 850; then whatever the detector of browsers says.
fn guess(bytes: &[u8]) -> Letters {
    let head = bytes.get(..DECISIVE_BYTES).unwrap_or(bytes);
    let detected = {
        let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
        detector.feed(head, true);
        detector.guess(None, Utf8Detection::Deny)
    };
    let high = head.iter().filter(|byte| **byte >= 0x80).count();
    let web = [WINDOWS_1252, ISO_8859_15, MACINTOSH].map(Letters::Web);
    let candidates = web.into_iter().chain([Letters::Dos]);
    let scored = candidates.rev().map(|letters| (french_marks(head, letters), letters));
    match scored.max_by_key(|(score, _)| *score) {
        // A detector that recognised another alphabet has better reasons than a few coincidences.
        Some((score, letters)) if score * 10 >= high * 9 => letters,
        _ => Letters::Web(detected),
    }
}

/// How many bytes beyond ASCII are French letters or marks where French has them.
fn french_marks(bytes: &[u8], letters: Letters) -> usize {
    let mut previous = ' ';
    let mut count = 0;
    for character in letters.read(bytes).chars() {
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

    fn dos_byte(letter: char) -> u8 {
        let place = DOS.chars().position(|one| one == letter);
        match place {
            Some(place) => 0x80 + u8::try_from(place).unwrap(),
            None => u8::try_from(letter).unwrap_or(b'?'),
        }
    }

    #[test]
    fn code_page_850_has_a_letter_for_each_byte() {
        assert_eq!(DOS.chars().count(), 128);
        assert_eq!(
            ["é", "É", "ÿ", "°"].map(|letter| dos_byte(letter.chars().next().unwrap())),
            [0x82, 0x90, 0x98, 0xF8]
        );
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
        let dos: Vec<u8> = SENTENCE.chars().map(dos_byte).collect();
        let without = SENTENCE.replace(['’', '€', 'œ'], "?");
        assert_eq!(decode(&dos), without, "code page 850");
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
        let japanese = "生徒は学校で本を読みます。それから家に帰って、宿題をします。";
        let east = [
            (encoding_rs::KOI8_U, "Ученик читает книгу в школе, а потом идёт домой."),
            (encoding_rs::IBM866, "Ученик читает книгу в школе, а потом идёт домой."),
            (encoding_rs::SHIFT_JIS, japanese),
            (encoding_rs::EUC_JP, japanese),
            (encoding_rs::GBK, "学生在学校读书，然后回家做作业。老师在黑板上写新的单词。"),
            (encoding_rs::BIG5, "學生在學校讀書，然後回家做作業。老師在黑板上寫新的單字。"),
            (encoding_rs::EUC_KR, "학생은 학교에서 책을 읽고 나서 집에 가서 숙제를 합니다."),
        ];
        for (encoding, text) in cases.into_iter().chain(east) {
            assert_eq!(decode(&encoding.encode(text).0), text, "{}", encoding.name());
        }
    }

    #[test]
    fn one_accent_is_enough() {
        assert_eq!(decode(b"\xE9t\xE9"), "été");
        assert_eq!(decode(b"La dict\xE9e"), "La dictée");
    }
}
