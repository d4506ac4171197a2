//! Signing in with the identity provider: the person is found or made, and follows what the provider says about them.
//!
//! A person who is known costs one statement. Who is new, or has no name or no verified address, is looked up at the
//! provider, at most once a minute and with no connection held; a sign-in never fails because of it.
//!
//! The row of a new person and their first membership are one transaction, made once the profile was asked for. So
//! "new" means "made in this transaction", whatever happened to earlier requests, and only then does a verified address
//! open an invitation.

use std::time::Duration;

use super::remote;
use crate::accounts::provisioning;
use crate::identity_provider::{self, Claims, Person};
use crate::organizations::Membership;
use crate::users::{User, store};
use mission_control_platform::db::{Database, DbError, DbErrorKind, Tx};
use mission_control_platform::settings::Settings;
use mission_control_platform::telemetry::Level;
use mission_control_platform::time::Timestamp;
use mission_control_web::http::ApiResult;

/// How long the provider is not asked again about the same person.
const PROFILE_PAUSE: Duration = Duration::from_secs(60);

/// The person that these claims are about, with their active membership. `None` if they deleted their account.
///
/// # Errors
/// A database failure.
pub(crate) async fn sign_in(
    db: &Database,
    settings: &Settings,
    claims: &Claims,
) -> ApiResult<Option<(User, Membership)>> {
    let (external_id, now) = (claims.subject.as_str(), Timestamp::now());
    let found = db.read(|tx| provisioning::find_user(tx, external_id))?;
    let mut person = Person::of_claims(&claims.all);
    let asks = match &found {
        Some((user, _)) => wants_profile(user, now) && claim_profile_check(db, user, now).await?,
        None if db.read(|tx| remote::was_deleted(tx, external_id))? => return Ok(None),
        None => true,
    };
    if asks {
        let profile = identity_provider::profile(settings, external_id).await;
        person = profile.unwrap_or_default().or(person);
    }
    if let Some((mut user, Some(membership))) = found
        && !apply(&person, &mut user)
    {
        return Ok(Some((user, membership)));
    }
    Ok(db.write(|tx| settle(tx, settings, external_id, &person, now)).await?)
}

fn wants_profile(user: &User, now: Timestamp) -> bool {
    let lacks_something = !is_filled(&user.email) || !is_filled(&user.name) || !user.email_verified;
    lacks_something && user.profile_checked_at.is_none_or(|checked| checked <= now.minus(PROFILE_PAUSE))
}

async fn claim_profile_check(db: &Database, user: &User, now: Timestamp) -> Result<bool, DbError> {
    db.write(|tx| store::claim_profile_check(tx, user.id, now, now.minus(PROFILE_PAUSE))).await
}

/// Finds or makes the person, takes over what is new about them and sees to their membership. `None` if they deleted
/// their account meanwhile.
fn settle(
    tx: &mut Tx<'_>,
    settings: &Settings,
    external_id: &str,
    person: &Person,
    now: Timestamp,
) -> Result<Option<(User, Membership)>, DbError> {
    let (mut user, is_new) = match store::find_locked(tx, external_id)? {
        Some(user) => (user, false),
        None if remote::was_deleted(tx, external_id)? => return Ok(None),
        None => match store::create(tx, external_id, now)? {
            Some(user) => (user, true),
            // Another first request was faster.
            None => (store::find_locked(tx, external_id)?.ok_or_else(vanished)?, false),
        },
    };
    if apply(person, &mut user) {
        store::save_identity(tx, &user)?;
        identity_provider::note(Level::Info, "person synchronised", external_id, &[("is_new", is_new.into())]);
    }
    if !is_filled(&user.email) {
        identity_provider::note(Level::Warning, "person without an e-mail address", external_id, &[]);
    }
    let membership = provisioning::ensure_membership(tx, settings, &mut user, is_new)?;
    Ok(Some((user, membership)))
}

fn vanished() -> DbError {
    DbError::new(DbErrorKind::Busy, "the person was made and deleted by others meanwhile")
}

/// Takes over the address and, if none is stored, the name; says whether that changed anything. An address that is not
/// verified never replaces one that is.
fn apply(person: &Person, user: &mut User) -> bool {
    let mut changed = false;
    if let Some(email) = &person.email {
        let is_known = user.email.as_ref() == Some(&email.address) && user.email_verified >= email.is_verified;
        let is_worse = is_filled(&user.email) && user.email_verified && !email.is_verified;
        if !is_known && !is_worse {
            user.email = Some(email.address.clone());
            user.email_verified = email.is_verified;
            changed = true;
        }
    }
    if person.name.is_some() && !is_filled(&user.name) {
        user.name.clone_from(&person.name);
        changed = true;
    }
    changed
}

fn is_filled(text: &Option<String>) -> bool {
    text.as_deref().is_some_and(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::identity_provider::Email;

    fn user(email: Option<(&str, bool)>, name: Option<&str>) -> User {
        User {
            id: Uuid::nil(),
            clerk_user_id: "user_a".to_owned(),
            email: email.map(|(address, _)| address.to_owned()),
            name: name.map(str::to_owned),
            preferred_name: None,
            pronouns: None,
            timezone: None,
            notes: None,
            context: None,
            is_super_admin: false,
            active_organization_id: None,
            email_verified: email.is_some_and(|(_, is_verified)| is_verified),
            profile_checked_at: None,
        }
    }

    fn person(email: Option<(&str, bool)>, name: Option<&str>) -> Person {
        Person {
            email: email.map(|(address, is_verified)| Email { address: address.to_owned(), is_verified }),
            name: name.map(str::to_owned),
        }
    }

    #[test]
    fn an_address_follows_the_provider_unless_it_is_worth_less() {
        for (stored, offered, kept) in [
            (None, Some(("a@x", false)), Some(("a@x", false))),
            (None, Some(("a@x", true)), Some(("a@x", true))),
            (Some(("", true)), Some(("a@x", false)), Some(("a@x", false))),
            (Some(("a@x", false)), Some(("b@x", false)), Some(("b@x", false))),
            (Some(("a@x", false)), Some(("b@x", true)), Some(("b@x", true))),
            (Some(("a@x", false)), Some(("a@x", true)), Some(("a@x", true))),
            (Some(("a@x", true)), Some(("b@x", true)), Some(("b@x", true))),
            (Some(("a@x", true)), Some(("b@x", false)), Some(("a@x", true))),
            (Some(("a@x", true)), Some(("a@x", false)), Some(("a@x", true))),
            (Some(("a@x", true)), None, Some(("a@x", true))),
        ] {
            let mut user = user(stored, Some("Ann"));
            let changed = apply(&person(offered, None), &mut user);
            let now = user.email.as_deref().map(|address| (address, user.email_verified));
            assert_eq!((now, changed), (kept, kept != stored), "{stored:?} {offered:?}");
        }
    }

    #[test]
    fn a_stored_name_is_never_overwritten() {
        for (stored, offered, kept) in [
            (None, Some("Ann"), Some("Ann")),
            (Some(""), Some("Ann"), Some("Ann")),
            (Some("Own"), Some("Ann"), Some("Own")),
            (Some("Own"), None, Some("Own")),
            (None, None, None),
        ] {
            let mut user = user(None, stored);
            assert_eq!(apply(&person(None, offered), &mut user), kept != stored);
            assert_eq!(user.name.as_deref(), kept);
        }
    }

    #[test]
    fn the_provider_is_asked_about_what_is_missing_at_most_once_a_minute() {
        let now = Timestamp::now();
        let whole = user(Some(("a@x", true)), Some("Ann"));
        assert!(!wants_profile(&whole, now));
        for lacking in
            [user(None, Some("Ann")), user(Some(("a@x", true)), None), user(Some(("a@x", false)), Some("Ann"))]
        {
            assert!(wants_profile(&lacking, now));
            let checked = |seconds| Some(now.minus(Duration::from_secs(seconds)));
            assert!(!wants_profile(&User { profile_checked_at: checked(59), ..lacking.clone() }, now));
            assert!(wants_profile(&User { profile_checked_at: checked(60), ..lacking }, now));
        }
    }
}
