//! From the host's request to ours and back.

use std::cell::OnceCell;

use http_body_util::BodyExt;
use spin_sdk::http::Request as SpinRequest;

use super::api::Api;
use super::body::Response;
use super::context::Incoming;
use super::instance::Instance;
use mission_control_platform::settings;

/// Serves one request with the instance's routes, which `api` builds at the first one.
pub async fn serve(request: SpinRequest, api: fn() -> Api) -> Response {
    thread_local! {
        // Leaked on purpose: one per instance, needed by every request until the instance ends.
        static ROUTES: OnceCell<&'static Api> = const { OnceCell::new() };
    }
    let routes = ROUTES.with(|routes| *routes.get_or_init(|| Box::leak(Box::new(api()))));
    let instance = match Instance::existing() {
        Some(instance) => instance,
        None => {
            let loaded = settings::load(routes.groups()).await;
            Instance::current(|| loaded)
        }
    };
    let request = request.map(|body| -> Incoming { Box::pin(body.map_err(anyhow::Error::from)) });
    routes.serve(&instance, request).await
}
