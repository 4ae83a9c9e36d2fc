//! The syntax of BCP 47 language tags, as far as it keeps `english`, `en_US` and whole sentences out.

/// A tag longer than that names no language.
const LONGEST: usize = 35;

/// Whether `tag` reads as a language tag: a language of 2 or 3 letters, then subtags of 1 to 8 letters and digits; a subtag of
/// one character announces another.
pub(super) fn is_language_tag(tag: &str) -> bool {
    let mut subtags = tag.split('-');
    let language = subtags.next().unwrap_or_default();
    let mut last = language;
    tag.len() <= LONGEST
        && (2..=3).contains(&language.len())
        && language.bytes().all(|byte| byte.is_ascii_alphabetic())
        && subtags.all(|subtag| {
            last = subtag;
            (1..=8).contains(&subtag.len()) && subtag.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
        && last.len() > 1
}

#[cfg(test)]
mod tests {
    use super::is_language_tag;

    #[test]
    fn tags_are_told_from_other_words() {
        for tag in ["en", "de-AT", "zh-Hant-TW", "pt-BR", "gsw", "en-x-plain", "es-419"] {
            assert!(is_language_tag(tag), "{tag}");
        }
        for other in ["", "e", "english", "en_US", "en-", "en--US", "-en", "en-x", "de AT", "ä", "en-verylongsubtag"] {
            assert!(!is_language_tag(other), "{other}");
        }
    }
}
