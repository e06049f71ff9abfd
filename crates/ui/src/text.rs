/// A text prop that may be absent. Takes `&str`, `String`, their `Option`s and integers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MaybeText(pub Option<String>);

impl From<&str> for MaybeText {
    fn from(v: &str) -> Self {
        Self(Some(v.to_owned()))
    }
}
impl From<String> for MaybeText {
    fn from(v: String) -> Self {
        Self(Some(v))
    }
}
impl From<Option<&str>> for MaybeText {
    fn from(v: Option<&str>) -> Self {
        Self(v.map(str::to_owned))
    }
}
impl From<Option<String>> for MaybeText {
    fn from(v: Option<String>) -> Self {
        Self(v)
    }
}
macro_rules! from_integer {
    ($($t:ty)*) => {$(
        impl From<$t> for MaybeText {
            fn from(v: $t) -> Self {
                Self(Some(v.to_string()))
            }
        }
    )*};
}
from_integer!(i32 i64 u8 u16 u32 u64 usize);
