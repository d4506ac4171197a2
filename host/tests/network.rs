//! Where components can connect to.

use crate::common::{Answer, Setup, get, ok, post};
use tokio::net::TcpListener;

#[tokio::test(flavor = "multi_thread")]
async fn requests_go_to_allowed_hosts_only() {
    let target = Setup::new("").start().await;
    let address = target.addr();
    let allowed = format!("allowed_outbound_hosts = [\"http://{address}\"]");
    let host = Setup::new(&allowed).start().await;
    assert_eq!(post(&host, "/fetch", &format!("http://{address}/plain")).await, ok("200 plain"));

    let host = Setup::new("").start().await;
    let Answer(status, text) = post(&host, "/fetch", &format!("http://{address}/plain")).await;
    assert_eq!(status, 400);
    assert!(text.contains("HttpRequestDenied"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn allowed_hosts_may_be_variables() {
    let target = Setup::new("").start().await;
    let head = "[variables]\nfriend = { required = true }\n\
                [[trigger.http]]\nroute = \"/...\"\ncomponent = \"probe\"";
    let setup = Setup::with_head(head, "allowed_outbound_hosts = [\"http://{{ friend }}\"]");
    let address = target.addr().to_string();
    let setup = setup.with(|config| drop(config.variables.insert("friend".to_owned(), address.clone())));
    let host = setup.start().await;
    assert_eq!(post(&host, "/fetch", &format!("http://{address}/plain")).await, ok("200 plain"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_can_reach_its_own_application_by_name() {
    let host = Setup::new("allowed_outbound_hosts = [\"http://self\"]").start().await;
    assert_eq!(post(&host, "/fetch", "http://self.alt/plain").await, ok("200 plain"));
    let host = Setup::new("").start().await;
    assert_eq!(post(&host, "/fetch", "http://self.alt/plain").await.0, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn sockets_connect_to_allowed_addresses_only() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a listener");
    let address = listener.local_addr().expect("an address");
    let pattern = format!("tcp://127.0.0.0/8:{}", address.port());
    let host = Setup::new(&format!("allowed_outbound_hosts = [\"{pattern}\"]")).start().await;
    assert_eq!(post(&host, "/connect", &address.to_string()).await, ok("connected"));
    assert_eq!(post(&host, "/connect", &host.addr().to_string()).await.0, 400);
    let host = Setup::new("").start().await;
    assert_eq!(post(&host, "/connect", &address.to_string()).await.0, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn guests_cannot_look_names_up_or_listen() {
    let host = Setup::new("allowed_outbound_hosts = [\"*://*:*\"]").start().await;
    assert_eq!(post(&host, "/resolve", "localhost").await.0, 400);
    assert_eq!(get(&host, "/listen").await.0, 400);
}
