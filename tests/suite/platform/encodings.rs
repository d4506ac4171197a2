//! Bodies that are sent compressed.

use std::io::Write;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use mission_control_tests::{Answer, App, World};
use serde_json::json;

use super::{JSON, ORGANIZATIONS};

/// Small enough for a bomb of some hundred bytes.
const LIMITS: [(&str, &str); 2] = [("max_body_bytes", "1000"), ("webhook_max_payload_bytes", "1000")];

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).expect("it can be compressed");
    encoder.finish().expect("it can be compressed")
}

fn zlib(body: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).expect("it can be compressed");
    encoder.finish().expect("it can be compressed")
}

fn raw_deflate(body: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).expect("it can be compressed");
    encoder.finish().expect("it can be compressed")
}

#[track_caller]
fn post(app: &App, path: &str, coding: &str, body: &[u8]) -> Answer {
    app.user().raw("POST", path, &[JSON, ("content-encoding", coding)], body)
}

type Encode = fn(&[u8]) -> Vec<u8>;

#[test]
fn a_compressed_body_is_what_it_was_before() {
    let app = App::start();
    let world = World::new(&app);
    let webhook = world.user.post(&world.path("/webhooks"), json!({"description": "Triage it"})).expect(200);
    let webhook = webhook["endpoint_path"].as_str().expect("a path");
    let encodings: [(&str, Encode); 8] = [
        ("gzip", gzip),
        ("X-GZip", gzip),
        ("deflate", zlib),
        ("deflate", raw_deflate),
        ("deflate, gzip", |body| gzip(&zlib(body))),
        ("gzip, identity", gzip),
        ("identity", <[u8]>::to_vec),
        ("", <[u8]>::to_vec),
    ];
    for (coding, encode) in encodings {
        let body = encode(b"{\"content\": \"compressed\"}");
        let made = post(&app, &world.path("/memory"), coding, &body).expect(200);
        assert_eq!(made["content"], "compressed", "{coding}");
        let received = post(&app, webhook, coding, &body).expect(202);
        let payload = received["payload_id"].as_str().expect("an id");
        let stored = world.user.get(&format!("{webhook}/payloads/{payload}")).expect(200);
        assert_eq!(stored["payload"], json!({"content": "compressed"}), "{coding}");
    }
}

#[test]
fn a_bomb_is_refused_at_the_limit() {
    let Some(app) = App::with(&LIMITS) else { return };
    let world = World::new(&app);
    let webhook = world.user.post(&world.path("/webhooks"), json!({"description": "x"})).expect(200);
    let bomb = gzip(&vec![b' '; 100_000]);
    assert!(bomb.len() < 1_000);
    for path in [ORGANIZATIONS, webhook["endpoint_path"].as_str().expect("a path")] {
        post(&app, path, "gzip", &bomb).refuses(413, "Payload exceeds maximum size of 1000 bytes.");
        post(&app, path, "gzip, gzip", &gzip(&bomb)).refuses(413, "Payload exceeds maximum size of 1000 bytes.");
    }
}

#[test]
fn unknown_codings_are_refused_and_broken_bodies_too() {
    let app = App::start();
    let world = World::new(&app);
    let webhook = world.user.post(&world.path("/webhooks"), json!({"description": "x"})).expect(200);
    for path in [ORGANIZATIONS, webhook["endpoint_path"].as_str().expect("a path")] {
        for coding in ["br", "zstd", "gzip, br", "caf\u{e9}", "gzip, gzip, gzip"] {
            let answer = post(&app, path, coding, b"x");
            answer.refused(415);
            assert_eq!(answer.header("accept-encoding"), Some("gzip, deflate"));
        }
        let cut = gzip(b"{}");
        for (coding, body) in [("gzip", &b"{}"[..]), ("gzip", &cut[..cut.len() - 1]), ("deflate", b"\xff\xff")] {
            post(&app, path, coding, body).refuses(400, "There was an error parsing the body");
        }
    }
}

#[test]
fn a_webhook_is_signed_over_the_bytes_as_sent() {
    const SECRET: &str = "the-secret-of-a-webhook";
    // Stored, not deflated: the same bytes whatever the library.
    const BODY: [u8; 25] =
        [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff, 1, 2, 0, 0xfd, 0xff, b'{', b'}', 0x43, 0xbf, 0xa6, 0xa3, 2, 0, 0, 0];
    const SIGNATURE: &str = "b4d0756b2108ad66f54d75a820b5c2732d02ad6d9f06e309aa7ffde9282c7e5d";
    let app = App::start();
    let world = World::new(&app);
    let members = json!({"description": "x", "secret": SECRET});
    let webhook = world.user.post(&world.path("/webhooks"), members).expect(200);
    let path = webhook["endpoint_path"].as_str().expect("a path");
    let headers = [("content-encoding", "gzip"), ("x-webhook-signature", SIGNATURE)];
    let received = app.anonymous().raw("POST", path, &headers, &BODY).expect(202);
    let payload = received["payload_id"].as_str().expect("an id");
    assert_eq!(world.user.get(&format!("{path}/payloads/{payload}")).expect(200)["payload"], json!({}));
}
