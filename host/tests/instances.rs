//! How instances live, are limited and die.

use crate::common::{Answer, Setup, get, ok, post, send, text};
use http::Request;
use http_body_util::BodyExt;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

#[tokio::test(flavor = "multi_thread")]
async fn instances_are_used_again_up_to_a_count() {
    let host = Setup::new("").start().await;
    let mut counts = Vec::new();
    for _ in 0..130 {
        counts.push(get(&host, "/count").await.1.parse::<u32>().expect("a number"));
    }
    assert_eq!(counts.iter().max(), Some(&128));
    assert_eq!(counts[129], 2);

    let host = Setup::new("").with(|config| config.limits.max_instance_reuse_count = 1).start().await;
    for _ in 0..3 {
        assert_eq!(get(&host, "/count").await, ok("1"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_instance_ends() {
    let setup = Setup::new("").with(|config| config.limits.idle_instance_timeout = Duration::from_millis(100));
    let host = setup.start().await;
    assert_eq!(get(&host, "/count").await, ok("1"));
    assert_eq!(get(&host, "/count").await, ok("2"));
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(get(&host, "/count").await, ok("1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_wait_share_an_instance() {
    let host = Arc::new(Setup::new("").start().await);
    let start = Instant::now();
    let mut requests = JoinSet::new();
    for _ in 0..40 {
        let host = host.clone();
        requests.spawn(async move { get(&host, "/sleep?ms=300").await });
    }
    assert!(requests.join_all().await.iter().all(|answer| *answer == ok("slept")));
    assert!(start.elapsed() < Duration::from_millis(500), "{:?}", start.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trap_harms_no_later_request_and_no_other_component() {
    let source = crate::common::probe().display();
    let head = "[[trigger.http]]\nroute = \"/...\"\ncomponent = \"probe\"\n\
                [[trigger.http]]\nroute = \"/other/...\"\ncomponent = \"other\"";
    let setup = Setup::with_head(head, &format!("[component.other]\nsource = \"{source}\""));
    let host = Arc::new(setup.start().await);
    assert_eq!(get(&host, "/other/count").await, ok("1"));
    let waiting = tokio::spawn({
        let host = host.clone();
        async move { get(&host, "/other/sleep?ms=300").await }
    });
    for _ in 0..3 {
        assert_eq!(get(&host, "/trap").await, Answer(500, String::new()));
        assert_eq!(get(&host, "/plain").await, ok("plain"));
    }
    assert_eq!(waiting.await.expect("no panic"), ok("slept"));
    assert_eq!(get(&host, "/other/count").await, ok("2"));
    assert!(setup.output().contains("asked to trap"));
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_beyond_the_limit_ends_the_instance_only() {
    let setup = Setup::new("").with(|config| config.limits.max_instance_memory = Some(32 << 20));
    let host = setup.start().await;
    assert_eq!(get(&host, "/allocate?mib=16").await, ok("16"));
    assert_eq!(get(&host, "/allocate?mib=64").await.0, 500);
    assert_eq!(get(&host, "/allocate?mib=16").await, ok("16"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_beyond_the_time_limit_are_cut() {
    let setup = Setup::new("").with(|config| config.limits.request_timeout = Some(Duration::from_millis(1500)));
    let host = Arc::new(setup.start().await);
    let start = Instant::now();
    assert_eq!(get(&host, "/sleep?ms=10000").await.0, 504);
    // As many computing guests as there are threads.
    let mut requests = JoinSet::new();
    for _ in 0..2 {
        let host = host.clone();
        requests.spawn(async move { get(&host, "/busy?ms=20000").await.0 });
    }
    assert_eq!(requests.join_all().await, [504, 504]);
    assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
    assert_eq!(get(&host, "/plain").await, ok("plain"));
}

#[tokio::test(flavor = "multi_thread")]
async fn instances_beyond_the_limit_are_refused() {
    let setup = Setup::new("").with(|config| {
        config.limits.max_instances = 1;
        config.limits.max_instance_concurrent_reuse_count = 1;
    });
    let host = Arc::new(setup.start().await);
    let mut requests = JoinSet::new();
    for _ in 0..3 {
        let host = host.clone();
        requests.spawn(async move { get(&host, "/sleep?ms=400").await.0 });
    }
    let mut statuses = requests.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 503, 503]);
    assert_eq!(get(&host, "/plain").await, ok("plain"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_arrives_chunk_by_chunk() {
    let host = Setup::new("").start().await;
    let start = Instant::now();
    let request = Request::get("/stream?count=4&ms=200").header("host", "localhost");
    let response = send(&host, request.body(String::new()).expect("a request")).await;
    assert!(start.elapsed() < Duration::from_millis(200), "{:?}", start.elapsed());
    let mut body = response.into_body();
    for index in 0..4_u64 {
        let frame = body.frame().await.expect("a frame").expect("no error");
        assert_eq!(frame.into_data().expect("data"), format!("chunk {index}\n"));
        let passed = start.elapsed();
        assert!(passed < Duration::from_millis(200 * index + 190), "chunk {index} after {passed:?}");
    }
    assert!(body.frame().await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_leaves_ends_its_stream() {
    let setup = Setup::new("");
    let host = setup.start().await;
    let request = Request::get("/stream?count=100000&ms=20").header("host", "localhost");
    let response = send(&host, request.body(String::new()).expect("a request")).await;
    drop(response);
    let start = Instant::now();
    while !setup.output().contains("the reader of the stream is gone") {
        assert!(start.elapsed() < Duration::from_secs(3), "the guest does not notice");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_streams_are_served_at_once() {
    let host = Arc::new(Setup::new("").start().await);
    let mut streams = JoinSet::new();
    for _ in 0..500 {
        let host = host.clone();
        streams.spawn(async move {
            let request = Request::get("/stream?count=3&ms=500").header("host", "localhost");
            text(send(&host, request.body(String::new()).expect("a request")).await).await
        });
    }
    let texts = streams.join_all().await;
    assert!(texts.iter().all(|text| text == "chunk 0\nchunk 1\nchunk 2\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn guests_see_no_arguments_and_only_the_manifests_environment() {
    let host = Setup::new("environment = { COLOR = \"red\" }").start().await;
    assert_eq!(get(&host, "/surroundings").await, ok("[] [(\"COLOR\", \"red\")]"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_guests_print_is_kept() {
    let setup = Setup::new("");
    let host = setup.start().await;
    post(&host, "/print", "a line").await;
    assert_eq!(setup.output(), "a line\n");
}
