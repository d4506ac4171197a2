//! What signing in makes sure of: the person exists and has an active organization.

use uuid::Uuid;

use crate::members::invites;
use crate::organizations::{Membership, normalised_email, store};
use crate::skill_packs;
use crate::users::{self, User};
use mission_control_platform::db::{Database, DbError, FromRow, Row, Tx, columns_as};
use mission_control_platform::params;
use mission_control_platform::settings::Settings;

/// The only person of local mode.
const LOCAL_EXTERNAL_ID: &str = "local-auth-user";
const LOCAL_EMAIL: &str = "admin@home.local";
const LOCAL_NAME: &str = "Local User";

/// The organization that a person without one gets.
const PERSONAL: &str = "Personal";

/// A person and, if they have one, their membership of their active organization.
struct Found(User, Option<Membership>);

impl FromRow for Found {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        let user = User::from_row(row)?;
        let has_membership: bool = row.next::<Option<Uuid>>()?.is_some();
        Ok(Self(user, if has_membership { Some(Membership::from_row(row)?) } else { None }))
    }
}

/// The person of local mode with their active membership: one statement, unless something is missing.
///
/// # Errors
/// A database failure.
pub async fn local_user(db: &Database, settings: &Settings) -> Result<(User, Membership), DbError> {
    if let Some(found) = db.read(find_local_user)? {
        return Ok(found);
    }
    db.write(|tx| {
        // Whoever knows the token is the person: no one else could own the address.
        let (mut user, is_new) = users::store::get_or_create(tx, LOCAL_EXTERNAL_ID, LOCAL_EMAIL, LOCAL_NAME, true)?;
        repair_profile(tx, &mut user)?;
        let membership = ensure_membership(tx, settings, &mut user, is_new)?;
        Ok((user, membership))
    })
    .await
}

/// The person of local mode, if they exist with a profile and an active membership.
///
/// # Errors
/// A database failure.
pub fn find_local_user(tx: &mut Tx<'_>) -> Result<Option<(User, Membership)>, DbError> {
    Ok(match find_user(tx, LOCAL_EXTERNAL_ID)? {
        Some((user, Some(membership))) if is_filled(&user.email) && is_filled(&user.name) => Some((user, membership)),
        _ => None,
    })
}

/// The person with this external id and, if they have one, their membership of their active organization: one statement.
///
/// # Errors
/// A database failure.
pub fn find_user(tx: &mut Tx<'_>, external_id: &str) -> Result<Option<(User, Option<Membership>)>, DbError> {
    let sql = format!(
        "SELECT {}, m.id, {} FROM users u
         LEFT JOIN organization_members m ON m.user_id = u.id AND m.organization_id = u.active_organization_id
         WHERE u.clerk_user_id = $1",
        columns_as("u", User::COLUMNS),
        columns_as("m", Membership::COLUMNS)
    );
    Ok(tx.first(&sql, &params![external_id])?.map(|Found(user, membership)| (user, membership)))
}

fn is_filled(text: &Option<String>) -> bool {
    text.as_deref().is_some_and(|text| !text.is_empty())
}

fn repair_profile(tx: &mut Tx<'_>, user: &mut User) -> Result<(), DbError> {
    if is_filled(&user.email) && is_filled(&user.name) {
        return Ok(());
    }
    for (field, default) in [(&mut user.email, LOCAL_EMAIL), (&mut user.name, LOCAL_NAME)] {
        if !is_filled(field) {
            *field = Some(default.to_owned());
        }
    }
    users::store::save_profile(tx, user)
}

/// The person's active membership. If none is active, their oldest one becomes it; who has none joins by their oldest
/// pending invitation, if `is_new` says that their row was just made and their address is verified, else gets an
/// organization of their own. The row of the person is locked, so concurrent first requests make one organization.
///
/// # Errors
/// A database failure.
pub fn ensure_membership(
    tx: &mut Tx<'_>,
    settings: &Settings,
    user: &mut User,
    is_new: bool,
) -> Result<Membership, DbError> {
    let lock = format!("SELECT active_organization_id FROM users WHERE id = $1{}", tx.for_update());
    let active: Option<Uuid> = tx.one(&lock, &params![user.id])?;
    let current = match active {
        Some(organization_id) => store::membership(tx, organization_id, user.id)?,
        None => None,
    };
    let membership = match current {
        Some(membership) => membership,
        None => {
            let membership = first_membership(tx, settings, user, is_new)?;
            users::store::set_active_organization(tx, user.id, Some(membership.organization_id))?;
            membership
        }
    };
    user.active_organization_id = Some(membership.organization_id);
    Ok(membership)
}

fn first_membership(tx: &mut Tx<'_>, settings: &Settings, user: &User, is_new: bool) -> Result<Membership, DbError> {
    if let Some(membership) = store::oldest_membership(tx, user.id)? {
        return Ok(membership);
    }
    // Only now: somebody who was removed must not come back by an invitation that was forgotten.
    if let Some(email) = user.email.as_deref().filter(|_| is_new && user.email_verified)
        && let Some(membership) = invites::accept::accept_oldest(tx, user.id, &normalised_email(email))?
    {
        return Ok(membership);
    }
    let (organization, membership) = store::create_with_owner(tx, PERSONAL, user.id)?;
    if settings.default_skill_packs {
        skill_packs::add_defaults(tx, organization.id, organization.created_at)?;
    }
    Ok(membership)
}
