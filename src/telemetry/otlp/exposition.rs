//! Reads what was written for whoever scrapes, so that what is pushed is the same.

/// A metric: its name, what it is, and its samples.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Family<'a> {
    pub(super) name: &'a str,
    pub(super) help: &'a str,
    pub(super) kind: &'a str,
    pub(super) samples: Vec<Sample<'a>>,
}

/// One line.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sample<'a> {
    /// What follows the name of the metric.
    pub(super) suffix: &'a str,
    pub(super) labels: Vec<(&'a str, String)>,
    pub(super) value: f64,
}

/// The metrics in a text of `OpenMetrics`. Lines that can't be read are passed over: there are none in what we write.
pub(super) fn families(text: &str) -> Vec<Family<'_>> {
    let mut families: Vec<Family<'_>> = Vec::new();
    for line in text.lines() {
        if let Some((name, help)) = line.strip_prefix("# HELP ").and_then(|line| line.split_once(' ')) {
            families.push(Family { name, help, kind: "", samples: Vec::new() });
        } else if let Some(family) = families.last_mut() {
            match line.strip_prefix("# TYPE ").and_then(|line| line.split_once(' ')) {
                Some((_, kind)) => family.kind = kind,
                None => family.samples.extend(sample(line, family.name)),
            }
        }
    }
    families
}

fn sample<'a>(line: &'a str, family: &str) -> Option<Sample<'a>> {
    let rest = line.strip_prefix(family)?;
    let end = rest.find(['{', ' '])?;
    let (suffix, rest) = rest.split_at_checked(end)?;
    let (labels, rest) = match rest.strip_prefix('{') {
        Some(rest) => labels(rest)?,
        None => (Vec::new(), rest),
    };
    let value = rest.trim_start().split(' ').next()?.parse().ok()?;
    Some(Sample { suffix, labels, value })
}

/// The labels at the start of `rest`, and what follows their closing brace.
fn labels(mut rest: &str) -> Option<(Vec<(&str, String)>, &str)> {
    let mut labels = Vec::new();
    loop {
        if let Some(after) = rest.strip_prefix('}') {
            return Some((labels, after));
        }
        let (name, quoted) = rest.split_once("=\"")?;
        let (value, after) = value(quoted)?;
        labels.push((name, value));
        rest = after.strip_prefix(',').unwrap_or(after);
    }
}

/// The value up to the closing quotation mark, and what follows that.
fn value(quoted: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = quoted.chars();
    loop {
        match chars.next()? {
            '"' => return Some((value, chars.as_str())),
            '\\' => value.push(match chars.next()? {
                'n' => '\n',
                escaped => escaped,
            }),
            plain => value.push(plain),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_labels_and_values_are_read() {
        let text = "# HELP a_b Some help.\n# TYPE a_b counter\na_b_total{x=\"1\",y=\"a\\\"}\\\\\\n,\"} 7 # {t=\"u\"} 0.5\na_b_total 0.25\n# EOF\n";
        let samples = vec![
            Sample { suffix: "_total", labels: vec![("x", "1".to_owned()), ("y", "a\"}\\\n,".to_owned())], value: 7.0 },
            Sample { suffix: "_total", labels: Vec::new(), value: 0.25 },
        ];
        assert_eq!(families(text), [Family { name: "a_b", help: "Some help.", kind: "counter", samples }]);
    }

    #[test]
    fn lines_that_cannot_be_read_are_passed_over() {
        let text = "stray 1\n# HELP a A.\n# TYPE a gauge\na{ 1\na{x=\"y 1\na\na one\nb 1\n";
        assert_eq!(families(text), [Family { name: "a", help: "A.", kind: "gauge", samples: Vec::new() }]);
    }
}
