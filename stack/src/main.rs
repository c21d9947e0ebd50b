//! The commands behind the script `threshold`.

mod command;

use std::process::ExitCode;

fn main() -> ExitCode {
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error),
    };
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = runtime.block_on(command::run(&arguments));
    // Whatever still waits in the background must not keep the terminal.
    runtime.shutdown_background();
    match outcome {
        Ok(code) => code,
        Err(error) => fail(&error),
    }
}

fn fail(error: &dyn std::fmt::Display) -> ExitCode {
    eprintln!("threshold: {error}");
    ExitCode::FAILURE
}
