//! What a proxy in front says, in both versions of the PROXY protocol.

use crate::worker::fuzz::{Parsed, parse};

/// A header means the same without what follows it. One of version 2 is as long as it says, and all of it is waited
/// for.
pub fn look(input: &[u8]) {
    let Parsed::Header { len, client } = parse(input) else { return };
    assert!(0 < len && len <= input.len());
    let alone = parse(&input[..len]);
    assert!(matches!(alone, Parsed::Header { len: all, client: same } if (all, same) == (len, client)));
    if input.starts_with(b"\r\n") {
        assert_eq!(len, 16 + usize::from(u16::from_be_bytes([input[14], input[15]])));
    } else {
        assert!(input[..len].ends_with(b"\r\n") && !input[..len - 2].contains(&b'\n'), "one line");
    }
    for cut in 0..len {
        assert!(matches!(parse(&input[..cut]), Parsed::More), "the rest is under way behind {cut} of {len}");
    }
}
