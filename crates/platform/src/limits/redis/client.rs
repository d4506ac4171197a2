//! Talks to Redis from a component: one connection per instance, a time limit, and a rest after a failure.

use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::rc::Rc;
use std::time::{Duration, Instant};

use futures::future::{Either, select};
use spin_sdk::redis::{Connection, Error, RedisParameter, RedisResult};

use crate::limits::StoreError;

/// A request waits this long for Redis at most; a Redis that hangs must not hang requests.
const TIME_LIMIT: Duration = Duration::from_secs(1);
/// How long Redis is left alone after a failure, so that not every request waits for the time limit.
const REST: Duration = Duration::from_secs(5);

thread_local! {
    static CONNECTION: RefCell<Option<Rc<Connection>>> = const { RefCell::new(None) };
    static REST_UNTIL: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Runs `EVAL` with `arguments` and returns its text.
pub(super) async fn eval(url: &str, arguments: Vec<String>) -> Result<String, StoreError> {
    if REST_UNTIL.get().is_some_and(|until| Instant::now() < until) {
        return Err(StoreError::Paused);
    }
    let call = pin!(eval_with_reconnect(url, &arguments));
    let alarm = pin!(spin_sdk::time::sleep(TIME_LIMIT));
    let result = match select(call, alarm).await {
        Either::Left((result, _)) => result,
        Either::Right(_) => Err(format!("no answer of Redis within {} s", TIME_LIMIT.as_secs())),
    };
    result.map_err(|text| {
        CONNECTION.take();
        REST_UNTIL.set(Some(Instant::now() + REST));
        StoreError::Failed(text)
    })
}

/// Tries the kept connection first: the server may have closed it long ago, which is no failure.
async fn eval_with_reconnect(url: &str, arguments: &[String]) -> Result<String, String> {
    // Taken out of the cell before waiting: no borrow may live across an await.
    let kept = CONNECTION.with_borrow(|connection| connection.clone());
    if let Some(connection) = kept
        && let Ok(text) = eval_on(&connection, arguments).await
    {
        return Ok(text);
    }
    let connection = Rc::new(Connection::open(url).await.map_err(error_text)?);
    CONNECTION.replace(Some(Rc::clone(&connection)));
    eval_on(&connection, arguments).await
}

async fn eval_on(connection: &Connection, arguments: &[String]) -> Result<String, String> {
    let parameters = arguments.iter().map(|text| RedisParameter::Binary(text.as_bytes().to_vec()));
    let results = connection.execute("EVAL", parameters).await.map_err(error_text)?;
    match results.into_iter().next() {
        Some(RedisResult::Binary(bytes)) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Some(RedisResult::Status(text)) => Ok(text),
        _ => Err("no text in the answer of Redis".to_owned()),
    }
}

fn error_text(error: Error) -> String {
    match error {
        Error::InvalidAddress => "invalid Redis address".to_owned(),
        Error::TooManyConnections => "too many Redis connections".to_owned(),
        Error::TypeError => "unexpected type in Redis".to_owned(),
        Error::Other(text) => text,
    }
}
