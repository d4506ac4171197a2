//! Numbers that differ from instance to instance; none of them is a secret.

/// From 0 to 1; 0 when the host has no randomness to give.
#[must_use]
pub fn fraction() -> f64 {
    let mut byte = [0_u8];
    let _ = getrandom::fill(&mut byte);
    f64::from(byte[0]) / 255.0
}
