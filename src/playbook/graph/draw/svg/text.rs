//! How much room text takes, in whole pixels. Which font a viewer has is not known, so that the widest of the usual ones counts.

use unicode_width::UnicodeWidthChar;

/// A size and a weight.
#[derive(Debug, Clone, Copy)]
pub(super) struct Font {
    pub(super) size: i32,
    /// How wide it runs, in per cent of the regular weight.
    run: i32,
}

impl Font {
    pub(super) const HEADING: Self = Self { size: 21, run: 113 };
    pub(super) const TITLE: Self = Self { size: 15, run: 113 };
    pub(super) const ROW: Self = Self { size: 12, run: 100 };
    pub(super) const NOTE: Self = Self { size: 11, run: 100 };
}

const LEFT_OUT: char = '…';

/// The width of `text`.
pub(super) fn width(text: &str, font: Font) -> i32 {
    let hundredths: i32 = text.chars().map(hundredths).sum();
    (hundredths * font.size * font.run + 9_999) / 10_000
}

/// As much of `text` as has room.
pub(super) fn fit(text: &str, font: Font, room: i32) -> String {
    if width(text, font) <= room {
        return text.to_owned();
    }
    let (mut kept, _) = split(text, font, room - width("…", font));
    kept.truncate(kept.trim_end().len());
    kept.push(LEFT_OUT);
    kept
}

/// `text` in lines, `most` at most; what has no room is left out at the end.
pub(super) fn wrap(text: &str, font: Font, room: i32, most: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut rest = text.trim().to_owned();
    while lines.len() + 1 < most && width(&rest, font) > room {
        let (kept, over) = split(&rest, font, room);
        // A word is broken only where it has no room even alone.
        let (line, over) = match kept.rsplit_once(' ') {
            Some((line, begun)) if !over.starts_with(' ') => (line.to_owned(), format!("{begun}{over}")),
            Some(_) | None => (kept, over),
        };
        lines.push(line.trim_end().to_owned());
        over.trim_start().clone_into(&mut rest);
    }
    lines.push(fit(&rest, font, room));
    lines
}

/// What has room, at least a character, and what is left over. Marks stay with the character that they belong to.
fn split(text: &str, font: Font, room: i32) -> (String, String) {
    let mut kept = String::new();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next_if(|next| {
        let mut longer = kept.clone();
        longer.push(*next);
        kept.is_empty() || hundredths(*next) == 0 || width(&longer, font) <= room
    }) {
        kept.push(character);
    }
    (kept, characters.collect())
}

/// The width of a character in hundredths of the font size.
fn hundredths(character: char) -> i32 {
    match character {
        'i' | 'l' | '\'' => 28,
        ' ' | 'j' | '.' | ',' => 36,
        'f' | 't' | 'r' | 'I' | ':' | ';' | '!' | '|' | '-' | '(' | ')' | '[' | ']' | '/' | '\\' | '"' | '·' => 46,
        '&' | 'A'..='H' | 'J'..='L' | 'N'..='V' | 'X'..='Z' => 79,
        'w' | '<' | '>' | '=' | '+' | '~' | '^' | '#' | '→' | '↓' | '↑' | '×' => 84,
        'M' => 87,
        'm' | 'W' | '@' | '…' | '—' => 100,
        '%' => 108,
        ' '..='~' => 64,
        _ => match character.width() {
            None | Some(0) => 0,
            Some(1) if character.is_lowercase() => 74,
            Some(1) => 90,
            Some(_) => 112,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::{Font, fit, width, wrap};

    #[test]
    fn what_fits_stays_whole_and_what_does_not_is_cut() {
        assert_eq!(fit("Say it back", Font::TITLE, 200), "Say it back");
        let cut = fit("Take them to someone who can help", Font::TITLE, 150);
        assert!(cut.ends_with('…') && width(&cut, Font::TITLE) <= 150, "{cut}");
    }

    #[test]
    fn lines_break_between_words_and_long_words_anywhere() {
        let lines = wrap("Take them to someone who can help", Font::TITLE, 220, 2);
        assert_eq!(lines, ["Take them to someone", "who can help"]);
        let word = "x".repeat(60);
        for text in [word.as_str(), "聞いてください聞いてください聞いてください", ""] {
            let lines = wrap(text, Font::TITLE, 200, 2);
            assert!((1..=2).contains(&lines.len()));
            assert!(lines.iter().all(|line| width(line, Font::TITLE) <= 200), "{lines:?}");
        }
    }

    #[test]
    fn marks_are_not_parted_from_their_letters() {
        let text = "e\u{301}".repeat(40);
        let lines = wrap(&text, Font::TITLE, 200, 2);
        assert!(lines.iter().all(|line| line.trim_end_matches('…').ends_with('\u{301}')), "{lines:?}");
    }
}
