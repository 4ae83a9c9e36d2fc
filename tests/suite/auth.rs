//! API keys, client certificates, and nothing at all.

use std::fmt::Write as _;
use std::fs;
use std::sync::Arc;

use composure::auth::{Accepted, Auth, Caller, Credential, JwksSource, Meaning, Outcome, Refusal, Role, Settings};
use rcgen::{CertificateParams, DnType, KeyPair, SanType};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::auth_issuer::{NOW, RSA, at, bearer, file, headers, key_set, settings};

const KEY: &str = "4b1d0f2c9a8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b4a392817061524";

fn sha256(key: &str) -> String {
    Sha256::digest(key).iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    })
}

pub(crate) fn entry(id: &str, key: &str, more: &str) -> String {
    format!("- id: {id}\n  sha256: {}\n  tenant: acme\n  roles: [recommend]\n{more}", sha256(key))
}

fn by_keys(name: &str, content: &str) -> Result<Auth, String> {
    let settings = Settings { api_keys: Some(file(name, content)), ..Settings::default() };
    Auth::load(settings).map_err(|problems| problems.to_string())
}

fn reason(auth: &Auth, lines: &http::HeaderMap) -> &'static str {
    auth.authenticate(lines, None, at(NOW)).map_or_else(|refusal| refusal.reason(), |_| "none")
}

#[test]
fn where_nothing_is_asked_for_everybody_may_do_everything() {
    let auth = Auth::load(Settings::default()).unwrap();
    let caller = auth.authenticate(&headers([("authorization", "Basic x")]), None, at(NOW)).unwrap();
    assert_eq!((caller.tenant(), caller.credential()), ("", &Credential::Anonymous));
    assert!(Role::ALL.into_iter().all(|role| caller.may(role)));
    assert!(auth.is_ready() && auth.reload().is_empty());
}

#[test]
fn an_api_key_is_taken_from_either_header() {
    let auth = by_keys("either.yaml", &entry("crm", KEY, "")).unwrap();
    let lines = [
        ("x-api-key", KEY.to_owned()),
        ("authorization", format!("Bearer {KEY}")),
        ("authorization", format!("bearer  {KEY}")),
    ];
    for (name, value) in lines {
        let caller = auth.authenticate(&headers([(name, &value)]), None, at(NOW)).unwrap();
        assert_eq!(
            (caller.tenant(), caller.credential().kind(), caller.credential().id()),
            ("acme", "api_key", Some("crm"))
        );
        assert!(caller.may(Role::Recommend) && !caller.may(Role::Operate));
    }
    assert_eq!(reason(&auth, &headers([])), "missing");
    assert_eq!(reason(&auth, &headers([("x-api-key", KEY.split_at(1).1)])), "unknown_api_key");
    assert_eq!(reason(&auth, &headers([("x-api-key", &sha256(KEY))])), "unknown_api_key");
    assert_eq!(reason(&auth, &bearer("a.b.c")), "unknown_api_key");
}

#[test]
fn a_credential_that_is_ambiguous_or_does_not_read_as_one_is_refused() {
    let auth = by_keys("odd.yaml", &entry("crm", KEY, "")).unwrap();
    let (basic, long) = (format!("Basic {KEY}"), "k".repeat(8_193));
    let odd = [
        headers([("x-api-key", KEY), ("authorization", &format!("Bearer {KEY}"))]),
        headers([("x-api-key", KEY), ("x-api-key", KEY)]),
        headers([("authorization", &basic)]),
        headers([("authorization", KEY)]),
        headers([("authorization", "Bearer")]),
        headers([("authorization", "Bearer ")]),
        headers([("x-api-key", "")]),
        headers([("x-api-key", "é")]),
        headers([("x-api-key", &long)]),
    ];
    for lines in odd {
        assert_eq!(reason(&auth, &lines), "malformed", "{:?}", lines.keys().collect::<Vec<_>>());
    }
}

#[test]
fn an_api_key_expires_when_its_entry_says_so() {
    // 2027-01-15T08:00:00Z is the moment of these tests.
    for (expires, taken) in [
        ("2027-01-15T08:00:01Z", true),
        ("2027-01-15T08:00:00Z", false),
        ("2027-01-15T10:00:01+02:00", true),
        ("2027-01-15T10:00:00+02:00", false),
        ("2027-01-16", true),
        ("2027-01-15", false),
    ] {
        let auth = by_keys("expires.yaml", &entry("crm", KEY, &format!("  expires: {expires}\n"))).unwrap();
        let wanted = if taken { "none" } else { "expired" };
        assert_eq!(reason(&auth, &headers([("x-api-key", KEY)])), wanted, "{expires}");
    }
    for wrong in
        ["tomorrow", "2027-02-30", "2027-1-15", "2027-01-15T08:00:00", "1800000000", "", "null", "[]", "15.01.2027"]
    {
        let problems = by_keys("expires_not.yaml", &entry("crm", KEY, &format!("  expires: {wrong}\n"))).unwrap_err();
        assert!(problems.contains("expires_not.yaml:5: `expires` must be"), "{wrong}: {problems}");
    }
}

#[test]
fn all_that_is_wrong_with_the_file_is_told_at_once_by_line_and_without_what_may_be_secret() {
    let text = format!(
        "- id: one\n  sha256: {KEY}canary\n  tennant: acme\n  roles: [recommend, opperate]\n\
         - id: two words\n  sha256: {digest}\n  tenant: ''\n  roles: []\n\
         - id: one\n  sha256: {digest}\n  tenant: acme\n  roles: recommend\n  tenant: acme\n\
         - canary\n\
         - {{}}\n",
        digest = sha256(KEY)
    );
    let problems = by_keys("wrong.yaml", &text).unwrap_err();
    let lines: Vec<&str> = problems.lines().map(|line| line.rsplit_once("wrong.yaml:").unwrap().1).collect();
    assert_eq!(
        lines,
        [
            "1: this entry has no `tenant`",
            "2: `sha256` must be the SHA-256 of the key, in 64 hexadecimal digits; never put the key itself here",
            "3: there is no field `tennant`, did you mean `tenant`?",
            "4: there is no role `opperate`, did you mean `operate`?",
            "5: `id` must have 1 to 64 characters: letters, digits, `-`, `_` and `.`",
            "7: `tenant` must have 1 to 200 characters, in one line",
            "8: `roles` is empty: a key that may do nothing is better left out",
            "9: the id `one` is on line 1 already",
            "9: the same key is on line 5 already",
            "12: `roles` must be a list, such as `[recommend]`",
            "13: `tenant` stands here twice",
            "14: an entry must have fields: start it with `- id: NAME`",
            "15: this entry has no `id`",
            "15: this entry has no `sha256`",
            "15: this entry has no `tenant`",
            "15: this entry has no `roles`",
        ]
    );
    assert!(!problems.contains("canary") && !problems.contains(KEY));
}

#[test]
fn a_file_that_is_no_list_of_keys_is_refused() {
    let deep = format!("- {}{}", "[".repeat(50), "]".repeat(50));
    let endless = "[".repeat(100_000);
    for (text, told) in [
        ("", "1: the file is empty"),
        ("# nothing\n", "1: the file is empty"),
        ("id: crm\n", "1: the file must be a list"),
        ("canary\n", "1: the file must be a list"),
        ("- id: [\n", "this is not YAML"),
        ("- id: \"canary\n", "this is not YAML"),
        (&endless, "this is not YAML"),
        ("- &a {}\n- *a\n", "1: anchors are not read"),
        ("- !canary {}\n", "1: tags are not read"),
        ("[]\n---\n[]\n", "2: a second document"),
        (&deep, "nested too deep"),
        ("- ? [canary]\n  : x\n", "1: a field's name must be a word"),
    ] {
        let problems = by_keys("no_list.yaml", text).unwrap_err();
        assert!(problems.contains(told) && !problems.contains("canary"), "{problems}");
    }
    let nobody = by_keys("nobody.yaml", "[]\n").unwrap();
    assert_eq!(reason(&nobody, &headers([("x-api-key", KEY)])), "unknown_api_key");
    let missing = Settings { api_keys: Some("/nowhere/keys.yaml".into()), ..Settings::default() };
    assert!(Auth::load(missing).unwrap_err().to_string().starts_with("/nowhere/keys.yaml: can't be read"));
}

#[test]
fn a_key_is_replaced_by_having_both_for_a_while() {
    let other = KEY.replace('4', "5");
    let path = file("replaced.yaml", &entry("old", KEY, ""));
    let auth = Auth::load(Settings { api_keys: Some(path.clone()), ..Settings::default() }).unwrap();
    let taken = || [KEY, &other].map(|key| reason(&auth, &headers([("x-api-key", key)])) == "none");
    let reload = || auth.reload().pop().unwrap().outcome;
    assert_eq!((taken(), reload()), ([true, false], Outcome::Unchanged));

    fs::write(&path, entry("old", KEY, "") + &entry("new", &other, "")).unwrap();
    assert_eq!((reload(), taken()), (Outcome::Loaded { keys: 2 }, [true, true]));
    fs::write(&path, entry("new", &other, "")).unwrap();
    assert_eq!((reload(), taken()), (Outcome::Loaded { keys: 1 }, [false, true]));

    fs::write(&path, entry("new", &other, "  rolls: [operate]\n")).unwrap();
    let Outcome::Refused(problems) = reload() else { panic!("a broken file is refused") };
    assert!(problems.to_string().ends_with("replaced.yaml:5: there is no field `rolls`, did you mean `roles`?"));
    assert_eq!(taken(), [false, true]);
    fs::remove_file(&path).unwrap();
    assert!(matches!(reload(), Outcome::Refused(_)));
    assert_eq!(taken(), [false, true]);
    fs::write(&path, entry("new", &other, "")).unwrap();
    assert_eq!(reload(), Outcome::Unchanged);
}

#[test]
fn keys_and_tokens_live_side_by_side() {
    let mut settings = settings(JwksSource::File(file("beside_keys.json", &key_set(&[&RSA]))));
    settings.api_keys = Some(file("beside.yaml", &entry("crm", KEY, "")));
    let auth = Auth::load(settings).unwrap();
    let kind = |lines| auth.authenticate(&lines, None, at(NOW)).map(|caller| caller.credential().kind());
    assert_eq!(kind(bearer(&RSA.token(&json!({})))), Ok("token"));
    assert_eq!(kind(bearer(KEY)), Ok("api_key"));
    assert_eq!(kind(headers([("x-api-key", KEY)])), Ok("api_key"));
    assert_eq!(kind(headers([("x-api-key", &RSA.token(&json!({})))])), Err(Refusal::UnknownApiKey));
    assert_eq!(kind(headers([])), Err(Refusal::Missing { accepted: Accepted::ApiKeysAndTokens }));
    assert_eq!(auth.reload().len(), 2);
}

/// The caller of a certificate with that common name and those other names.
fn certified(name: &str, others: Vec<SanType>) -> Result<Caller, Refusal> {
    let mut params = CertificateParams::default();
    params.distinguished_name.remove(DnType::CommonName);
    if !name.is_empty() {
        params.distinguished_name.push(DnType::CommonName, name);
    }
    params.subject_alt_names = others;
    let certificate = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
    Caller::of_certificate(certificate.der())
}

#[test]
fn a_certificate_names_its_tenant() {
    let uri = |text: &str| SanType::URI(text.try_into().unwrap());
    let dns = |text: &str| SanType::DnsName(text.try_into().unwrap());
    let tenant = |name, others| certified(name, others).map(|caller| caller.tenant().to_owned());
    let all = vec![dns("a.example"), uri("spiffe://a/crm"), uri("spiffe://a/other")];
    assert_eq!(tenant("cn", all).as_deref(), Ok("spiffe://a/crm"));
    assert_eq!(tenant("cn", vec![dns("a.example"), dns("b.example")]).as_deref(), Ok("a.example"));
    assert_eq!(tenant("cn", vec![]).as_deref(), Ok("cn"));
    for nameless in [certified("", vec![]), certified("a\nb", vec![]), Caller::of_certificate(b"canary")] {
        assert_eq!(nameless.unwrap_err().reason(), "malformed");
    }
    let caller = certified("cn", vec![]).unwrap();
    assert!(Role::ALL.into_iter().all(|role| caller.may(role)));
    assert_eq!(caller.credential().kind(), "certificate");
}

#[test]
fn a_certificate_is_enough_only_where_nothing_else_is_asked_for() {
    let caller = certified("cn", vec![]).map(Arc::new);
    let mutual = Auth::load(Settings { certificates: true, ..Settings::default() }).unwrap();
    assert_eq!(mutual.authenticate(&headers([]), Some(&caller), at(NOW)), caller);
    let nameless = certified("", vec![]).map(Arc::new);
    assert_eq!(mutual.authenticate(&headers([]), Some(&nameless), at(NOW)), nameless);
    let missing = Refusal::Missing { accepted: Accepted::Certificates };
    assert_eq!(mutual.authenticate(&headers([]), None, at(NOW)).unwrap_err(), missing);

    let api_keys = Some(file("both.yaml", &entry("crm", KEY, "")));
    let both = Auth::load(Settings { certificates: true, api_keys, ..Settings::default() }).unwrap();
    assert_eq!(both.authenticate(&headers([]), Some(&caller), at(NOW)).unwrap_err().reason(), "missing");
    let by_key = both.authenticate(&headers([("x-api-key", KEY)]), Some(&caller), at(NOW)).unwrap();
    assert_eq!(by_key.credential().id(), Some("crm"));
}

#[test]
fn what_a_refusal_means_is_one_of_three_things() {
    let forbidden = Refusal::Forbidden { role: Role::Operate };
    assert_eq!((forbidden.meaning(), forbidden.reason()), (Meaning::Forbidden, "forbidden"));
    assert_eq!(forbidden.to_string(), "the caller needs the role `operate` for this");
    let later = Refusal::KeysUnavailable { retry_after: std::time::Duration::from_millis(4_200) };
    assert_eq!(later.to_string(), "the issuer's keys are being fetched; try again in 5 s");
}
