//! A component that does what the host's tests ask it to: the path says what, the query and the
//! body say with which values.

mod body;
mod call;
mod network;
mod storage;

use anyhow::{Context, Result, bail};
use call::Call;
use http::Response;
use spin_sdk::http::{BoxBody, FullBody, IntoResponse, Request, box_body};
use spin_sdk::http_service;
use spin_sdk::wasip3::http::types::Response as WasiResponse;
use std::cell::Cell;
use std::time::Duration;

#[http_service]
async fn handle(request: Request) -> Result<WasiResponse> {
    if request.uri().path() == "/early" {
        // The body is not even looked at.
        return wasi(Response::builder().status(401).body(text("early"))?);
    }
    let call = Call::read(request).await?;
    match call.path.as_str() {
        "/stream" => return wasi(body::stream(&call)?),
        "/flood" => return body::flood(&call),
        "/ending" => return body::ending(&call),
        "/forbidden" => return wasi(Response::builder().header(call.value("name")?, "x").body(text(""))?),
        "/header" => {
            let value = call.headers.get(call.value("name")?).context("no such header")?;
            return wasi(Response::new(text(value.as_bytes().to_vec())));
        }
        _ => {}
    }
    let (status, answer) = match answer(&call).await {
        Ok(answer) => (200, answer),
        Err(error) => (400, format!("{error:#}")),
    };
    wasi(Response::builder().status(status).body(text(answer))?)
}

fn wasi(response: Response<BoxBody>) -> Result<WasiResponse> {
    Ok(response.into_response()?)
}

async fn answer(call: &Call) -> Result<String> {
    match call.path.as_str() {
        "/plain" => Ok("plain".to_owned()),
        "/request" => Ok(call.head.clone()),
        "/echo" => Ok(call.body.clone()),
        "/count" => Ok(count().to_string()),
        "/print" => {
            println!("{}", call.body);
            Ok(String::new())
        }
        "/surroundings" => Ok(format!("{:?} {:?}", args(), envs())),
        "/variable" => Ok(spin_sdk::variables::get(call.value("name")?).await?),
        "/trap" => panic!("asked to trap"),
        "/sleep" => {
            spin_sdk::time::sleep(call.milliseconds("ms")?).await;
            Ok("slept".to_owned())
        }
        "/busy" => {
            busy(call.milliseconds("ms")?);
            Ok("done".to_owned())
        }
        "/allocate" => Ok(allocate(call.number("mib")?).to_string()),
        "/fetch" => network::fetch(&call.body).await,
        "/connect" => network::connect(&call.body),
        "/resolve" => network::resolve(&call.body),
        "/listen" => network::listen(),
        "/sql" => storage::sql(call.value("database").unwrap_or("default"), &call.body),
        "/sql-async" => storage::sql_async(&call.body).await,
        "/sql-hold" => storage::sql_hold(&call.body, call.milliseconds("ms")?).await,
        "/sql-handles" => storage::sql_handles(call.number("count")?),
        "/bench-sql" => storage::bench_sql(),
        "/kv" => storage::key_value(call.value("store").unwrap_or("default"), &call.body),
        "/pg" => storage::postgres(&call.body),
        "/pg-root" => storage::postgres_with_root(&call.body).await,
        "/pg-async" => storage::postgres_async(&call.body).await,
        "/redis" => storage::redis(&call.body).await,
        other => bail!("no such call: {other}"),
    }
}

fn text(text: impl Into<Vec<u8>>) -> BoxBody {
    box_body(FullBody::new(text.into().into()))
}

/// How many requests this instance has counted.
fn count() -> u32 {
    thread_local!(static COUNT: Cell<u32> = const { Cell::new(0) });
    COUNT.with(|count| {
        count.set(count.get() + 1);
        count.get()
    })
}

fn args() -> Vec<String> {
    std::env::args().collect()
}

fn envs() -> Vec<(String, String)> {
    std::env::vars().collect()
}

fn busy(time: Duration) {
    let start = std::time::Instant::now();
    while start.elapsed() < time {
        std::hint::black_box((0..1000).sum::<u64>());
    }
}

fn allocate(mib: usize) -> usize {
    let memory = std::hint::black_box(vec![1_u8; mib << 20]);
    memory.len() >> 20
}

impl Call {
    fn value(&self, name: &str) -> Result<&str> {
        let value = self.query.iter().find(|(key, _)| key == name);
        Ok(&value.with_context(|| format!("no {name} in the query"))?.1)
    }

    fn number(&self, name: &str) -> Result<usize> {
        Ok(self.value(name)?.parse()?)
    }

    fn milliseconds(&self, name: &str) -> Result<Duration> {
        Ok(Duration::from_millis(self.value(name)?.parse()?))
    }
}
