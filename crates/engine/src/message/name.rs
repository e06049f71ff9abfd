//! The header names that somebody here looks at, recognised once when a head is read.

macro_rules! names {
    ($($name:ident = $text:literal;)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Name {
            $($name,)*
            Other,
        }

        impl Name {
            pub fn of(text: &[u8]) -> Self {
                match text.len() {
                    $(len if len == $text.len() && text.eq_ignore_ascii_case($text.as_bytes()) => Self::$name,)*
                    _ => Self::Other,
                }
            }

            /// Lower case; empty for others.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                    Self::Other => "",
                }
            }
        }
    };
}

names! {
    Te = "te";
    Host = "host";
    Date = "date";
    Expect = "expect";
    Cookie = "cookie";
    Upgrade = "upgrade";
    Forwarded = "forwarded";
    XRealIp = "x-real-ip";
    UserAgent = "user-agent";
    Connection = "connection";
    RetryAfter = "retry-after";
    KeepAlive = "keep-alive";
    Tracestate = "tracestate";
    Traceparent = "traceparent";
    ContentType = "content-type";
    XRequestId = "x-request-id";
    ContentMd5 = "content-md5";
    Authorization = "authorization";
    ContentLength = "content-length";
    XForwardedFor = "x-forwarded-for";
    ContentEncoding = "content-encoding";
    XForwardedHost = "x-forwarded-host";
    ProxyConnection = "proxy-connection";
    TransferEncoding = "transfer-encoding";
    XForwardedProto = "x-forwarded-proto";
    XRatelimitLimit = "x-ratelimit-limit";
    XRatelimitReset = "x-ratelimit-reset";
    ProxyAuthenticate = "proxy-authenticate";
    ProxyAuthorization = "proxy-authorization";
    XRatelimitRemaining = "x-ratelimit-remaining";
    SecWebsocketKey = "sec-websocket-key";
    SecWebsocketAccept = "sec-websocket-accept";
    StrictTransportSecurity = "strict-transport-security";
}

impl Name {
    /// Its place in a set of names.
    pub fn bit(self) -> u64 {
        1 << (self as u8)
    }

    /// Of a single hop, whether `Connection` nominates it or not.
    pub fn is_hop(self) -> bool {
        matches!(
            self,
            Self::Connection
                | Self::KeepAlive
                | Self::ProxyConnection
                | Self::ProxyAuthenticate
                | Self::ProxyAuthorization
                | Self::Te
                | Self::Upgrade
        )
    }

    /// Says how long a message is: each connection says it anew.
    pub fn is_framing(self) -> bool {
        matches!(self, Self::ContentLength | Self::TransferEncoding)
    }

    /// What a client says of its way here is not known to be true.
    pub fn is_not_trusted(self) -> bool {
        matches!(
            self,
            Self::Forwarded | Self::XRealIp | Self::XForwardedFor | Self::XForwardedProto | Self::XForwardedHost
        )
    }
}

/// Whether somebody behind here could take this for a header that the engine looks at: CGI and WSGI write underscores
/// for hyphens.
pub fn is_double(name: &[u8]) -> bool {
    const LOOKED_AT: [Name; 11] = [
        Name::Host,
        Name::Authorization,
        Name::ContentLength,
        Name::TransferEncoding,
        Name::Connection,
        Name::XForwardedFor,
        Name::XForwardedProto,
        Name::XForwardedHost,
        Name::XRealIp,
        Name::XRequestId,
        Name::Cookie,
    ];
    fn letters(name: &[u8]) -> impl Iterator<Item = u8> {
        let plain = name.iter().filter(|byte| !matches!(byte, b'-' | b'_'));
        plain.map(u8::to_ascii_lowercase)
    }
    let suspect = name.contains(&b'_') || name.windows(2).any(|pair| pair == b"--");
    suspect && LOOKED_AT.iter().any(|other| letters(other.as_str().as_bytes()).eq(letters(name)))
}

/// Whether it can be a header's name (RFC 9110, 5.6.2).
pub fn is_token(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte))
}

const _: () = assert!((Name::Other as u8) < 64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_in_any_case() {
        for (text, name) in [
            ("HOST", Name::Host),
            ("Content-Length", Name::ContentLength),
            ("x-ratelimit-reset", Name::XRatelimitReset),
            ("x-ratelimit-limit", Name::XRatelimitLimit),
            ("accept", Name::Other),
            ("", Name::Other),
        ] {
            assert_eq!(Name::of(text.as_bytes()), name);
        }
    }

    #[test]
    fn doubles() {
        for text in ["content_length", "Transfer--Encoding", "X_Forwarded-For", "h_o_st"] {
            assert!(is_double(text.as_bytes()), "{text}");
        }
        for text in ["content-length", "x-content_length", "a--b", "_"] {
            assert!(!is_double(text.as_bytes()), "{text}");
        }
    }
}
