//! Tokens over the wire, and a set of keys that changes under calls. What makes a token bad is told of in `auth_tokens`.

use composure::grpc::generated::recommendation_service_client::RecommendationServiceClient;
use serde_json::json;
use tonic::{Code, Request};

use crate::auth_issuer::{AUDIENCE, ISSUER, OTHER_RSA, RSA, SigningKey, key_set};
use crate::mount::Mount;
use crate::process::{Program, Served, measured, until};
use crate::wire_server::anger;

const LOADED: &str = r#"composure_credential_reloads_total{source="jwks",result="loaded"}"#;
const FAILED: &str = r#"composure_credential_reloads_total{source="jwks",result="failed"}"#;

/// A token for all of this century.
fn token(key: &SigningKey) -> String {
    key.token(&json!({"iat": null, "exp": 4_102_444_800_u64}))
}

/// What comes of a call with this token.
async fn call(served: &Served, token: &str) -> Code {
    let mut request = Request::new(anger(0.5));
    request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().expect("it is a value"));
    let answer = RecommendationServiceClient::new(served.channel().await).recommend(request).await;
    answer.map_or_else(|status| status.code(), |_| Code::Ok)
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_rotate_under_calls_and_no_token_of_a_key_in_the_set_is_refused() {
    let mut mount = Mount::new(&[("jwks.json", &key_set(&[&RSA]))]);
    let served = Program::new()
        .flag("auth-jwt-issuer", ISSUER)
        .flag("auth-jwt-audience", AUDIENCE)
        .flag("auth-jwt-jwks", mount.path("jwks.json").display())
        .start();
    let (old, new) = (token(&RSA), token(&OTHER_RSA));
    assert_eq!(call(&served, &old).await, Code::Ok);
    assert_eq!(call(&served, &new).await, Code::Unauthenticated);
    assert_eq!(call(&served, &format!("{old}x")).await, Code::Unauthenticated);

    mount.swap(&[("jwks.json", &key_set(&[&RSA, &OTHER_RSA]))]);
    until("the new key is known", async || {
        assert_eq!(call(&served, &old).await, Code::Ok, "its key is in both sets");
        call(&served, &new).await == Code::Ok
    })
    .await;
    mount.swap(&[("jwks.json", &key_set(&[&OTHER_RSA]))]);
    until("the old key is gone", async || {
        assert_eq!(call(&served, &new).await, Code::Ok, "its key is in both sets");
        call(&served, &old).await == Code::Unauthenticated
    })
    .await;
    assert_eq!(served.metric(LOADED).await, Some(2.0));

    mount.swap(&[("jwks.json", "{")]);
    until("the torn set is told", async || served.metric(FAILED).await >= Some(1.0)).await;
    assert_eq!(call(&served, &new).await, Code::Ok, "what was good is in use");
    measured("keys rotated under calls", "2 rotations and a torn set, 0 good tokens refused");
}
