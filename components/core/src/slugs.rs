//! Short names for addresses, made from names for people.

use icu_normalizer::DecomposingNormalizerBorrowed;

/// The slug of a name: small ASCII letters and digits, what stands between them as one hyphen. Letters with marks lose the
/// marks; a name without any ASCII letter or digit has an empty slug.
#[must_use]
pub fn slug_of(name: &str) -> String {
    let lowered = name.to_lowercase();
    let plain = DecomposingNormalizerBorrowed::new_nfkd().normalize(&lowered);
    let mut slug = String::with_capacity(plain.len());
    for letter in plain.chars().filter(|letter| !is_mark(*letter)) {
        if letter.is_ascii_lowercase() || letter.is_ascii_digit() {
            slug.push(letter);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(slug.trim_end_matches('-').len());
    slug
}

/// A mark that decomposition takes off a Latin letter.
fn is_mark(letter: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_has_only_small_letters_digits_and_single_hyphens() {
        assert_eq!(slug_of("Bug  Fix"), "bug-fix");
        assert_eq!(slug_of(" --A/B: 2nd try!-"), "a-b-2nd-try");
        assert_eq!(slug_of("Ünï Côde"), "uni-code");
        assert_eq!(slug_of("ﬁne"), "fine");
        assert_eq!(slug_of("!?"), "");
        assert_eq!(slug_of("測試"), "");
    }
}
