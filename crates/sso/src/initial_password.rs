//! Makes the first password of an account, for a sheet of paper handed to a pupil.

use rand::seq::IndexedRandom;
use rand::{CryptoRng, RngExt};

/// Short French words a child can read aloud and type: no accent, no homonym pair, nothing to giggle at; ours.
const WORDS: &str = include_str!("initial_password/words.txt");
/// Words in one password.
const COUNT: usize = 4;
/// The number at the end.
const NUMBERS: std::ops::RangeInclusive<u32> = 10..=99;

/// Four French words and a number, e.g. `cheval-lampe-violon-tarte-42`: more than 40 bits of randomness.
///
/// Meant to be used once: `app` asks for another at the first sign-in.
#[must_use]
pub fn initial_password() -> String {
    draw(&mut rand::rng())
}

fn draw(rng: &mut impl CryptoRng) -> String {
    let words: Vec<&str> = WORDS.lines().collect();
    let mut parts: Vec<String> =
        (0..COUNT).filter_map(|_| words.choose(rng)).map(|word| (*word).to_owned()).collect();
    parts.push(rng.random_range(NUMBERS).to_string());
    parts.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check_strength;

    #[test]
    fn it_has_four_words_and_a_number_a_child_can_type() {
        for _ in 0..200 {
            let password = initial_password();
            let parts: Vec<&str> = password.split('-').collect();
            assert_eq!(parts.len(), COUNT + 1, "{password}");
            assert!(parts[..COUNT].iter().all(|word| WORDS.lines().any(|known| known == *word)));
            assert!(NUMBERS.contains(&parts[COUNT].parse().unwrap()));
            assert_eq!(check_strength(&password, "lou.martin"), Ok(()));
        }
    }

    #[test]
    fn it_carries_at_least_forty_bits() {
        let words = u32::try_from(WORDS.lines().count()).unwrap();
        let bits = f64::from(words).log2() * 4.0 + f64::from(NUMBERS.count() as u32).log2();
        assert!(bits >= 40.0, "{bits} bits with {words} words");
    }

    #[test]
    fn the_words_are_plain_short_and_each_there_once() {
        let mut words: Vec<&str> = WORDS.lines().collect();
        assert!(
            words.iter().all(|w| (4..=8).contains(&w.len()) && w.bytes().all(|b| b.is_ascii_lowercase()))
        );
        let count = words.len();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), count);
    }
}
