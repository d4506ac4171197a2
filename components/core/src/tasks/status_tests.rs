use super::TaskStatus::{Done, InProgress, Inbox, Review};
use super::*;
use mission_control_web::schema::Patch;

const ALL: [TaskStatus; 4] = [Inbox, InProgress, Review, Done];
const ADA: Uuid = Uuid::from_u128(1);
const BOB: Uuid = Uuid::from_u128(2);
const LEAD: Uuid = Uuid::from_u128(3);

fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros).unwrap()
}

fn now() -> Timestamp {
    at(100)
}

/// A task of Ada's that was started at 50, and once before at 10.
fn task(status: TaskStatus) -> Progress {
    Progress { status, assignee: Some(ADA), started_at: Some(at(50)), previous_started_at: Some(at(10)) }
}

fn of_nobody(status: TaskStatus) -> Progress {
    Progress { assignee: None, ..task(status) }
}

fn to(status: TaskStatus) -> Wish {
    Wish { status: Some(status), assignee: Patch::Keep }
}

fn assign(assignee: Option<Uuid>) -> Wish {
    Wish { status: None, assignee: Patch::Set(assignee) }
}

fn assign_and(status: TaskStatus, assignee: Option<Uuid>) -> Wish {
    Wish { status: Some(status), assignee: Patch::Set(assignee) }
}

/// What entering a status from another makes of [`task`], for everyone but the assignee.
fn entered(status: TaskStatus, assignee: Option<Uuid>) -> Progress {
    let (started_at, previous_started_at) = match status {
        Inbox | Review => (None, Some(at(50))),
        InProgress => (Some(now()), Some(at(10))),
        Done => (Some(at(50)), Some(at(10))),
    };
    Progress { status, assignee, started_at, previous_started_at }
}

fn user(current: Progress, wish: &Wish) -> Result<Progress, Refusal> {
    for_user(current, wish, Dependencies::Done, now())
}

fn worker(current: Progress, requested: TaskStatus) -> Result<Progress, Refusal> {
    for_worker(current, Some(requested), ADA, StatusRight::Everyone, Dependencies::Done, now())
}

#[test]
fn a_person_moves_a_task_anywhere() {
    for from in ALL {
        for target in ALL.into_iter().filter(|target| *target != from) {
            let assignee = match target {
                Inbox | Review => None,
                InProgress | Done => Some(ADA),
            };
            assert_eq!(user(task(from), &to(target)), Ok(entered(target, assignee)), "{from} -> {target}");
        }
    }
}

#[test]
fn a_person_repeating_a_status_changes_nothing() {
    for status in ALL {
        assert_eq!(user(task(status), &to(status)), Ok(task(status)), "{status}");
        assert_eq!(user(task(status), &Wish::default()), Ok(task(status)), "{status}");
    }
}

#[test]
fn a_person_assigns_in_any_status_and_the_assignee_wins_over_the_status() {
    for status in ALL {
        assert_eq!(user(task(status), &assign(Some(BOB))).unwrap().assignee, Some(BOB));
        assert_eq!(user(task(status), &assign(None)).unwrap().assignee, None);
        for target in ALL {
            assert_eq!(user(task(status), &assign_and(target, Some(BOB))).unwrap().assignee, Some(BOB));
        }
    }
}

#[test]
fn when_work_started_last_is_not_forgotten() {
    let idle = Progress { started_at: None, ..task(Inbox) };
    assert_eq!(user(idle, &to(Review)).unwrap().previous_started_at, Some(at(10)));
}

#[test]
fn a_person_cannot_move_or_assign_a_blocked_task() {
    let blocked = |current, wish: &Wish| for_user(current, wish, Dependencies::Open, now());
    for from in [Inbox, InProgress, Review] {
        for target in ALL.into_iter().filter(|target| *target != from) {
            let outcome = blocked(of_nobody(from), &to(target));
            assert_eq!(outcome.is_ok(), target == Inbox, "{from} -> {target}");
        }
        assert_eq!(blocked(of_nobody(from), &assign(Some(BOB))), Err(Refusal::Blocked), "{from}");
    }
    assert_eq!(blocked(task(Done), &to(InProgress)), Err(Refusal::Blocked));
    assert_eq!(blocked(task(Done), &to(Inbox)), Ok(entered(Inbox, None)));
}

#[test]
fn a_person_may_change_anything_else_of_a_blocked_task() {
    for status in ALL {
        for wish in [Wish::default(), to(status), assign(None), assign(Some(ADA)), assign_and(status, Some(ADA))] {
            assert!(for_user(task(status), &wish, Dependencies::Open, now()).is_ok(), "{status} {wish:?}");
        }
    }
    assert_eq!(for_user(task(Done), &assign(Some(BOB)), Dependencies::Open, now()).unwrap().assignee, Some(BOB));
}

#[test]
fn a_task_that_a_person_blocks_goes_back_to_the_inbox() {
    for from in [Inbox, InProgress, Review] {
        let blocked = for_user(task(from), &Wish::default(), Dependencies::OpenedNow, now());
        assert_eq!(blocked, Ok(entered(Inbox, None)), "{from}");
        for repeated in [to(from), assign(Some(ADA)), assign_and(from, Some(ADA)), assign_and(Inbox, Some(ADA))] {
            let blocked = for_user(task(from), &repeated, Dependencies::OpenedNow, now());
            assert_eq!(blocked, Ok(entered(Inbox, None)), "{from} {repeated:?}");
        }
        let refused = for_user(task(from), &assign_and(from, Some(BOB)), Dependencies::OpenedNow, now());
        assert_eq!(refused, Err(Refusal::Blocked), "{from}");
        let refused = for_user(task(from), &assign_and(Done, Some(ADA)), Dependencies::OpenedNow, now());
        assert_eq!(refused, Err(Refusal::Blocked), "{from}");
    }
}

#[test]
fn to_repeat_how_a_task_stands_is_no_wish() {
    assert_eq!(assign_and(Review, Some(ADA)).beyond(task(Review)), Wish::default());
    assert_eq!(assign_and(Review, None).beyond(of_nobody(Review)), Wish::default());
    assert_eq!(assign_and(Review, None).beyond(task(Review)), assign(None));
    assert_eq!(assign_and(Done, Some(ADA)).beyond(task(Review)), to(Done));
}

#[test]
fn a_worker_changes_tasks_of_its_own_or_of_nobody_only() {
    assert_eq!(require_own(task(Inbox), ADA), Ok(()));
    assert_eq!(require_own(of_nobody(Inbox), BOB), Ok(()));
    assert_eq!(require_own(task(Inbox), BOB), Err(Refusal::AssignedToAnother));
}

#[test]
fn a_worker_starting_or_finishing_a_task_makes_it_its_own() {
    for from in ALL {
        for target in ALL.into_iter().filter(|target| *target != from) {
            let assignee = match target {
                Inbox | Review => None,
                InProgress | Done => Some(ADA),
            };
            for current in [task(from), of_nobody(from)] {
                assert_eq!(worker(current, target), Ok(entered(target, assignee)), "{from} -> {target}");
            }
        }
    }
}

#[test]
fn a_worker_repeating_a_status_keeps_the_start_and_can_still_claim_or_give_back() {
    assert_eq!(worker(task(InProgress), InProgress), Ok(task(InProgress)));
    assert_eq!(worker(of_nobody(InProgress), InProgress), Ok(task(InProgress)));
    let never_started = Progress { started_at: None, ..task(InProgress) };
    assert_eq!(worker(never_started, InProgress).unwrap().started_at, Some(now()));
    assert_eq!(worker(task(Inbox), Inbox), Ok(of_nobody(Inbox)));
    assert_eq!(worker(task(Review), Review), Ok(task(Review)));
    assert_eq!(worker(of_nobody(Done), Done), Ok(task(Done)));
}

#[test]
fn a_worker_has_no_say_where_only_the_lead_changes_statuses() {
    for (from, target) in ALL.into_iter().flat_map(|from| ALL.map(|target| (from, target))) {
        let outcome = for_worker(task(from), Some(target), ADA, StatusRight::LeadOnly, Dependencies::Open, now());
        assert_eq!(outcome, Err(Refusal::OnlyLead));
    }
    let without = for_worker(task(Inbox), None, ADA, StatusRight::LeadOnly, Dependencies::Open, now());
    assert_eq!(without, Ok(task(Inbox)));
}

#[test]
fn a_worker_gives_a_blocked_task_back_and_nothing_else() {
    for (from, target) in ALL.into_iter().flat_map(|from| ALL.map(|target| (from, target))) {
        let outcome = for_worker(task(from), Some(target), ADA, StatusRight::Everyone, Dependencies::Open, now());
        if target == Inbox {
            assert_eq!(outcome.unwrap().assignee, None);
        } else if target == from {
            assert_eq!(outcome, Ok(task(from)));
        } else {
            assert_eq!(outcome, Err(Refusal::Blocked), "{from} -> {target}");
        }
    }
}

#[test]
fn a_lead_decides_about_what_is_in_review() {
    let in_review = Progress { assignee: Some(LEAD), started_at: None, ..task(Review) };
    assert_eq!(for_lead(in_review, &to(Done), None, now()), Ok(Progress { status: Done, ..in_review }));
    for target in [Some(BOB), None] {
        let returned = for_lead(in_review, &to(Inbox), target, now()).unwrap();
        assert_eq!(returned, Progress { status: Inbox, assignee: target, ..in_review });
        let assigned = for_lead(in_review, &assign_and(Inbox, Some(ADA)), target, now()).unwrap();
        assert_eq!(assigned.assignee, target);
    }
    for target in [Review, InProgress] {
        assert_eq!(for_lead(in_review, &to(target), None, now()), Err(Refusal::NotAReviewDecision(target)));
    }
}

#[test]
fn a_lead_changes_no_other_status_but_starts_what_it_assigns() {
    for (from, target) in [Inbox, InProgress, Done].into_iter().flat_map(|from| ALL.map(|target| (from, target))) {
        for wish in [to(target), assign_and(target, None), assign_and(target, Some(BOB))] {
            let outcome = for_lead(task(from), &wish, None, now());
            if (from, target) == (Inbox, InProgress) && wish.assignee == Patch::Set(Some(BOB)) {
                assert_eq!(outcome, Ok(entered(InProgress, Some(BOB))));
            } else {
                assert_eq!(outcome, Err(Refusal::NotInReview(from)), "{from} -> {target}");
            }
        }
    }
}

#[test]
fn a_lead_assigns_and_unassigns_in_any_status() {
    for status in ALL {
        assert_eq!(for_lead(task(status), &assign(Some(BOB)), None, now()).unwrap().assignee, Some(BOB));
        assert_eq!(for_lead(task(status), &assign(None), None, now()).unwrap().assignee, None);
        assert_eq!(for_lead(task(status), &Wish::default(), None, now()), Ok(task(status)));
    }
}

#[test]
fn a_lead_leaves_status_and_assignee_of_a_blocked_task_alone() {
    for wish in [to(Inbox), assign(None), assign(Some(BOB)), assign_and(InProgress, Some(BOB))] {
        assert_eq!(require_unblocked(&wish, Dependencies::Open), Err(Refusal::Blocked));
        assert_eq!(require_unblocked(&wish, Dependencies::OpenedNow), Err(Refusal::Blocked));
        assert_eq!(require_unblocked(&wish, Dependencies::Done), Ok(()));
    }
    assert_eq!(require_unblocked(&Wish::default(), Dependencies::Open), Ok(()));
}

#[test]
fn work_that_is_handed_in_goes_to_the_lead() {
    let after = user(task(InProgress), &assign_and(Review, Some(BOB))).unwrap();
    assert_eq!(handed_in(task(InProgress), after, Some(LEAD)).assignee, Some(LEAD));
    assert_eq!(handed_in(task(InProgress), after, None).assignee, Some(BOB));
    let repeated = user(task(Review), &to(Review)).unwrap();
    assert_eq!(handed_in(task(Review), repeated, Some(LEAD)).assignee, Some(ADA));
}

#[test]
fn a_task_fell_back_when_it_newly_lies_in_the_inbox_for_nobody() {
    for from in ALL {
        assert!(fell_back_to_inbox(task(from), of_nobody(Inbox)), "{from}");
        assert!(!fell_back_to_inbox(task(from), task(Inbox)), "{from}");
        assert!(!fell_back_to_inbox(task(from), of_nobody(Review)), "{from}");
        assert_eq!(fell_back_to_inbox(of_nobody(from), of_nobody(Inbox)), from != Inbox, "{from}");
    }
}

#[test]
fn a_new_task_in_progress_has_started() {
    for status in ALL {
        let started = (status == InProgress).then(now);
        let expected = Progress { status, assignee: Some(ADA), started_at: started, previous_started_at: None };
        assert_eq!(Progress::new(status, Some(ADA), now()), expected);
    }
}
