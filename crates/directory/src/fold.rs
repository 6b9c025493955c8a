//! Compares words as a person would: without case, accents, spaces or signs. For this package's readers.

use unicode_normalization::UnicodeNormalization;

/// Letters and digits only, lower-case, without accents: `Chef d’établissement` and `chef_d_etablissement` agree.
pub(crate) fn fold_word(text: &str) -> String {
    text.nfkd().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Lower-case without accents, signs kept, runs of white space as one: `5E B` and `5e  b` agree, `5e+` and `5e-` do not.
pub(crate) fn fold_name(text: &str) -> String {
    let bare: String = text
        .nfkd()
        .filter(|c| !unicode_normalization::char::is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .collect();
    bare.split_whitespace().collect::<Vec<_>>().join(" ")
}
