//! Subscribes streams to conversations at a server that runs by itself, and tells what that costs the server: memory, and processor at
//! rest and while something happens.
//!
//! `watch ADDRESS PID STREAMS CONVERSATIONS SECONDS`: so many streams share so many conversations, each of which has had a turn. Then
//! nothing happens for so long, and then each conversation has another turn.

#![expect(clippy::print_stdout, reason = "what it tells is what it is for")]

use std::error::Error;
use std::time::{Duration, Instant};
use std::{env, fs};

use composure::grpc::generated::recommendation_service_client::RecommendationServiceClient;
use composure::grpc::generated::stream_recommendations_request::Command;
use composure::grpc::generated::stream_recommendations_response::Event;
use composure::grpc::generated::{
    RecommendRequest, Signal, StreamRecommendationsRequest, StreamRecommendationsResponse, Subscribe,
};
use tokio::sync::mpsc;
use tokio::time::sleep;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;
use tonic::transport::{Channel, Endpoint};

type Failure = Box<dyn Error + Send + Sync>;

/// Streams that share a connection.
const STREAMS_OF_A_CONNECTION: usize = 100;
/// Of a second: the unit of times in `/proc`.
const TICKS: f64 = 100.0;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [address, pid, streams, conversations, seconds] = arguments.as_slice() else {
        return Err("usage: watch ADDRESS PID STREAMS CONVERSATIONS SECONDS".into());
    };
    let server = Endpoint::from_shared(format!("http://{address}"))?;
    let (streams, conversations): (usize, u32) = (streams.parse()?, conversations.parse()?);
    let (seconds, each): (u32, f64) = (seconds.parse()?, conversations.into());
    let names: Vec<_> = (0..conversations).map(|at| format!("conversation-{at:06}")).collect();
    let mut client = RecommendationServiceClient::new(server.connect().await?);
    turn(&mut client, &names, 0.9).await?;
    let held = Used::by(pid)?;
    let mut screens = open(&server, streams, &names).await?;
    let open = Used::by(pid)?;
    println!("memory      held {:.1} MiB, and subscribed to {:.1} MiB", held.mebibytes, open.mebibytes);
    println!("            {:.2} KiB a subscription", (open.mebibytes - held.mebibytes) * 1024.0 / each);
    sleep(Duration::from_secs(seconds.into())).await;
    let rested = Used::by(pid)?;
    let share = (rested.seconds - open.seconds) / f64::from(seconds) * 100.0;
    println!("at rest     {share:.2} % of a processor over {seconds} s, {:.1} MiB", rested.mebibytes);
    let began = Instant::now();
    turn(&mut client, &names, 0.1).await?;
    for screen in &mut screens {
        screen.shows_all().await?;
    }
    let busy = Used::by(pid)?;
    let turn = (busy.seconds - rested.seconds) / each * 1e6;
    println!(
        "a turn      {turn:.0} us of a processor with its snapshot; {conversations} in {:.1} s",
        began.elapsed().as_secs_f64()
    );
    Ok(())
}

/// Has a turn in each conversation.
async fn turn(client: &mut RecommendationServiceClient<Channel>, names: &[String], anger: f64) -> Result<(), Failure> {
    for name in names {
        let signal = |name: &str, level| Signal { name: name.to_owned(), level: Some(level), confidence: None };
        let request = RecommendRequest {
            conversation_id: name.clone(),
            signals: vec![signal("anger", anger), signal("venting", anger)],
            ..RecommendRequest::default()
        };
        client.recommend(request).await?;
    }
    Ok(())
}

/// Opens the streams, with a part of the conversations each.
async fn open(server: &Endpoint, streams: usize, names: &[String]) -> Result<Vec<Screen>, Failure> {
    let mut screens = Vec::new();
    let mut channel = server.connect().await?;
    for (at, names) in names.chunks(names.len().div_ceil(streams)).enumerate() {
        if at % STREAMS_OF_A_CONNECTION == 0 {
            channel = server.connect().await?;
        }
        let mut screen = Screen::open(channel.clone(), names).await?;
        screen.shows_all().await?;
        screens.push(screen);
    }
    Ok(screens)
}

/// A client's end of a stream.
struct Screen {
    events: Streaming<StreamRecommendationsResponse>,
    conversations: usize,
    _commands: mpsc::Sender<StreamRecommendationsRequest>,
}

impl Screen {
    async fn open(channel: Channel, names: &[String]) -> Result<Self, Failure> {
        let (commands, sent) = mpsc::channel(names.len());
        for name in names {
            let subscribe = Subscribe { conversation_id: name.clone(), ..Subscribe::default() };
            commands.send(StreamRecommendationsRequest { command: Some(Command::Subscribe(subscribe)) }).await?;
        }
        let mut client = RecommendationServiceClient::new(channel);
        let events = client.stream_recommendations(ReceiverStream::new(sent)).await?.into_inner();
        Ok(Self { events, conversations: names.len(), _commands: commands })
    }

    /// Reads until each conversation was shown once more.
    async fn shows_all(&mut self) -> Result<(), Failure> {
        let mut shown = 0;
        while shown < self.conversations {
            let message = self.events.message().await?.ok_or("the stream has ended")?;
            match message.event {
                Some(Event::Snapshot(_)) => shown += 1,
                Some(Event::Heartbeat(_)) => {}
                other => return Err(format!("not expected: {other:?}").into()),
            }
        }
        Ok(())
    }
}

/// What a process has used.
struct Used {
    mebibytes: f64,
    seconds: f64,
}

impl Used {
    fn by(pid: &str) -> Result<Self, Failure> {
        let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no memory")?;
        let kibibytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
        let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
        let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
        let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).ok_or("no times");
        Ok(Self { mebibytes: kibibytes / 1024.0, seconds: (ticks(11)? + ticks(12)?) / TICKS })
    }
}
