//! Which kind of queued job does what, and what a tick tidies up.

use futures::FutureExt;
use mission_control_platform::queue::{Jobs, Kind, Work};

use crate::webhooks::{self, delivery};
use crate::{accounts, activity, agents, messaging};

/// All that is done after answers and by ticks.
pub static JOBS: Jobs = Jobs {
    kinds: &[
        Kind {
            name: delivery::JOB,
            work: Work::InTransaction(|tx, settings, job| {
                delivery::deliver(tx, settings, job).map(delivery::Outcome::as_str)
            }),
        },
        Kind {
            name: accounts::remote::JOB,
            work: Work::Outside(|settings, job| accounts::remote::delete(settings, job).boxed_local()),
        },
    ],
    tidy: &[
        accounts::remote::tidy,
        activity::retention::tidy,
        agents::auth::tidy,
        messaging::inbox::tidy,
        webhooks::retention::tidy,
    ],
};
