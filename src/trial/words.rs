//! A line as words: separated by white space, commas, `=` and `:`, or in quotes.

use super::error::Misread;

/// A word of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    /// Whether it stood in quotes: then it is a text, and never a name.
    pub(super) quoted: bool,
}

/// The words of `line`, without what follows a `#` at the beginning of a word.
pub(super) fn words(line: &str) -> Result<Vec<Word>, Misread> {
    let mut words = Vec::new();
    let mut rest = line.trim_start_matches(is_between);
    while let Some(first) = rest.chars().next().filter(|first| *first != '#') {
        let (word, after) = if first == '"' { quoted(rest)? } else { bare(rest)? };
        words.push(word);
        rest = after.trim_start_matches(is_between);
    }
    Ok(words)
}

fn is_between(character: char) -> bool {
    character.is_whitespace() || matches!(character, ',' | '=' | ':')
}

fn bare(rest: &str) -> Result<(Word, &str), Misread> {
    let end = rest.find(|character| is_between(character) || character == '"').unwrap_or(rest.len());
    let (text, after) = rest.split_at(end);
    let text = text.chars().map(visible).collect::<Result<String, Misread>>()?;
    Ok((Word { text, quoted: false }, after))
}

/// What stands in quotes; a backslash takes the next character as it is.
fn quoted(rest: &str) -> Result<(Word, &str), Misread> {
    let mut text = String::new();
    let mut characters = rest.chars();
    characters.next();
    while let Some(character) = characters.next() {
        match character {
            '"' => return Ok((Word { text, quoted: true }, characters.as_str())),
            '\\' => text.extend(characters.next().map(visible).transpose()?),
            _ => text.push(visible(character)?),
        }
    }
    Err(Misread::OpenQuotes)
}

fn visible(character: char) -> Result<char, Misread> {
    if character.is_control() {
        return Err(Misread::Unprintable(character.escape_unicode().to_string()));
    }
    Ok(character)
}
