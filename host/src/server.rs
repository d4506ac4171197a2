//! Accepts connections, and speaks HTTP/1.1 and HTTP/2 on them.

mod activity;
mod connection;
mod download;
mod file_limit;
mod memory;
mod pace;
mod slots;
mod transport;
mod upload;

use crate::application::Application;
use crate::limits::Limits;
use crate::phase::{self, Phase};
use connection::Shared;
use slots::Slots;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// How long to wait when no connection can be accepted, for instance for want of files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How much the kernel may hold of what a client has not been sent yet.
const MAX_UNSENT_BYTES: u32 = 128 << 10;

/// What a client is told for whose connection there is no place.
const REFUSAL: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/// How long a refused client has to read that, and how many are refused at once with so much patience.
const REFUSAL_TIME: Duration = Duration::from_secs(1);
const MAX_REFUSALS: usize = 64;

/// Serves until the phase is [`Phase::Draining`] and all connections have ended, or it is
/// [`Phase::Cut`].
pub async fn serve(
    listener: TcpListener,
    application: Arc<Application>,
    limits: Arc<Limits>,
    phases: watch::Receiver<Phase>,
) {
    let slots = Slots::new(&limits, file_limit::raise(limits.max_connections));
    // Connections inherit it. Where it is unknown, the kernel holds a few megabytes.
    let _ = socket2::SockRef::from(&listener).set_tcp_notsent_lowat(MAX_UNSENT_BYTES);
    let shared = Arc::new(Shared::new(application, limits, phases.clone()));
    let (mut connections, mut refusals) = (JoinSet::new(), JoinSet::new());
    let mut draining = phase::after(Phase::Running, phases.clone());
    let mut trimming = tokio::time::interval(memory::TRIM_PAUSE);
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, client)) => match slots.take(client.ip()) {
                    Some(slot) => drop(connections.spawn(shared.clone().serve(stream, client, slot))),
                    None if refusals.len() < MAX_REFUSALS => drop(refusals.spawn(refuse(stream))),
                    None => {}
                },
                Err(_) => {
                    slots.evict_idle();
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
            Some(_) = connections.join_next() => {}
            Some(_) = refusals.join_next() => {}
            _ = trimming.tick() => drop(tokio::task::spawn_blocking(memory::trim)),
            _ = &mut draining => break,
        }
    }
    drop(listener);
    let mut cut = phase::after(Phase::Draining, phases);
    loop {
        tokio::select! {
            ended = connections.join_next() => if ended.is_none() { return },
            _ = &mut cut => return connections.shutdown().await,
        }
    }
}

/// Tells a client that there is no place for it.
async fn refuse(mut stream: TcpStream) {
    let telling = async {
        stream.write_all(REFUSAL).await?;
        stream.shutdown().await?;
        let mut rest = [0; 4096];
        // Unread bytes would reset the connection before the client has its answer.
        while stream.read(&mut rest).await? > 0 {}
        std::io::Result::Ok(())
    };
    // What does not get through in time does not.
    let _ = timeout(REFUSAL_TIME, telling).await;
}
