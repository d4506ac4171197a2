//! What requests and instances may use.

use std::time::Duration;

/// Limits and their defaults, which are Spin's where Spin has one.
#[derive(Clone, Debug)]
pub struct Limits {
    /// How many instances may live at once.
    pub max_instances: usize,
    /// How many requests an instance answers before it is replaced.
    pub max_instance_reuse_count: usize,
    /// How many requests an instance answers at the same time.
    pub max_instance_concurrent_reuse_count: usize,
    /// How long an instance without work is kept.
    pub idle_instance_timeout: Duration,
    /// How long a request may take, with its streams and the work after its response.
    ///
    /// Only with such a limit can a guest be stopped that computes without end. Until then it may
    /// also hold up requests that were queued for its instance, as it would in Spin.
    pub request_timeout: Option<Duration>,
    /// How much memory an instance may have, in bytes.
    pub max_instance_memory: Option<usize>,
    /// How long a client may take to send a request's head.
    pub header_read_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_instances: 1000,
            max_instance_reuse_count: 128,
            max_instance_concurrent_reuse_count: 16,
            idle_instance_timeout: Duration::from_secs(1),
            request_timeout: None,
            max_instance_memory: None,
            header_read_timeout: Duration::from_secs(30),
        }
    }
}
