//! Sizes, and what a request over them is told.

use tonic::body::Body;
use tonic::codegen::http::Response;
use tonic::{Code, Status};
use tower::layer::util::{Identity, Stack};
use tower::util::MapResponseLayer;

use crate::grpc::status;

/// Bytes of a request for a recommendation, state included.
pub(super) const REQUEST_BYTES: usize = 256 * 1024;
/// Bytes of a request with a playbook in it: as large as files may be, and then some for the rest.
pub(super) const DOCUMENT_BYTES: usize = 9 * 1024 * 1024;

pub(super) type Layers = Stack<Refusals, Identity>;
type Refusals = MapResponseLayer<fn(Response<Body>) -> Response<Body>>;

/// Turns the transport's `OUT_OF_RANGE` into what the contract says of a request that is too large. Nothing of ours is ever out of
/// range.
pub(super) fn refusals() -> Refusals {
    MapResponseLayer::new(refusal as fn(Response<Body>) -> Response<Body>)
}

fn refusal(response: Response<Body>) -> Response<Body> {
    if !response.headers().contains_key(Status::GRPC_STATUS) {
        return response;
    }
    match Status::from_header_map(response.headers()) {
        Some(refused) if refused.code() == Code::OutOfRange => status::too_large(refused.message()).into_http(),
        _ => response,
    }
}
