//! The backend in a process of its own: data folder and address as arguments, and the relay's address where all
//! calls are relayed. Says `listening` and runs until it is killed.

use miantan_backend::config::Config;
use miantan_backend::server;
use miantan_domain::signal::MediaPath;
use std::io::Write;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (data, listen, relay) = match arguments.as_slice() {
        [data, listen] => (data, listen, None),
        [data, listen, relay] => (data, listen, Some(relay)),
        _ => panic!("data folder, address and perhaps the relay's address, please"),
    };
    let mut config =
        Config { data: data.into(), listen: listen.parse().expect("an address"), ..Config::default() };
    config.turn.enabled = relay.is_some();
    if let Some(relay) = relay {
        config.turn.listen = relay.parse().expect("an address");
        config.calls = MediaPath::Relay;
    }
    let _server = server::start(config).await.expect("the backend starts");
    println!("listening");
    std::io::stdout().flush().expect("whoever waits reads");
    std::future::pending::<()>().await;
}
