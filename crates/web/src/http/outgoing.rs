//! From our response to the host's, whose body is written piece by piece as the client takes it.

use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use futures::future::{Either, select};
use futures::{Stream, StreamExt};
use http_body::Frame;
use spin_sdk::time::sleep;
use spin_sdk::wasip3::http::types::{ErrorCode, Response as WasiResponse};
use spin_sdk::wasip3::http_compat::BodyWriter;
use spin_sdk::wit_bindgen::StreamResult;

use super::body::{Body, Response};

/// What a component gives to its host.
pub type HostResponse = Result<WasiResponse, ErrorCode>;

/// A client that takes nothing for so long is given up.
const PATIENCE: Duration = Duration::from_secs(20);

/// How often a stream that has nothing to say looks whether its client is still there.
const LOOK: Duration = Duration::from_secs(2);

/// What is handed over at once, in bytes: as much of an answer waits in memory for a slow client.
const PIECE: usize = 64 * 1024;

/// The body could not be written to its end.
struct Cut;

/// Hands a response to the host.
pub(super) fn hand_over(response: Response) -> HostResponse {
    let (parts, body) = response.into_parts();
    let headers = parts.headers.try_into().map_err(|_| ErrorCode::InternalError(Some("headers".to_owned())))?;
    let (writer, contents, result) = BodyWriter::new();
    let (response, _sent) = WasiResponse::new(headers, Some(contents), result);
    response
        .set_status_code(parts.status.as_u16())
        .map_err(|()| ErrorCode::InternalError(Some("status".to_owned())))?;
    spin_sdk::wit_bindgen::spawn(write(writer, body));
    Ok(response)
}

/// Writes a body. Without a result at its end, the host cuts the connection.
async fn write(mut writer: BodyWriter, body: Body) {
    let written = match body {
        Body::Whole(None) => Ok(()),
        Body::Whole(Some(bytes)) => whole(&mut writer, bytes).await,
        Body::Stream(chunks) => stream(&mut writer, chunks).await,
    };
    if written.is_ok() {
        let BodyWriter { stream_writer, result_writer, .. } = writer;
        drop(stream_writer);
        // A host that is no longer interested needs no result.
        let _ = result_writer.write(Ok(None)).await;
    }
}

async fn whole(writer: &mut BodyWriter, mut bytes: Bytes) -> Result<(), Cut> {
    if bytes.len() <= PIECE {
        // Hosts take so little at once, whatever the client does: no alarm is needed.
        return writer.send_frame(Frame::data(bytes)).await.map(drop).map_err(|_| Cut);
    }
    while !bytes.is_empty() {
        let piece = bytes.split_to(bytes.len().min(PIECE));
        bytes = in_time(send(writer, piece), bytes).await?;
    }
    Ok(())
}

/// Writes chunks until they end, which is a cut too. A chunk is asked for when the one before was taken.
async fn stream(writer: &mut BodyWriter, mut chunks: impl Stream<Item = Bytes> + Unpin) -> Result<(), Cut> {
    loop {
        let next = match select(pin!(chunks.next()), pin!(sleep(LOOK))).await {
            Either::Left((chunk, _)) => Some(chunk.ok_or(Cut)?),
            Either::Right(_) => None,
        };
        chunks = match next {
            Some(chunk) => in_time(send(writer, chunk), chunks).await?,
            None => in_time(look(writer), chunks).await?,
        };
    }
}

async fn send(writer: &mut BodyWriter, piece: Bytes) -> Result<(), Cut> {
    writer.send_frame(Frame::data(piece)).await.map(drop).map_err(|_| Cut)
}

/// Writes nothing, which fails once the client is gone.
async fn look(writer: &mut BodyWriter) -> Result<(), Cut> {
    match writer.stream_writer.write(Vec::new()).await {
        (StreamResult::Dropped, _) => Err(Cut),
        _ => Ok(()),
    }
}

/// Writes, and gives back the rest. If that takes too long, all that the rest holds is let go at once. What is being written
/// cannot be taken back from the host: it ends with the connection.
async fn in_time<T>(writing: impl Future<Output = Result<(), Cut>>, rest: T) -> Result<T, Cut> {
    let mut writing = pin!(writing);
    match select(writing.as_mut(), pin!(sleep(PATIENCE))).await {
        Either::Left((written, _)) => written.map(|()| rest),
        Either::Right(_) => {
            drop(rest);
            let _ = writing.await;
            Err(Cut)
        }
    }
}
