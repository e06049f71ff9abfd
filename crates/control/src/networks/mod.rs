//! The operator's inventory: zones, VPCs, vSwitches, and who of other accounts may link them.

mod adopt;
mod read;
mod vpcs;
mod vswitches;
mod zones;
