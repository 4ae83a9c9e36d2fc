//! A load generator that others wrote, ghz, has every call answered. It learns the contract by reflection, as grpcurl does.

use std::process::Command;

use serde_json::{Value, json};

use crate::process::{Program, Served, measured};

const METHOD: &str = "composure.v1.RecommendationService/Recommend";
const CALLS: u64 = 5_000;

#[test]
#[ignore = "needs ghz and grpcurl"]
fn ghz_has_every_call_answered() {
    let served = Program::new().start();
    let first = recommend(&served, &request(&json!({})));
    let report = ghz(&served, &request(&first));
    assert_eq!(report["statusCodeDistribution"], json!({ "OK": CALLS }), "{}", report["errorDistribution"]);
    measured("ghz, 50 callers over 5 connections", format_args!("{CALLS} calls, each OK; {}", figures(&report)));
}

/// What is asked after `answer`, in the course of a conversation.
fn request(answer: &Value) -> Value {
    let mut request = json!({
        "channel": "CHANNEL_VOICE",
        "signals": [
            {"name": "anger", "level": 0.7}, {"name": "frustration", "level": 0.5, "confidence": 0.8},
            {"name": "churn_risk", "level": 0.4}, {"name": "repeat_contact"},
        ],
        "facts": {"grievance_known": true, "mistake_confirmed": true},
        "values": {"customer_name": "Ana Lima", "issue_summary": "the second late delivery"},
    });
    if let Some(state) = answer.get("state") {
        request["state"] = state.clone();
        request["agentReport"] = json!({"actions": [{"action": state["firstAction"], "result": "RESULT_DONE"}]});
    }
    request
}

fn recommend(served: &Served, request: &Value) -> Value {
    run(Command::new("grpcurl").args(["-plaintext", "-d", &request.to_string(), &served.api.to_string(), METHOD]))
}

fn ghz(served: &Served, request: &Value) -> Value {
    let (calls, request) = (CALLS.to_string(), request.to_string());
    let load = ["--total", &calls, "--concurrency", "50", "--connections", "5"];
    let call = ["--insecure", "--call", METHOD, "--data", &request, "--format", "json"];
    run(Command::new("ghz").args(load).args(call).arg(served.api.to_string()))
}

fn run(command: &mut Command) -> Value {
    let ran = command.output().expect("it is installed");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    serde_json::from_slice(&ran.stdout).expect("it prints JSON")
}

/// Calls per second, and the median and the p99 of how long they took.
fn figures(report: &Value) -> String {
    let rate = report["rps"].as_f64().expect("it is told");
    let of = |percentage: u64| {
        let found = report["latencyDistribution"].as_array()?.iter().find(|it| it["percentage"] == percentage)?;
        Some(found["latency"].as_f64()? / 1e6)
    };
    let (median, late) = (of(50).expect("it is told"), of(99).expect("it is told"));
    format!("{rate:.0} a second, median {median:.1} ms, p99 {late:.1} ms")
}
