//! The process `youth-justice-service`.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    shared::server::main(&youth_justice_service::PROGRAM)
}
