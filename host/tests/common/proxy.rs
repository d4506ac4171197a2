//! A line to a server that can be cut, fall silent, and be given back.

use std::net::SocketAddr;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Passes connections on to a server.
pub struct Proxy {
    address: SocketAddr,
    server: String,
    accepting: Option<JoinHandle<()>>,
    line: watch::Sender<Line>,
}

#[derive(Clone, Copy, PartialEq)]
enum Line {
    Whole,
    /// What was open passes nothing on any more, and nobody is told.
    Silent,
    Cut,
}

impl Proxy {
    /// Listens on a free port for connections to `server`, such as `127.0.0.1:5432`.
    pub async fn start(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let mut proxy =
            Self { address, server: server.to_owned(), accepting: None, line: watch::channel(Line::Whole).0 };
        proxy.accept(listener);
        proxy
    }

    /// The address to connect to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    fn accept(&mut self, listener: TcpListener) {
        let (server, line) = (self.server.clone(), self.line.clone());
        self.accepting = Some(tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass_on(client, server.clone(), line.subscribe()));
            }
        }));
    }

    /// Ends all connections and takes no further ones.
    pub async fn cut(&mut self) {
        if let Some(accepting) = self.accepting.take() {
            accepting.abort();
            let _ = accepting.await;
        }
        self.line.send_replace(Line::Cut);
    }

    /// Lets nothing pass on the connections that are open; new ones work.
    pub fn fall_silent(&self) {
        self.line.send_replace(Line::Silent);
        self.line.send_replace(Line::Whole);
    }

    /// Takes connections again.
    pub async fn give_back(&mut self) {
        self.line.send_replace(Line::Whole);
        let listener = TcpListener::bind(self.address).await.expect("the same port");
        self.accept(listener);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if let Some(accepting) = &self.accepting {
            accepting.abort();
        }
        self.line.send_replace(Line::Cut);
    }
}

async fn pass_on(mut client: TcpStream, server: String, mut line: watch::Receiver<Line>) {
    line.mark_unchanged();
    let Ok(mut server) = TcpStream::connect(server).await else { return };
    tokio::select! {
        _ = copy_bidirectional(&mut client, &mut server) => return,
        _ = line.changed() => {}
    }
    // Neither side hears that nothing passes any more, until the line is cut.
    let _ = line.wait_for(|line| *line == Line::Cut).await;
}
