//! Calls while playbooks are replaced: conversations stay with what they began with, pins are found, and no call sees two sets.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::thread;

use composure::grpc::Recommendations;
use composure::grpc::generated::{ConversationState, RecommendRequest, RecommendResponse, WarningCode};
use composure::library::Library;
use composure::playbook::{Bases, Time};
use composure::service::{Document, Loaded, Playbooks, Shelf};
use composure::telemetry::Metrics;
use prost::Message as _;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::library::{Folder, changes, small};
use crate::wire_server::{WireServer, anger};

/// Asks `small`, from `state` or from the beginning.
fn ask(library: &Library, version: &str, state: Option<ConversationState>) -> Result<RecommendResponse, Status> {
    let request =
        RecommendRequest { playbook: "small".to_owned(), playbook_version: version.to_owned(), state, ..anger(0.9) };
    let answer = Recommendations::new(library.shelf(), Metrics::new()).answer(&request, Time::default())?;
    Ok(RecommendResponse::decode(answer.as_bytes()).unwrap())
}

fn digest(answer: &RecommendResponse) -> String {
    answer.playbook.as_ref().unwrap().digest.clone()
}

fn warned(answer: &RecommendResponse) -> Vec<(WarningCode, &str)> {
    answer.warnings.iter().map(|warning| (warning.code(), warning.field.as_str())).collect()
}

/// Replaces the small playbook.
fn edit(folder: &Folder, library: &Library, version: &str, title: &str) {
    folder.write("small.yaml", &small("small", version, title));
    changes(library);
}

fn opened(name: &str) -> (Folder, Library) {
    let folder = Folder::new(name);
    folder.write("small.yaml", &small("small", "1", "First"));
    let library = folder.open().unwrap();
    (folder, library)
}

#[test]
fn a_conversation_stays_with_its_digest_for_two_reloads_and_then_goes_on_with_a_warning() {
    let (folder, library) = opened("stays");
    let first = ask(&library, "", None).unwrap();
    let mut state = first.state.clone();
    for title in ["Second", "Third"] {
        edit(&folder, &library, "1", title);
        for version in ["", "1"] {
            let answer = ask(&library, version, state.clone()).unwrap();
            assert_eq!((digest(&answer), warned(&answer)), (digest(&first), Vec::new()));
        }
        state = ask(&library, "", state).unwrap().state;
        assert_ne!(digest(&ask(&library, "", None).unwrap()), digest(&first), "a new one begins with what is new");
    }
    edit(&folder, &library, "1", "Fourth");
    let answer = ask(&library, "", state).unwrap();
    assert_eq!(digest(&answer), digest(&ask(&library, "", None).unwrap()));
    assert_eq!(warned(&answer), [(WarningCode::PlaybookChanged, "state.playbook_digest")]);
    assert_eq!((answer.turn, answer.stage.as_str()), (4, "listen"), "it goes on where it stood");
    assert_eq!(warned(&ask(&library, "", answer.state).unwrap()), []);
}

#[test]
fn a_conversation_outlives_its_file_for_two_reloads() {
    let (folder, library) = opened("outlives");
    let first = ask(&library, "", None).unwrap();
    folder.remove("small.yaml");
    changes(&library);
    let answer = ask(&library, "", first.state.clone()).unwrap();
    assert_eq!((digest(&answer), warned(&answer)), (digest(&first), Vec::new()));
    assert_eq!(ask(&library, "", None).unwrap_err().code(), Code::NotFound);
    for file in ["a.yaml", "b.yaml"] {
        folder.write(file, &small(file.trim_end_matches(".yaml"), "1", "Other"));
        changes(&library);
    }
    let refused = ask(&library, "", first.state).unwrap_err();
    assert_eq!(refused.get_details_error_info().unwrap().reason, "ERROR_REASON_UNKNOWN_PLAYBOOK");
}

#[test]
fn a_version_that_is_named_is_found_in_the_sets_before() {
    let (folder, library) = opened("pins");
    let first = digest(&ask(&library, "1", None).unwrap());
    let newer = ["2", "3"].map(|version| {
        edit(&folder, &library, version, "Newer");
        assert_eq!(digest(&ask(&library, "1", None).unwrap()), first);
        digest(&ask(&library, "", None).unwrap())
    });
    edit(&folder, &library, "2", "Changed and back");
    let refused = ask(&library, "1", None).unwrap_err();
    assert_eq!(refused.message(), "playbook `small` is not loaded in version `1`; loaded: 2, 3");
    assert_eq!(digest(&ask(&library, "3", None).unwrap()), newer[1]);
    assert_ne!(digest(&ask(&library, "2", None).unwrap()), newer[0], "the newest set that has it counts");
}

#[test]
fn a_version_that_is_named_changes_what_leads_a_conversation() {
    let (folder, library) = opened("pinned_away");
    let first = ask(&library, "", None).unwrap();
    edit(&folder, &library, "2", "Second");
    let answer = ask(&library, "2", first.state.clone()).unwrap();
    assert_eq!(answer.playbook.as_ref().unwrap().version, "2");
    assert_eq!(warned(&answer), [(WarningCode::PlaybookChanged, "state.playbook_digest")]);
    assert_eq!(ask(&library, "", first.state).unwrap().playbook.unwrap().version, "1");
}

#[tokio::test]
async fn what_was_replaced_is_listed_as_such() {
    let (folder, library) = opened("listed");
    edit(&folder, &library, "1", "Second");
    edit(&folder, &library, "2", "Third");
    let server = WireServer::start_with(library.shelf()).await;
    let listed = server.playbooks().await.list_playbooks(composure::grpc::generated::ListPlaybooksRequest {}).await;
    let listed: Vec<_> = listed.unwrap().into_inner().playbooks;
    let of_small = listed.iter().filter(|it| it.identity.as_ref().unwrap().id == "small");
    let told: Vec<_> = of_small.map(|it| (it.title.as_str(), it.newest, it.previous)).collect();
    assert_eq!(told, [("First", false, true), ("Second", false, true), ("Third", true, false)]);
    assert_eq!(listed.iter().filter(|it| it.previous).count(), 2, "those in the program are listed once");
}

/// The titles of both playbooks, as one call sees them.
fn titles(shelf: &Shelf) -> Vec<String> {
    let playbooks = shelf.playbooks();
    let own = playbooks.iter().filter(|loaded| loaded.playbook.identity().id.starts_with("set_"));
    own.map(|loaded| loaded.playbook.title().to_owned()).collect()
}

/// Asks both playbooks and looks at what is loaded, again and again.
fn calls(shelf: &Arc<Shelf>, done: &AtomicBool) -> usize {
    let recommendations = Recommendations::new(Arc::clone(shelf), Metrics::new());
    let mut states = [None, None];
    let mut calls = 0;
    while !done.load(Ordering::Relaxed) {
        let seen = titles(shelf);
        assert!(seen.len() == 2 && seen[0] == seen[1], "a mix: {seen:?}");
        for (id, state) in ["set_one", "set_two"].into_iter().zip(&mut states) {
            let request = RecommendRequest { playbook: id.to_owned(), state: state.take(), ..anger(0.9) };
            let answer = recommendations.answer(&request, Time::default()).expect("no call fails");
            *state = RecommendResponse::decode(answer.as_bytes()).unwrap().state.filter(|state| state.turn < 5);
        }
        calls += 1;
    }
    calls
}

#[test]
fn a_thousand_reloads_under_calls_mix_no_sets_fail_no_call_and_leave_nothing_behind() {
    let folder = Folder::new("thousand");
    let write = |marker: &str| {
        folder.write("one.yaml", &small("set_one", "1", marker));
        folder.write("two.yaml", &small("set_two", "1", marker));
    };
    write("odd");
    let library = folder.open().unwrap();
    let (shelf, done, called) = (library.shelf(), AtomicBool::new(false), AtomicUsize::new(0));
    let mut sets: Vec<Weak<Playbooks>> = Vec::new();
    thread::scope(|threads| {
        for _ in 0..2 {
            threads.spawn(|| called.fetch_add(calls(&shelf, &done), Ordering::Relaxed));
        }
        let reloads = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            for round in 0..1_000 {
                write(if round % 2 == 0 { "even" } else { "odd" });
                assert_eq!(changes(&library).0.len(), 2);
                sets.push(Arc::downgrade(&shelf.playbooks()));
            }
        }));
        done.store(true, Ordering::Relaxed);
        reloads.unwrap();
    });
    assert!(called.into_inner() > 100);
    assert_eq!(sets.iter().filter(|set| set.strong_count() > 0).count(), 1);
    assert_eq!(shelf.playbooks().all().len(), 6 + 4, "the odd ones and the even ones");
}

#[test]
fn a_thousand_different_sets_leave_three() {
    let read = |number: usize| {
        let document = Document { text: small("small", "1", &format!("Number {number}")), file_name: String::new() };
        Arc::new(Loaded::read(document, &Bases::none()).unwrap().unwrap())
    };
    let shelf = Shelf::new(Playbooks::new(Vec::new(), Bases::none()), 2);
    let mut ever: Vec<Weak<Loaded>> = Vec::new();
    for number in 0..1_000 {
        let loaded = read(number);
        ever.push(Arc::downgrade(&loaded));
        shelf.replace(Playbooks::new(vec![loaded], Bases::none()));
    }
    let alive: Vec<usize> = (0..1_000).filter(|number| ever[*number].strong_count() > 0).collect();
    assert_eq!(alive, [997, 998, 999]);
}
