//! Mentions: `@` and a name anywhere in a text that people or agents write.

use std::collections::HashSet;

/// Longest mention, without the `@`, in characters.
const LONGEST: usize = 32;

/// The lower-cased names that a text mentions: `@`, an ASCII letter, then up to 31 word characters or `-`. An `@` right
/// behind a word character belongs to an e-mail address and mentions nobody.
#[must_use]
pub fn tokens(text: &str) -> HashSet<String> {
    let mut found = HashSet::new();
    let mut previous: Option<char> = None;
    for (position, letter) in text.char_indices() {
        if letter == '@' && !previous.is_some_and(is_word) {
            let rest = text.get(position + 1..).unwrap_or_default();
            if rest.starts_with(|first: char| first.is_ascii_alphabetic()) {
                let name: String =
                    rest.chars().take_while(|next| is_word(*next) || *next == '-').take(LONGEST).collect();
                found.insert(name.to_lowercase());
            }
        }
        previous = Some(letter);
    }
    found
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// Whether these mentions mean the agent of this name: `lead` means the board's lead and nobody who is only called so; otherwise the
/// whole name or its first word must be mentioned.
#[must_use]
pub fn mention(tokens: &HashSet<String>, name: &str, is_lead: bool) -> bool {
    if is_lead && tokens.contains("lead") {
        return true;
    }
    let name = name.trim().to_lowercase();
    let first = name.split_whitespace().next().unwrap_or_default();
    [name.as_str(), first].into_iter().any(|name| !name.is_empty() && name != "lead" && tokens.contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(text: &str) -> Vec<String> {
        let mut found: Vec<String> = tokens(text).into_iter().collect();
        found.sort();
        found
    }

    #[test]
    fn names_are_found_anywhere_but_in_addresses() {
        assert_eq!(sorted("@Ada-1, (@bob_2) and me@example.org @9x @"), ["ada-1", "bob_2"]);
        assert_eq!(sorted("@zoë"), ["zoë"]);
        assert_eq!(sorted(&format!("@{}", "a".repeat(40))), ["a".repeat(32)]);
    }
}
