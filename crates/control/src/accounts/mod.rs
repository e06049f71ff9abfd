//! Accounts of the installation, and what one lets another use.

mod edit;
mod grants;
mod operator;
