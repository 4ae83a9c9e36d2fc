//! Key sets at an address: fetched, rotated, and out of reach.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use composure::auth::{Auth, JwksSource, Meaning, Outcome, Refusal, Reload};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::auth_issuer::{
    Answer, NOW, OTHER_RSA, Place, RSA, SigningKey, at, bearer, endless_set, file, key_set, reply, settings,
};

/// What comes of a token by `key`, which nobody has seen before.
fn call(auth: &Auth, key: &SigningKey) -> Result<(), Refusal> {
    auth.authenticate(&bearer(&key.token(&json!({"jti": rand()}))), None, at(NOW)).map(drop)
}

/// Another text each time, so that no token is known.
fn rand() -> String {
    uuid::Uuid::new_v4().to_string()
}

async fn refresh(auth: &Auth) -> Outcome {
    auth.refresh().await.expect("the set is at an address").outcome
}

async fn refused(auth: &Auth) -> String {
    match refresh(auth).await {
        Outcome::Refused(problems) => problems.to_string(),
        other @ (Outcome::Loaded { .. } | Outcome::Unchanged) => panic!("the set is not refused: {other:?}"),
    }
}

/// Waits until `happened`, for ten seconds at most.
async fn until(happened: impl Fn() -> bool) {
    let waiting = async {
        while !happened() {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(Duration::from_secs(10), waiting).await.expect("it happens within ten seconds");
}

#[tokio::test]
async fn tokens_may_be_tried_again_until_the_keys_came() {
    let place = Place::open(Answer::Status("503 Service Unavailable")).await;
    let auth = place.auth();
    let early = call(&auth, &RSA).unwrap_err();
    assert!(matches!(early, Refusal::KeysUnavailable { retry_after } if retry_after >= Duration::from_secs(1)));
    assert_eq!((early.meaning(), auth.is_ready(), auth.key_set_age()), (Meaning::Unavailable, false, None));
    assert!(refused(&auth).await.contains("it answered 503"));
    assert_eq!(call(&auth, &RSA).unwrap_err().reason(), "keys_unavailable");

    place.answer(Answer::Set(key_set(&[&RSA])));
    assert_eq!(refresh(&auth).await, Outcome::Loaded { keys: 1 });
    assert_eq!(call(&auth, &RSA), Ok(()));
    assert!(auth.is_ready() && auth.key_set_age() < Some(Duration::from_secs(10)));
    assert_eq!(refresh(&auth).await, Outcome::Unchanged);
}

#[tokio::test]
async fn a_server_that_starts_before_its_issuer_needs_no_help() {
    let gone = Place::open(Answer::Silence).await;
    let (address, auth) = (gone.address, Arc::new(gone.auth()));
    drop(gone);
    let told = Arc::new(Mutex::new(Vec::new()));
    let telling = Arc::clone(&told);
    let running =
        tokio::spawn(Arc::clone(&auth).run(move |reload: Reload| telling.lock().unwrap().push(reload.outcome)));
    until(|| !told.lock().unwrap().is_empty()).await;
    assert!(matches!(told.lock().unwrap()[0], Outcome::Refused(_)));
    assert!(!auth.is_ready());

    let _place = Place::open_at(address, Answer::Set(key_set(&[&RSA]))).await;
    until(|| auth.is_ready()).await;
    until(|| told.lock().unwrap().last() == Some(&Outcome::Loaded { keys: 1 })).await;
    assert_eq!(call(&auth, &RSA), Ok(()));
    running.abort();
}

#[tokio::test]
async fn the_last_good_keys_stay_while_the_issuer_is_down() {
    let place = Place::open(Answer::Set(key_set(&[&RSA]))).await;
    let auth = place.auth();
    refresh(&auth).await;
    let age = auth.key_set_age();
    let broken = ["{", "{\"keys\": []}", "<html></html>"].map(|set| Answer::Set(set.to_owned()));
    for answer in
        [Answer::Status("500 Internal Server Error"), Answer::Status("204 No Content")].into_iter().chain(broken)
    {
        place.answer(answer);
        refused(&auth).await;
        assert_eq!(call(&auth, &RSA), Ok(()));
    }
    drop(place);
    refused(&auth).await;
    assert_eq!(call(&auth, &RSA), Ok(()));
    assert!(auth.key_set_age() > age, "the age goes on");
}

#[tokio::test]
async fn rotation_brings_in_new_keys_and_ends_the_old_ones() {
    let place = Place::open(Answer::Set(key_set(&[&RSA]))).await;
    let auth = place.auth();
    refresh(&auth).await;
    let known = bearer(&RSA.token(&json!({})));
    assert!(auth.authenticate(&known, None, at(NOW)).is_ok());

    place.answer(Answer::Set(key_set(&[&RSA, &OTHER_RSA])));
    assert_eq!(refresh(&auth).await, Outcome::Loaded { keys: 2 });
    assert_eq!((call(&auth, &RSA), call(&auth, &OTHER_RSA)), (Ok(()), Ok(())));

    place.answer(Answer::Set(key_set(&[&OTHER_RSA])));
    assert_eq!(refresh(&auth).await, Outcome::Loaded { keys: 1 });
    assert_eq!(auth.authenticate(&known, None, at(NOW)).unwrap_err(), Refusal::UnknownSigningKey);
    assert_eq!(call(&auth, &OTHER_RSA), Ok(()));
}

#[tokio::test]
async fn tokens_with_invented_keys_do_not_have_the_issuer_asked_again_and_again() {
    let place = Place::open(Answer::Set(key_set(&[&RSA]))).await;
    let auth = Arc::new(place.auth());
    let running = tokio::spawn(Arc::clone(&auth).run(drop));
    until(|| auth.is_ready()).await;
    for _ in 0..50 {
        assert_eq!(call(&auth, &OTHER_RSA), Err(Refusal::UnknownSigningKey));
        auth.reload();
        tokio::task::yield_now().await;
    }
    assert_eq!(place.asked(), 1);
    running.abort();
}

#[tokio::test]
async fn an_answer_is_bounded_and_not_followed_elsewhere() {
    let elsewhere = Place::open(Answer::Set(key_set(&[&RSA]))).await;
    let place = Place::open(Answer::Redirect(elsewhere.url())).await;
    let auth = place.auth();
    assert!(refused(&auth).await.contains("it answered 302"));
    assert_eq!(elsewhere.asked(), 0);
    place.answer(Answer::Set(endless_set()));
    assert!(refused(&auth).await.contains("more than 262144 bytes"));
}

#[tokio::test]
async fn an_issuer_that_says_nothing_is_given_up_after_five_seconds() {
    let place = Place::open(Answer::Silence).await;
    let auth = place.auth();
    let told = timeout(Duration::from_secs(30), refused(&auth)).await.expect("it is given up");
    assert!(told.contains("did not answer within 5 s"), "{told}");
}

#[tokio::test]
async fn keys_under_a_certificate_that_nobody_vouches_for_are_not_taken() {
    let (url, _) = serve_tls().await;
    let auth = Auth::load(settings(JwksSource::Url { url, ca: None })).unwrap();
    let told = refused(&auth).await;
    assert!(told.contains("invalid peer certificate"), "{told}");
    assert!(!auth.is_ready());
}

#[tokio::test]
async fn the_certificate_of_an_issuer_may_be_vouched_for_by_an_authority_of_ones_own() {
    let ((url, pem), (_, others)) = (serve_tls().await, serve_tls().await);
    let ca = file("issuer-ca.pem", &others);
    let auth = Auth::load(settings(JwksSource::Url { url, ca: Some(ca) })).unwrap();
    let told = refused(&auth).await;
    assert!(told.contains("invalid peer certificate"), "{told}");
    // The file counts as it is now.
    file("issuer-ca.pem", &pem);
    assert_eq!(refresh(&auth).await, Outcome::Loaded { keys: 1 });
    call(&auth, &RSA).unwrap();
    file("issuer-ca.pem", "gone");
    let told = refused(&auth).await;
    assert!(told.contains("issuer-ca.pem: it holds no certificate in PEM"), "{told}");
    call(&auth, &RSA).unwrap();
}

#[test]
fn an_authority_that_cannot_be_read_is_told_at_once() {
    let ca = Some("/nowhere/ca.pem".into());
    let told = Auth::load(settings(JwksSource::Url { url: "https://issuer.example/keys".to_owned(), ca }));
    let told = told.unwrap_err().to_string();
    assert!(told.contains("/nowhere/ca.pem: can't be read"), "{told}");
}

/// The URL of a place with a certificate that it made itself, and that certificate in PEM.
async fn serve_tls() -> (String, String) {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("localhost:0").await.unwrap();
    let url = format!("https://localhost:{}/keys", listener.local_addr().unwrap().port());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok(stream) = acceptor.accept(stream).await {
                reply(stream, Answer::Set(key_set(&[&RSA]))).await;
            }
        }
    });
    (url, cert.pem())
}
