//! Secrets out of a text that may be shown, so that whatever stands around them stays where it is.

use crate::playbook::yaml::Span;

/// What the names of keys say whose values are secret, even where the file can't be read as YAML.
const TELLTALES: [&str; 2] = ["headers", "password"];

/// `text` with stars over the bytes of `spans`, and over what looks like a secret.
pub(super) fn masked(text: &str, spans: &[Span]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let suspected = suspects(text);
    let ranges = spans.iter().map(|span| (span.start(), span.end())).chain(suspected);
    for (start, end) in ranges {
        let covered = bytes.get_mut(start..end).unwrap_or_default();
        covered.iter_mut().filter(|byte| !matches!(byte, b'\n' | b'\r')).for_each(|byte| *byte = b'*');
    }
    // Stars over whole characters leave UTF-8 behind.
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What comes after the telltale on its line, and lines indented deeper below it.
fn suspects(text: &str) -> Vec<(usize, usize)> {
    let mut suspects = Vec::new();
    let mut offset = 0;
    let mut below: Option<usize> = None;
    for line in text.split_inclusive('\n') {
        let indentation = line.len() - line.trim_start().len();
        let start = match TELLTALES.iter().filter_map(|word| Some(line.find(word)? + word.len())).min() {
            Some(end) => {
                below = Some(indentation);
                Some(end + colon(line.get(end..).unwrap_or_default()))
            }
            None if below.is_some_and(|least| indentation > least) => Some(indentation),
            None => {
                below = None;
                None
            }
        };
        suspects.extend(start.map(|start| (offset + start, offset + line.len())));
        offset += line.len();
    }
    suspects
}

/// The bytes up to the value: quotes, the colon and blanks.
fn colon(rest: &str) -> usize {
    rest.len() - rest.trim_start_matches(['"', '\'', ' ', ':']).len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_secret_is_covered_where_the_file_is_broken() {
        let text = "otlp:\n  headers: key=value\n  metrics: true\n";
        assert_eq!(masked(text, &[]), "otlp:\n  headers: *********\n  metrics: true\n");
        let folded = "otlp:\n  headers: |\n    key=value\n\n  metrics: [\n";
        assert_eq!(masked(folded, &[]), "otlp:\n  headers: *\n    *********\n\n  metrics: [\n");
        let password = "redis:\n  password: key\n  tls: [\n";
        assert_eq!(masked(password, &[]), "redis:\n  password: ***\n  tls: [\n");
        assert_eq!(masked("{headers: \"käy\", listen: x}", &[]), "{headers: \"*****************");
    }

    #[test]
    fn what_stands_around_stays_where_it_is() {
        let text = "a: 1\nb: [x]\n";
        assert_eq!(masked(text, &[Span::new(3, 4, 1)]), "a: *\nb: [x]\n");
        assert_eq!(masked(text, &[Span::new(3, 99, 1)]), text);
    }
}
