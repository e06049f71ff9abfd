//! The little of WebSocket that client and backend share: one size of message, a key and a mask that are always the
//! same. Proxies pass frames on without a look at them.

/// The example of RFC 6455, section 1.3.
pub const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
pub const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
/// Bytes of a message.
pub const LENGTH: usize = 64;
/// Binary, whole, unmasked.
pub const SERVER_FRAME: [u8; 2] = [0x82, LENGTH as u8];
/// The same, masked with zeros.
pub const CLIENT_FRAME: [u8; 6] = [0x82, 0x80 | LENGTH as u8, 0, 0, 0, 0];
