//! `wasi:keyvalue` as a component sees it.

use crate::common::{Answer, Setup, ok, post};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

fn setup() -> Setup {
    Setup::new("key_value_stores = [\"default\", \"counters\"]")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_and_a_store_in_memory_behave_alike() {
    let host = setup().start().await;
    let script = "get a\nset a 1\nget a\nexists a\nset b 2\nmany a b c\nkeys\nswap a 1 9\nswap a 1 8\n\
                  delete a\nexists a\nincrement n 5\nincrement n -2";
    let expected = "none\n()\n1\ntrue\n()\na=1,b=2,c=none\na,b\ntrue\nit is 9\n()\nfalse\n5\n3";
    for store in ["default", "counters"] {
        assert_eq!(post(&host, &format!("/kv?store={store}"), script).await, ok(expected), "{store}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn increments_of_many_instances_are_not_lost() {
    // An instance for each request, so that they share nothing but the store.
    let setup = setup().with(|config| config.limits.max_instance_reuse_count = 1);
    let host = Arc::new(setup.start().await);
    for store in ["default", "counters"] {
        let mut requests = JoinSet::new();
        for _ in 0..60 {
            let (host, path) = (host.clone(), format!("/kv?store={store}"));
            requests.spawn(async move { post(&host, &path, "increment n 1\nincrement n 1").await.0 });
        }
        assert!(requests.join_all().await.iter().all(|status| *status == 200));
        assert_eq!(post(&host, &format!("/kv?store={store}"), "increment n 0").await, ok("120"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_default_store_outlives_the_host() {
    let setup = setup();
    let host = setup.start().await;
    post(&host, "/kv", "set a 1").await;
    post(&host, "/kv?store=counters", "set a 1").await;
    host.shutdown(Duration::from_secs(1)).await;
    let host = setup.start().await;
    assert_eq!(post(&host, "/kv", "get a").await, ok("1"));
    assert_eq!(post(&host, "/kv?store=counters", "get a").await, ok("none"));
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_when_the_store_is_not_allowed() {
    let host = setup().start().await;
    let Answer(status, text) = post(&host, "/kv?store=secret", "get a").await;
    assert_eq!(status, 400);
    assert!(text.contains("AccessDenied"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_of_another_length_is_an_error_and_no_more() {
    let host = setup().start().await;
    post(&host, "/kv", "set n abc").await;
    let Answer(status, text) = post(&host, "/kv", "increment n 1").await;
    assert_eq!(status, 400);
    assert!(text.contains("not a number"), "{text}");
    assert_eq!(post(&host, "/kv", "get n").await, ok("abc"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_runtime_config_places_stores() {
    let setup = setup().runtime_config(
        "[key_value_store.default]\ntype = \"spin\"\n[key_value_store.counters]\ntype = \"spin\"\npath = \"c.db\"",
    );
    let host = setup.start().await;
    assert_eq!(post(&host, "/kv?store=counters", "set a 1").await.0, 200);
    assert!(setup.folder.path().join("c.db").exists());
    assert!(!setup.folder.path().join("state/key_value.db").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_label_that_the_runtime_config_lacks_is_an_error() {
    let error = setup().runtime_config("[outbound_pg]").error().await;
    assert!(error.contains("counters"), "{error}");
}
