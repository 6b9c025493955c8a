//! Refuses passwords that are guessed first: short, common, a date, a row of keys, the login itself.
//!
//! Follows NIST SP 800-63B §3.1.1.2: a length, a list of what is guessed, no rule on kinds of character.

use crate::hasher::MAX_PASSWORD_BYTES;
use unicode_normalization::UnicodeNormalization;

/// Shortest password taken, in characters.
pub const MIN_PASSWORD_CHARS: usize = 8;

/// Words behind most guessed passwords, in French and English, folded to `a-z0-9`; one per line, ours.
const COMMON: &str = include_str!("strength/common.txt");

/// Why a password is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Weakness {
    /// Fewer than [`MIN_PASSWORD_CHARS`] characters.
    #[error("shorter than {MIN_PASSWORD_CHARS} characters")]
    TooShort,
    /// More than [`MAX_PASSWORD_BYTES`] bytes.
    #[error("longer than {MAX_PASSWORD_BYTES} bytes")]
    TooLong,
    /// A common word, perhaps with digits around it, a row of keys, or one character repeated.
    #[error("among the first guesses")]
    Common,
    /// Digits only, like a date of birth or a telephone number.
    #[error("digits only")]
    DigitsOnly,
    /// The login with little around it.
    #[error("made from the login")]
    Login,
}

impl Weakness {
    /// Stable kebab-case name.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::TooShort => "password-too-short",
            Self::TooLong => "password-too-long",
            Self::Common => "password-common",
            Self::DigitsOnly => "password-digits-only",
            Self::Login => "password-login",
        }
    }
}

/// Whether a person may choose that password for that login.
///
/// # Errors
/// The first [`Weakness`] found.
pub fn check_strength(password: &str, login: &str) -> Result<(), Weakness> {
    if password.len() > MAX_PASSWORD_BYTES {
        return Err(Weakness::TooLong);
    }
    if password.nfc().count() < MIN_PASSWORD_CHARS {
        return Err(Weakness::TooShort);
    }
    if password.chars().all(|c| c.is_numeric() || c.is_whitespace() || "./-".contains(c)) {
        return Err(Weakness::DigitsOnly);
    }
    let folded = fold(password);
    if is_made_from(&folded, &fold(login)) {
        return Err(Weakness::Login);
    }
    if is_row(password) || is_common(&folded) {
        return Err(Weakness::Common);
    }
    Ok(())
}

/// Lower case, without accents, letters and digits of any script only: `Élève-12!` is `eleve12`.
fn fold(text: &str) -> String {
    let plain = text.nfkd().filter(|c| c.is_alphanumeric());
    plain.flat_map(char::to_lowercase).collect()
}

/// Whether what remains beside the login would itself be too short. A login of one or two letters proves nothing.
fn is_made_from(folded: &str, login: &str) -> bool {
    let reversed: String = login.chars().rev().collect();
    login.chars().count() >= 3
        && [login, &reversed].into_iter().any(|name| {
            folded.contains(name) && folded.replace(name, "").chars().count() < MIN_PASSWORD_CHARS
        })
}

/// Whether it is one to three characters repeated, or each character follows the one before it (`abcdefgh`).
fn is_row(password: &str) -> bool {
    let chars: Vec<u32> = password.chars().flat_map(char::to_lowercase).map(u32::from).collect();
    let mut distinct = chars.clone();
    distinct.sort_unstable();
    distinct.dedup();
    let steps_by = |step: i64| {
        chars.iter().zip(chars.iter().skip(1)).all(|(a, b)| i64::from(*b) - i64::from(*a) == step)
    };
    distinct.len() <= 3 || steps_by(1) || steps_by(-1)
}

/// Whether a common word is all there is once digits around it are dropped and look-alike signs are read as letters.
fn is_common(folded: &str) -> bool {
    let bare = folded.trim_matches(|c: char| c.is_numeric());
    let read = read_look_alikes(folded);
    let read_bare = read_look_alikes(bare);
    COMMON.lines().any(|word| {
        [folded, bare, &read, &read_bare].into_iter().any(|text| text == word || is_repeated(text, word))
    })
}

/// Whether a text is one word written twice or more.
fn is_repeated(text: &str, word: &str) -> bool {
    !word.is_empty() && text.len() > word.len() && text.replace(word, "").is_empty()
}

/// Digits that stand for letters, as in `s0le1l`.
fn read_look_alikes(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '0' => 'o',
            '1' => 'i',
            '3' => 'e',
            '4' => 'a',
            '5' => 's',
            '7' => 't',
            '8' => 'b',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_guessed_first_is_refused() {
        for common in [
            "password",
            "Password1",
            "MotDePasse",
            "motdepasse2026!",
            "azertyuiop",
            "Azerty123",
            "qwertyuiop",
            "Soleil2024",
            "S0le1l!!",
            "bonjour123",
            "football1",
            "Princesse",
            "aaaaaaaa",
            "abababab",
            "abcdefgh",
            "hgfedcba",
            "soleilsoleil",
            "Élève2026",
            "marseille13",
            "jetaime1",
            "p4ssw0rd",
            "1a2b3c4d",
        ] {
            assert_eq!(check_strength(common, "lou.martin"), Err(Weakness::Common), "{common}");
        }
    }

    #[test]
    fn a_date_of_birth_is_refused() {
        for date in ["14092011", "14/09/2011", "2011-09-14", "0612345678", "14 09 2011"] {
            assert_eq!(check_strength(date, "lou.martin"), Err(Weakness::DigitsOnly), "{date}");
        }
    }

    #[test]
    fn the_login_is_not_a_password() {
        for made in ["lou.martin", "LouMartin2026", "nitram.uol", "lou-martin!1", "2026lou.martin"] {
            assert_eq!(check_strength(made, "lou.martin"), Err(Weakness::Login), "{made}");
        }
        assert_eq!(check_strength("loutre en bateau", "lou"), Ok(()));
    }

    #[test]
    fn length_counts_characters_as_people_see_them() {
        assert_eq!(check_strength("été2xyz", "x"), Err(Weakness::TooShort));
        assert_eq!(check_strength("e\u{301}te\u{301}2xyz", "x"), Err(Weakness::TooShort));
        assert_eq!(check_strength("été2xyzk", "x"), Ok(()));
        assert_eq!(check_strength(&"k9 ".repeat(400), "x"), Err(Weakness::TooLong));
    }

    #[test]
    fn pass_phrases_are_welcome_in_any_script() {
        for good in [
            "cheval lampe violon",
            "la prof joue du tuba",
            "mon chat aime 3 oiseaux",
            "пароль из школы",
            "t7#kQ9pz",
        ] {
            assert_eq!(check_strength(good, "lou.martin"), Ok(()), "{good}");
        }
    }

    #[test]
    fn the_list_is_folded_and_each_word_is_there_once() {
        let mut words: Vec<&str> = COMMON.lines().collect();
        assert!(words.iter().all(|word| word.len() >= 4 && fold(word) == *word));
        let count = words.len();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), count);
        assert!(count >= 200);
    }

    proptest! {
        #[test]
        fn any_text_gets_an_answer(password in "\\PC{0,40}", login in "\\PC{0,12}") {
            let _ = check_strength(&password, &login);
        }
    }
}
