//! Behaviour, as users meet it. One binary, so that it links once.

#![cfg(test)]

mod architecture;
mod auth;
mod auth_issuer;
mod auth_key_sets;
mod auth_secrets;
mod auth_tokens;
mod authors;
mod bounds;
mod bounds_worst;
mod commands;
mod commands_check;
mod commands_extending;
mod commands_folders;
mod commands_probe;
mod commands_replay;
mod commands_simulate;
mod commands_test;
mod commands_try;
mod config;
mod config_process;
mod coverage;
mod descriptor;
mod engine;
mod engine_without_past;
mod extends;
mod finding_codes;
mod first_steps;
mod ghz;
mod golden;
mod graph;
mod guide;
mod held;
mod held_apart;
mod held_golden;
mod http_client;
mod invalid;
mod law_formulas;
mod law_lengths;
mod law_proofs;
mod laws;
mod library;
mod library_serving;
mod lints;
mod load;
mod mount;
mod process;
mod process_callers;
mod process_canary;
mod process_collector;
mod process_conversations;
mod process_drain;
mod process_floods;
mod process_held;
mod process_playbooks;
mod process_ports;
mod process_tls;
mod process_tokens;
mod random_playbooks;
mod raw_client;
mod readme;
mod redis_proxy;
mod redis_servers;
mod rehearsal;
mod schema;
mod screen;
mod server_abuse;
mod server_admin;
mod server_auth;
mod server_drain;
mod server_limits;
mod server_tls;
mod session;
mod shown;
mod store_memory;
mod store_redis;
mod store_redis_failures;
mod store_redis_many;
mod store_redis_speed;
mod streams;
mod streams_clock;
mod streams_ends;
mod streams_law;
mod telemetry;
mod telemetry_calls;
mod telemetry_formats;
mod telemetry_layer;
mod telemetry_traces;
mod trial;
mod watch;
mod wire;
mod wire_conversations;
mod wire_noise;
mod wire_playbooks;
mod wire_process;
mod wire_refusals;
mod wire_server;
mod wire_state;

use composure::playbook::{Bases, Playbook};

/// The playbook that the service comes with.
fn default_playbook() -> Playbook {
    let source = include_bytes!("../../playbooks/default.yaml");
    Playbook::parse(source, "default.yaml", &Bases::none()).expect("the default playbook is valid").0
}
