//! Tags: labels that an organization puts on its tasks.

pub mod store;
pub mod wire;

use sha2::{Digest, Sha256};
use uuid::Uuid;

use self::wire::{TagCreate, TagUpdate};
use crate::slugs::slug_of;
use mission_control_platform::db::{DbError, DbErrorKind, Tx};
use mission_control_platform::record;
use mission_control_platform::time::Timestamp;
use mission_control_web::http::{ApiError, ApiResult};
use mission_control_web::schema::Patch;

/// The slug of a name that has no letter a slug could keep.
const FALLBACK_SLUG: &str = "tag";

record! {
    /// A tag.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Tag {
        /// Identifier.
        pub id: Uuid,
        /// The tenant.
        pub organization_id: Uuid,
        /// Shown to people.
        pub name: String,
        /// A short name, unique in the organization.
        pub slug: String,
        /// Six hexadecimal digits.
        pub color: String,
        /// What it means.
        pub description: Option<String>,
        /// When it was made.
        pub created_at: Timestamp,
        /// When it was last changed.
        pub updated_at: Timestamp,
    }
}

/// Makes a tag.
///
/// # Errors
/// 409 when the organization has a tag with this slug.
pub fn create(tx: &mut Tx<'_>, organization_id: Uuid, request: TagCreate) -> ApiResult<Tag> {
    let now = Timestamp::now();
    let slug = wanted_slug(tx, organization_id, request.slug.as_deref(), &request.name)?;
    let tag = Tag {
        id: Uuid::new_v4(),
        organization_id,
        name: request.name.0,
        slug,
        color: request.color.into(),
        description: request.description,
        created_at: now,
        updated_at: now,
    };
    store::insert(tx, &tag).map_err(slug_taken)?;
    Ok(tag)
}

/// Changes what the request carries of a tag, and gives it with the number of tasks that have it.
///
/// # Errors
/// 404 when the organization has no such tag, 409 when it has another with this slug.
pub fn update(tx: &mut Tx<'_>, organization_id: Uuid, id: Uuid, request: TagUpdate) -> ApiResult<(Tag, i64)> {
    let (before, tasks) = store::find(tx, organization_id, id)?.ok_or_else(ApiError::not_found)?;
    let mut tag = before.clone();
    if let Patch::Set(name) = request.name {
        tag.name = name.0;
    }
    if let Patch::Set(color) = request.color {
        tag.color = color.into();
    }
    request.description.apply_to(&mut tag.description);
    if let Some(slug) = request.slug.into_option() {
        tag.slug = wanted_slug(tx, organization_id, slug.as_deref(), &tag.name)?;
    }
    if tag != before {
        tag.updated_at = Timestamp::now();
        store::save(tx, &tag).map_err(slug_taken)?;
    }
    Ok((tag, tasks))
}

/// The slug that a request asks for: of its own text, or of the name where it gives none.
fn wanted_slug(tx: &mut Tx<'_>, organization_id: Uuid, given: Option<&str>, name: &str) -> Result<String, DbError> {
    let source = given.filter(|slug| !slug.trim().is_empty()).unwrap_or(name);
    let slug = slug_of(source);
    if !slug.is_empty() {
        return Ok(slug);
    }
    // Names in other scripts must not all want the same.
    if store::has_slug(tx, organization_id, FALLBACK_SLUG)? {
        let mut hash = hex::encode(Sha256::digest(source.as_bytes()));
        hash.truncate(8);
        return Ok(format!("{FALLBACK_SLUG}-{hash}"));
    }
    Ok(FALLBACK_SLUG.to_owned())
}

fn slug_taken(error: DbError) -> ApiError {
    match error.kind() {
        DbErrorKind::Unique => ApiError::conflict("Tag slug already exists in this organization."),
        _ => error.into(),
    }
}
