//! A few values out of a document that nobody has read yet.

use std::borrow::Cow;

use saphyr_parser::Event;

/// What a document says under the top-level `keys`, where that is a scalar. It stops reading once it knows all of them.
pub(in crate::playbook) fn heading<'s, const N: usize>(text: &'s str, keys: [&str; N]) -> [Option<Cow<'s, str>>; N] {
    let mut parser = saphyr_parser::Parser::new_from_str(text);
    let mut values = [const { None }; N];
    let mut depth = 0_usize;
    let mut key: Option<Cow<'s, str>> = None;
    while let Some(Ok((event, _))) = parser.next_event() {
        match event {
            Event::MappingStart(..) | Event::SequenceStart(..) => {
                depth += 1;
                key = None;
            }
            Event::MappingEnd | Event::SequenceEnd => depth = depth.saturating_sub(1),
            Event::Alias(_) => key = None,
            Event::Scalar(text, ..) if depth == 1 => match key.take() {
                None => key = Some(text),
                Some(key) => keep(&mut values, keys, &key, text),
            },
            Event::Scalar(..)
            | Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => {}
        }
        if values.iter().all(Option::is_some) {
            break;
        }
    }
    values
}

fn keep<'s, const N: usize>(values: &mut [Option<Cow<'s, str>>; N], keys: [&str; N], key: &str, text: Cow<'s, str>) {
    if let Some((_, value)) = keys.iter().zip(values).find(|(wanted, _)| **wanted == key) {
        *value = Some(text);
    }
}
