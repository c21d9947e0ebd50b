//! performance-service.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// `rebuild` is this service's own command: it empties the projection, so that the consumer reads
/// the event log again from its beginning. Everything else is what every service does.
fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() != Some("rebuild") {
        return shared::server::main(&performance_service::PROGRAM);
    }
    match rebuild() {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            eprintln!("performance-service: {cause}");
            ExitCode::FAILURE
        }
    }
}

fn rebuild() -> Result<(), String> {
    let worker = shared::config::required("THRESHOLD_WORKER_DATABASE_URL")?;
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())?;
    runtime.block_on(performance_service::projection::rebuild(&worker))?;
    println!("performance-service: the projection is empty; the running service reads the event log again");
    Ok(())
}
