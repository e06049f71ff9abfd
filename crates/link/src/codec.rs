//! MessagePack with field names, so that a newer side may add fields that an older one skips.
//!
//! In its human-readable flavour: addresses and ids are text. Serde buffers tagged enums, and what it buffers it
//! reads back as text; the compact form of an address would not survive that.

use bytes::{Buf, BufMut};
use serde::{Serialize, de::DeserializeOwned};
use std::marker::PhantomData;
use tonic::Status;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};

pub struct MsgPack<E, D>(PhantomData<(E, D)>);

impl<E, D> Default for MsgPack<E, D> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<E, D> Codec for MsgPack<E, D>
where
    E: Serialize + Send + 'static,
    D: DeserializeOwned + Send + 'static,
{
    type Encode = E;
    type Decode = D;
    type Encoder = MsgPackEncoder<E>;
    type Decoder = MsgPackDecoder<D>;

    fn encoder(&mut self) -> Self::Encoder {
        MsgPackEncoder(PhantomData)
    }

    fn decoder(&mut self) -> Self::Decoder {
        MsgPackDecoder(PhantomData)
    }
}

pub struct MsgPackEncoder<E>(PhantomData<E>);
pub struct MsgPackDecoder<D>(PhantomData<D>);

impl<E: Serialize> Encoder for MsgPackEncoder<E> {
    type Item = E;
    type Error = Status;

    fn encode(&mut self, item: E, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        let mut writer = buffer.writer();
        let mut serializer = rmp_serde::Serializer::new(&mut writer).with_struct_map().with_human_readable();
        item.serialize(&mut serializer).map_err(|error| Status::internal(error.to_string()))
    }
}

impl<D: DeserializeOwned> Decoder for MsgPackDecoder<D> {
    type Item = D;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<D>, Status> {
        if !buffer.has_remaining() {
            return Ok(None);
        }
        let mut deserializer = rmp_serde::Deserializer::new(buffer.reader()).with_human_readable();
        D::deserialize(&mut deserializer).map(Some).map_err(|error| Status::invalid_argument(error.to_string()))
    }
}
