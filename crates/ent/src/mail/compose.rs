//! Words a notice as a short mail, in French or English.

use crate::host::SchoolInfo;
use crate::locale::Locale;
use crate::mail::dates;
use balado_domain::notice::NoticeTopic;
use balado_domain::{NoticeId, Timestamp};

/// Longest title kept in a subject line, in characters: what a telephone shows.
const SUBJECT_TITLE_CHARS: usize = 80;

/// A mail ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The notice it carries; makes its Message-ID.
    pub notice: NoticeId,
    /// Address of the recipient.
    pub to: String,
    /// Its date.
    pub written_at: Timestamp,
    /// Subject, one line.
    pub subject: String,
    /// Plain text.
    pub text: String,
}

/// What a mail speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailData {
    /// The notice.
    pub notice: NoticeId,
    /// Address of the recipient.
    pub to: String,
    /// The current instant.
    pub written_at: Timestamp,
    /// The school that writes.
    pub school: SchoolInfo,
    /// Title of the publication or assignment; name of the file for a deposit that failed.
    pub title: String,
    /// Short name of who published, set or handed in (`Lou M.`); unused for a deposit that failed.
    pub by: String,
    /// Absolute address of the page it is about.
    pub link: String,
    /// When work is due; only used for an assignment.
    pub due_at: Option<Timestamp>,
}

/// Words a notice in that language.
#[must_use]
pub fn compose(topic: NoticeTopic, data: &MailData, locale: Locale) -> Mail {
    let title = one_line(&data.title);
    let news = match locale {
        Locale::French => french(topic, data, &title),
        Locale::English => english(topic, data, &title),
    };
    let school = one_line(&data.school.name);
    let link = &data.link;
    let (greeting, footer) = match locale {
        Locale::French => (
            "Bonjour,",
            format!(
                "{school}\nVous recevez ce message parce que vous avez un compte Balado dans cet établissement."
            ),
        ),
        Locale::English => (
            "Hello,",
            format!("{school}\nYou receive this message because you have a Balado account at this school."),
        ),
    };
    Mail {
        notice: data.notice,
        to: data.to.clone(),
        written_at: data.written_at,
        subject: format!("{}{}", news.subject, shortened(&title)),
        text: format!("{greeting}\n\n{}\n\n{}\n{link}\n\n{footer}", news.sentence, news.invitation),
    }
}

/// What differs from one topic to the next.
struct News {
    /// Starts the subject; the title follows.
    subject: &'static str,
    sentence: String,
    /// Comes before the link.
    invitation: &'static str,
}

fn french(topic: NoticeTopic, data: &MailData, title: &str) -> News {
    let by = one_line(&data.by);
    match topic {
        NoticeTopic::PublicationOffered => News {
            subject: "Nouveau : ",
            sentence: format!("{by} a publié « {title} »."),
            invitation: "Pour l’écouter :",
        },
        NoticeTopic::AssignmentCreated => News {
            subject: "À rendre : ",
            sentence: format!("{by} a donné un travail : « {title} ».{}", data.due(Locale::French)),
            invitation: "Les consignes, et pour le rendre :",
        },
        NoticeTopic::SubmissionReceived => News {
            subject: "Travail rendu : ",
            sentence: format!("{by} a rendu son travail pour « {title} »."),
            invitation: "Pour l’écouter :",
        },
        NoticeTopic::DepositFailed => News {
            subject: "Fichier non converti : ",
            sentence: format!("Le fichier « {title} » n’a pas pu être converti. L’original est en sécurité."),
            invitation: "Ce qui s’est passé et que faire :",
        },
    }
}

fn english(topic: NoticeTopic, data: &MailData, title: &str) -> News {
    let by = one_line(&data.by);
    match topic {
        NoticeTopic::PublicationOffered => News {
            subject: "New: ",
            sentence: format!("{by} published “{title}”."),
            invitation: "Listen here:",
        },
        NoticeTopic::AssignmentCreated => News {
            subject: "To hand in: ",
            sentence: format!("{by} set some work: “{title}”.{}", data.due(Locale::English)),
            invitation: "The instructions, and where to hand it in:",
        },
        NoticeTopic::SubmissionReceived => News {
            subject: "Handed in: ",
            sentence: format!("{by} handed in their work for “{title}”."),
            invitation: "Listen here:",
        },
        NoticeTopic::DepositFailed => News {
            subject: "File not converted: ",
            sentence: format!("The file “{title}” could not be converted. The original is safe."),
            invitation: "What happened and what to do:",
        },
    }
}

impl MailData {
    fn due(&self, locale: Locale) -> String {
        let Some(due_at) = self.due_at else { return String::new() };
        let date = dates::say(due_at, &self.school.timezone, locale);
        match locale {
            Locale::French => format!(" À rendre pour le {date}."),
            Locale::English => format!(" It is due on {date}."),
        }
    }
}

/// One line without control characters: what a person typed can neither start a header nor a paragraph.
fn one_line(text: &str) -> String {
    let spaced = text.replace(char::is_control, " ");
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn shortened(title: &str) -> String {
    if title.chars().count() <= SUBJECT_TITLE_CHARS {
        return title.to_owned();
    }
    let kept: String = title.chars().take(SUBJECT_TITLE_CHARS - 1).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn data() -> MailData {
        let id = Uuid::from_u128(7);
        MailData {
            notice: NoticeId::from_uuid(id),
            to: "camille@college.example".to_owned(),
            written_at: "2026-11-23T08:00:00Z".parse().unwrap(),
            school: SchoolInfo {
                id: balado_domain::SchoolId::from_uuid(id),
                name: "Collège Exemple".to_owned(),
                locale: Locale::French,
                timezone: "Europe/Paris".to_owned(),
            },
            title: "Lecture à voix haute".to_owned(),
            by: "Alix D.".to_owned(),
            link: "https://balado.example/assignments/7".to_owned(),
            due_at: Some("2026-11-26T16:00:00Z".parse().unwrap()),
        }
    }

    #[test]
    fn an_assignment_says_who_what_when_and_where() {
        let mail = compose(NoticeTopic::AssignmentCreated, &data(), Locale::French);
        assert_eq!(mail.subject, "À rendre : Lecture à voix haute");
        assert_eq!(
            mail.text,
            "Bonjour,\n\nAlix D. a donné un travail : « Lecture à voix haute ». À rendre pour le jeudi 26 \
             novembre à 17 h.\n\nLes consignes, et pour le rendre :\nhttps://balado.example/assignments/7\n\n\
             Collège Exemple\nVous recevez ce message parce que vous avez un compte Balado dans cet \
             établissement."
        );
        let mail = compose(NoticeTopic::AssignmentCreated, &data(), Locale::English);
        assert_eq!(mail.subject, "To hand in: Lecture à voix haute");
        assert!(mail.text.contains("It is due on Thursday 26 November at 17:00."));
    }

    #[test]
    fn every_topic_is_worded_in_both_languages_with_its_link() {
        for topic in NoticeTopic::ALL {
            let [fr, en] = [Locale::French, Locale::English].map(|locale| compose(*topic, &data(), locale));
            assert_ne!(fr.subject, en.subject);
            assert_ne!(fr.text, en.text);
            for mail in [fr, en] {
                assert!(mail.text.contains("Lecture à voix haute"), "{topic}");
                assert!(mail.text.contains("\nhttps://balado.example/assignments/7\n"), "{topic}");
            }
        }
    }

    #[test]
    fn a_title_can_neither_start_a_header_nor_a_paragraph() {
        let typed = MailData { title: "Lecture\r\nBcc: x@y.example\n\nAlerte".to_owned(), ..data() };
        let mail = compose(NoticeTopic::PublicationOffered, &typed, Locale::French);
        assert_eq!(mail.subject, "Nouveau : Lecture Bcc: x@y.example Alerte");
        assert!(!mail.text.contains("\nBcc:"));
    }

    #[test]
    fn an_endless_title_is_cut_in_the_subject_only() {
        let endless = MailData { title: "é".repeat(300), ..data() };
        let mail = compose(NoticeTopic::PublicationOffered, &endless, Locale::French);
        assert!(mail.subject.chars().count() <= 100 && mail.subject.ends_with('…'));
        assert!(mail.text.contains(&"é".repeat(300)));
    }
}
