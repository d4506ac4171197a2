//! Tests that cannot run where they are: each says so, and the process counts them when it ends.

use std::collections::BTreeMap;
use std::io::Write;
use std::panic::Location;
use std::sync::{LazyLock, Mutex, PoisonError};

/// The skipped tests, each with its reason.
static SKIPPED: LazyLock<Mutex<BTreeMap<String, String>>> = LazyLock::new(|| {
    #[expect(unsafe_code, reason = "the standard library has no way to run something when the process ends")]
    // SAFETY: the function may run at any time and does not unwind.
    unsafe {
        libc::atexit(report);
    }
    Mutex::default()
});

/// Notes that the running test is skipped. Its last line names it again, since the output of tests that pass is not
/// shown.
#[track_caller]
pub fn skip(reason: &str) {
    println!("skipped: {reason}");
    let place = Location::caller();
    let name = std::thread::current().name().filter(|name| *name != "main").map(str::to_owned);
    let name = name.unwrap_or_else(|| format!("{}:{}", place.file(), place.line()));
    SKIPPED.lock().unwrap_or_else(PoisonError::into_inner).insert(name, reason.to_owned());
}

extern "C" fn report() {
    let skipped = SKIPPED.lock().unwrap_or_else(PoisonError::into_inner);
    // Nobody may be listening any more.
    let _ = std::io::stdout().write_all(summary(&skipped).as_bytes());
}

/// One line a reason.
fn summary(skipped: &BTreeMap<String, String>) -> String {
    let mut of: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, reason) in skipped {
        of.entry(reason).or_default().push(name);
    }
    let line =
        |(reason, names): (&str, Vec<&str>)| format!("{} SKIPPED, {reason}: {}\n", names.len(), names.join(", "));
    of.into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_counts_and_names_the_tests_of_each_reason() {
        let skipped = [("a", "no server"), ("b", "no time"), ("c", "no server")];
        let skipped = skipped.map(|(name, reason)| (name.to_owned(), reason.to_owned())).into();
        assert_eq!(summary(&skipped), "2 SKIPPED, no server: a, c\n1 SKIPPED, no time: b\n");
    }
}
