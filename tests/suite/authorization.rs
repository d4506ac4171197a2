//! Who may call what: every operation by every kind of caller. The rules are the table in `authorization.txt`.

mod callers;
mod requests;
mod table;

use std::collections::BTreeSet;

use mission_control_tests::{Answer, App, Client};
use serde_json::Value;
use uuid::Uuid;

use callers::{Cast, Ids, application, missing_ids};
use requests::{call, ends_the_world, parameters, used_up};
use table::{Row, Table};

/// Callers of another organization: what the table's organization has must look to them as if it did not exist.
const OUTSIDERS: [&str; 3] = ["stranger", "foreign", "foreign-main"];

/// Fails with all of them at once.
#[track_caller]
fn assert_none(mismatches: &[String]) {
    assert!(mismatches.is_empty(), "{} mismatches:\n{}", mismatches.len(), mismatches.join("\n"));
}

#[test]
fn the_table_has_every_operation_and_no_other() {
    let app = App::start();
    let document = app.anonymous().get("/openapi.json").expect(200);
    let paths = document["paths"].as_object().expect("paths");
    let served: BTreeSet<String> = paths
        .iter()
        .flat_map(|(path, item)| item.as_object().into_iter().flatten().map(move |(method, _)| (method, path)))
        .map(|(method, path)| format!("{} {path}", method.to_uppercase()))
        .collect();
    let table = Table::read();
    let listed: BTreeSet<String> = table.rows.iter().map(Row::operation).collect();
    assert_eq!(listed.len(), table.rows.len(), "an operation has two rows");
    let missing = served.difference(&listed).map(|operation| format!("{operation} has no row"));
    let extra = listed.difference(&served).map(|operation| format!("{operation} does not exist"));
    assert_none(&missing.chain(extra).collect::<Vec<_>>());
}

#[test]
fn every_operation_lets_in_whom_the_table_says() {
    let Some(app) = application() else { return };
    let cast = Cast::new(&app);
    let ids = cast.ids();
    let table = Table::read();
    let mut mismatches = Vec::new();
    for row in &table.rows {
        let mut ids = ids.clone();
        for caller in &table.callers {
            let expected = table.status(row, caller);
            if ends_the_world(row) && expected < 300 {
                mismatches.extend(alone(row, caller, expected));
                continue;
            }
            for client in cast.clients(caller) {
                if let Some(parameter) = used_up(row) {
                    cast.renew(parameter, &mut ids);
                }
                mismatches.extend(mismatch(row, caller, expected, &cast, client, &ids));
            }
        }
    }
    assert_none(&mismatches);
}

/// Calls in an application of its own, which nobody uses afterwards.
fn alone(row: &Row, caller: &str, expected: u16) -> Option<String> {
    let app = application()?;
    let cast = Cast::new(&app);
    mismatch(row, caller, expected, &cast, cast.clients(caller).first()?, &Ids::new())
}

fn mismatch(row: &Row, caller: &str, expected: u16, cast: &Cast<'_>, client: &Client, ids: &Ids) -> Option<String> {
    let answer = call(client, row, ids, &cast.world);
    let status = answer.as_ref().map_or_else(|status| *status, |answer| answer.status);
    let text = answer.map(|answer| answer.text).unwrap_or_default();
    let shown: String = text.chars().take(200).collect();
    (status != expected).then(|| format!("{}: {caller} gets {status} instead of {expected}: {shown}", row.operation()))
}

#[test]
fn what_belongs_to_others_answers_like_what_does_not_exist() {
    let Some(app) = application() else { return };
    let cast = Cast::new(&app);
    let (theirs, own, missing) = (cast.ids(), cast.strange_ids(), missing_ids());
    let table = Table::read();
    let mut mismatches = Vec::new();
    for row in &table.rows {
        let parameters = parameters(row);
        for (caller, own_first) in OUTSIDERS.iter().flat_map(|caller| (0..parameters.len()).map(move |n| (caller, n))) {
            // Whoever is let in from outside is let in on purpose: the operation is public.
            if own_first == 0 && table.status(row, caller) < 300 {
                continue;
            }
            let client = &cast.clients(caller)[0];
            let [theirs, missing] = [&theirs, &missing].map(|rest| mixed(&parameters, own_first, &own, rest));
            let [theirs, missing] = [theirs, missing].map(|ids| call(client, row, &ids, &cast.world).map(comparable));
            if theirs != missing {
                let operation = row.operation();
                let own = &parameters[..own_first];
                mismatches.push(format!("{operation}: {caller}, own {own:?}: {theirs:?} instead of {missing:?}"));
            }
        }
    }
    assert_none(&mismatches);
}

#[test]
fn an_organization_that_a_request_names_must_be_the_callers_own() {
    let Some(app) = application() else { return };
    let cast = Cast::new(&app);
    let own = cast.strange_ids();
    let nobodys = Uuid::new_v4().to_string();
    let mut mismatches = Vec::new();
    let table = Table::read();
    for row in table.rows.iter().filter(|row| table.status(row, "nobody") >= 300) {
        let [theirs, missing] = [cast.world.organization_id(), &nobodys].map(|organization| {
            let client = cast.clients("stranger")[0].with_header("x-organization-id", organization);
            call(&client, row, &own, &cast.world).map(comparable)
        });
        if theirs != missing {
            mismatches.push(format!("{}: {theirs:?} instead of {missing:?}", row.operation()));
        }
        let is_of_people = table.status(row, "agent") == 401;
        if is_of_people && theirs.as_ref().is_ok_and(|(status, _)| *status != 403) {
            mismatches.push(format!("{}: {theirs:?} instead of 403", row.operation()));
        }
    }
    assert_none(&mismatches);
}

/// The first of the caller's own ids, and the rest of these.
fn mixed(parameters: &[&str], own_first: usize, own: &Ids, rest: &Ids) -> Ids {
    let is_own = |name: &str| parameters.iter().position(|other| *other == name).is_some_and(|at| at < own_first);
    rest.iter().map(|(name, id)| (*name, if is_own(name) { own[name].clone() } else { id.clone() })).collect()
}

/// The answer without what differs in any two.
fn comparable(answer: Answer) -> (u16, Value) {
    let mut json = answer.json;
    if let Some(members) = json.as_object_mut() {
        members.remove("request_id");
    }
    (answer.status, json)
}
