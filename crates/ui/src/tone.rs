use crate::IconName;

/// What a message or state means to the reader. Each tone has its own colour and its own icon shape.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    #[default]
    Neutral,
    Info,
    Good,
    Warn,
    Bad,
}

impl Tone {
    /// Shape that tells the tones apart without colour.
    pub fn icon(self) -> IconName {
        match self {
            Self::Neutral => IconName::Dot,
            Self::Info => IconName::Info,
            Self::Good => IconName::CheckCircle,
            Self::Warn => IconName::Warning,
            Self::Bad => IconName::Error,
        }
    }
}
