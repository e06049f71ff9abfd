use domain::FieldErrors;
use domain::role::Permission;
use store::StoreError;

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IdentityError {
    #[error("the form has errors: {0:?}")]
    Invalid(FieldErrors),
    #[error("too many failed attempts; wait {retry_after_s} seconds")]
    Throttled { retry_after_s: u64 },
    #[error("this link was used, has expired or never was; ask for a new one")]
    InvitationInvalid,
    #[error("sign in first")]
    Unauthenticated,
    #[error("your role does not allow this ({permission:?}); ask an administrator of the workspace")]
    Forbidden { permission: Permission },
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<FieldErrors> for IdentityError {
    fn from(errors: FieldErrors) -> Self {
        Self::Invalid(errors)
    }
}
