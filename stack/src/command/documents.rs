//! `openapi` and `access-tables`: the checked-in documents, made anew from what
//! the binaries say of themselves.

use std::fs;
use std::path::Path;

use super::speak::say;
use stack::system::{binaries, run_to_end};
use stack::{Error, Layout, Process, Result};

pub async fn openapi() -> Result<()> {
    let layout = Layout::find()?;
    let folder = layout.private().join("openapi");
    make(&folder)?;
    let mut parts = Vec::new();
    for process in Process::ALL {
        let document = ask(process, &["openapi"]).await?;
        let path = folder.join(format!("{process}.json"));
        write(&path, &document)?;
        parts.push(path.display().to_string());
    }
    let mut arguments = vec!["merge-openapi"];
    arguments.extend(parts.iter().map(String::as_str));
    let merged = ask(Process::Gateway, &arguments).await?;
    let docs = layout.checkout().join("docs");
    make(&docs)?;
    write(&docs.join("openapi.json"), &merged)?;
    let _ = fs::remove_dir_all(&folder);
    say("wrote docs/openapi.json");
    Ok(())
}

pub async fn access_tables() -> Result<()> {
    let folder = Layout::find()?.checkout().join("docs/access");
    make(&folder)?;
    for process in Process::ALL {
        let table = ask(process, &["access-table"]).await?;
        write(&folder.join(format!("{process}.txt")), &table)?;
        say(&format!("wrote docs/access/{process}.txt"));
    }
    Ok(())
}

async fn ask(process: Process, arguments: &[&str]) -> Result<String> {
    let program = binaries()?.join(process.binary());
    run_to_end(&program, arguments, Vec::new(), "").await
}

fn make(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).map_err(|error| Error::new(format!("could not make {}: {error}", folder.display())))
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).map_err(|error| Error::new(format!("could not write {}: {error}", path.display())))
}
