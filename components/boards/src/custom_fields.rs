//! Definitions of custom fields.

use mission_control_core::custom_fields;
use mission_control_core::custom_fields::wire::{
    DefinitionPath, TaskCustomFieldDefinitionCreate, TaskCustomFieldDefinitionRead, TaskCustomFieldDefinitionUpdate,
};
use mission_control_core::guards::OrgAdmin;
use mission_control_core::organizations::SignedIn;
use mission_control_platform::db::DbError;
use mission_control_web::http::{ApiResult, Body, Cx, Json, OkResponse, Path, done};

/// Lists the custom fields of the active organization, by label.
pub async fn list_org_custom_fields(cx: Cx, caller: SignedIn) -> ApiResult<Json<Vec<TaskCustomFieldDefinitionRead>>> {
    let fields = cx.db.read::<_, DbError>(|tx| custom_fields::list(tx, caller.membership.organization_id))?;
    Ok(Json(fields.into_iter().map(Into::into).collect()))
}

/// Defines a custom field.
pub async fn create_org_custom_field(
    cx: Cx,
    caller: OrgAdmin,
    body: Body<TaskCustomFieldDefinitionCreate>,
) -> ApiResult<Json<TaskCustomFieldDefinitionRead>> {
    let made = cx.db.write(|tx| custom_fields::create(tx, caller.membership.organization_id, body.0)).await?;
    Ok(Json(made.into()))
}

/// Changes what the request carries of a custom field.
pub async fn update_org_custom_field(
    cx: Cx,
    caller: OrgAdmin,
    path: Path<DefinitionPath>,
    body: Body<TaskCustomFieldDefinitionUpdate>,
) -> ApiResult<Json<TaskCustomFieldDefinitionRead>> {
    let (organization_id, id) = (caller.membership.organization_id, path.task_custom_field_definition_id);
    let changed = cx.db.write(|tx| custom_fields::update(tx, organization_id, id, body.0)).await?;
    Ok(Json(changed.into()))
}

/// Deletes a custom field that no task has a value of.
pub async fn delete_org_custom_field(
    cx: Cx,
    caller: OrgAdmin,
    path: Path<DefinitionPath>,
) -> ApiResult<Json<OkResponse>> {
    let (organization_id, id) = (caller.membership.organization_id, path.task_custom_field_definition_id);
    cx.db.write(|tx| custom_fields::delete(tx, organization_id, id)).await?;
    Ok(done())
}
