//! A client that speaks HTTP/2 frame by frame, so that it can do what no gRPC library would.

use std::net::SocketAddr;
use std::time::Duration;

use composure::grpc::generated::RecommendRequest;
use h2::client::{Builder, ResponseFuture, SendRequest};
use h2::{Reason, RecvStream, SendStream};
use http::{HeaderMap, Request, Response};
use prost::Message as _;
use prost::bytes::{BufMut as _, Bytes, BytesMut};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tonic::{Code, Status};

/// Long enough for everything that is to happen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) const RECOMMEND: &str = "/composure.v1.RecommendationService/Recommend";

/// A connection, and how it ended.
pub(crate) struct RawClient {
    pub(crate) sender: SendRequest<Bytes>,
    pub(crate) ended: JoinHandle<Result<(), h2::Error>>,
}

/// A call whose request is not complete.
pub(crate) struct Begun {
    pub(crate) body: SendStream<Bytes>,
    answer: ResponseFuture,
}

/// A stream that has begun and not ended.
pub(crate) struct Opened {
    pub(crate) body: SendStream<Bytes>,
    pub(crate) answer: Response<RecvStream>,
}

impl RawClient {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self::connect_from(1, address).await
    }

    /// From another address of this machine, hence another caller.
    pub(crate) async fn connect_from(last: u8, address: SocketAddr) -> Self {
        Self::greeting(stream_from(last, address).await, &Builder::new()).await
    }

    /// One that takes so many bytes of each answer before it says that it takes more.
    pub(crate) async fn connect_with_window(bytes: u32, address: SocketAddr) -> Self {
        Self::greeting(stream_from(1, address).await, Builder::new().initial_window_size(bytes)).await
    }

    async fn greeting(stream: TcpStream, builder: &Builder) -> Self {
        let (sender, connection) = builder.handshake(stream).await.expect("it speaks HTTP/2");
        Self { sender, ended: tokio::spawn(connection) }
    }

    /// Begins a call to `path` with these metadata beside the usual.
    pub(crate) async fn begin(&mut self, path: &str, metadata: &[(&str, &str)]) -> Begun {
        let mut request = Request::post(format!("http://localhost{path}"))
            .header("content-type", "application/grpc")
            .header("te", "trailers");
        for (name, value) in metadata {
            request = request.header(*name, *value);
        }
        let mut sender = self.sender.clone().ready().await.expect("the connection is open");
        let request = request.body(()).expect("it is a request");
        let (answer, body) = sender.send_request(request, false).expect("the connection is open");
        Begun { body, answer }
    }

    /// Calls `path`.
    pub(crate) async fn call(&mut self, path: &str, metadata: &[(&str, &str)], frame: Bytes) -> Code {
        let mut begun = self.begin(path, metadata).await;
        // It may be refused before its body is sent.
        let _ = begun.body.send_data(frame, true);
        begun.code().await
    }
}

async fn stream_from(last: u8, address: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("there are sockets");
    socket.bind(([127, 0, 0, last], 0).into()).expect("all of 127/8 is this machine");
    socket.connect(address).await.expect("it listens")
}

impl Begun {
    /// Sends the rest of a call for a recommendation.
    pub(crate) fn finish(&mut self, request: &RecommendRequest) {
        self.body.send_data(frame(request), true).expect("the stream is open");
    }

    /// The stream that answers it.
    pub(crate) async fn opened(self) -> Opened {
        let answer = timeout(PATIENCE, self.answer).await.expect("it is answered in time").expect("it is answered");
        assert!(!answer.headers().contains_key(Status::GRPC_STATUS), "it is no stream: {answer:?}");
        Opened { body: self.body, answer }
    }

    /// The answer's code.
    pub(crate) async fn code(self) -> Code {
        self.status().await.code()
    }

    /// The answer's status, wherever it stands.
    pub(crate) async fn status(self) -> Status {
        let answered = async {
            let answer = self.answer.await.expect("it is answered");
            match Status::from_header_map(answer.headers()) {
                Some(status) => status,
                None => Status::from_header_map(&trailers(answer).await).expect("it ends with a status"),
            }
        };
        timeout(PATIENCE, answered).await.expect("it is answered in time")
    }
}

impl Opened {
    /// Why it is reset, by a server that has more to say than this client takes.
    pub(crate) async fn reset(mut self) -> Option<Reason> {
        let reset = async {
            loop {
                let data = self.answer.body_mut().data().await.expect("it does not end with all said");
                if let Err(error) = data {
                    return error.reason();
                }
            }
        };
        timeout(PATIENCE, reset).await.expect("it is reset in time")
    }

    /// How it ends.
    pub(crate) async fn code(self) -> Code {
        let trailers = timeout(PATIENCE, trailers(self.answer)).await.expect("it ends in time");
        Status::from_header_map(&trailers).expect("it ends with a status").code()
    }
}

async fn trailers(answer: Response<RecvStream>) -> HeaderMap {
    let mut body = answer.into_body();
    while let Some(data) = body.data().await {
        let data = data.expect("it arrives");
        body.flow_control().release_capacity(data.len()).expect("it was received");
    }
    body.trailers().await.expect("they arrive").expect("there are some")
}

/// A message as gRPC frames it.
pub(crate) fn frame(request: &RecommendRequest) -> Bytes {
    framed(0, &request.encode_to_vec())
}

/// The same for bytes, compressed where `compressed` is 1.
pub(crate) fn framed(compressed: u8, bytes: &[u8]) -> Bytes {
    let mut frame = BytesMut::new();
    frame.put_u8(compressed);
    frame.put_u32(bytes.len().try_into().expect("it is not that long"));
    frame.put_slice(bytes);
    frame.freeze()
}
