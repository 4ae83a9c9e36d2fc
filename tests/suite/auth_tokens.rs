//! Tokens that are good, and all the ways in which they are not.

use std::fs;
use std::sync::{Arc, LazyLock};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use composure::auth::{Accepted, Auth, Credential, JwksSource, Meaning, Outcome, Refusal, Reload, Role, Source};
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use serde_json::{Value, json};

use crate::auth::entry;
use crate::auth_issuer::{
    AUDIENCE, ISSUER, NOW, OTHER_RSA, RSA, SigningKey, at, auth_by_file, bearer, encoded, file, good_claims, headers,
    key_set, settings,
};

fn refusal(auth: &Auth, token: &str) -> Refusal {
    auth.authenticate(&bearer(token), None, at(NOW)).expect_err("the token is refused")
}

/// What comes of a token with these claims over good ones.
fn claiming(claims: &Value) -> Result<(), &'static str> {
    // One for all tests: each would write the file that another one reads.
    static AUTH: LazyLock<Auth> = LazyLock::new(|| auth_by_file("claiming.json", &key_set(&[&RSA])));
    let caller = AUTH.authenticate(&bearer(&RSA.token(claims)), None, at(NOW));
    caller.map(drop).map_err(|refusal| refusal.reason())
}

#[test]
fn a_good_token_tells_who_calls_and_what_they_may() {
    let auth = auth_by_file("good.json", &key_set(&[&RSA]));
    // Once verified, once known.
    for _ in 0..2 {
        let caller = auth.authenticate(&bearer(&RSA.token(&json!({}))), None, at(NOW)).unwrap();
        assert_eq!((caller.tenant(), caller.credential()), ("acme", &Credential::Token));
        assert!(caller.may(Role::Recommend) && !caller.may(Role::ReadPlaybooks) && !caller.may(Role::Operate));
        assert_eq!(caller.require(Role::Operate), Err(Refusal::Forbidden { role: Role::Operate }));
    }
}

#[test]
fn every_algorithm_of_the_list_is_taken() {
    let (p256, p384) = (SigningKey::new("p256", Algorithm::ES256), SigningKey::new("p384", Algorithm::ES384));
    let ed = SigningKey::new("ed", Algorithm::EdDSA);
    let mut rsa = RSA.public();
    rsa.as_object_mut().unwrap().remove("alg");
    let set = json!({"keys": [rsa, p256.public(), p384.public(), ed.public()]}).to_string();
    let auth = auth_by_file("algorithms.json", &set);
    let rsa = [Algorithm::RS256, Algorithm::RS384, Algorithm::RS512, Algorithm::PS256];
    let by_rsa = rsa.map(|algorithm| {
        let header = json!({"alg": format!("{algorithm:?}"), "kid": "rsa"});
        RSA.sign(&header, &good_claims(), algorithm)
    });
    let others = [&p256, &p384, &ed].map(|key| key.token(&json!({})));
    for token in by_rsa.into_iter().chain(others) {
        assert!(auth.authenticate(&bearer(&token), None, at(NOW)).is_ok());
    }
    for algorithm in [Algorithm::PS384, Algorithm::PS512] {
        let header = json!({"alg": format!("{algorithm:?}"), "kid": "rsa"});
        let token = RSA.sign(&header, &good_claims(), algorithm);
        assert_eq!(refusal(&auth, &token), Refusal::BadAlgorithm);
    }
}

#[test]
fn a_token_without_a_signature_is_refused() {
    let auth = auth_by_file("none.json", &key_set(&[&RSA]));
    for name in ["none", "None", "NONE", "nOnE"] {
        let message = format!("{}.{}", encoded(&json!({"alg": name, "kid": "rsa"})), encoded(&good_claims()));
        assert_eq!(refusal(&auth, &format!("{message}.")), Refusal::BadAlgorithm);
    }
    let good = RSA.token(&json!({}));
    let (message, _) = good.rsplit_once('.').unwrap();
    assert_eq!(refusal(&auth, &format!("{message}.")), Refusal::BadSignature);
    for no_base64 in ["!", "=", "A", "AAA="] {
        assert_eq!(refusal(&auth, &format!("{message}.{no_base64}")), Refusal::BadSignature);
    }
    assert_eq!(refusal(&auth, message).reason(), "malformed");
}

#[test]
fn the_public_key_is_no_secret_to_sign_with() {
    let auth = auth_by_file("swap.json", &key_set(&[&RSA]));
    let modulus = URL_SAFE_NO_PAD.decode(RSA.public()["n"].as_str().unwrap()).unwrap();
    for secret in [RSA.public_pem().as_bytes(), &modulus] {
        for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
            let header = json!({"alg": format!("{algorithm:?}"), "kid": "rsa"});
            let message = format!("{}.{}", encoded(&header), encoded(&good_claims()));
            let signature = crypto::sign(message.as_bytes(), &EncodingKey::from_secret(secret), algorithm).unwrap();
            assert_eq!(refusal(&auth, &format!("{message}.{signature}")), Refusal::BadAlgorithm);
        }
    }
}

#[test]
fn an_algorithm_must_fit_the_key_that_the_token_names() {
    let p256 = SigningKey::new("p256", Algorithm::ES256);
    let auth = auth_by_file("fit.json", &key_set(&[&RSA, &p256]));
    let silent = [RSA.public(), p256.public()].map(|mut key| {
        key.as_object_mut().unwrap().remove("alg");
        key
    });
    let silent = auth_by_file("fit_silent.json", &json!({"keys": silent}).to_string());
    for (algorithm, id) in [("ES256", "rsa"), ("RS256", "p256"), ("ES384", "p256"), ("EdDSA", "p256")] {
        let token = p256.token_with(&json!({"alg": algorithm, "kid": id}), &json!({}));
        for auth in [&auth, &silent] {
            assert_eq!(refusal(auth, &token), Refusal::BadAlgorithm, "{algorithm} by {id}");
        }
    }
    // The set says that the key is for RS256.
    let token = RSA.sign(&json!({"alg": "RS512", "kid": "rsa"}), &good_claims(), Algorithm::RS512);
    assert_eq!(refusal(&auth, &token), Refusal::BadAlgorithm);
}

#[test]
fn who_changes_a_token_or_signs_it_with_another_key_is_refused() {
    let auth = auth_by_file("forged.json", &key_set(&[&RSA]));
    let forged = OTHER_RSA.token_with(&json!({"kid": "rsa"}), &json!({}));
    assert_eq!(refusal(&auth, &forged), Refusal::BadSignature);

    let good = RSA.token(&json!({}));
    assert!(auth.authenticate(&bearer(&good), None, at(NOW)).is_ok());
    let [header, _, signature] = good.split('.').collect::<Vec<_>>()[..] else { panic!("a token has three parts") };
    let mut claims = good_claims();
    claims["roles"] = json!(["operate"]);
    assert_eq!(refusal(&auth, &format!("{header}.{}.{signature}", encoded(&claims))), Refusal::BadSignature);
}

#[test]
fn a_key_that_comes_with_the_token_counts_for_nothing() {
    let auth = auth_by_file("own_key.json", &key_set(&[&RSA]));
    let own =
        json!({"jwk": OTHER_RSA.public(), "jku": "https://attacker.example/keys", "x5u": "https://attacker.example/"});
    assert_eq!(refusal(&auth, &OTHER_RSA.token_with(&own, &json!({}))), Refusal::UnknownSigningKey);
    let mut own = own;
    own["kid"] = json!("rsa");
    assert_eq!(refusal(&auth, &OTHER_RSA.token_with(&own, &json!({}))), Refusal::BadSignature);
}

#[test]
fn a_token_without_a_key_id_is_taken_where_one_key_fits() {
    let p256 = SigningKey::new("p256", Algorithm::ES256);
    let token = RSA.token_with(&json!({"kid": null}), &json!({}));
    let one = auth_by_file("one_fits.json", &key_set(&[&p256, &RSA]));
    assert!(one.authenticate(&bearer(&token), None, at(NOW)).is_ok());
    let two = auth_by_file("two_fit.json", &key_set(&[&RSA, &OTHER_RSA]));
    assert!(refusal(&two, &token).to_string().contains("no `kid`"));
    let none = auth_by_file("none_fits.json", &key_set(&[&p256]));
    assert_eq!(refusal(&none, &token), Refusal::BadAlgorithm);
}

#[test]
fn extensions_that_must_be_understood_are_refused() {
    let auth = auth_by_file("crit.json", &key_set(&[&RSA]));
    for crit in [json!(["b64"]), json!([]), json!("exp")] {
        let token = RSA.token_with(&json!({"crit": crit, "b64": false}), &json!({}));
        assert!(refusal(&auth, &token).to_string().contains("`crit`"));
    }
}

#[test]
fn issuer_and_audience_are_to_the_letter() {
    assert_eq!(claiming(&json!({"aud": [AUDIENCE, "elsewhere"]})), Ok(()));
    assert_eq!(claiming(&json!({"aud": "another"})), Ok(()));
    let issuers =
        [json!("https://issuer.example"), json!("https://ISSUER.example/"), json!([ISSUER]), json!(""), json!(null)];
    for issuer in issuers {
        assert_eq!(claiming(&json!({"iss": issuer})), Err("wrong_issuer"), "{issuer}");
    }
    let audiences =
        [json!("Composure"), json!("composure another"), json!([]), json!([["composure"]]), json!({"composure": 1})];
    for audience in audiences.into_iter().chain([json!(null), json!(7)]) {
        assert_eq!(claiming(&json!({"aud": audience})), Err("wrong_audience"), "{audience}");
    }
}

#[test]
fn a_token_is_good_within_its_time_and_a_minute() {
    assert_eq!(claiming(&json!({"exp": NOW - 59})), Ok(()));
    assert_eq!(claiming(&json!({"exp": NOW - 60})), Err("expired"));
    assert_eq!(claiming(&json!({"exp": 0})), Err("expired"));
    assert_eq!(claiming(&json!({"exp": 1_800_000_600.5})), Ok(()));
    assert_eq!(claiming(&json!({"nbf": NOW + 60})), Ok(()));
    assert_eq!(claiming(&json!({"nbf": NOW + 61})), Err("not_yet_valid"));
    assert_eq!(claiming(&json!({"nbf": 1_800_000_061.5})), Err("not_yet_valid"));
    for wrong in [json!(null), json!("1800000600"), json!(-1), json!(1e300), json!([NOW + 600])] {
        assert_eq!(claiming(&json!({"exp": wrong})), Err("missing_claim"), "{wrong}");
    }
    assert_eq!(claiming(&json!({"nbf": "soon"})), Err("missing_claim"));
    assert_eq!(claiming(&json!({"exp": u64::MAX})), Ok(()));
}

#[test]
fn a_token_that_is_known_expires_all_the_same() {
    let auth = auth_by_file("expiring.json", &key_set(&[&RSA]));
    let headers = bearer(&RSA.token(&json!({})));
    assert!(auth.authenticate(&headers, None, at(NOW)).is_ok());
    assert!(auth.authenticate(&headers, None, at(NOW + 659)).is_ok());
    assert_eq!(auth.authenticate(&headers, None, at(NOW + 660)).unwrap_err(), Refusal::Expired);
}

#[test]
fn to_know_a_caller_again_takes_no_memory() {
    let mut settings = settings(JwksSource::File(file("memory.json", &key_set(&[&RSA]))));
    settings.api_keys = Some(file("memory.yaml", &entry("crm", "a key", "")));
    let auth = Auth::load(settings).unwrap();
    for headers in [bearer(&RSA.token(&json!({}))), headers([("x-api-key", "a key")])] {
        let known = auth.authenticate(&headers, None, at(NOW)).unwrap();
        let counted = allocation_counter::measure(|| {
            let again = auth.authenticate(&headers, None, at(NOW));
            assert!(again.is_ok_and(|caller| Arc::ptr_eq(&caller, &known)));
        });
        assert_eq!(counted.count_total, 0);
    }
}

#[test]
fn roles_and_tenant_come_from_the_claims_that_the_operator_names() {
    let mut settings = settings(JwksSource::File(file("claims.json", &key_set(&[&RSA]))));
    let jwt = settings.jwt.as_mut().unwrap();
    (jwt.tenant_claim, jwt.roles_claim) = ("org".to_owned(), "https://issuer.example/roles".to_owned());
    let auth = Auth::load(settings).unwrap();
    let caller = |roles: Value| {
        let claims = json!({"org": "blue", "https://issuer.example/roles": roles});
        auth.authenticate(&bearer(&RSA.token(&claims)), None, at(NOW)).unwrap()
    };
    assert_eq!(caller(json!("recommend")).tenant(), "blue");
    let roles = |roles: Value| Role::ALL.map(|role| caller(roles.clone()).may(role));
    assert_eq!(roles(json!(["recommend", "operate"])), [true, false, true]);
    assert_eq!(roles(json!("openid read_playbooks  recommend")), [true, true, false]);
    assert_eq!(roles(json!(["Recommend", "admin", 7, null, ["operate"]])), [false; 3]);
    assert_eq!(roles(json!(null)), [false; 3]);
    assert_eq!(roles(json!({"operate": true})), [false; 3]);
}

#[test]
fn a_token_without_a_tenant_is_refused() {
    for tenant in [json!(null), json!(""), json!(" "), json!(7), json!("a\nb"), json!("x".repeat(201))] {
        assert_eq!(claiming(&json!({"tenant": tenant})), Err("missing_claim"), "{tenant}");
    }
    assert_eq!(claiming(&json!({"tenant": "é".repeat(200)})), Ok(()));
}

#[test]
fn what_is_no_token_is_refused_without_a_panic() {
    let auth = auth_by_file("no_tokens.json", &key_set(&[&RSA]));
    let header = encoded(&json!({"alg": "RS256", "kid": "rsa"}));
    let odd = ["a", ".", "..", "...", "a.b", "a.b.c", "a.b.c.d", "eyJ.eyJ.x", "=.=.=", "\u{7f}.x.y"];
    let more = [format!("{header}.."), format!("{header}.!.!"), format!("{}.e30.x", encoded(&json!([1])))];
    for token in odd.into_iter().map(str::to_owned).chain(more) {
        let Ok(value) = http::HeaderValue::from_str(&format!("Bearer {token}")) else { continue };
        let headers = [(http::header::AUTHORIZATION, value)].into_iter().collect();
        let refusal = auth.authenticate(&headers, None, at(NOW)).unwrap_err();
        assert_eq!(refusal.meaning(), Meaning::Unauthenticated, "{token}");
    }
    let deep = format!("{{\"alg\":{}", "[".repeat(5_000));
    let deep = format!("{}.e30.x", URL_SAFE_NO_PAD.encode(deep));
    assert_eq!(refusal(&auth, &deep).reason(), "malformed");
    assert!(refusal(&auth, &"x".repeat(8_193)).to_string().contains("8192 bytes"));
}

#[test]
fn keys_that_cannot_check_tokens_are_passed_over() {
    let mut for_encryption = OTHER_RSA.public();
    for_encryption["use"] = json!("enc");
    let mut only_signs = OTHER_RSA.public();
    only_signs["key_ops"] = json!(["sign"]);
    let mut short = OTHER_RSA.public();
    short["n"] = json!(URL_SAFE_NO_PAD.encode([0xff; 128]));
    let secret = json!({"kty": "oct", "kid": "secret", "alg": "HS256", "k": URL_SAFE_NO_PAD.encode("a secret")});
    let unknown =
        [json!({"kty": "future", "kid": "x"}), json!({"kty": "EC", "crv": "P-521", "x": "AA", "y": "AA"}), json!(7)];
    let unusable = [for_encryption, only_signs, short, secret].into_iter().chain(unknown);
    for key in unusable {
        let alone = json!({"keys": [key]}).to_string();
        let problems = Auth::load(settings(JwksSource::File(file("unusable.json", &alone)))).unwrap_err();
        assert!(problems.to_string().contains("none of its keys can check"), "{key}: {problems}");
        let beside = json!({"keys": [key, RSA.public()]}).to_string();
        let auth = auth_by_file("beside.json", &beside);
        assert!(auth.authenticate(&bearer(&RSA.token(&json!({}))), None, at(NOW)).is_ok(), "{key}");
    }
}

#[test]
fn a_new_key_set_in_the_file_ends_the_tokens_of_the_old_one() {
    let path = file("rotated.json", &key_set(&[&RSA]));
    let auth = Auth::load(settings(JwksSource::File(path.clone()))).unwrap();
    let (old, new) = (bearer(&RSA.token(&json!({}))), bearer(&OTHER_RSA.token(&json!({}))));
    let reloaded = |outcome| vec![Reload { source: Source::Jwks, outcome }];
    assert!(auth.authenticate(&old, None, at(NOW)).is_ok());
    assert_eq!(auth.authenticate(&new, None, at(NOW)).unwrap_err(), Refusal::UnknownSigningKey);
    assert_eq!(auth.reload(), reloaded(Outcome::Unchanged));

    fs::write(&path, key_set(&[&OTHER_RSA])).unwrap();
    assert_eq!(auth.reload(), reloaded(Outcome::Loaded { keys: 1 }));
    assert_eq!(auth.authenticate(&old, None, at(NOW)).unwrap_err(), Refusal::UnknownSigningKey);
    assert!(auth.authenticate(&new, None, at(NOW)).is_ok());
}

#[test]
fn a_broken_key_set_changes_nothing() {
    let path = file("broken.json", &key_set(&[&RSA]));
    let auth = Auth::load(settings(JwksSource::File(path.clone()))).unwrap();
    let many = json!({"keys": vec![RSA.public(); 101]}).to_string();
    let broken = ["", "{", "[]", "{}", "{\"keys\": 7}", "{\"keys\": []}", &many, &" ".repeat(300_000)];
    for set in broken {
        fs::write(&path, set).unwrap();
        let [Reload { source: Source::Jwks, outcome: Outcome::Refused(problems) }] = &auth.reload()[..] else {
            panic!("the set is refused")
        };
        assert!(problems.to_string().contains("broken.json: "), "{problems}");
        assert!(auth.authenticate(&bearer(&RSA.token(&json!({}))), None, at(NOW)).is_ok());
    }
}

#[test]
fn only_tokens_are_taken_where_only_tokens_are_asked_for() {
    let auth = auth_by_file("only.json", &key_set(&[&RSA]));
    let missing = Refusal::Missing { accepted: Accepted::Tokens };
    assert_eq!(auth.authenticate(&headers([]), None, at(NOW)).unwrap_err(), missing);
    assert_eq!(auth.authenticate(&headers([("x-api-key", "key")]), None, at(NOW)).unwrap_err(), missing);
    assert_eq!(missing.to_string(), "this call needs a credential: send `authorization: Bearer TOKEN`");
}

#[test]
fn all_that_is_wrong_with_the_settings_is_told_at_once() {
    let mut settings = settings(JwksSource::from("http://issuer.example/keys"));
    settings.api_keys = Some("/nowhere/keys.yaml".into());
    let jwt = settings.jwt.as_mut().unwrap();
    (jwt.issuer, jwt.audiences) = (String::new(), vec![]);
    let problems = Auth::load(settings).unwrap_err();
    let told = problems.to_string();
    for part in ["/nowhere/keys.yaml: can't be read", "the issuer", "the audience", "`https://`"] {
        assert!(told.contains(part), "{told}");
    }
    assert_eq!(problems.lines().len(), 4);
}
