//! A request's id, kept where it is used: every request has one, and it would be the smallest of allocations.

const LONGEST: usize = 64;

#[derive(Clone, Copy)]
pub struct RequestId {
    len: u8,
    bytes: [u8; LONGEST],
}

impl RequestId {
    /// The client's own, if it can be shown anywhere without harm.
    pub fn of_client(value: &[u8]) -> Option<Self> {
        let harmless = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        if value.is_empty() || value.len() > LONGEST || !value.iter().all(harmless) {
            return None;
        }
        let mut id = Self { len: u8::try_from(value.len()).ok()?, bytes: [0; LONGEST] };
        id.bytes[..value.len()].copy_from_slice(value);
        Some(id)
    }

    /// The seed in sixteen hexadecimal digits, a dash and the number.
    pub fn numbered(seed: u64, number: u64) -> Self {
        let mut id = Self { len: 0, bytes: [0; LONGEST] };
        id.hex(seed, 16);
        id.byte(b'-');
        id.hex(number, ((67 - number.leading_zeros()) / 4).max(1));
        id
    }

    fn byte(&mut self, byte: u8) {
        self.bytes[usize::from(self.len) % LONGEST] = byte;
        self.len += 1;
    }

    fn hex(&mut self, value: u64, digits: u32) {
        for at in (0..digits).rev() {
            self.byte(HEX[(value >> (4 * at)) as usize & 15]);
        }
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    pub fn as_str(&self) -> &str {
        std::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }
}

const HEX: &[u8; 16] = b"0123456789abcdef";

/// Fills `out` with the value's last digits.
pub fn write_hex(out: &mut [u8], mut value: u128) {
    for digit in out.iter_mut().rev() {
        *digit = HEX[(value & 15) as usize];
        value >>= 4;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbered_ids_are_what_they_were() {
        for (seed, number) in [(0, 0), (1, 15), (0xabc, 16), (u64::MAX, u64::MAX), (7, 0x1234)] {
            assert_eq!(RequestId::numbered(seed, number).as_str(), format!("{seed:016x}-{number:x}"));
        }
    }

    #[test]
    fn a_clients_id_is_taken_if_it_is_harmless() {
        assert_eq!(RequestId::of_client(b"a.B-1_").map(|id| id.as_str().to_owned()), Some("a.B-1_".into()));
        for bad in [&b""[..], b"a b", b"\"", &[b'a'; 65]] {
            assert!(RequestId::of_client(bad).is_none());
        }
    }
}
