use leptos::prelude::*;

/// A place in a component for views of the caller: takes `view! { … }`, an `AnyView`, or an `Option` of one.
#[derive(Default)]
pub struct Slot(pub Option<AnyView>);

impl From<AnyView> for Slot {
    fn from(v: AnyView) -> Self {
        Self(Some(v))
    }
}
impl From<Option<AnyView>> for Slot {
    fn from(v: Option<AnyView>) -> Self {
        Self(v)
    }
}
impl<T> From<View<T>> for Slot
where
    View<T>: IntoAny,
{
    fn from(v: View<T>) -> Self {
        Self(Some(v.into_any()))
    }
}
impl From<&'static str> for Slot {
    fn from(v: &'static str) -> Self {
        Self(Some(v.into_any()))
    }
}
impl From<String> for Slot {
    fn from(v: String) -> Self {
        Self(Some(v.into_any()))
    }
}
