//! People who sign in with tokens of the identity provider.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use mission_control_tests::{Answer, App, Client};
use serde_json::{Value, json};

const ME: &str = "/api/v1/users/me";
const OUTAGE: &str = "Sign-in is not available: the identity provider cannot be reached.";

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// Claims that are good for a minute.
fn claims(subject: &str) -> Value {
    json!({"sub": subject, "iat": now(), "nbf": now(), "exp": now() + 60})
}

/// The same with other members; null removes one.
fn changed(subject: &str, changes: &Value) -> Value {
    let mut claims = claims(subject);
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
            value => claims[name] = value.clone(),
        }
    }
    claims
}

fn with_claims(app: &App, claims: &Value) -> Client {
    app.anonymous().with_bearer(&app.provider().sign(claims))
}

/// A client whose token names a key that nobody has; the signature is right.
fn with_unknown_key(app: &App, key_id: &str) -> Client {
    let header = json!({"alg": "RS256", "typ": "JWT", "kid": key_id});
    app.anonymous().with_bearer(&app.provider().sign_with(&header, &claims("user_ann")))
}

/// So many requests at the same time.
fn at_once(count: usize, request: impl Fn() -> Answer + Sync) -> Vec<Answer> {
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..count).map(|_| scope.spawn(&request)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

/// The answer, which must come within so many seconds.
#[track_caller]
fn within(seconds: u64, request: impl FnOnce() -> Answer) -> Answer {
    let started = Instant::now();
    let answer = request();
    assert!(started.elapsed() < Duration::from_secs(seconds), "took {:?}", started.elapsed());
    answer
}

#[test]
fn a_token_of_the_provider_signs_its_person_in() {
    let Some(app) = App::with_people(&[]) else { return };
    let ann = app.person("ann");
    let me = ann.get(ME).expect(200);
    assert_eq!(me["clerk_user_id"], "user_ann");
    assert_eq!((&me["email"], &me["name"]), (&json!("ann@example.com"), &json!("Ann")));
    let organization = ann.get("/api/v1/organizations/me").expect(200);
    assert_eq!(organization["name"], "Personal");
    assert_eq!(ann.post("/api/v1/auth/bootstrap", json!({})).expect(200)["id"], me["id"]);
    // Another person is somebody else, with an organization of their own.
    let bob = app.person("bob");
    assert_ne!(bob.get(ME).expect(200)["id"], me["id"]);
    assert_ne!(bob.get("/api/v1/organizations/me").expect(200)["id"], organization["id"]);
}

#[test]
fn keys_and_profiles_are_asked_for_once() {
    let Some(app) = App::with_people(&[]) else { return };
    let ann = app.person("ann");
    for path in [ME, "/api/v1/organizations/me", "/api/v1/boards", "/api/v1/agents", ME] {
        ann.get(path).check(200);
    }
    assert_eq!((app.provider().key_requests(), app.provider().profile_requests()), (1, 1));
}

#[test]
fn the_token_stands_in_the_authorization_header_and_nowhere_else() {
    let Some(app) = App::with_people(&[]) else { return };
    app.person("ann").get(ME).check(200);
    let token = app.provider().token("user_ann");
    let with = |name: &str, value: &str| app.anonymous().with_header(name, value).get(ME);
    for good in [format!("bearer {token}"), format!("BEARER  {token} ")] {
        with("authorization", &good).check(200);
    }
    for bad in [token.clone(), format!("Basic {token}"), format!("Bearer{token}"), "Bearer ".to_owned()] {
        with("authorization", &bad).refused(401);
    }
    with("cookie", &format!("__session={token}")).refused(401);
    with("x-agent-token", &token).refused(401);
    app.anonymous().get(ME).refused(401);
}

#[test]
fn a_token_that_the_provider_did_not_sign_is_refused() {
    let Some(app) = App::with_people(&[]) else { return };
    app.person("ann").get(ME).check(200);
    let provider = app.provider();
    let refused = |token: &str| app.anonymous().with_bearer(token).get(ME).refused(401);
    let good = provider.token("user_ann");
    let key_id = |algorithm: &str| json!({"alg": algorithm, "typ": "JWT", "kid": "ins_first"});
    for algorithm in ["none", "HS256", "RS384", "rs256"] {
        refused(&provider.sign_with(&key_id(algorithm), &claims("user_ann")));
    }
    refused(&provider.sign_with(&json!({"alg": "RS256"}), &claims("user_ann")));
    // The claims of one token with the signature of another.
    let other = provider.sign(&claims("user_bob"));
    let (message, _) = other.rsplit_once('.').unwrap();
    let (_, signature) = good.rsplit_once('.').unwrap();
    refused(&format!("{message}.{signature}"));
    refused(&format!("{message}."));
    for prefix in ["m2m_", "mt_", "oat_", "ak_"] {
        refused(&format!("{prefix}{good}"));
    }
    for bad in ["", "x", "a.b.c", &good[..good.len() - 4], &format!("{good}.x"), &"x.".repeat(9000)] {
        refused(bad);
    }
    app.anonymous().with_bearer(&good).get(ME).check(200);
}

#[test]
fn claims_decide_whether_a_token_is_good_now() {
    let Some(app) = App::with_people(&[]) else { return };
    for good in [
        json!({}),
        json!({"nbf": null, "iat": null}),
        json!({"exp": now() - 5}),
        json!({"nbf": now() + 5}),
        json!({"aud": []}),
        json!({"aud": ""}),
    ] {
        with_claims(&app, &changed("user_ann", &good)).get(ME).check(200);
    }
    for bad in [
        json!({"exp": null}),
        json!({"exp": now() - 15}),
        json!({"exp": (now() + 60).to_string()}),
        json!({"nbf": now() + 30}),
        json!({"iat": now() + 30}),
        json!({"aud": "api"}),
        json!({"aud": ["api"]}),
        json!({"sub": null}),
        json!({"sub": ""}),
        json!({"sub": "  "}),
        json!({"sub": 7}),
    ] {
        with_claims(&app, &changed("user_ann", &bad)).get(ME).refused(401);
    }
}

#[test]
fn issuer_and_front_end_are_checked_where_they_are_set() {
    let settings = [
        ("clerk_issuer", "https://issuer.example"),
        ("clerk_authorized_parties", "https://app.example, https://admin.example"),
        ("clerk_verify_iat", "false"),
    ];
    let Some(app) = App::with_people(&settings) else { return };
    let ours = json!({"iss": "https://issuer.example", "azp": "https://admin.example"});
    let ask = |changes: &Value| {
        let mut claims = changed("user_ann", &ours);
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        with_claims(&app, &claims).get(ME)
    };
    ask(&json!({})).check(200);
    ask(&json!({"azp": "https://app.example", "iat": now() + 1000})).check(200);
    for foreign in [
        json!({"iss": "https://issuer.example/"}),
        json!({"iss": null}),
        json!({"azp": "https://evil.example"}),
        json!({"azp": null}),
    ] {
        ask(&foreign).refused(401);
    }
}

#[test]
fn a_new_key_of_the_provider_is_taken_at_once_and_an_old_one_no_more() {
    let Some(app) = App::with_people(&[]) else { return };
    let old = app.person("ann");
    old.get(ME).check(200);
    app.provider().rotate_keys();
    old.get(ME).check(200);
    app.person("ann").get(ME).check(200);
    old.get(ME).refused(401);
    assert_eq!(app.provider().key_requests(), 2);
}

#[test]
fn tokens_with_unknown_keys_cost_one_request_for_all() {
    let Some(app) = App::with_people(&[("user_auth_limit", "0")]) else { return };
    app.person("ann").get(ME).check(200);
    for number in 0..5 {
        with_unknown_key(&app, &format!("key_{number}")).get(ME).refused(401);
    }
    assert_eq!(app.provider().key_requests(), 2);
    app.person("ann").get(ME).check(200);
}

#[test]
fn first_requests_at_once_make_one_person_and_one_organization() {
    let Some(app) = App::with_people(&[]) else { return };
    let ann = app.person("ann");
    app.provider().delay(Duration::from_millis(200));
    let people = at_once(20, || ann.get(ME));
    let ids: std::collections::BTreeSet<String> =
        people.into_iter().map(|answer| answer.expect(200)["id"].to_string()).collect();
    assert_eq!(ids.len(), 1);
    assert_eq!(ann.get("/api/v1/organizations/me/list").expect(200).as_array().unwrap().len(), 1);
    assert_eq!(app.provider().key_requests(), 1, "one of them fetched the keys for all");
}

#[test]
fn requests_with_unknown_keys_at_once_cost_one_request() {
    let Some(app) = App::with_people(&[("user_auth_limit", "0")]) else { return };
    app.person("ann").get(ME).check(200);
    app.provider().delay(Duration::from_millis(200));
    let stranger = with_unknown_key(&app, "key_unknown");
    for answer in at_once(20, || stranger.get(ME)) {
        answer.refused(401);
    }
    assert_eq!(app.provider().key_requests(), 2);
}

#[test]
fn without_keys_an_outage_of_the_provider_is_503() {
    let Some(app) = App::with_people(&[]) else { return };
    let ann = app.person("ann");
    app.provider().fail_keys(Some(500));
    for _ in 0..3 {
        let answer = ann.get(ME);
        answer.refuses(503, OUTAGE);
        assert_eq!(answer.header("retry-after"), Some("5"));
    }
    assert_eq!(app.provider().key_requests(), 1, "a failure is remembered");
    // What is refused without any key is refused all the same.
    app.anonymous().with_bearer("x").get(ME).refused(401);
    app.provider().fail_keys(None);
    std::thread::sleep(Duration::from_secs(6));
    ann.get(ME).check(200);
}

#[test]
fn with_keys_an_outage_of_the_provider_disturbs_nobody() {
    let Some(app) = App::with_people(&[]) else { return };
    let ann = app.person("ann");
    ann.get(ME).check(200);
    app.provider().stop();
    for _ in 0..3 {
        within(2, || ann.get(ME)).check(200);
    }
    let new = with_claims(&app, &claims("user_new"));
    let me = within(6, || new.get(ME)).expect(200);
    assert_eq!((&me["email"], &me["name"]), (&Value::Null, &Value::Null));
}

#[test]
fn keys_that_take_too_long_are_an_outage() {
    let Some(app) = App::with_people(&[]) else { return };
    let ann = app.person("ann");
    app.provider().delay(Duration::from_secs(30));
    for answer in at_once(5, || within(8, || ann.get(ME))) {
        answer.refuses(503, OUTAGE);
    }
    within(1, || ann.get(ME)).refuses(503, OUTAGE);
    assert_eq!(app.provider().key_requests(), 1);
}

#[test]
fn a_profile_that_takes_too_long_is_done_without() {
    let Some(app) = App::with_people(&[]) else { return };
    app.user().get(ME).check(200);
    app.provider().delay(Duration::from_secs(30));
    let ann = app.person("ann");
    assert_eq!(within(6, || ann.get(ME)).expect(200)["email"], Value::Null);
    // It is not asked for again at once.
    within(1, || ann.get(ME)).check(200);
    assert_eq!(app.provider().profile_requests(), 2);
}

#[test]
fn without_a_profile_the_claims_say_who_somebody_is() {
    let Some(app) = App::with_people(&[]) else { return };
    app.provider().fail_profiles(Some(500));
    let told = changed("user_ann", &json!({"email": " Ann@Claims.example", "given_name": "Ann", "family_name": "C."}));
    let me = with_claims(&app, &told).get(ME).expect(200);
    assert_eq!((&me["email"], &me["name"]), (&json!("ann@claims.example"), &json!("Ann C.")));
    // The address follows the claims, the name does not.
    let told = changed("user_ann", &json!({"email": "new@claims.example", "name": "Other"}));
    let me = with_claims(&app, &told).get(ME).expect(200);
    assert_eq!((&me["email"], &me["name"]), (&json!("new@claims.example"), &json!("Ann C.")));
    assert_eq!(app.provider().profile_requests(), 1);
}

#[test]
fn an_address_that_is_not_verified_never_replaces_one_that_is() {
    let Some(app) = App::with_people(&[]) else { return };
    app.person("ann").get(ME).check(200);
    let email = |changes: Value| with_claims(&app, &changed("user_ann", &changes)).get(ME).expect(200)["email"].clone();
    assert_eq!(email(json!({"email": "evil@example.com"})), "ann@example.com");
    assert_eq!(email(json!({"email": "evil@example.com", "email_verified": false})), "ann@example.com");
    assert_eq!(email(json!({"email": "new@example.com", "email_verified": true})), "new@example.com");
    assert_eq!(email(json!({})), "new@example.com");
}

#[test]
fn a_verified_address_of_a_profile_beats_the_primary_one() {
    let Some(app) = App::with_people(&[]) else { return };
    let profile = |status: &str| {
        json!({
            "first_name": "Ann",
            "primary_email_address_id": "1",
            "email_addresses": [
                {"id": "1", "email_address": "primary@example.com", "verification": {"status": "unverified"}},
                {"id": "2", "email_address": "second@example.com", "verification": {"status": status}},
            ],
        })
    };
    for (subject, status, email) in
        [("user_a", "verified", "second@example.com"), ("user_b", "unverified", "primary@example.com")]
    {
        app.provider().set_profile(subject, profile(status));
        let me = with_claims(&app, &claims(subject)).get(ME).expect(200);
        assert_eq!(me["email"], email);
    }
}

#[test]
fn an_address_that_fails_too_often_is_stopped_but_good_tokens_are_not() {
    let Some(app) = App::with_people(&[("user_auth_limit", "3")]) else { return };
    let ann = app.person("ann");
    ann.get(ME).check(200);
    let expired = with_claims(&app, &changed("user_ann", &json!({"exp": now() - 100})));
    for _ in 0..3 {
        expired.get(ME).refused(401);
    }
    let answer = expired.get(ME);
    answer.refused(429);
    assert!(answer.header("retry-after").is_some());
    ann.get(ME).check(200);
    // Nobody asks the provider for the sake of an address that is stopped.
    with_unknown_key(&app, "key_unknown").get(ME).refused(429);
    assert_eq!(app.provider().key_requests(), 1);
}

#[test]
fn failures_are_logged_without_the_token() {
    let Some(app) = App::with_people(&[]) else { return };
    app.person("ann").get(ME).check(200);
    let token = app.provider().sign(&changed("user_ann", &json!({"exp": 1})));
    app.anonymous().with_bearer(&token).get(ME).refused(401);
    let output = app.output();
    assert!(output.contains("sign-in failed"), "{output}");
    for secret in [token.rsplit_once('.').unwrap().1, "ann@example.com", &app.provider().secret()] {
        assert!(!output.contains(secret));
    }
}

#[test]
fn agents_never_make_us_ask_the_provider() {
    let Some(app) = App::with_people(&[]) else { return };
    app.provider().stop();
    let path = format!("/api/v1/boards/{}/memory", uuid::Uuid::new_v4());
    app.anonymous().with_bearer("an-agents-token").get(&path).refused(401);
    app.agent("an-agents-token").get(&path).refused(401);
    app.anonymous().with_bearer("an-agents-token").get(ME).refused(401);
}

/// Writes the job that the deletion of an account leaves behind.
fn leave_deletion_job(app: &App, subject: &str) {
    app.execute(&format!(
        "INSERT INTO outbox (id, kind, payload, attempts, max_attempts, due_at, status, created_at, updated_at)
         VALUES ('{}', 'account_deletion', '{{\"external_id\": \"{subject}\"}}', 0, 20, '2026-01-01T00:00:00.000000',
                 'pending', '2026-01-01T00:00:00.000000', '2026-01-01T00:00:00.000000')",
        uuid::Uuid::new_v4()
    ));
}

/// Fails unless every job is done and names nobody any more: another status breaks a rule of the table.
fn all_jobs_are_done_and_empty(app: &App) {
    app.execute(
        "UPDATE outbox SET status =
         CASE WHEN status = 'done' AND CAST(payload AS TEXT) = '{}' THEN 'done' ELSE 'not done' END",
    );
}

#[test]
fn a_deletion_is_tried_until_the_provider_takes_it() {
    let Some(app) = App::with_people(&[]) else { return };
    app.person("ann").get(ME).check(200);
    app.provider().fail_deletions(Some(503));
    leave_deletion_job(&app, "user_ann");
    app.tick().unwrap().check(200);
    assert!(app.provider().deleted().is_empty());
    app.provider().fail_deletions(None);
    app.execute("UPDATE outbox SET due_at = '2026-01-01T00:00:00.000000' WHERE status = 'pending' AND attempts = 1");
    app.tick().unwrap().check(200);
    assert_eq!(app.provider().deleted(), ["user_ann"]);
    all_jobs_are_done_and_empty(&app);
    assert!(!app.output().contains("user_ann"), "logs show the end of an id only");
}

#[test]
fn an_account_that_the_provider_does_not_know_is_as_good_as_deleted() {
    let Some(app) = App::with_people(&[]) else { return };
    app.user().get(ME).check(200);
    leave_deletion_job(&app, "user_unknown");
    app.tick().unwrap().check(200);
    all_jobs_are_done_and_empty(&app);
}

#[test]
fn a_token_of_a_deleted_account_is_refused_for_thirty_days() {
    let Some(app) = App::with_people(&[]) else { return };
    app.user().get(ME).check(200);
    // The hashes of user_gone and user_long_gone.
    app.execute(
        "INSERT INTO deleted_accounts (external_id_hash, deleted_at) VALUES
         ('58e7a8fd0dc846ad3143a95a4cef21979287166020a7bf7c296f337beb0dc9da', '2999-01-01T00:00:00.000000'),
         ('48aa55d969774204332a81abe4a3c8cb0146ccf2a4c50f054ff2e9a6e1b68736', '2026-01-01T00:00:00.000000')",
    );
    let (gone, long_gone) = (app.person("gone"), app.person("long_gone"));
    gone.get(ME).refused(401);
    long_gone.get(ME).refused(401);
    assert_eq!(app.provider().profile_requests(), 1, "of the first person alone");
    app.tick().unwrap().check(200);
    gone.get(ME).refused(401);
    long_gone.get(ME).check(200);
}
