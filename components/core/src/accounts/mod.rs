//! Accounts of people: what signing in makes sure of, and what goes when a person goes.

pub mod deletion;
pub mod organization_deletion;
pub mod provisioning;
pub mod remote;
pub(crate) mod sync;
