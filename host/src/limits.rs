//! What connections, requests and instances may use.

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
    /// How many connections may be open, and how many requests be answered, at once.
    pub max_connections: usize,
    /// The same for one IPv4 address or one IPv6 network of 64 bits.
    pub max_connections_per_address: usize,
    /// How long a connection without a request is kept.
    pub keep_alive_timeout: Duration,
    /// How long a client may take to send a request's head.
    pub header_read_timeout: Duration,
    /// How long a client may be waited for, in all, while it sends a request's body.
    pub body_timeout: Duration,
    /// How long a client may neither send what is awaited nor take what is sent.
    pub stall_timeout: Duration,
    /// The bytes a second below which a client uses up its `stall_timeout`; 0: any will do.
    pub min_transfer_rate: u32,
    /// How many bytes of the bodies of requests may be held, in all, until these are answered.
    pub max_buffered_body_bytes: usize,
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
            max_connections: 4096,
            max_connections_per_address: 1024,
            keep_alive_timeout: Duration::from_secs(75),
            header_read_timeout: Duration::from_secs(30),
            body_timeout: Duration::from_secs(120),
            stall_timeout: Duration::from_secs(30),
            min_transfer_rate: 1024,
            max_buffered_body_bytes: 64 << 20,
        }
    }
}
