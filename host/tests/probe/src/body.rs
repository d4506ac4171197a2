//! Bodies that take their time, or end as they should not.

use crate::call::Call;
use anyhow::{Result, bail};
use futures::SinkExt;
use http::Response;
use spin_sdk::http::{BoxBody, body, box_body};
use spin_sdk::wasip3::http::types::{ErrorCode, Fields, Response as WasiResponse};
use spin_sdk::wasip3::http_compat::BodyWriter;

/// Sends `count` chunks, one every `ms` milliseconds.
pub fn stream(call: &Call) -> Result<Response<BoxBody>> {
    let (count, pause) = (call.number("count")?, call.milliseconds("ms")?);
    let (mut sender, body) = body::stream::<String>();
    spin_sdk::wasip3::spawn(async move {
        for index in 0..count {
            if sender.send(format!("chunk {index}\n")).await.is_err() {
                println!("the reader of the stream is gone");
                return;
            }
            spin_sdk::time::sleep(pause).await;
        }
    });
    Ok(Response::new(box_body(body)))
}

/// Sends `count` chunks of `kib` KiB as fast as they are taken.
pub fn flood(call: &Call) -> Result<WasiResponse> {
    let (count, kib) = (call.number("count")?, call.number("kib")?);
    let (mut writer, response) = response();
    spin_sdk::wasip3::spawn(async move {
        for index in 0..count {
            if !writer.stream_writer.write_all(vec![b'x'; kib << 10]).await.is_empty() {
                println!("gone after {index}");
                return;
            }
        }
        drop(writer.stream_writer);
        let _ = writer.result_writer.write(Ok(None)).await;
    });
    Ok(response)
}

/// Sends a line, and ends `how` it is told.
pub fn ending(call: &Call) -> Result<WasiResponse> {
    let how = call.value("how")?.to_owned();
    if !["well", "error", "dropped", "trap"].contains(&how.as_str()) {
        bail!("no such ending: {how}");
    }
    let (mut writer, response) = response();
    spin_sdk::wasip3::spawn(async move {
        writer.stream_writer.write_all(b"a line\n".to_vec()).await;
        match how.as_str() {
            "well" => {
                drop(writer.stream_writer);
                let _ = writer.result_writer.write(Ok(None)).await;
            }
            "error" => {
                let error = ErrorCode::InternalError(Some("asked to fail".to_owned()));
                let _ = writer.result_writer.write(Err(error)).await;
            }
            "dropped" => drop(writer),
            _ => panic!("asked to trap"),
        }
    });
    Ok(response)
}

/// A response without a length, and what writes its body.
fn response() -> (BodyWriter, WasiResponse) {
    let (writer, stream, result) = BodyWriter::new();
    let (response, _) = WasiResponse::new(Fields::new(), Some(stream), result);
    (writer, response)
}
