//! Approvals: decisions that agents ask people for.

pub mod store;

use crate::words;

words! {
    /// How an approval was decided.
    pub enum Decision {
        /// Go ahead.
        Approved = "approved",
        /// Do not.
        Rejected = "rejected",
    }
}
