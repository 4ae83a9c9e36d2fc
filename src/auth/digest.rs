//! SHA-256 of a credential, by which it is looked up.

use sha2::{Digest as _, Sha256};

/// SHA-256 of a credential or of a file.
///
/// A look-up by digest takes a time that depends on the digest alone. Whoever wants to learn from it how much of a key is right would
/// have to choose digests, and can't: so no comparison needs to take constant time.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Digest([u8; 32]);

impl Digest {
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Of 64 hexadecimal digits.
    pub(super) fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        if text.len() != 2 * bytes.len() || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            *byte = u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()?;
        }
        Some(Self(bytes))
    }

    /// One of its bytes, which are as good as random.
    pub(super) fn first_byte(&self) -> u8 {
        let [first, ..] = self.0;
        first
    }
}
