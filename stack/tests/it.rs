//! Databases that are really started, stopped and killed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use stack::system::execute;
use stack::{Cluster, Keep, Key, Layout, Redis, Shutdown, install, quietly};

fn cluster(keep: Keep) -> Cluster {
    let layout = Layout::find().unwrap();
    let programs = install::postgres(&layout, quietly).unwrap();
    Cluster::start(&layout, &programs, keep, &[], quietly).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_committed_survives_a_kill() {
    let cluster = cluster(Keep::Durable);
    let url = cluster.superuser_url();
    execute(&url, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (1)").await.unwrap();
    for round in 0..3 {
        if round == 2 {
            cluster.stop(Shutdown::Immediate);
        } else {
            cluster.kill();
        }
        assert!(!cluster.is_running());
        assert!(execute(&url, "SELECT 1").await.is_err());
        cluster.resume().unwrap();
        execute(&url, "INSERT INTO kept SELECT max(n) + 1 FROM kept").await.unwrap();
    }
    let check = "DO $$ BEGIN ASSERT (SELECT array_agg(n ORDER BY n) FROM kept) = '{1,2,3,4}'; END $$";
    execute(&url, check).await.unwrap();
    execute(&url, "DO $$ BEGIN ASSERT current_setting('fsync') = 'on'; END $$").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_cluster_leaves_nothing() {
    let one = cluster(Keep::Ephemeral);
    let other = cluster(Keep::Ephemeral);
    assert_ne!(one.superuser_url(), other.superuser_url());
    let check = "DO $$ BEGIN
        ASSERT current_setting('server_encoding') = 'UTF8';
        ASSERT current_setting('fsync') = 'off';
        ASSERT current_setting('listen_addresses') = '';
        ASSERT current_setting('max_connections')::int >= 300;
        ASSERT current_setting('server_version_num')::int >= 150000;
    END $$";
    execute(&one.superuser_url(), check).await.unwrap();
    let refused = execute(&other.url("nobody_we_know", "postgres"), "SELECT 1").await;
    assert!(refused.is_err());

    let (pid, folder, log) = (one.pid().unwrap(), one.socket_folder().to_path_buf(), one.log().to_path_buf());
    drop(one);
    assert!(!stack::process::runs(pid));
    assert!(!folder.exists());
    assert!(!log.exists());
    execute(&other.superuser_url(), "SELECT 1").await.unwrap();
}

#[test]
fn redis_is_emptied_killed_and_started_again() {
    let layout = Layout::find().unwrap();
    let programs = install::redis(&layout, quietly).unwrap();
    let redis = Redis::start_temporary(&layout, &programs).unwrap();
    assert!(redis.url().starts_with("redis+unix:///"));
    redis.flush().unwrap();
    redis.kill();
    assert!(!redis.is_running());
    assert!(redis.flush().is_err());
    redis.resume().unwrap();
    redis.flush().unwrap();
    let socket = redis.socket();
    drop(redis);
    assert!(!socket.exists());
}

/// Set for the copy of this program that plays the launcher.
const HOLD: &str = "STACK_TEST_HOLD_DATABASES";

/// Another copy of this program plays a launcher that is killed before it can
/// stop anything: it runs [`hold_databases`] alone.
#[test]
fn databases_do_not_outlive_a_killed_launcher() {
    let mut launcher = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "hold_databases", "--nocapture"])
        .env(HOLD, "yes")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(launcher.stdout.take().unwrap());
    let line = output.lines().map(Result::unwrap).find(|line| line.contains("holding"));
    let pids: Vec<u32> = line.unwrap().split_whitespace().filter_map(|word| word.parse().ok()).collect();
    assert_eq!(pids.len(), 2);
    launcher.kill().unwrap();
    launcher.wait().unwrap();
    let gone = || pids.iter().all(|pid| !stack::process::runs(*pid));
    for _ in 0..100 {
        if gone() {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("still running: {pids:?}");
}

#[test]
fn hold_databases() {
    if std::env::var_os(HOLD).is_none() {
        return;
    }
    let layout = Layout::find().unwrap();
    let cluster = cluster(Keep::Ephemeral);
    let programs = install::redis(&layout, quietly).unwrap();
    let redis = Redis::start_temporary(&layout, &programs).unwrap();
    println!("\nholding {} {}", cluster.pid().unwrap(), redis.pid().unwrap());
    std::thread::sleep(Duration::from_secs(60));
}

#[test]
fn openssl_reads_the_keys() {
    let file = std::env::temp_dir().join(format!("stack-openssl-{}.pem", std::process::id()));
    Key::in_file(&file).unwrap();
    let read = Command::new("openssl").args(["pkey", "-noout", "-text", "-in"]).arg(&file).output();
    std::fs::remove_file(&file).unwrap();
    // Not every machine has it.
    if let Ok(read) = read {
        assert!(String::from_utf8_lossy(&read.stdout).contains("ED25519"));
    }
}
