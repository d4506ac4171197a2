//! What one component instance keeps between its requests: settings, database, trusted proxies.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use http::HeaderMap;

use super::context::Cx;
use super::error::{ApiError, ApiResult};
use mission_control_platform::client_address::{client_address, peer};
use mission_control_platform::db::Database;
use mission_control_platform::db::migrate::SchemaState;
use mission_control_platform::queue::Jobs;
use mission_control_platform::settings::{Group, Settings, SettingsError};
use mission_control_platform::telemetry;

/// How long work waits for more of its kind: one transaction for many costs little more than one for each.
#[cfg(target_arch = "wasm32")]
const DRAIN_PAUSE: std::time::Duration = std::time::Duration::from_millis(20);

/// The state of an instance. One is made by the first request and lives until the host drops the instance.
#[derive(Debug)]
pub struct Instance {
    settings: Result<Rc<Settings>, String>,
    fallback: Rc<Settings>,
    /// The schema was seen to be current.
    schema_checked: Cell<bool>,
    /// A drain of the outbox waits for its turn.
    #[cfg_attr(not(target_arch = "wasm32"), allow(dead_code, reason = "only components drain"))]
    drain_waits: Cell<bool>,
}

thread_local! {
    static CURRENT: RefCell<Option<Rc<Instance>>> = const { RefCell::new(None) };
}

impl Instance {
    /// The instance's state, made of these settings unless it exists already.
    pub fn current(settings: impl FnOnce() -> Result<Settings, SettingsError>) -> Rc<Self> {
        if let Some(instance) = Self::existing() {
            return instance;
        }
        let instance = Rc::new(Self::new(settings()));
        CURRENT.with_borrow_mut(|slot| *slot = Some(Rc::clone(&instance)));
        instance
    }

    /// The instance's state, if a request has made it.
    #[must_use]
    pub fn existing() -> Option<Rc<Self>> {
        CURRENT.with_borrow(Clone::clone)
    }

    fn new(settings: Result<Settings, SettingsError>) -> Self {
        let fallback = Rc::new(Settings::default());
        telemetry::init(settings.as_ref().unwrap_or(&fallback));
        let settings = settings.map(Rc::new).map_err(|error| {
            telemetry::failure("", "", &error.to_string());
            error.to_string()
        });
        Self { settings, fallback, schema_checked: Cell::new(false), drain_waits: Cell::new(false) }
    }

    /// The settings, or defaults when they are wrong: for what must be answered in any case.
    #[must_use]
    pub fn settings_or_default(&self) -> Rc<Settings> {
        Rc::clone(self.settings.as_ref().unwrap_or(&self.fallback))
    }

    /// The settings, once they are valid and, where a component has a database, its schema is current (migrated now if the
    /// settings ask for it).
    ///
    /// # Errors
    /// 503 with the exact message of what is wrong.
    pub async fn ready(&self, groups: &[Group]) -> ApiResult<Rc<Settings>> {
        let settings = self.settings.as_ref().map_err(|message| ApiError::unavailable(message.as_str()))?;
        if groups.contains(&Group::Database) && !self.schema_checked.get() {
            match self.database(settings).prepare_schema(settings.db_auto_migrate).await? {
                SchemaState::Current => self.schema_checked.set(true),
                SchemaState::Behind => {
                    return Err(ApiError::unavailable("The database schema is not up to date: run the migrations."));
                }
            }
        }
        Ok(Rc::clone(settings))
    }

    /// The database that the settings name.
    #[must_use]
    pub fn database(&self, settings: &Settings) -> Database {
        Database::from_settings(settings)
    }

    /// The address that rate limits count by.
    #[must_use]
    pub fn client_address(&self, headers: &HeaderMap) -> String {
        client_address(headers, peer(headers), &self.settings_or_default().trusted_proxies).to_string()
    }

    /// Drains the queue soon after the answer. What is not drained now is drained by the next tick.
    #[cfg(target_arch = "wasm32")]
    pub(super) fn drain_later(self: &Rc<Self>, cx: &Cx, jobs: &'static Jobs) {
        // One that has yet to begin will see this request's work too.
        if self.drain_waits.replace(true) {
            return;
        }
        let (instance, cx) = (Rc::clone(self), cx.clone());
        spin_sdk::wit_bindgen::spawn(async move {
            loop {
                spin_sdk::time::sleep(DRAIN_PAUSE).await;
                instance.drain_waits.set(false);
                match mission_control_platform::queue::drain(&cx.db, &cx.settings, jobs).await {
                    Ok(ran) if ran >= mission_control_platform::queue::BATCH => {}
                    Ok(_) => break,
                    Err(error) => return telemetry::failure(&cx.request_id, &cx.path, &error.to_string()),
                }
            }
        });
    }

    #[cfg(not(target_arch = "wasm32"))]
    #[expect(clippy::unused_self, reason = "one signature on both targets")]
    pub(super) fn drain_later(self: &Rc<Self>, _: &Cx, _: &'static Jobs) {}
}
