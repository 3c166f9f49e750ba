//! The cable between a phone and the backend: a TCP relay that can be cut and mended.

use std::net::SocketAddr;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Cut or not. While it is cut, new connections are refused at once.
#[derive(Debug)]
pub struct Wire {
    scheme: &'static str,
    address: SocketAddr,
    whole: watch::Sender<bool>,
}

impl Wire {
    /// A whole cable to this address.
    pub async fn to(scheme: &'static str, backend: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("the port is known");
        let (whole, state) = watch::channel(true);
        tokio::spawn(async move {
            while let Ok((phone, _)) = listener.accept().await {
                if *state.borrow() {
                    tokio::spawn(relay(phone, backend, state.clone()));
                }
            }
        });
        Self { scheme, address, whole }
    }

    pub fn url(&self) -> String {
        // by the name in the certificate
        format!("{}://localhost:{}", self.scheme, self.address.port())
    }

    pub fn cut(&self) {
        self.whole.send_replace(false);
    }

    pub fn mend(&self) {
        self.whole.send_replace(true);
    }
}

async fn relay(mut phone: TcpStream, backend: SocketAddr, mut state: watch::Receiver<bool>) {
    let Ok(mut server) = TcpStream::connect(backend).await else { return };
    // Nagle would hold back small frames; the phone's own socket has it off as well.
    let _ = (phone.set_nodelay(true), server.set_nodelay(true));
    tokio::select! {
        _ = copy_bidirectional(&mut phone, &mut server) => {}
        _ = state.wait_for(|whole| !whole) => {}
    }
}
