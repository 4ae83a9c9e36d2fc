//! Composure tells a contact-center agent the next best response to an upset customer.

pub mod cli;
pub mod engine;
pub mod grpc;
pub mod playbook;
pub mod rehearsal;
pub mod server;
pub mod service;
