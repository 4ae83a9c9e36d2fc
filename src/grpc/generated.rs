//! The messages of `composure.v1`, their clients and servers, generated from `proto/`. A leaf: it knows nothing of the rest, but
//! for the type in which a recommendation leaves.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::pedantic,
    clippy::cognitive_complexity,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    reason = "generated code"
)]

include!(concat!(env!("OUT_DIR"), "/messages/composure.v1.rs"));
include!(concat!(env!("OUT_DIR"), "/servers/composure.v1.rs"));

/// Requests that are read in place: they borrow from the bytes in which they came.
pub(crate) mod in_place {
    #[expect(dead_code, unused_imports, reason = "of each message there is more than is used")]
    mod generated {
        include!(concat!(env!("OUT_DIR"), "/in_place/composure.v1.rs"));
    }

    pub(crate) use generated::__buffa::view::*;
    pub(crate) use generated::stream_recommendations_request::CommandView;
}

/// Field numbers, by message and name.
pub(crate) mod fields {
    include!(concat!(env!("OUT_DIR"), "/fields.rs"));
}

/// The contract, as reflection serves it: an encoded `google.protobuf.FileDescriptorSet`.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
