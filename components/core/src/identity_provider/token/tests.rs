//! Which tokens are read and which claims hold. Signatures are tested against a provider in the black-box suite.

use serde_json::json;

use super::*;

const NOW: f64 = 1_000_000.0;

fn encode(header: &Value, claims: &Value) -> String {
    format!("{}.{}.c2ln", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()))
}

fn header() -> Value {
    json!({"alg": "RS256", "kid": "k"})
}

fn claims() -> Value {
    json!({"sub": "user_a", "exp": NOW + 60.0, "nbf": NOW, "iat": NOW, "iss": "https://issuer", "azp": "https://app"})
}

/// The members of `object` with these changes; null removes one.
fn changed(mut object: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => drop(object.as_object_mut().unwrap().remove(name)),
            value => object[name] = value.clone(),
        }
    }
    object
}

fn holds_with(settings: &Settings, changes: Value) -> bool {
    let token = encode(&header(), &changed(claims(), &changes));
    Token::parse(token.as_bytes()).unwrap().claims_hold(settings, NOW)
}

fn holds(changes: Value) -> bool {
    holds_with(&Settings::default(), changes)
}

#[test]
fn only_three_parts_are_a_jwt() {
    assert!(is_jwt(b"a.b.c") && is_jwt(b"a.b."));
    assert!(!is_jwt(b"") && !is_jwt(b"a.b") && !is_jwt(b"a.b.c.d"));
}

#[test]
fn a_token_names_rs256_and_its_key() {
    let parses = |changes: Value| Token::parse(encode(&changed(header(), &changes), &claims()).as_bytes()).is_some();
    assert!(parses(json!({})) && parses(json!({"typ": "JWT"})));
    for bad in [
        json!({"alg": "none"}),
        json!({"alg": "HS256"}),
        json!({"alg": "RS512"}),
        json!({"alg": "rs256"}),
        json!({"alg": null}),
        json!({"kid": null}),
        json!({"kid": ""}),
        json!({"kid": 1}),
        json!({"crit": ["exp"]}),
    ] {
        assert!(!parses(bad.clone()), "{bad}");
    }
}

#[test]
fn what_is_no_token_for_people_is_not_read() {
    let good = encode(&header(), &claims());
    assert_eq!(Token::parse(good.as_bytes()).unwrap().key_id(), "k");
    for prefix in OTHER_PREFIXES {
        assert!(Token::parse(format!("{prefix}{good}").as_bytes()).is_none(), "{prefix}");
    }
    for bad in ["", ".", "..", "a.b.c", "e30.e30", &format!("{good}.x"), &format!(" {good}"), &good.replace('.', "=.")]
    {
        assert!(Token::parse(bad.as_bytes()).is_none(), "{bad}");
    }
    assert!(Token::parse(&[good.as_bytes(), b"\xff"].concat()).is_none());
    let long = encode(&header(), &changed(claims(), &json!({"x": "x".repeat(MAX_BYTES)})));
    assert!(Token::parse(long.as_bytes()).is_none());
}

#[test]
fn times_are_checked_with_leeway() {
    for good in [
        json!({}),
        json!({"exp": NOW - 9.0}),
        json!({"nbf": NOW + 10.0, "iat": NOW + 10.0}),
        json!({"nbf": null, "iat": null}),
        json!({"exp": NOW + 0.5}),
    ] {
        assert!(holds(good.clone()), "{good}");
    }
    for bad in [
        json!({"exp": null}),
        json!({"exp": NOW - 10.0}),
        json!({"exp": "1000060"}),
        json!({"exp": true}),
        json!({"nbf": NOW + 11.0}),
        json!({"nbf": "now"}),
        json!({"iat": NOW + 11.0}),
        json!({"iat": []}),
    ] {
        assert!(!holds(bad.clone()), "{bad}");
    }
}

#[test]
fn a_senseless_leeway_is_none() {
    for leeway in [f64::NAN, f64::INFINITY, -5.0] {
        let settings = Settings { clerk_leeway: leeway, ..Settings::default() };
        assert!(holds_with(&settings, json!({"exp": NOW + 1.0})));
        assert!(!holds_with(&settings, json!({"exp": NOW})));
        assert!(!holds_with(&settings, json!({"nbf": NOW + 1.0})));
    }
}

#[test]
fn when_it_was_made_can_be_left_unchecked() {
    let settings = Settings { clerk_verify_iat: false, ..Settings::default() };
    assert!(holds_with(&settings, json!({"iat": NOW + 1000.0})));
    assert!(!holds_with(&settings, json!({"nbf": NOW + 1000.0})));
}

#[test]
fn a_token_for_a_named_audience_is_for_somebody_else() {
    assert!(holds(json!({"aud": ""})) && holds(json!({"aud": []})));
    assert!(!holds(json!({"aud": "api"})) && !holds(json!({"aud": ["api"]})) && !holds(json!({"aud": {}})));
}

#[test]
fn issuer_and_front_end_count_where_they_are_set() {
    let issuer = Settings { clerk_issuer: "https://issuer".to_owned(), ..Settings::default() };
    assert!(holds_with(&issuer, json!({})));
    assert!(!holds_with(&issuer, json!({"iss": "https://other"})) && !holds_with(&issuer, json!({"iss": null})));
    let parties = vec!["https://one".to_owned(), "https://app".to_owned()];
    let parties = Settings { clerk_authorized_parties: parties, ..Settings::default() };
    assert!(holds_with(&parties, json!({})));
    assert!(!holds_with(&parties, json!({"azp": "https://other"})) && !holds_with(&parties, json!({"azp": null})));
}

#[test]
fn a_subject_is_a_text_that_names_somebody() {
    for bad in [json!(1), json!(""), json!(" \t"), json!("a\0"), json!("x".repeat(256))] {
        assert!(!holds(json!({"sub": bad})), "{bad}");
    }
    assert!(!holds(json!({"sub": null})));
    assert!(holds(json!({"sub": "x".repeat(255)})));
}
