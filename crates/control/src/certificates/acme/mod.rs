//! Certificates that ACME servers issue: accounts, orders, and what orders them when they are due.

mod account;
mod account_edit;
mod attempt;
mod due;
mod in_place;
mod keep;
mod lease;
mod order;
mod settle;
