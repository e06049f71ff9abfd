//! MessagePack with field names, so that a newer side may add fields that an older one skips.

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
        rmp_serde::encode::write_named(&mut buffer.writer(), &item).map_err(|error| Status::internal(error.to_string()))
    }
}

impl<D: DeserializeOwned> Decoder for MsgPackDecoder<D> {
    type Item = D;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<D>, Status> {
        if !buffer.has_remaining() {
            return Ok(None);
        }
        rmp_serde::from_read(buffer.reader()).map(Some).map_err(|error| Status::invalid_argument(error.to_string()))
    }
}
