//! What clients, requests and instances may use, as options of `up`.

use super::duration;
use clap::Args;
use mission_control_host::Limits;
use std::time::Duration;

/// The limits; the names are Spin's where Spin has the same.
#[derive(Args)]
#[command(next_help_heading = "Limits")]
pub struct LimitArguments {
    /// How many requests an instance answers before it is replaced.
    #[arg(long, value_name = "COUNT", default_value_t = 128)]
    max_instance_reuse_count: usize,
    /// How many requests an instance answers at the same time.
    #[arg(long, value_name = "COUNT", default_value_t = 16)]
    max_instance_concurrent_reuse_count: usize,
    /// How long an instance without work is kept.
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = duration::parse)]
    idle_instance_timeout: Duration,
    /// How long a request may take, its streams included; no limit if not given.
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    request_timeout: Option<Duration>,
    /// How much memory an instance may have; no limit if not given.
    #[arg(long, value_name = "BYTES")]
    max_instance_memory: Option<usize>,
    /// How many instances may live at once; requests beyond get status 503.
    #[arg(long, value_name = "COUNT", default_value_t = 1000)]
    max_instances: usize,
    /// How many connections may be open at once; idle ones give way, clients beyond get status 503.
    #[arg(long, value_name = "COUNT", default_value_t = 4096, value_parser = at_least_one)]
    max_connections: usize,
    /// The same for one IPv4 address or IPv6 /64; behind a proxy, all clients have the proxy's.
    #[arg(long, value_name = "COUNT", default_value_t = 1024, value_parser = at_least_one)]
    max_connections_per_address: usize,
    /// How long a connection without a request is kept; more than the proxy in front keeps it.
    #[arg(long, value_name = "TIME", default_value = "75s", value_parser = duration::parse)]
    keep_alive_timeout: Duration,
    /// How long a client may be waited for, in all, while it sends a request's body.
    #[arg(long, value_name = "TIME", default_value = "2m", value_parser = duration::parse)]
    body_timeout: Duration,
    /// How long a client may neither send what is awaited nor take what is sent.
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = duration::parse)]
    stall_timeout: Duration,
    /// Bytes a second below which a client uses up its stall timeout; 0: any will do.
    #[arg(long, value_name = "BYTES", default_value_t = 1024)]
    min_transfer_rate: u32,
    /// How much of the bodies of requests may be held at once; larger bodies beyond get status 503.
    #[arg(long, value_name = "BYTES", default_value_t = 64 << 20)]
    max_buffered_body_bytes: usize,
}

impl From<LimitArguments> for Limits {
    fn from(arguments: LimitArguments) -> Self {
        Self {
            max_instances: arguments.max_instances,
            max_instance_reuse_count: arguments.max_instance_reuse_count,
            max_instance_concurrent_reuse_count: arguments.max_instance_concurrent_reuse_count,
            idle_instance_timeout: arguments.idle_instance_timeout,
            request_timeout: arguments.request_timeout,
            max_instance_memory: arguments.max_instance_memory,
            max_connections: arguments.max_connections,
            max_connections_per_address: arguments.max_connections_per_address,
            keep_alive_timeout: arguments.keep_alive_timeout,
            body_timeout: arguments.body_timeout,
            stall_timeout: arguments.stall_timeout,
            min_transfer_rate: arguments.min_transfer_rate,
            max_buffered_body_bytes: arguments.max_buffered_body_bytes,
            ..Self::default()
        }
    }
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err(format!("'{text}' is no number of at least 1")),
        Ok(number) => Ok(number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        limits: LimitArguments,
    }

    fn limits(arguments: &[&str]) -> Result<Limits, clap::Error> {
        Command::try_parse_from([&["up"], arguments].concat()).map(|command| command.limits.into())
    }

    #[test]
    fn the_defaults_are_the_hosts_own() {
        let limits = limits(&[]).expect("no option is needed");
        assert_eq!(format!("{limits:?}"), format!("{:?}", Limits::default()));
    }

    #[test]
    fn nobody_could_connect_to_no_connections() {
        assert!(limits(&["--max-connections", "0"]).is_err());
        assert!(limits(&["--max-connections-per-address", "x"]).is_err());
        assert_eq!(limits(&["--max-connections", "7"]).expect("a number").max_connections, 7);
    }
}
