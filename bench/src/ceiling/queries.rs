//! The five requests as calls of the domain's own functions on a native connection: the same SQL by construction.

use anyhow::{Context, anyhow};
use http::HeaderMap;
use mission_control_core::accounts::provisioning;
use mission_control_core::agents::wire::AgentRead;
use mission_control_core::agents::{Actor, auth, heartbeat};
use mission_control_core::boards::{self, Board, BoardRight};
use mission_control_core::organizations::SignedIn;
use mission_control_core::tasks::wire::{TaskCreate, TaskFilter};
use mission_control_core::webhooks::{self, Payload, ingest, signature};
use mission_control_platform::db::{Connection, Paging, Tx, transaction};
use mission_control_platform::settings::Settings;
use mission_control_web::http::ApiError;
use mission_control_web::schema::{Faults, Field, Model, Place};
use serde_json::Value;
use uuid::Uuid;

/// An agent checks in.
pub fn heartbeat(connection: &mut dyn Connection, token: &str) -> anyhow::Result<Vec<u8>> {
    let agent = auth::find_by_token(&mut Tx::on(connection), token)?.context("no such agent")?.agent;
    let alive = transaction(connection, |tx| heartbeat::commit(tx, &Settings::default(), agent, None, None))
        .map_err(refused)?;
    let answer = AgentRead { pending_messages: Some(alive.pending_messages), ..alive.agent.into() };
    Ok(serde_json::to_vec(&answer)?)
}

/// A person lists tasks.
pub fn list_tasks(connection: &mut dyn Connection, board_id: Uuid) -> anyhow::Result<Vec<u8>> {
    let mut tx = Tx::on(connection);
    let (board, _) = board(&mut tx, board_id)?;
    let filter = TaskFilter::read_object(&serde_json::Map::new(), &Place::root("query"), &mut Faults::default());
    let filter = filter.context("not valid")?.parse().map_err(refused)?;
    Ok(serde_json::to_vec(&mission_control_core::tasks::list(&mut tx, board.id, &filter, &Paging::new(50, 0))?)?)
}

/// A person makes a task.
pub fn create_task(connection: &mut dyn Connection, board_id: Uuid, body: &[u8]) -> anyhow::Result<Vec<u8>> {
    let (board, caller) = board(&mut Tx::on(connection), board_id)?;
    let body: Value = serde_json::from_slice(body)?;
    let body = TaskCreate::read(&body, &Place::root("body"), &mut Faults::default()).context("not a task")?;
    let task =
        transaction(connection, |tx| mission_control_core::tasks::create(tx, &board, &Actor::User(caller), body));
    Ok(serde_json::to_vec(&task.map_err(refused)?)?)
}

/// An outside system posts a signed event.
pub fn take_in(
    connection: &mut dyn Connection,
    (board_id, webhook_id): (Uuid, Uuid),
    headers: &HeaderMap,
    body: &[u8],
) -> anyhow::Result<Vec<u8>> {
    let target = webhooks::store::find_target(&mut Tx::on(connection), board_id, webhook_id)?.context("no board")?;
    let webhook = target.webhook.context("no webhook")?;
    signature::verify(&webhook, headers, body).map_err(|error| anyhow!("{error}"))?;
    let payload = Payload::received(&webhook, headers, body, "127.0.0.1");
    let settings = Settings::default();
    transaction(connection, |tx| ingest::take_in(tx, &settings, target.organization_id, &webhook, &payload))?;
    Ok(serde_json::to_vec(&serde_json::json!({
        "ok": true, "board_id": board_id, "webhook_id": webhook_id, "payload_id": payload.id
    }))?)
}

/// Signs the local person in and finds the board with their rights on it.
fn board(tx: &mut Tx<'_>, board_id: Uuid) -> anyhow::Result<(Board, SignedIn)> {
    let (user, membership) = provisioning::find_local_user(tx)?.context("no user")?;
    let (board, rights) = boards::store::with_rights(tx, user.id, board_id)?.context("no board")?;
    anyhow::ensure!(rights.is_some_and(|rights| rights.allows(BoardRight::Write)), "no access");
    Ok((board, SignedIn { user, membership }))
}

fn refused(error: ApiError) -> anyhow::Error {
    anyhow!("{} {} {:?}", error.status_code(), error.detail(), error.cause())
}
