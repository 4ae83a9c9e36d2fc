//! Headers out of one text. It holds keys of others, so nothing of it is ever quoted.

use http::{HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;

use super::kind::Flaw;
use super::secret::Secret;
use super::sections::Header;
use super::text::empty;

/// The headers in `name=value,name=value`, as OpenTelemetry writes them: values may be percent-encoded.
pub(super) fn headers(text: &str) -> Result<Vec<Header>, Flaw> {
    if text.trim().is_empty() {
        return Err(empty());
    }
    text.split(',').enumerate().map(|(index, part)| header(part, index + 1)).collect()
}

fn header(text: &str, number: usize) -> Result<Header, Flaw> {
    let (name, value) = text.split_once('=').ok_or_else(|| {
        flaw(number, "has no `=`", "write `name=value`, with `,` between headers and `%2C` for one in a value")
    })?;
    let name = HeaderName::try_from(name.trim()).ok().filter(|name| !name.as_str().ends_with("-bin"));
    let name = name.ok_or_else(|| {
        flaw(
            number,
            "has no name that may be sent",
            "write a name of letters, digits and `-` that does not end in `-bin`",
        )
    })?;
    let value = percent_decode_str(value.trim()).decode_utf8().ok().filter(|value| !value.is_empty());
    let value = value.filter(|value| HeaderValue::from_str(value).is_ok_and(|value| value.to_str().is_ok()));
    let value = value.ok_or_else(|| flaw(number, "has no value that may be sent", "write plain ASCII that prints"))?;
    Ok(Header { name: name.as_str().to_owned(), value: Secret::new(value) })
}

fn flaw(number: usize, what: &str, mend: &str) -> Flaw {
    Flaw { code: "wrong-type", message: format!("header {number} {what}"), mend: mend.to_owned() }
}
