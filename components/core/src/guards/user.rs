//! People: the shared token of the local mode, or a token of the identity provider.

use crate::accounts::{provisioning, sync};
use crate::guards::{attempts, bearer, selection};
use crate::identity_provider;
use crate::organizations::SignedIn;
use mission_control_platform::limits::Namespace;
use mission_control_platform::settings::AuthMode;
use mission_control_platform::{telemetry, tokens};
use mission_control_web::http::{ApiError, ApiResult, Cx, Extract, Operation};
use mission_control_web::schema::Faults;

impl SignedIn {
    /// Signs in with the request's credentials, or gives `None`. Counts failures against the address.
    pub(super) async fn authenticate(cx: &Cx) -> ApiResult<Option<Self>> {
        let Some(token) = bearer::bearer_token(cx) else { return Ok(None) };
        let found = match cx.settings.auth_mode {
            AuthMode::Local if tokens::same(&token, cx.settings.local_auth_token.expose().trim().as_bytes()) => {
                Some(provisioning::local_user(&cx.db, &cx.settings).await?)
            }
            AuthMode::Local => None,
            AuthMode::Clerk => match identity_provider::verify(cx, &token).await? {
                Some(claims) => sync::sign_in(&cx.db, &cx.settings, &claims).await?,
                None => None,
            },
        };
        let Some((user, active)) = found else { return Ok(None) };
        cx.called_by(format!("user {}", user.id));
        let membership = selection::membership_for_request(cx, user.id, active)?;
        Ok(Some(Self { user, membership }))
    }

    /// 401, or 429 once the address has failed too often.
    pub(super) async fn refuse(cx: &Cx) -> ApiError {
        let hint = bearer::bearer_token(cx).map(|token| tokens::log_hint(&token));
        telemetry::sign_in_failed(&cx.request_id, &cx.path, "user", hint.as_deref());
        attempts::failed(cx, Namespace::UserAuth, ApiError::unauthorized()).await
    }
}

impl Extract for SignedIn {
    async fn extract(cx: &Cx, _: &mut Faults) -> ApiResult<Option<Self>> {
        match Self::authenticate(cx).await? {
            Some(signed_in) => Ok(Some(signed_in)),
            None => Err(Self::refuse(cx).await),
        }
    }

    fn describe(operation: &mut Operation<'_>) {
        operation.user_auth();
        selection::describe(operation);
    }
}
