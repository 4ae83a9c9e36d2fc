//! Whatever happens in whichever order, in the end every screen shows what is.

use std::collections::BTreeMap;

use composure::grpc::generated::conversation_service_client::ConversationServiceClient;
use composure::grpc::generated::stream_recommendations_request::Command;
use composure::grpc::generated::stream_recommendations_response::Event;
use composure::grpc::generated::{
    AgentReport, Channel, DeleteConversationRequest, RecommendRequest, RecommendationSnapshot, Subscribe,
};
use tokio::task::JoinSet;

use crate::screen::{Screen, in_, to};
use crate::session::Dice;
use crate::wire_server::{WireServer, level};

const SIGNALS: [&str; 4] = ["anger", "venting", "distrust", "churn_risk"];
const FACTS: [&str; 3] = ["grievance_known", "mistake_confirmed", "understanding_confirmed"];
/// The first of them is deleted now and then.
const CONVERSATIONS: [&str; 3] = ["fleeting", "one", "other"];

fn something(dice: &mut Dice) -> RecommendRequest {
    let mut request = RecommendRequest::default();
    for name in SIGNALS {
        if dice.below(2) == 0 {
            let tenths = u32::try_from(dice.below(11)).expect("it fits");
            request.signals.push(level(name, f64::from(tenths) / 10.0));
        }
    }
    for name in FACTS {
        if dice.below(4) == 0 {
            request.facts.insert(name.to_owned(), dice.below(2) == 0);
        }
    }
    request.agent_report = (dice.below(3) == 0).then(AgentReport::default);
    request
}

/// What one who works with the conversations does.
async fn work(server: &WireServer, seed: u64) {
    let mut dice = Dice(seed);
    let mut client = server.recommendations().await;
    let mut desk = ConversationServiceClient::new(server.channel().await);
    let mut screen = Screen::open(server).await;
    for _ in 0..40 {
        let conversation = CONVERSATIONS[dice.below(CONVERSATIONS.len())];
        let request = in_(conversation, something(&mut dice));
        match dice.below(12) {
            0 => {
                let conversation_id = CONVERSATIONS[0].to_owned();
                desk.delete_conversation(DeleteConversationRequest { conversation_id }).await.expect("it can be");
            }
            1..6 => {
                screen.recommend(request).await;
                screen.accepted().await;
            }
            _ => drop(client.recommend(request).await.expect("it is valid")),
        }
    }
}

fn wish(dice: &mut Dice, conversation: &str) -> Subscribe {
    Subscribe {
        channel: [Channel::Chat, Channel::Voice, Channel::Email][dice.below(3)].into(),
        max_suggestions: u32::try_from(1 + dice.below(4)).expect("it fits"),
        acknowledged: dice.below(2) == 0,
        ..to(conversation)
    }
}

/// A screen, what it asked for, and what it shows.
struct Watched {
    screen: Screen,
    wishes: Vec<Subscribe>,
    shown: BTreeMap<String, RecommendationSnapshot>,
}

impl Watched {
    async fn open(server: &WireServer, seed: u64) -> Self {
        let mut dice = Dice(seed);
        let wishes: Vec<_> = CONVERSATIONS.map(|conversation| wish(&mut dice, conversation)).into();
        let mut screen = Screen::open(server).await;
        for wish in &wishes {
            screen.send(Command::Subscribe(wish.clone())).await;
        }
        Self { screen, wishes, shown: BTreeMap::new() }
    }

    async fn take(&mut self, event: Event) {
        match event {
            Event::Snapshot(snapshot) => {
                self.screen.acknowledge(&snapshot).await;
                let conversation = snapshot.conversation_id.clone();
                if let Some(before) = self.shown.insert(conversation.clone(), snapshot.clone()) {
                    assert_ne!(before.answer_digest, snapshot.answer_digest, "it was shown");
                    let forwards = before.sequence < snapshot.sequence || conversation == CONVERSATIONS[0];
                    assert!(forwards, "{} came after {}", snapshot.sequence, before.sequence);
                }
            }
            Event::Forgotten(forgotten) => {
                assert_eq!(forgotten.conversation_id, CONVERSATIONS[0]);
                self.shown.remove(&forgotten.conversation_id);
            }
            other => panic!("nothing else comes: {other:?}"),
        }
    }

    /// Reads until it shows what whoever comes new is shown, and goes on showing it.
    async fn catches_up(mut self, server: &WireServer) {
        let mut fresh = Screen::open(server).await;
        let mut shown = Vec::new();
        for wish in self.wishes.clone() {
            fresh.send(Command::Subscribe(wish.clone())).await;
            let is = fresh.snapshot().await;
            while !self.shows(&is) {
                let event = self.screen.event().await;
                self.take(event).await;
            }
            shown.push(is);
        }
        self.reads_the_rest().await;
        assert!(shown.iter().all(|is| self.shows(is)), "it shows what was before");
    }

    /// Of the conversation that is deleted, something may still come: it may have begun again as it was. Each has its turn, so it
    /// comes before the second snapshot of another one.
    async fn reads_the_rest(&mut self) {
        const LAST: &str = "last";
        for _ in 0..2 {
            self.screen.subscribe(LAST).await;
            loop {
                match self.screen.event().await {
                    Event::Snapshot(snapshot) if snapshot.conversation_id == LAST => break,
                    event => {
                        let of_the_deleted = match &event {
                            Event::Snapshot(snapshot) => snapshot.conversation_id == CONVERSATIONS[0],
                            _ => true,
                        };
                        assert!(of_the_deleted, "nothing more comes of the others");
                        self.take(event).await;
                    }
                }
            }
        }
    }

    fn shows(&self, is: &RecommendationSnapshot) -> bool {
        let shown = self.shown.get(&is.conversation_id);
        shown.map_or(is.sequence == 0, |shown| shown.answer_digest == is.answer_digest)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_the_end_each_screen_shows_what_is() {
    for seed in 0..4 {
        let server = std::sync::Arc::new(WireServer::start().await);
        let mut screens = Vec::new();
        for screen in 0..3 {
            screens.push(Watched::open(&server, seed * 100 + screen).await);
        }
        let mut at_work = JoinSet::new();
        for worker in 0..3 {
            let server = std::sync::Arc::clone(&server);
            at_work.spawn(async move { work(&server, seed * 1_000 + worker).await });
        }
        // One of them reads meanwhile, and the others when all is done.
        let mut reads = screens.pop().expect("there are some");
        loop {
            tokio::select! {
                done = at_work.join_next() => match done {
                    Some(done) => done.expect("it does not panic"),
                    None => break,
                },
                event = reads.screen.event() => reads.take(event).await,
            }
        }
        for screen in screens.into_iter().chain([reads]) {
            screen.catches_up(&server).await;
        }
    }
}
