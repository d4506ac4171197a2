//! A client's socket, with an end to waiting for it.

use super::activity::Activity;
use super::pace::Pace;
use crate::alarm::Alarm;
use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// How long to go on reading from a client that has its last answer.
const LINGER: Duration = Duration::from_secs(5);

/// Fails when the client does not take what is written, and closes so that the client sees its last answer.
pub struct Transport {
    stream: TcpStream,
    activity: Arc<Activity>,
    pace: Pace,
    stalled_since: Option<Instant>,
    lingering_since: Option<Instant>,
    alarm: Alarm,
}

impl Transport {
    /// Tells `activity` what it reads, and waits at `pace` when it writes.
    pub fn new(stream: TcpStream, activity: Arc<Activity>, pace: Pace) -> Self {
        Self { stream, activity, pace, stalled_since: None, lingering_since: None, alarm: Alarm::default() }
    }

    fn paced(&mut self, written: Poll<io::Result<usize>>, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        match written {
            Poll::Ready(Ok(bytes)) => {
                if let Some(since) = self.stalled_since.take() {
                    self.pace.waited(since.elapsed());
                }
                self.pace.moved(bytes);
                Poll::Ready(Ok(bytes))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => {
                let since = *self.stalled_since.get_or_insert_with(Instant::now);
                ready!(self.alarm.poll_until(since + self.pace.left(), cx));
                // Closed in peace, the socket would keep its queue until the client takes it.
                self.activity.set_abort();
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
        }
    }

    /// Reads what comes and throws it away, until the client is done or it takes too long.
    ///
    /// Bytes that nobody has read would make the kernel reset the connection, and the reset may
    /// overtake the answer.
    fn linger(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let since = *self.lingering_since.get_or_insert_with(Instant::now);
        let mut bytes = [MaybeUninit::uninit(); 8192];
        let mut buffer = ReadBuf::uninit(&mut bytes);
        loop {
            buffer.clear();
            match Pin::new(&mut self.stream).poll_read(cx, &mut buffer) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() && since.elapsed() < LINGER => {}
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => return self.alarm.poll_until(since + LINGER, cx),
            }
        }
    }
}

impl AsyncRead for Transport {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        ready!(Pin::new(&mut this.stream).poll_read(cx, buffer))?;
        this.activity.received(buffer.filled().get(before..).unwrap_or_default());
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Transport {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write(cx, bytes);
        this.paced(written, cx)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write_vectored(cx, bytes);
        this.paced(written, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.lingering_since.is_none() {
            ready!(Pin::new(&mut this.stream).poll_shutdown(cx))?;
        }
        if this.lingering_since.is_some() || this.activity.has_unread_bytes() {
            ready!(this.linger(cx));
        }
        Poll::Ready(Ok(()))
    }
}

impl Drop for Transport {
    fn drop(&mut self) {
        if self.activity.is_aborted() {
            // A connection that cannot be reset is closed.
            let _ = self.stream.set_zero_linger();
        }
    }
}
