//! The `composure` program.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// An answer is some dozens of small allocations.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    composure::cli::run()
}
