//! What callers show is told to nobody.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use composure::auth::{Auth, JwksSource, Settings};
use serde_json::{Value, json};

use crate::auth::entry;
use crate::auth_issuer::{NOW, OTHER_RSA, RSA, at, bearer, file, key_set, settings};

/// Lines of the log, in memory.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Keys and tokens of every sort, good and bad, full of the word.
fn credentials() -> Vec<String> {
    let changes = [
        json!({}),
        json!({"exp": 1}),
        json!({"nbf": NOW + 999}),
        json!({"iss": "canary"}),
        json!({"aud": "canary"}),
        json!({"exp": "canary"}),
        json!({"tenant": "canary\n"}),
    ];
    let canaries = json!({"sub": "canary", "name": "canary", "tenant": "canary", "roles": "canary"});
    let claims = changes.into_iter().map(|change| {
        let mut claims = canaries.clone();
        claims.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        claims
    });
    let of_claims = claims.map(|claims| RSA.token(&claims));
    let of_headers = [
        OTHER_RSA.token_with(&json!({"kid": "canary"}), &canaries),
        OTHER_RSA.token_with(&json!({"kid": "rsa"}), &canaries),
        RSA.token_with(&json!({"alg": "canary"}), &canaries),
        RSA.token_with(&json!({"crit": ["canary"]}), &canaries),
    ];
    let others = ["canary", "canary-key", "canary.canary.canary"].map(str::to_owned);
    of_claims.chain(of_headers).chain(others).collect()
}

fn canary_settings() -> Settings {
    let mut settings = settings(JwksSource::File(file("secrets.json", &key_set(&[&RSA]))));
    let keys = entry("crm", "canary-key", "").replace("acme", "canary-tenant");
    settings.api_keys = Some(file("secrets.yaml", &keys));
    settings
}

/// All that can be printed of what came of `credentials`.
fn told(credentials: &[String]) -> Vec<String> {
    let auth = Auth::load(canary_settings()).unwrap();
    let mut told = vec![format!("{auth:?} {:?} {:?}", canary_settings(), auth.reload())];
    for credential in credentials {
        let came = auth.authenticate(&bearer(credential), None, at(NOW));
        told.push(format!("{came:?}"));
        told.extend(came.err().map(|refusal| refusal.to_string()));
    }
    told
}

#[test]
fn no_key_token_or_claim_is_ever_told() {
    let (lines, credentials) = (Lines::default(), credentials());
    let writer = lines.clone();
    let log = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(move || writer.clone());
    let mut told = tracing::subscriber::with_default(log.finish(), || told(&credentials));
    told.push(String::from_utf8(lines.0.lock().unwrap().clone()).unwrap());
    let parts = credentials.iter().flat_map(|credential| credential.split('.'));
    let secrets: Vec<&str> = parts.chain(["canary"]).filter(|part| !part.is_empty()).collect();
    for line in told {
        assert!(!secrets.iter().any(|secret| line.contains(secret)), "{line}");
    }
}

#[test]
fn a_caller_shows_neither_tenant_nor_token() {
    let auth = Auth::load(settings(JwksSource::File(file("shown.json", &key_set(&[&RSA]))))).unwrap();
    let claims: Value = json!({"tenant": "canary"});
    let caller = auth.authenticate(&bearer(&RSA.token(&claims)), None, at(NOW)).unwrap();
    assert_eq!(format!("{caller:?}"), "Caller { credential: Token, roles: {Recommend}, .. }");
}
