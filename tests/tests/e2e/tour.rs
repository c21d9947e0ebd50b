//! The README's five-minute tour, run as it stands there: each `sh` block in one bash, what it
//! prints held against the `text` block under it. In those `…` stands for anything within a
//! line, and alone on a line for any lines.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;

use e2e::County;
use stack::demonstration;
use stack::system::{Process, SystemOptions};

const README: &str = include_str!("../../../README.md");
const TOUR: &str = "## The five-minute tour";

/// Commands, and what they are said to print.
struct Block {
    commands: String,
    printed: Option<String>,
}

fn blocks() -> Vec<Block> {
    let (_, rest) = README.split_once(TOUR).expect("the README has a tour");
    let tour = rest.split("\n## ").next().unwrap();
    let mut blocks: Vec<Block> = Vec::new();
    for part in tour.split("\n```").skip(1) {
        if let Some(commands) = part.strip_prefix("sh\n") {
            blocks.push(Block { commands: commands.to_owned(), printed: None });
        } else if let Some(printed) = part.strip_prefix("text\n") {
            blocks.last_mut().expect("commands before what they print").printed = Some(printed.to_owned());
        }
    }
    blocks
}

/// Who is signed in in the commands: what follows `token` or `sign-in`.
fn names(commands: &str) -> Vec<String> {
    ["./threshold token ", "./threshold sign-in "]
        .iter()
        .flat_map(|command| commands.split(command).skip(1))
        .filter_map(|rest| rest.split(')').next().map(str::to_owned))
        .collect()
}

/// A `./threshold` for this county: the real one finds what `./threshold up` left, which a test
/// must not lean on. Its tokens were got by the same flows.
async fn launcher(county: &County, folder: &Path, commands: &str) {
    let mut tokens = BTreeMap::new();
    for name in names(commands) {
        tokens.insert(name.clone(), county.token(&name).await);
    }
    let cases: String = tokens.iter().map(|(name, token)| format!("{name}) echo {token} ;;\n")).collect();
    let issuer = county.system.issuer();
    let script = format!(
        "#!/bin/sh\nif [ \"$1\" = status ]; then echo \"threshold: it is up (process 1) at {issuer}\"; exit; fi\n\
         case $2 in\n{cases}*) exit 1 ;;\nesac\n"
    );
    let path = folder.join("threshold");
    std::fs::write(&path, script).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
}

/// Whether lines are as a pattern says.
fn fits(pattern: &[&str], lines: &[&str]) -> bool {
    match pattern.split_first() {
        None => lines.is_empty(),
        Some((&"…", rest)) => (0..=lines.len()).any(|skipped| fits(rest, &lines[skipped..])),
        Some((first, rest)) => {
            lines.split_first().is_some_and(|(line, more)| line_fits(first, line) && fits(rest, more))
        }
    }
}

fn line_fits(pattern: &str, line: &str) -> bool {
    let mut pieces = pattern.split('…').peekable();
    let Some(mut rest) = line.strip_prefix(pieces.next().unwrap_or_default()) else { return false };
    while let Some(piece) = pieces.next() {
        let found = if pieces.peek().is_none() { rest.rfind(piece) } else { rest.find(piece) };
        let Some(at) = found else { return false };
        rest = &rest[at + piece.len()..];
    }
    rest.is_empty()
}

#[tokio::test]
async fn the_readme_s_tour_comes_out_as_it_says() {
    let county = County::start(SystemOptions::test().expect("options")).await;
    // Among the records that a reader has too; told twice they are there once.
    for _ in 0..2 {
        demonstration::load_records(&county.system).await.expect("the records load");
    }
    let database = county.database(Process::Referral).await;
    for (table, expected) in [
        ("referral", 13),
        ("panel_case", 1),
        ("missing_interview", 2),
        ("exploitation_concern", 1),
        ("support_group", 1),
        ("group_attendance", 6),
        ("development_check", 2),
        ("short_break", 1),
        ("partner_agreement", 1),
        ("partner_family", 2),
        ("onward_referral", 1),
        ("case_audit", 1),
    ] {
        let rows: i64 = database.one(&format!("SELECT count(*) FROM {table}")).await;
        assert_eq!(rows, expected, "{table}");
    }

    let blocks = blocks();
    assert!(blocks.len() >= 8, "the tour has lost its blocks");
    let commands: String = blocks
        .iter()
        .enumerate()
        .map(|(number, block)| format!("echo; echo '@@ {number}'\n{}\n", block.commands))
        .collect();
    let folder = std::env::temp_dir().join(format!("threshold-tour-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    launcher(&county, &folder, &commands).await;
    let output = tokio::process::Command::new("bash")
        .arg("-c")
        .arg(&commands)
        .current_dir(&folder)
        .env("no_proxy", "*")
        .stdin(Stdio::null())
        .output()
        .await
        .expect("bash runs");
    std::fs::remove_dir_all(&folder).unwrap();
    let (said, failed) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8_lossy(&output.stderr));
    for (number, block) in blocks.iter().enumerate() {
        let Some(printed) = &block.printed else { continue };
        let (_, rest) = said.split_once(&format!("@@ {number}\n")).unwrap_or_else(|| panic!("{said}\n{failed}"));
        let came = rest.split("\n@@ ").next().unwrap().trim_end_matches('\n');
        let (pattern, lines): (Vec<_>, Vec<_>) = (printed.lines().collect(), came.lines().collect());
        assert!(fits(&pattern, &lines), "the README says\n{printed}\nbut this came\n{came}\n{failed}");
    }
    county.system.stop().await.unwrap();
}

#[test]
fn an_ellipsis_stands_for_anything() {
    assert!(line_fits("a…c", "abbc") && line_fits("a…", "a") && line_fits("…c", "c") && line_fits("a", "a"));
    assert!(!line_fits("a…c", "abcd") && !line_fits("a", "ab") && !line_fits("b…", "ab"));
    assert!(fits(&["a", "…", "c"], &["a", "b", "b", "c"]) && fits(&["…"], &[]) && !fits(&["a"], &["a", "b"]));
}
