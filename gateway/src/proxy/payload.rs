//! The body on its way to a service.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::header::TRANSFER_ENCODING;
use actix_web::web::{Bytes, Payload};
use futures::StreamExt;
use futures::channel::mpsc;
use futures::sink::SinkExt;
use shared::problem::{self, Problem};

use crate::body;

/// Chunks that may wait between the two connections.
const WAITING: usize = 4;

/// How long a caller may take to begin its body; afterwards the whole answer's time limit holds.
const FIRST_WITHIN: Duration = Duration::from_secs(10);

/// What became of a body that is passed on while it comes in.
#[derive(Clone, Default)]
pub struct Fate(Arc<Mutex<Option<Problem>>>);

impl Fate {
    /// What was wrong with the body, if that has shown.
    pub fn problem(&self) -> Option<Problem> {
        self.0.lock().ok().and_then(|problem| problem.clone())
    }

    fn is(&self, problem: Problem) {
        if let Ok(mut fate) = self.0.lock() {
            *fate = Some(problem);
        }
    }
}

/// A body, as far as it has come.
pub enum Outgoing {
    /// There is none.
    Nothing,
    /// It came whole: passed on as it lies in memory.
    Whole(Bytes),
    /// It is still coming: how long it says it is and may be, and what there is of it.
    Rest(Option<usize>, usize, Bytes, Payload),
}

impl Outgoing {
    /// The body of a request, after its first chunk: most are no longer than that.
    ///
    /// # Errors
    /// 400 if it ends before it began, 413 if it is too large already.
    pub async fn of(request: &HttpRequest, mut payload: Payload) -> Result<Self, Problem> {
        let length = body::announced(request);
        if length == Some(0)
            || (length.is_none() && !request.headers().contains_key(TRANSFER_ENCODING) && is_http1(request))
        {
            return Ok(Self::Nothing);
        }
        let first = match tokio::time::timeout(FIRST_WITHIN, payload.next()).await {
            Ok(None) => return Ok(Self::Nothing),
            Ok(Some(Ok(first))) => first,
            Ok(Some(Err(_))) | Err(_) => return Err(broken_off()),
        };
        let most = body::largest(request);
        if first.len() > most {
            return Err(Problem::new(problem::TOO_LARGE));
        }
        if length == Some(first.len()) { Ok(Self::Whole(first)) } else { Ok(Self::Rest(length, most, first, payload)) }
    }

    /// Gives the body to the request that goes on.
    pub fn attach(self, onward: reqwest::RequestBuilder) -> (reqwest::RequestBuilder, Fate) {
        let fate = Fate::default();
        match self {
            Self::Nothing => (onward, fate),
            Self::Whole(bytes) => (onward.body(bytes), fate),
            Self::Rest(length, most, first, payload) => {
                let (sender, receiver) = mpsc::channel(WAITING);
                actix_web::rt::spawn(pump(first, most, payload, sender, fate.clone()));
                let onward = match length {
                    Some(length) => onward.header("content-length", length),
                    None => onward,
                };
                (onward.body(reqwest::Body::wrap_stream(receiver)), fate)
            }
        }
    }
}

fn is_http1(request: &HttpRequest) -> bool {
    request.version() < actix_web::http::Version::HTTP_2
}

fn broken_off() -> Problem {
    Problem::new(problem::MALFORMED).detail("the body ended too soon")
}

/// Carries chunks across: the incoming body stays on its thread, and the outgoing one may not.
async fn pump(
    first: Bytes,
    most: usize,
    mut payload: Payload,
    mut sender: mpsc::Sender<Result<Bytes, std::io::Error>>,
    fate: Fate,
) {
    let mut seen = first.len();
    let mut chunk = Ok(first);
    loop {
        let stop = chunk.is_err();
        // The service has answered and wants no more.
        if sender.send(chunk).await.is_err() || stop {
            return;
        }
        chunk = match payload.next().await {
            None => return,
            Some(Ok(bytes)) => {
                seen += bytes.len();
                if seen > most {
                    fate.is(Problem::new(problem::TOO_LARGE));
                    Err(std::io::Error::other("too large"))
                } else {
                    Ok(bytes)
                }
            }
            Some(Err(_)) => {
                fate.is(broken_off());
                Err(std::io::Error::other("ended too soon"))
            }
        };
    }
}
