//! Composure tells a contact-center agent the next best response to an upset customer.
//!
//! # The map
//!
//! | module | what it is | what it must never know |
//! |---|---|---|
//! | [`playbook`] | a YAML document, checked and compiled into one immutable decision graph | the engine, any wire format, clocks |
//! | [`engine`] | the decision: pure functions over a playbook, a state and a moment | tokio, tonic, clocks, the environment, ids of any playbook |
//! | [`rehearsal`] | plays a playbook's own conversations through the engine, and counts what they exercise | how a decision is made |
//! | [`laws`] | proves what a playbook claims of itself, or finds a conversation that breaks it | what is special about any playbook |
//! | [`trial`] | a conversation that somebody types: lines of a short form become turns | terminals, files |
//! | [`simulation`] | invented customers who talk to a playbook, and what comes of it | clocks, how a decision is made |
//! | [`lints`] | warns of what is valid and mostly a slip, unless the playbook says why it is meant | what is special about any playbook, but for the name of anger |
//! | [`service`] | the use cases that every transport calls: choose a playbook, decide, list, validate, draw | tonic, protobuf |
//! | [`store`] | holds conversations: bytes under a key, replaced only by whoever knows what is replaced; in memory or in Redis | what the bytes mean |
//! | [`grpc`] | the wire: decoding with every violation at once, encoding, statuses | scores, rules |
//! | [`auth`] | who calls and what they may: API keys, JWTs, client certificates | tonic, what is served, which role a call takes |
//! | [`server`] | the listener, its limits, and its end | what is served |
//! | [`telemetry`] | what operators see: metrics, lines, traces, and the layer that observes calls | what is served, and all that is said in conversations |
//! | [`library`] | playbook files and folders: read, checked, and put on the service's shelf as one set, again on demand | who wants a reload |
//! | [`shares`] | how much there is in all, and a fair share for each who wants some | what is shared out |
//! | [`watch`] | tells that watched files may have changed | what is in them |
//! | [`files`] | reads files that others write: bounded, and from one moment | what is in them |
//! | [`config`] | what an operator chooses: the only reader of the flags of `serve`, of the environment and of its file | those who act by it |
//! | [`cli`] | `serve`, `probe`, and a file for each of the authors' tools; puts everything together | |
//!
//! Arrows point one way: `cli → server → grpc → service → engine → playbook`; `service → store`; `cli → library → service`, `library → lints → laws →
//! rehearsal → engine`; `cli → trial → rehearsal`; `cli → simulation → engine`. `server` asks `auth`; `server`, `grpc` and `store` tell
//! `telemetry`; what is held is named in the words of `store` from `server` down; `cli` reads `config`; `watch` stands alone, and so do `shares`, which
//! `server` and `grpc` count by, and `files`, which `library`, `auth`, `server` and `cli` read by. A test holds the code to it.
//!
//! # What always holds
//!
//! - The same request gives the same answer, byte for byte, on any replica, today or in a replay next year: time comes
//!   in as a value, and nothing is iterated whose order is not fixed.
//! - A [`playbook::Playbook`] that exists is valid; there is one way to get one.
//! - What a client, a file or a flag says can't cause a panic.
//! - What customers and agents say is neither kept nor logged; what is known of a case is never logged, and held only as the state
//!   that a caller asked to have held: ids, numbers, booleans and times.
//!
//! # What is deliberately absent
//!
//! No database of our own: the state of a conversation travels with the caller, or is held for a while in memory or in Redis. No expression language in playbooks: a condition that
//! can't be read aloud gets a name. No model that guesses: detectors detect, the playbook decides.

pub mod auth;
pub mod cli;
pub mod config;
pub mod engine;
pub mod files;
pub mod grpc;
pub mod laws;
pub mod library;
pub mod lints;
pub mod playbook;
pub mod rehearsal;
pub mod server;
pub mod service;
pub mod shares;
pub mod simulation;
pub mod store;
pub mod telemetry;
pub mod trial;
pub mod watch;
