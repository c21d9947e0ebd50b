//! Load on an HTTP server: connections that stay open, each with one request at a time.
//!
//! As little as is needed, because it shares the processors with what it measures: the bytes of
//! a request are written as they are, and of an answer only status and length are read.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures::future::try_join_all;
use hdrhistogram::Histogram;
use stack::{Error, Result};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::figures::histogram;
use crate::requests::Maker;

/// How much load, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// Connections, each with one request at a time.
    pub connections: u64,
    /// How long it runs before anything is measured.
    pub warm_up: Duration,
    /// How long is measured.
    pub measured: Duration,
}

/// No answer takes longer.
const LIMIT: Duration = Duration::from_secs(30);

/// Sends requests numbered from `first` on, and measures how long each answer takes, in microseconds.
///
/// # Errors
/// At the first answer with another status than `status`.
pub async fn run(address: &str, load: Load, maker: Maker, first: u64, status: u16) -> Result<Histogram<u64>> {
    let address = address.trim_start_matches("http://").to_owned();
    let work = move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Error::new(error.to_string()))?;
        runtime.block_on(all(address, load, maker, first, status))
    };
    tokio::task::spawn_blocking(work).await.map_err(|error| Error::new(error.to_string()))?
}

async fn all(address: String, load: Load, maker: Maker, first: u64, status: u16) -> Result<Histogram<u64>> {
    let numbers = Arc::new(AtomicU64::new(first));
    let from = Instant::now() + load.warm_up;
    let until = from + load.measured;
    let callers = (0..load.connections).map(|_| {
        let caller = Caller { address: address.clone(), maker: maker.clone(), numbers: numbers.clone(), status };
        caller.keep_asking(from, until)
    });
    let everyone = tokio::time::timeout(load.warm_up + load.measured + LIMIT, try_join_all(callers));
    let each = everyone.await.map_err(|_| Error::new("an answer took too long"))??;
    let mut total = histogram()?;
    for one in &each {
        total.add(one).map_err(|error| Error::new(error.to_string()))?;
    }
    Ok(total)
}

struct Caller {
    address: String,
    maker: Maker,
    numbers: Arc<AtomicU64>,
    status: u16,
}

impl Caller {
    async fn keep_asking(self, from: Instant, until: Instant) -> Result<Histogram<u64>> {
        let failed = |error: std::io::Error| Error::new(format!("the gateway broke off: {error}"));
        let mut latencies = histogram()?;
        let mut stream = TcpStream::connect(&self.address).await.map_err(failed)?;
        stream.set_nodelay(true).map_err(failed)?;
        let mut answer = Vec::with_capacity(32 * 1024);
        loop {
            let request = (self.maker)(self.numbers.fetch_add(1, Ordering::Relaxed));
            let asked = Instant::now();
            if asked >= until {
                return Ok(latencies);
            }
            stream.write_all(&request).await.map_err(failed)?;
            let status = read_answer(&mut stream, &mut answer).await?;
            let answered = Instant::now();
            if status != self.status {
                return Err(Error::new(format!("answered {status}: {}", String::from_utf8_lossy(&answer))));
            }
            if answered >= from && answered < until {
                let micros = u64::try_from((answered - asked).as_micros()).unwrap_or(u64::MAX);
                latencies.saturating_record(micros);
            }
        }
    }
}

/// Reads one answer into `answer`, and says its status.
async fn read_answer(stream: &mut TcpStream, answer: &mut Vec<u8>) -> Result<u16> {
    answer.clear();
    let head = loop {
        more(stream, answer).await?;
        if let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
    };
    let (status, length) = {
        let text = answer.get(..head).and_then(|bytes| std::str::from_utf8(bytes).ok());
        let text = text.ok_or_else(|| Error::new("the answer has no head"))?;
        let status = text.split(' ').nth(1).and_then(|word| word.parse().ok());
        let length = text.lines().filter_map(|line| line.split_once(':')).find_map(|(name, value)| {
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
        });
        let both = status.zip(length);
        both.ok_or_else(|| Error::new(format!("an answer without status or length: {text}")))?
    };
    while answer.len() < head + length {
        more(stream, answer).await?;
    }
    Ok(status)
}

async fn more(stream: &mut TcpStream, answer: &mut Vec<u8>) -> Result<()> {
    let read = stream.read_buf(answer).await.map_err(|error| Error::new(format!("no answer: {error}")))?;
    if read == 0 { Err(Error::new("the gateway closed the connection")) } else { Ok(()) }
}

/// One request, alone. The answer is its whole text.
///
/// # Errors
/// At another status than `status`.
pub async fn once(address: &str, request: &[u8], status: u16) -> Result<String> {
    let failed = |error: std::io::Error| Error::new(format!("the gateway broke off: {error}"));
    let mut stream = TcpStream::connect(address.trim_start_matches("http://")).await.map_err(failed)?;
    stream.write_all(request).await.map_err(failed)?;
    let mut answer = Vec::new();
    let found = tokio::time::timeout(LIMIT, read_answer(&mut stream, &mut answer));
    let found = found.await.map_err(|_| Error::new("no answer in time"))??;
    let text = String::from_utf8_lossy(&answer).into_owned();
    if found == status { Ok(text) } else { Err(Error::new(format!("answered {found}: {text}"))) }
}
