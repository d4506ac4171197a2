//! Mentions: `@` and a name anywhere in a text that people or agents write.
//!
//! A mention is what a person would call one: in any script, however its letters are encoded, and not in code, a web
//! address or an e-mail address.

mod markup;
mod script;

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use icu_normalizer::ComposingNormalizerBorrowed;

use script::{is_unspaced, is_word};

/// The signs that begin a mention; the others are those of East Asian keyboards.
const AT_SIGNS: [char; 3] = ['@', '＠', '﹫'];

/// The name by which leads are called, and nobody else.
const LEAD: &str = "lead";

/// Somebody who can be mentioned.
#[derive(Clone, Copy, Debug)]
pub struct Callable<'a> {
    /// The name: it, or its first word, is what a text calls.
    pub name: &'a str,
    /// Whether `@lead` means it, too.
    pub is_lead: bool,
}

/// Whether a text may mention anybody at all: worth a look before everybody is fetched.
#[must_use]
pub fn may_mention(text: &str) -> bool {
    text.contains(AT_SIGNS)
}

/// Whether a text mentions them, in their order.
#[must_use]
pub fn mentioned(text: &str, everybody: &[Callable<'_>]) -> Vec<bool> {
    let mut found = vec![false; everybody.len()];
    if !may_mention(text) {
        return found;
    }
    let directory = Directory::new(everybody);
    let text = composed(text);
    for called in markup::after_signs(&text) {
        for position in directory.called(called) {
            found.get_mut(*position).into_iter().for_each(|found| *found = true);
        }
    }
    found
}

/// A text whose letters with marks are single characters where there are such: the same to a reader, and now to us.
fn composed(text: &str) -> Cow<'_, str> {
    const COMPOSER: ComposingNormalizerBorrowed<'_> = ComposingNormalizerBorrowed::new_nfc();
    COMPOSER.normalize(text)
}

/// Letters as they are compared, whatever their case.
fn folded(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase).map(|letter| if letter == 'ς' { 'σ' } else { letter })
}

/// Who is meant by which word.
struct Directory {
    by_word: HashMap<String, Vec<usize>>,
    /// How many letters the words have, the longest first.
    lengths: Vec<usize>,
}

impl Directory {
    fn new(everybody: &[Callable<'_>]) -> Self {
        let mut by_word: HashMap<String, Vec<usize>> = HashMap::new();
        for (position, somebody) in everybody.iter().enumerate() {
            let word = word_of(somebody.name).filter(|word| word != LEAD);
            for word in word.into_iter().chain(somebody.is_lead.then(|| LEAD.to_owned())) {
                by_word.entry(word).or_default().push(position);
            }
        }
        let lengths: BTreeSet<usize> = by_word.keys().map(|word| word.chars().count()).collect();
        Self { by_word, lengths: lengths.into_iter().rev().collect() }
    }

    /// Who is called by the longest word at the start of this text.
    fn called(&self, text: &str) -> &[usize] {
        let longest = self.lengths.first().copied().unwrap_or_default();
        let start: Vec<char> = folded(text).take(longest + 2).collect();
        self.lengths
            .iter()
            .filter_map(|length| start.split_at_checked(*length))
            .filter(|(word, rest)| ends_with_word(word, rest))
            .find_map(|(word, _)| self.by_word.get(&word.iter().collect::<String>()))
            .map_or(&[], Vec::as_slice)
    }
}

/// The first word of a name, without what encloses it; none if the name is blank.
fn word_of(name: &str) -> Option<String> {
    let name = composed(name);
    let first = name.split_whitespace().next()?;
    let bare = first.trim_matches(|letter| !is_word(letter));
    Some(folded(if bare.is_empty() { first } else { bare }).collect())
}

/// Whether a called name may end here. In scripts without spaces a sentence goes on at once.
fn ends_with_word(word: &[char], rest: &[char]) -> bool {
    match rest {
        [next, ..] if is_word(*next) => is_unspaced(*next) && word.last().is_some_and(|last| is_unspaced(*last)),
        ['-', next, ..] => !is_word(*next),
        _ => true,
    }
}

#[cfg(test)]
#[path = "mentions_tests.rs"]
mod tests;
