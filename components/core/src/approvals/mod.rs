//! Approvals: decisions that agents ask people for.

pub mod store;

use mission_control_web::words;

words! {
    /// How an approval was decided.
    pub enum Decision {
        /// Go ahead.
        Approved = "approved",
        /// Do not.
        Rejected = "rejected",
    }
}
