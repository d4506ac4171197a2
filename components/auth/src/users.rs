//! The signed-in person.

use mission_control_core::accounts::deletion;
use mission_control_core::organizations::SignedIn;
use mission_control_core::users::store;
use mission_control_core::users::wire::{UserRead, UserUpdate};
use mission_control_platform::db::DbError;
use mission_control_web::http::{ApiResult, Body, Cx, Json, OkResponse, done};

/// Signs in and answers who that is; the first call makes the person and their organization.
pub async fn bootstrap_user(caller: SignedIn) -> ApiResult<Json<UserRead>> {
    Ok(Json(caller.user.into()))
}

/// Answers who is signed in.
pub async fn get_me(caller: SignedIn) -> ApiResult<Json<UserRead>> {
    Ok(Json(caller.user.into()))
}

/// Changes what the request carries of the person's profile.
pub async fn update_me(cx: Cx, caller: SignedIn, body: Body<UserUpdate>) -> ApiResult<Json<UserRead>> {
    let user = cx
        .db
        .write::<_, DbError>(|tx| {
            // As it is now: two windows may change different members at once.
            let mut user = store::find_locked(tx, &caller.user.clerk_user_id)?.unwrap_or(caller.user);
            body.0.apply(&mut user);
            store::save_profile(tx, &user)?;
            Ok(user)
        })
        .await?;
    Ok(Json(user.into()))
}

/// Deletes the caller and the organizations that nobody else is a member of.
pub async fn delete_me(cx: Cx, caller: SignedIn) -> ApiResult<Json<OkResponse>> {
    cx.db.write(|tx| deletion::delete(tx, &cx.settings, &caller.user)).await?;
    cx.outbox_has_work();
    Ok(done())
}
