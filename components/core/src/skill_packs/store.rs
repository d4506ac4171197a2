//! SQL of skill packs.

use serde_json::json;
use uuid::Uuid;

use super::DefaultPack;
use mission_control_platform::db::{DbError, Tx, Value, values_rows};
use mission_control_platform::params;
use mission_control_platform::time::Timestamp;

pub(super) fn insert(
    tx: &mut Tx<'_>,
    organization_id: Uuid,
    packs: &[DefaultPack],
    created_at: Timestamp,
) -> Result<(), DbError> {
    let sql = format!(
        "INSERT INTO skill_packs
         (id, organization_id, name, description, source_url, branch, metadata, created_at, updated_at) VALUES {}",
        values_rows(packs.len(), 9)
    );
    let mut parameters: Vec<Value> = Vec::with_capacity(packs.len() * 9);
    for DefaultPack { name, description, source_url } in packs {
        parameters.extend(params![
            Uuid::new_v4(),
            organization_id,
            *name,
            *description,
            *source_url,
            "main",
            json!({}),
            created_at,
            created_at
        ]);
    }
    tx.execute(&sql, &parameters)
}
