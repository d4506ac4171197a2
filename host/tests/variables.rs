//! `spin:variables` as a component sees it.

use crate::common::{Setup, get, ok};

const HEAD: &str = r#"
    [variables]
    greeting = { default = "hello" }
    subject = { required = true }
    [[trigger.http]]
    route = "/..."
    component = "probe"
"#;
const COMPONENT: &str = "variables = { line = \"{{ greeting }}, {{subject}}!\", fixed = \"as it is\" }";

fn setup() -> Setup {
    Setup::with_head(HEAD, COMPONENT)
        .with(|config| drop(config.variables.insert("subject".to_owned(), "world".to_owned())))
}

#[tokio::test(flavor = "multi_thread")]
async fn templates_are_filled_in() {
    let host = setup().start().await;
    assert_eq!(get(&host, "/variable?name=line").await, ok("hello, world!"));
    assert_eq!(get(&host, "/variable?name=fixed").await, ok("as it is"));
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_when_a_variable_is_not_passed_on_or_has_no_name() {
    let host = setup().start().await;
    let undefined = get(&host, "/variable?name=greeting").await;
    assert!(undefined.0 == 400 && undefined.1.contains("Undefined"), "{undefined:?}");
    let invalid = get(&host, "/variable?name=No!").await;
    assert!(invalid.0 == 400 && invalid.1.contains("InvalidName"), "{invalid:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn fallbacks_come_before_defaults_and_may_hold_the_address() {
    let setup = setup().with(|config| {
        config.fallback_variables.insert("greeting".to_owned(), "http://{listen}".to_owned());
        config.fallback_variables.insert("unknown".to_owned(), "x".to_owned());
    });
    let host = setup.start().await;
    let expected = format!("http://{}, world!", host.addr());
    assert_eq!(get(&host, "/variable?name=line").await, ok(expected));
    assert_eq!(host.variable("subject"), Some("world"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_required_variable_without_a_value_stops_the_start() {
    let error = Setup::with_head(HEAD, COMPONENT).error().await;
    assert!(error.contains("subject") && error.contains("SPIN_VARIABLE_SUBJECT"), "{error}");
}
