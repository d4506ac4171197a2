//! The ceiling: hyper and rusqlite in one native process, doing for five requests the SQL that the application does and
//! nothing else. No components, no host, no routing, no limits, no logs.

mod queries;

use std::cell::RefCell;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context;
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use mission_control_platform::db::Connection as _;
use mission_control_platform::db::native::Sqlite;
use tokio::net::TcpListener;
use uuid::Uuid;

thread_local! {
    /// One connection a worker thread, as one a component instance.
    static CONNECTION: RefCell<Option<Sqlite>> = const { RefCell::new(None) };
}

/// Serves until the process is ended.
pub fn serve(database: &Path, listen: SocketAddr) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let database = database.to_path_buf();
    runtime.block_on(async move {
        let listener = TcpListener::bind(listen).await?;
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let database = database.clone();
            tokio::spawn(async move {
                let service = service_fn(move |request| answer(database.clone(), request));
                hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await
            });
        }
    })
}

async fn answer(database: PathBuf, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let answered = CONNECTION.with_borrow_mut(|slot| {
        let connection = match slot {
            Some(connection) => connection,
            None => slot.insert(open(&database)?),
        };
        route(connection, &parts, &body)
    });
    let (status, body) = answered.unwrap_or_else(|error| {
        eprintln!("{error:#}");
        (StatusCode::INTERNAL_SERVER_ERROR, Vec::new())
    });
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    Ok(response)
}

fn open(database: &Path) -> anyhow::Result<Sqlite> {
    let mut connection = Sqlite::open(database)?;
    connection.run("PRAGMA synchronous = NORMAL", &[])?;
    Ok(connection)
}

fn route(connection: &mut Sqlite, parts: &http::request::Parts, body: &[u8]) -> anyhow::Result<(StatusCode, Vec<u8>)> {
    let path = parts.uri.path();
    if path == "/healthz" {
        return Ok((StatusCode::OK, br#"{"ok":true}"#.to_vec()));
    }
    if path == "/api/v1/agent/heartbeat" {
        let token = parts.headers.get("x-agent-token").context("no token")?.to_str()?;
        return Ok((StatusCode::OK, queries::heartbeat(connection, token)?));
    }
    let mut segments = path.trim_start_matches("/api/v1/boards/").split('/');
    let board: Uuid = segments.next().context("no board")?.parse()?;
    match (&parts.method, segments.next(), segments.next()) {
        (&Method::GET, Some("tasks"), None) => Ok((StatusCode::OK, queries::list_tasks(connection, board)?)),
        (&Method::POST, Some("tasks"), None) => Ok((StatusCode::OK, queries::create_task(connection, board, body)?)),
        (&Method::POST, Some("webhooks"), Some(webhook)) => {
            let ids = (board, webhook.parse()?);
            Ok((StatusCode::ACCEPTED, queries::take_in(connection, ids, &parts.headers, body)?))
        }
        _ => Ok((StatusCode::NOT_FOUND, Vec::new())),
    }
}
