use domain::id::EngineId;
use link::records::Records;

/// Access records that an engine sent in one batch, still packed.
#[derive(Clone, Debug)]
pub struct Recorded {
    pub engine_id: EngineId,
    pub records: Records,
}
