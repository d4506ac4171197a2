//! SQL of gateways.

use uuid::Uuid;

use super::Gateway;
use mission_control_platform::db::{DbError, List, Page, Paging, Tx};
use mission_control_platform::params;

/// Stores a new gateway.
///
/// # Errors
/// A database failure.
pub fn insert(tx: &mut Tx<'_>, gateway: &Gateway) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO gateways
         (id, organization_id, name, url, token, workspace_root, allow_insecure_tls, disable_device_pairing, created_at,
          updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        &params![
            gateway.id,
            gateway.organization_id,
            &gateway.name,
            &gateway.url,
            &gateway.token,
            &gateway.workspace_root,
            gateway.allow_insecure_tls,
            gateway.disable_device_pairing,
            gateway.created_at,
            gateway.updated_at
        ],
    )
}

/// Overwrites everything of a gateway that can change.
///
/// # Errors
/// A database failure.
pub fn save(tx: &mut Tx<'_>, gateway: &Gateway) -> Result<(), DbError> {
    tx.execute(
        "UPDATE gateways SET name = $1, url = $2, token = $3, workspace_root = $4, allow_insecure_tls = $5,
         disable_device_pairing = $6, updated_at = $7 WHERE id = $8",
        &params![
            &gateway.name,
            &gateway.url,
            &gateway.token,
            &gateway.workspace_root,
            gateway.allow_insecure_tls,
            gateway.disable_device_pairing,
            gateway.updated_at,
            gateway.id
        ],
    )
}

/// Deletes a gateway that nothing uses any more.
///
/// # Errors
/// A database failure.
pub fn delete(tx: &mut Tx<'_>, id: Uuid) -> Result<(), DbError> {
    tx.execute("DELETE FROM gateways WHERE id = $1", &params![id])
}

/// The organization's gateway of this id.
///
/// # Errors
/// A database failure.
pub fn find(tx: &mut Tx<'_>, organization_id: Uuid, id: Uuid) -> Result<Option<Gateway>, DbError> {
    tx.first(&select(), &params![organization_id, id])
}

/// As [`find`], locked until the end of the transaction: agents of one gateway are made one after the other, so that
/// what is checked before still holds.
///
/// # Errors
/// A database failure.
pub fn lock(tx: &mut Tx<'_>, organization_id: Uuid, id: Uuid) -> Result<Option<Gateway>, DbError> {
    let sql = format!("{}{}", select(), tx.for_update());
    tx.first(&sql, &params![organization_id, id])
}

/// The organization's gateways, newest first.
///
/// # Errors
/// A database failure.
pub fn page(tx: &mut Tx<'_>, organization_id: Uuid, paging: &Paging) -> Result<Page<Gateway>, DbError> {
    let list = List {
        columns: Gateway::COLUMNS.join(", "),
        from: "gateways",
        conditions: vec!["organization_id = $1".to_owned()],
        order: "created_at DESC, id DESC",
        total: "SELECT count(*) FROM gateways WHERE organization_id = $1".to_owned(),
        params: params![organization_id].to_vec(),
    };
    list.page(tx, paging)
}

fn select() -> String {
    format!("SELECT {} FROM gateways WHERE organization_id = $1 AND id = $2", Gateway::COLUMNS.join(", "))
}
