//! `spin:redis`, and key-value stores on Redis, where `HOST_TEST_REDIS` names a server that may be
//! written to, such as `redis://127.0.0.1:6379`, and `HOST_TEST_REDIS_TLS` one with a certificate that this system trusts.

use crate::common::{Answer, Setup, ok, post};

fn address() -> Option<String> {
    named_by("HOST_TEST_REDIS")
}

fn named_by(variable: &str) -> Option<String> {
    let address = std::env::var(variable).ok().filter(|address| !address.is_empty());
    if address.is_none() {
        eprintln!("skipped: {variable} is not set");
    }
    address
}

/// Manifests name hosts, not who signs in there.
fn without_user(address: &str) -> String {
    let (scheme, rest) = address.split_once("://").expect("an address has a scheme");
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    format!("{scheme}://{}", host.split('/').next().unwrap_or(host))
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_are_run() {
    let Some(address) = address() else { return };
    let host = Setup::new(&format!("allowed_outbound_hosts = [\"{}\"]", without_user(&address))).start().await;
    let script = "DEL host:a host:n\nSET host:a some\nGET host:a\nGET host:none\nINCRBY host:n 5\nMGET host:a host:n\n\
                  NONSENSE";
    let Answer(status, text) = post(&host, "/redis", &format!("{address}\n{script}")).await;
    assert_eq!(status, 200, "{text}");
    let lines: Vec<_> = text.lines().collect();
    assert!(lines[1].contains("Status(\"OK\")"), "{text}");
    assert!(lines[2].contains("Binary([115, 111, 109, 101])"), "{text}");
    assert!(lines[3].contains("Nil"), "{text}");
    assert!(lines[4].contains("Int64(5)"), "{text}");
    assert!(lines[5].matches("Binary").count() == 2, "{text}");
    assert!(lines[6].starts_with("Err"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_when_the_address_is_not_allowed() {
    let host = Setup::new("").start().await;
    let Answer(status, text) = post(&host, "/redis", "redis://192.0.2.1\nPING").await;
    assert!(status == 400 && text.contains("InvalidAddress"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_value_store_can_be_on_redis() {
    let Some(address) = address() else { return };
    let config = format!("[key_value_store.default]\ntype = \"redis\"\nurl = \"{address}\"");
    let host = Setup::new("key_value_stores = [\"default\"]").runtime_config(&config).start().await;
    let script = "delete host:k\ndelete host:c\nget host:k\nset host:k 1\nexists host:k\nmany host:k host:none\n\
                  swap host:k 1 2\nget host:k\nincrement host:c 5\nincrement host:c -2";
    let expected = "()\n()\nnone\n()\ntrue\nhost:k=1,host:none=none\ntrue\n2\n5\n3";
    assert_eq!(post(&host, "/kv", script).await, ok(expected));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_way_may_be_encrypted() {
    let Some(address) = named_by("HOST_TEST_REDIS_TLS") else { return };
    let config = format!("[key_value_store.default]\ntype = \"redis\"\nurl = \"{address}\"");
    let component = "allowed_outbound_hosts = [\"rediss://*:*\"]\nkey_value_stores = [\"default\"]";
    let host = Setup::new(component).runtime_config(&config).start().await;
    let Answer(status, text) = post(&host, "/redis", &format!("{address}\nSET host:tls 1\nGET host:tls")).await;
    assert!(status == 200 && text.contains("Binary([49])"), "{text}");
    assert_eq!(post(&host, "/kv", "get host:tls").await, ok("1"));
    // The certificate is for the address, not for the name.
    let by_name = address.replace("@127.0.0.1:", "@localhost:");
    let Answer(status, text) = post(&host, "/redis", &format!("{by_name}\nPING")).await;
    assert!(status == 400 && text.to_lowercase().contains("certificate"), "{text}");
    let host = Setup::new("allowed_outbound_hosts = [\"redis://*:*\"]").start().await;
    let Answer(status, text) = post(&host, "/redis", &format!("{address}\nPING")).await;
    assert!(status == 400 && text.contains("InvalidAddress"), "{text}");
}
