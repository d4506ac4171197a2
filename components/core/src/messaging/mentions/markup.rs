//! Which `@` of a text may begin a mention: none in code, and none in an address.

mod code;

use super::AT_SIGNS;
use super::script::{is_unspaced, is_word};

/// How far an address may reach to the left of a sign, in characters.
const LONGEST_ADDRESS: usize = 1_000;

/// Signs of one text, outside code, that are looked at. Whoever writes more has pasted something.
const MOST_SIGNS: usize = 10_000;

/// What follows each sign that may begin a mention.
pub(super) fn after_signs(text: &str) -> impl Iterator<Item = &str> {
    let mut code = code::ranges(text).into_iter().peekable();
    let outside_code = text.match_indices(AT_SIGNS).filter(move |(position, _)| {
        while code.next_if(|range| range.end <= *position).is_some() {}
        !code.peek().is_some_and(|range| range.contains(position))
    });
    outside_code.take(MOST_SIGNS).filter_map(|(position, sign)| {
        let (before, after) = (text.get(..position)?, text.get(position + sign.len()..)?);
        (!is_of_mailbox(before, after) && !is_in_link(before)).then_some(after)
    })
}

/// Whether the sign stands in the middle of an e-mail address or of the name of an account elsewhere. Where words follow
/// each other without spaces, a letter in front of it says nothing.
fn is_of_mailbox(before: &str, after: &str) -> bool {
    let is_glued = before.chars().next_back().is_some_and(is_word);
    let is_unspaced = [before.chars().next_back(), after.chars().next()].into_iter().flatten().any(is_unspaced);
    let (name, rest) = split_word(after);
    if is_glued {
        return !is_unspaced || is_domain(after);
    }
    !name.is_empty() && rest.strip_prefix('@').is_some_and(is_domain)
}

/// Whether a text starts like `example.org`.
fn is_domain(text: &str) -> bool {
    let (name, rest) = split_word(text);
    !name.is_empty() && rest.strip_prefix('.').is_some_and(|rest| rest.chars().next().is_some_and(is_word))
}

/// The word at the start of a text, hyphens included, and the rest.
fn split_word(text: &str) -> (&str, &str) {
    let end = text.find(|letter| !(is_word(letter) || letter == '-')).unwrap_or(text.len());
    text.split_at(end)
}

/// Whether a text ends inside a web address, or inside the target of a Markdown link.
fn is_in_link(before: &str) -> bool {
    let start =
        before.char_indices().rev().take(LONGEST_ADDRESS).take_while(|(_, letter)| is_of_address(*letter)).last();
    let address = start.and_then(|(start, _)| before.get(start..)).unwrap_or_default();
    let address = address.trim_start_matches(|letter| !is_word(letter));
    address.contains("://") || starts_with_www(address) || is_path_of_host(address) || is_target(address)
}

/// Whether a web address may hold this character. International ones have letters of any script.
fn is_of_address(letter: char) -> bool {
    if letter.is_ascii() {
        return letter.is_ascii_graphic() && !matches!(letter, '<' | '>' | '"' | '`' | '{' | '}' | '|' | '\\' | '^');
    }
    is_word(letter)
}

fn starts_with_www(address: &str) -> bool {
    address.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("www."))
}

/// Whether a text reads `example.org/…`.
fn is_path_of_host(address: &str) -> bool {
    address.split_once('/').is_some_and(|(host, _)| is_domain(host) && !host.contains(AT_SIGNS))
}

/// Whether a text ends behind the opening of a Markdown link's target: `text](…`.
fn is_target(address: &str) -> bool {
    address.rsplit_once("](").is_some_and(|(_, target)| !target.contains(')'))
}
