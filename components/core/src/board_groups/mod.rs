//! Board groups: sets of boards that share a memory.

pub mod store;
pub mod wire;

use uuid::Uuid;

use self::wire::{BoardGroupCreate, BoardGroupUpdate};
use crate::slugs::slug_of;
use mission_control_platform::db::{DbError, Tx};
use mission_control_platform::record;
use mission_control_platform::time::Timestamp;
use mission_control_web::schema::Patch;

record! {
    /// A board group.
    #[derive(Clone, Debug)]
    pub struct BoardGroup {
        /// Identifier.
        pub id: Uuid,
        /// The tenant.
        pub organization_id: Uuid,
        /// Shown to people.
        pub name: String,
        /// A short name for addresses; any text.
        pub slug: String,
        /// What the group is for.
        pub description: Option<String>,
        /// When it was made.
        pub created_at: Timestamp,
        /// When it was last changed.
        pub updated_at: Timestamp,
    }
}

/// Makes a group without boards.
///
/// # Errors
/// A database failure.
pub fn create(tx: &mut Tx<'_>, organization_id: Uuid, request: BoardGroupCreate) -> Result<BoardGroup, DbError> {
    let now = Timestamp::now();
    let group = BoardGroup {
        id: Uuid::new_v4(),
        organization_id,
        slug: slug(request.slug.0, &request.name),
        name: request.name.0,
        description: request.description,
        created_at: now,
        updated_at: now,
    };
    store::insert(tx, &group)?;
    Ok(group)
}

/// Changes what the request carries of a group.
///
/// # Errors
/// A database failure.
pub fn update(tx: &mut Tx<'_>, mut group: BoardGroup, request: BoardGroupUpdate) -> Result<BoardGroup, DbError> {
    if let Patch::Set(name) = request.name {
        group.name = name.0;
    }
    if let Patch::Set(wanted) = request.slug {
        group.slug = slug(wanted.0, &group.name);
    }
    request.description.apply_to(&mut group.description);
    group.updated_at = Timestamp::now();
    store::save(tx, &group)?;
    Ok(group)
}

/// The slug that a request asks for, or one of the name where it gives none.
fn slug(wanted: String, name: &str) -> String {
    if !wanted.trim().is_empty() {
        return wanted;
    }
    match slug_of(name) {
        slug if slug.is_empty() => Uuid::new_v4().simple().to_string(),
        slug => slug,
    }
}
