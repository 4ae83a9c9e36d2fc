//! What makes no sense together, though each of it is right.

use super::address::HostPort;
use super::combinations_of_stores;
use super::draft::Draft;
use super::kind::Flaw;
use super::sections::Jwks;
use super::settings::{Setting, Settings};
use super::text::written;
use crate::playbook::finding::ticked;

const JWT: [&str; 3] = ["auth.jwt.issuer", "auth.jwt.audience", "auth.jwt.jwks"];

/// What makes no sense, each with the choice that is to blame first.
pub(super) fn examine<'s>(draft: &Draft, settings: &'s Settings) -> Vec<(&'s Setting, Flaw)> {
    let found = [
        together("tls.certificate", "tls.key", settings),
        together("tls.key", "tls.certificate", settings),
        client_ca(settings),
        jwt(settings),
        issuer_ca(draft, settings),
        claim("auth.jwt.tenant_claim", draft.jwt.tenant_claim != "tenant", settings),
        claim("auth.jwt.roles_claim", draft.jwt.roles_claim != "roles", settings),
        collector("otlp.metrics", draft.config.otlp.metrics, settings),
        collector("otlp.headers", !draft.config.otlp.headers.is_empty(), settings),
        addresses(draft, settings),
        deadlines(draft, settings),
    ];
    let mut found: Vec<_> = found.into_iter().flatten().collect();
    found.extend(combinations_of_stores::examine(draft, settings));
    found
}

pub(super) fn conflict(message: String, mend: String) -> Flaw {
    Flaw { code: "conflict", message, mend }
}

fn together<'s>(one: &str, other: &str, settings: &'s Settings) -> Option<(&'s Setting, Flaw)> {
    let chosen = settings.chosen(one)?;
    let mend = format!("set {}, too, or leave {} out", ticked(other), ticked(one));
    let message = format!("{} is set, and {} is not", ticked(one), ticked(other));
    settings.chosen(other).is_none().then(|| (chosen, conflict(message, mend)))
}

fn client_ca(settings: &Settings) -> Option<(&Setting, Flaw)> {
    let chosen = settings.chosen("tls.client_ca")?;
    let encrypted = settings.chosen("tls.certificate").or(settings.chosen("tls.key")).is_some();
    let message = "`tls.client_ca` is set, and `tls.certificate` is not".to_owned();
    let mend =
        "clients show certificates over TLS alone: set `tls.certificate` and `tls.key`, or leave it out".to_owned();
    (!encrypted).then(|| (chosen, conflict(message, mend)))
}

fn jwt(settings: &Settings) -> Option<(&Setting, Flaw)> {
    let first = JWT.into_iter().find_map(|path| settings.chosen(path))?;
    let missing: Vec<String> = JWT.into_iter().filter(|path| settings.chosen(path).is_none()).map(ticked).collect();
    let are = if missing.len() == 1 { "is" } else { "are" };
    let message = format!("{} is set, and {} {are} not", ticked(first.key.path), missing.join(" and "));
    let mend = "tokens are accepted by all three of `auth.jwt.issuer`, `auth.jwt.audience` and `auth.jwt.jwks`: set all, or none";
    (!missing.is_empty()).then(|| (first, conflict(message, mend.to_owned())))
}

fn issuer_ca<'s>(draft: &Draft, settings: &'s Settings) -> Option<(&'s Setting, Flaw)> {
    let chosen = settings.chosen("auth.jwt.ca").filter(|_| !settings.is_flawed("auth.jwt.jwks"))?;
    let fetched = match &draft.jwt.jwks {
        Some(Jwks::Url(url)) => url.starts_with("https://"),
        Some(Jwks::File(_)) | None => false,
    };
    let message = "`auth.jwt.ca` is set, and `auth.jwt.jwks` is no `https://` URL".to_owned();
    let mend = "it says whom to trust where keys are fetched from: give their URL, or leave it out".to_owned();
    (!fetched).then(|| (chosen, conflict(message, mend)))
}

fn claim<'s>(path: &str, differs: bool, settings: &'s Settings) -> Option<(&'s Setting, Flaw)> {
    let chosen = settings.chosen(path).filter(|_| differs)?;
    let any = JWT.into_iter().any(|path| settings.chosen(path).is_some());
    let message = format!("{} is set, and no tokens are accepted that could have it", ticked(path));
    let mend = "set `auth.jwt.issuer`, `auth.jwt.audience` and `auth.jwt.jwks`, or leave it out".to_owned();
    (!any).then(|| (chosen, conflict(message, mend)))
}

fn collector<'s>(path: &str, wanted: bool, settings: &'s Settings) -> Option<(&'s Setting, Flaw)> {
    let chosen = settings.chosen(path).filter(|_| wanted)?;
    let message = format!("{} is set, and `otlp.endpoint` is not", ticked(path));
    let mend = "nobody is told without it: set `otlp.endpoint`, or leave this out".to_owned();
    settings.chosen("otlp.endpoint").is_none().then(|| (chosen, conflict(message, mend)))
}

fn addresses<'s>(draft: &Draft, settings: &'s Settings) -> Option<(&'s Setting, Flaw)> {
    let blamed = stronger("admin", "listen", settings)?;
    let (listen, admin) = (&draft.config.listen, draft.config.admin.as_ref()?);
    let clash = HostPort::of(listen)?.clashes_with(HostPort::of(admin)?);
    let message =
        format!("`listen` is {} and `admin` is {}: only one of them can have the port", ticked(listen), ticked(admin));
    let mend = "give one of them another port".to_owned();
    clash.then(|| (blamed, conflict(message, mend)))
}

fn deadlines<'s>(draft: &Draft, settings: &'s Settings) -> Option<(&'s Setting, Flaw)> {
    let blamed = stronger("drain.deadline", "limits.deadline", settings)?;
    let (drain, call) = (draft.config.drain.deadline, draft.config.limits.deadline);
    let message = format!(
        "`drain.deadline` is `{}` and `limits.deadline` is `{}`: a call can take longer than it is waited for",
        written(drain),
        written(call)
    );
    let mend = "make `drain.deadline` as long as `limits.deadline`, or longer".to_owned();
    (drain < call).then(|| (blamed, conflict(message, mend)))
}

/// The one of the two that was chosen more strongly, unless something is wrong with one of them already.
fn stronger<'s>(one: &str, other: &str, settings: &'s Settings) -> Option<&'s Setting> {
    let sound = !settings.is_flawed(one) && !settings.is_flawed(other);
    let chosen = settings.chosen(one).into_iter().chain(settings.chosen(other));
    chosen.filter(|_| sound).max_by_key(|setting| setting.source)
}
