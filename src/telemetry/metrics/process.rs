//! What the process uses, as Linux tells it. Elsewhere there is nothing to read, and nothing is told.

use std::fs;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

/// Of a second: the unit of times in `/proc`, the same on every machine that we run on.
const TICKS: f64 = 100.0;
/// Fields of `/proc/self/stat`, counted after the name of the program, which may hold anything.
const USER_TIME: usize = 11;
const SYSTEM_TIME: usize = 12;
const START_TIME: usize = 19;

/// Reads at every scrape.
#[derive(Debug)]
pub(super) struct Process;

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let mut tell = |name: &str, help: &str, value: Option<f64>| match value {
            Some(value) => gauge(&mut encoder, (name, help), value),
            None => Ok(()),
        };
        tell("process_resident_memory_bytes", "Memory in use.", resident_memory())?;
        tell("process_open_fds", "File descriptors in use.", open_files())?;
        tell("process_max_fds", "File descriptors that may be in use.", most_files())?;
        let stat = Stat::read();
        tell("process_start_time_seconds", "When the process started.", stat.as_ref().and_then(Stat::started))?;
        let Some(cpu) = stat.as_ref().and_then(Stat::cpu) else { return Ok(()) };
        let counter = ConstCounter::new(cpu);
        let help = "Processor time that was used.";
        counter.encode(encoder.encode_descriptor("process_cpu_seconds", help, None, counter.metric_type())?)
    }
}

fn gauge(encoder: &mut DescriptorEncoder<'_>, told: (&str, &str), value: f64) -> Result<(), std::fmt::Error> {
    let gauge = ConstGauge::new(value);
    gauge.encode(encoder.encode_descriptor(told.0, told.1, None, gauge.metric_type())?)
}

/// The fields of `/proc/self/stat` after the name of the program.
struct Stat(String);

impl Stat {
    fn read() -> Option<Self> {
        let stat = fs::read_to_string("/proc/self/stat").ok()?;
        stat.rsplit_once(") ").map(|(_, fields)| Self(fields.to_owned()))
    }

    fn seconds(&self, field: usize) -> Option<f64> {
        self.0.split(' ').nth(field)?.parse::<f64>().ok().map(|ticks| ticks / TICKS)
    }

    fn cpu(&self) -> Option<f64> {
        Some(self.seconds(USER_TIME)? + self.seconds(SYSTEM_TIME)?)
    }

    fn started(&self) -> Option<f64> {
        let machine = fs::read_to_string("/proc/stat").ok()?;
        let booted = machine.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse::<f64>().ok()?;
        Some(booted + self.seconds(START_TIME)?)
    }
}

fn resident_memory() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.parse::<f64>().ok().map(|kibibytes| kibibytes * 1024.0)
}

fn open_files() -> Option<f64> {
    // Without the one by which they are counted.
    let open = fs::read_dir("/proc/self/fd").ok()?.count().saturating_sub(1);
    u32::try_from(open).ok().map(f64::from)
}

fn most_files() -> Option<f64> {
    let limits = fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}
