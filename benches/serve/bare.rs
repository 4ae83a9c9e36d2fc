//! A bare tonic server to measure Composure against: it decodes the same request, decides nothing, and returns the same bytes.
//!
//! `bare ADDRESS UPSTREAM FRAME [CERTIFICATE KEY]`: the first call is passed on to the server at UPSTREAM. Its answer is kept, as
//! bytes, and returned to every later call; its request is written to the file FRAME, as a gRPC frame that a load generator can send.
//! With CERTIFICATE and KEY it is called over TLS.

use std::convert::Infallible;
use std::error::Error;
use std::future::{Future, Ready, ready};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::{env, fs};

use composure::grpc::generated::RecommendRequest;
use prost::Message as _;
use prost::bytes::{Buf as _, BufMut as _, Bytes};
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tonic::body::Body;
use tonic::client;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::codegen::http::uri::PathAndQuery;
use tonic::codegen::{Service, http};
use tonic::server::{Grpc, NamedService, UnaryService};
use tonic::transport::{Endpoint, Identity, Server, ServerTlsConfig};
use tonic::{Request, Response, Status};

/// The allocator that Composure uses.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const METHOD: &str = "/composure.v1.RecommendationService/Recommend";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [address, upstream, frame, pair @ ..] = arguments.as_slice() else {
        return Err("usage: bare ADDRESS UPSTREAM FRAME [CERTIFICATE KEY]".into());
    };
    let upstream = Upstream { server: Endpoint::from_shared(upstream.clone())?, frame: frame.into() };
    let bare = Bare { answer: Arc::new(OnceLock::new()), upstream: Arc::new(upstream) };
    server(pair)?.add_service(bare).serve(address.parse()?).await?;
    Ok(())
}

fn server(pair: &[String]) -> Result<Server, Box<dyn Error>> {
    let server = Server::builder().tcp_nodelay(true);
    let [certificate, key] = pair else { return Ok(server) };
    // The one that Composure uses; tonic takes what is installed.
    let _ = aws_lc_rs::default_provider().install_default();
    let identity = Identity::from_pem(fs::read(certificate)?, fs::read(key)?);
    Ok(server.tls_config(ServerTlsConfig::new().identity(identity))?)
}

/// The server whose answer is returned, and where the request to it is written.
struct Upstream {
    server: Endpoint,
    frame: PathBuf,
}

impl Upstream {
    async fn pass_on(&self, request: Bytes) -> Result<Bytes, Status> {
        self.keep(&request).map_err(|error| Status::internal(error.to_string()))?;
        let channel = self.server.connect().await.map_err(|error| Status::unavailable(error.to_string()))?;
        let mut client = client::Grpc::new(channel);
        client.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
        let answer = client.unary(Request::new(request), PathAndQuery::from_static(METHOD), Passed).await?;
        Ok(answer.into_inner())
    }

    /// Not compressed, the length in four bytes, the message.
    fn keep(&self, request: &Bytes) -> Result<(), Box<dyn Error>> {
        let mut frame = vec![0];
        frame.put_u32(request.len().try_into()?);
        frame.put_slice(request);
        Ok(fs::write(&self.frame, frame)?)
    }
}

/// The service.
#[derive(Clone)]
struct Bare {
    answer: Arc<OnceLock<Bytes>>,
    upstream: Arc<Upstream>,
}

impl NamedService for Bare {
    const NAME: &'static str = "composure.v1.RecommendationService";
}

impl Service<http::Request<Body>> for Bare {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let bare = self.clone();
        Box::pin(async move {
            Ok(match bare.answer.get() {
                Some(answer) => Grpc::new(Measured).unary(Same(answer.clone()), request).await,
                None => Grpc::new(Passed).unary(First(bare), request).await,
            })
        })
    }
}

/// The first call.
struct First(Bare);

impl UnaryService<Bytes> for First {
    type Response = Bytes;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Bytes>, Status>> + Send>>;

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        let Bare { answer, upstream } = self.0.clone();
        Box::pin(async move {
            let found = upstream.pass_on(request.into_inner()).await?;
            Ok(Response::new(answer.get_or_init(|| found).clone()))
        })
    }
}

/// Every other call.
struct Same(Bytes);

impl UnaryService<RecommendRequest> for Same {
    type Response = Bytes;
    type Future = Ready<Result<Response<Bytes>, Status>>;

    fn call(&mut self, _: Request<RecommendRequest>) -> Self::Future {
        ready(Ok(Response::new(self.0.clone())))
    }
}

/// Bytes in, bytes out.
#[derive(Default)]
struct Passed;

/// A request in, bytes out.
#[derive(Default)]
struct Measured;

impl Codec for Passed {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Decoder for Passed {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, source: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(source.copy_to_bytes(source.remaining())))
    }
}

impl Encoder for Passed {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, message: Bytes, target: &mut EncodeBuf<'_>) -> Result<(), Status> {
        target.put(message);
        Ok(())
    }
}

impl Codec for Measured {
    type Encode = Bytes;
    type Decode = RecommendRequest;
    type Encoder = Passed;
    type Decoder = Self;

    fn encoder(&mut self) -> Passed {
        Passed
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Decoder for Measured {
    type Item = RecommendRequest;
    type Error = Status;

    fn decode(&mut self, source: &mut DecodeBuf<'_>) -> Result<Option<RecommendRequest>, Status> {
        RecommendRequest::decode(source).map(Some).map_err(|error| Status::internal(error.to_string()))
    }
}
