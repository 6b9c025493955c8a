//! Why a file is refused: a stable list of codes, each with one sentence a teacher understands.
//!
//! A refusal is about the file, so trying again unchanged cannot help. Faults of this machine are not refusals.

use balado_domain::{ErrorKind, text_enum};

text_enum! {
    /// Why a file cannot become a podcast. The texts are stored as a deposit's failure code and never change.
    pub enum Refusal {
        /// Zero bytes.
        Empty = "empty",
        /// The content is nothing Balado knows.
        UnknownType = "unknown-type",
        /// The content is known, and is not among the accepted formats.
        UnsupportedFormat = "unsupported-format",
        /// A media container without sound or picture.
        NoMediaTrack = "no-media-track",
        /// A film whose sound is in a coding that is not promised, which would come out silent.
        UnreadableSound = "unreadable-sound",
        /// Sound or pictures locked by a rights management scheme.
        Encrypted = "encrypted",
        /// A document that asks for a password.
        PasswordProtected = "password-protected",
        /// The end of the file is missing.
        Incomplete = "incomplete",
        /// Longer than the limit.
        TooLong = "too-long",
        /// A still picture of more pixels than the limit.
        TooBigPicture = "too-big-picture",
        /// A film whose pictures have more pixels than the limit.
        TooBigFilm = "too-big-film",
        /// A page larger than any that is drawn.
        TooBigPage = "too-big-page",
        /// More pages than the limit.
        TooManyPages = "too-many-pages",
        /// A playlist or manifest: it only points at other files.
        ExternalContent = "external-content",
        /// Its inside is far larger than its outside, or has far too many parts.
        TooComplex = "too-complex",
        /// Right type, unreadable content.
        Damaged = "damaged",
        /// What is to be kept of it begins after its end.
        CutBeyond = "cut-beyond",
    }
}

impl Refusal {
    /// The sentence shown in French.
    #[must_use]
    pub fn french(self) -> &'static str {
        match self {
            Self::Empty => "Ce fichier est vide.",
            Self::UnknownType => {
                "Balado ne reconnaît pas ce fichier\u{a0}: ce n’est ni un son, ni une vidéo, ni une image, ni un document."
            }
            Self::UnsupportedFormat => {
                "Ce format n’est pas accepté. Enregistrez le fichier dans un format courant (MP3, MP4, JPEG, PDF, DOCX, ODT…)."
            }
            Self::NoMediaTrack => "Ce fichier ne contient ni son ni image.",
            Self::UnreadableSound => {
                "Balado ne sait pas lire le son de cette vidéo\u{a0}: il est dans un format rare, comme le DTS. Enregistrez-la avec un son AAC ou MP3, puis déposez-la à nouveau."
            }
            Self::Encrypted => "Ce fichier est protégé contre la copie et ne peut pas être lu.",
            Self::PasswordProtected => {
                "Ce document est protégé par un mot de passe. Retirez le mot de passe, puis déposez le document à nouveau."
            }
            Self::Incomplete => {
                "Ce fichier est incomplet\u{a0}: il en manque la fin. Déposez à nouveau l’original."
            }
            Self::TooLong => "Cet enregistrement est trop long\u{a0}: douze heures au plus.",
            Self::TooBigPicture => {
                "Cette image est trop grande\u{a0}: cent millions de points au plus, et moins dans certains formats d’appareil photo. Enregistrez-la en JPEG."
            }
            Self::TooBigFilm => {
                "Les images de cette vidéo sont trop grandes\u{a0}: cent millions de points au plus. Enregistrez-la en plus petit, par exemple en 1080p."
            }
            Self::TooBigPage => {
                "Ce document a une page trop grande\u{a0}: cinq mètres de côté au plus. Enregistrez-le avec des pages plus petites."
            }
            Self::TooManyPages => "Ce document a trop de pages\u{a0}: cinq cents au plus.",
            Self::ExternalContent => {
                "Ce fichier n’est qu’une liste qui renvoie à d’autres fichiers. Déposez le son ou la vidéo lui-même."
            }
            Self::TooComplex => {
                "Ce fichier prend une place anormale une fois ouvert. Il est refusé par prudence."
            }
            Self::CutBeyond => "Un passage à garder commence après la fin de l’enregistrement.",
            Self::Damaged => "Ce fichier est abîmé et ne peut pas être lu. Vérifiez qu’il s’ouvre chez vous.",
        }
    }

    /// The sentence shown in English.
    #[must_use]
    pub fn english(self) -> &'static str {
        match self {
            Self::Empty => "This file is empty.",
            Self::UnknownType => {
                "Balado does not recognise this file: it is neither sound, video, picture nor document."
            }
            Self::UnsupportedFormat => {
                "This format is not accepted. Save the file in a common format (MP3, MP4, JPEG, PDF, DOCX, ODT…)."
            }
            Self::NoMediaTrack => "This file holds neither sound nor picture.",
            Self::UnreadableSound => {
                "Balado cannot read the sound of this video: it is in a rare format, such as DTS. Save it with AAC or MP3 sound, then deposit it again."
            }
            Self::Encrypted => "This file is copy-protected and cannot be read.",
            Self::PasswordProtected => {
                "This document is protected by a password. Remove the password, then deposit the document again."
            }
            Self::Incomplete => "This file is incomplete: its end is missing. Deposit the original again.",
            Self::TooLong => "This recording is too long: twelve hours at most.",
            Self::TooBigPicture => {
                "This picture is too big: a hundred million points at most, and fewer in some camera formats. Save it as JPEG."
            }
            Self::TooBigFilm => {
                "The pictures of this video are too big: a hundred million points at most. Save it smaller, as 1080p for instance."
            }
            Self::TooBigPage => {
                "This document has a page that is too big: five metres on a side at most. Save it with smaller pages."
            }
            Self::TooManyPages => "This document has too many pages: five hundred at most.",
            Self::ExternalContent => {
                "This file is only a list that points at other files. Deposit the sound or video itself."
            }
            Self::TooComplex => {
                "This file takes an abnormal amount of room once opened. It is refused to be safe."
            }
            Self::CutBeyond => "A passage to keep begins after the end of the recording.",
            Self::Damaged => "This file is damaged and cannot be read. Check that it opens on your side.",
        }
    }

    /// What a caller can do about it.
    #[must_use]
    pub fn kind(self) -> ErrorKind {
        match self {
            Self::TooLong
            | Self::TooBigPicture
            | Self::TooBigFilm
            | Self::TooBigPage
            | Self::TooManyPages
            | Self::TooComplex => ErrorKind::TooLarge,
            Self::Empty | Self::Incomplete | Self::Damaged | Self::CutBeyond => ErrorKind::Invalid,
            _ => ErrorKind::Unsupported,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_in_the_sentences_are_those_of_the_limits() {
        let limits = crate::wire::Limits::default();
        let said = [
            (limits.duration_ms == 12 * 3600 * 1000, Refusal::TooLong.english().contains("twelve hours")),
            (limits.pixels == 100_000_000, Refusal::TooBigPicture.english().contains("a hundred million")),
            (limits.pixels == 100_000_000, Refusal::TooBigFilm.english().contains("a hundred million")),
            (limits.pages == 500, Refusal::TooManyPages.english().contains("five hundred")),
        ];
        assert_eq!(said, [(true, true); 4]);
    }

    #[test]
    fn every_refusal_has_two_sentences_that_end() {
        for refusal in Refusal::ALL {
            for sentence in [refusal.french(), refusal.english()] {
                assert!(sentence.ends_with('.') || sentence.ends_with(")."), "{refusal}: {sentence}");
                assert!(sentence.chars().count() > 15, "{refusal}: {sentence}");
            }
        }
    }
}
