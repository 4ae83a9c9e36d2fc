//! What a decision costs, from the decoded request to the answer, and what loading a playbook costs.
//!
//! The default playbook stands for what people use. The large one, with a thousand stages, shows that a decision costs what its stage
//! holds and not what the playbook holds.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot start has nobody to tell")]

mod conversation;
mod large;

use std::hint::black_box;

use composure::engine::{self, Explain};
use composure::playbook::{Bases, Playbook};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

/// The allocator that the program uses.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const DEFAULT: &[u8] = include_bytes!("../../playbooks/default.yaml");

/// Requests prepared at a time: few, so that they are as warm as the one that a server has just decoded.
const AT_A_TIME: BatchSize = BatchSize::NumIterations(16);

fn decide(criterion: &mut Criterion) {
    let default = Playbook::parse(DEFAULT, "default.yaml", &Bases::none()).unwrap().0;
    let large = Playbook::parse(large::playbook().as_bytes(), "large.yaml", &Bases::none()).unwrap().0;
    let mut group = criterion.benchmark_group("decide");
    for (name, playbook, stage) in [("default", &default, None), ("large", &large, Some(large::MIDDLE))] {
        for (detail, explain) in [("summary", Explain::Summary), ("full", Explain::Full)] {
            let request = conversation::middle(playbook, stage, explain);
            group.bench_function(format!("{name}/{detail}"), |bencher| {
                bencher.iter_batched(
                    || request.clone(),
                    |request| engine::decide(playbook, engine::resolve(playbook, black_box(request)).0),
                    AT_A_TIME,
                );
            });
        }
    }
    group.finish();
}

fn load(criterion: &mut Criterion) {
    let large = large::playbook();
    let mut group = criterion.benchmark_group("load");
    for (name, source) in [("default", DEFAULT), ("large", large.as_bytes())] {
        group.throughput(Throughput::Bytes(source.len().try_into().unwrap()));
        group.bench_function(name, |bencher| {
            bencher.iter(|| Playbook::parse(black_box(source), "playbook.yaml", &Bases::none()));
        });
    }
    group.finish();
}

criterion_group!(benches, decide, load);
criterion_main!(benches);
