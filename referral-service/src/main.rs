//! The process: `serve`, `migrate`, `bootstrap`, `openapi`, `access-table`, `new-epoch`.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    shared::server::main(&referral_service::PROGRAM)
}
