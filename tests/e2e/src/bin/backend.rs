//! The backend in a process of its own: data folder and address as arguments. Says `listening` and runs
//! until it is killed.

use miantan_backend::config::Config;
use miantan_backend::server;
use std::io::Write;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [data, listen] = arguments.as_slice() else { panic!("data folder and address, please") };
    let mut config =
        Config { data: data.into(), listen: listen.parse().expect("an address"), ..Config::default() };
    config.turn.enabled = false;
    let _server = server::start(config).await.expect("the backend starts");
    println!("listening");
    std::io::stdout().flush().expect("whoever waits reads");
    std::future::pending::<()>().await;
}
