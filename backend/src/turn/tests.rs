//! The server with the crate's own client, over real sockets on loopback.

use super::*;
use miantan_domain::ids::DeviceId;
use miantan_domain::signal::MediaPath;
use miantan_domain::time::WallTime;
use tokio::time::timeout;
use turn::client::{Client, ClientConfig};
use uuid::Uuid;

const SECRET: &[u8] = b"a secret of the organiser";
const PATIENCE: Duration = Duration::from_secs(20);

async fn server() -> (TurnServer, Clock) {
    let clock = Clock::system();
    let settings = TurnSettings {
        listen: "127.0.0.1:0".parse().unwrap(),
        public_ip: "127.0.0.1".parse().unwrap(),
        relay_ports: (40_000, 49_000),
    };
    (TurnServer::start(settings, SECRET.to_vec(), clock.clone()).await.unwrap(), clock)
}

async fn client(server: &TurnServer, username: &str, password: &str) -> Client {
    let address = server.address().to_string();
    let client = Client::new(ClientConfig {
        stun_serv_addr: address.clone(),
        turn_serv_addr: address,
        username: username.to_owned(),
        password: password.to_owned(),
        realm: String::new(),
        software: String::new(),
        rto_in_ms: 0,
        conn: Arc::new(UdpSocket::bind("127.0.0.1:0").await.unwrap()),
        vnet: None,
    })
    .await
    .unwrap();
    client.listen().await.unwrap();
    client
}

fn lins_device() -> DeviceId {
    DeviceId(Uuid::from_u128(1))
}

#[tokio::test]
async fn media_passes_through_an_allocation_made_with_the_plans_credentials() {
    let (server, clock) = server().await;
    let host = host(server.address().ip(), server.address().port());
    let book = IceBook::new(vec![host], SECRET.to_vec(), MediaPath::Relay);
    let ice = book.servers(lins_device(), clock.wall()).remove(0);
    let lin = client(&server, ice.username.as_deref().unwrap(), ice.credential.as_deref().unwrap()).await;
    let relayed = timeout(PATIENCE, lin.allocate()).await.unwrap().expect("allocation");
    let wang = UdpSocket::bind("127.0.0.1:0").await.unwrap();

    // out: the peer sees the relay's address, not the device's
    relayed.send_to(b"from lin", wang.local_addr().unwrap()).await.unwrap();
    let mut buffer = [0; 64];
    let (n, from) = timeout(PATIENCE, wang.recv_from(&mut buffer)).await.unwrap().unwrap();
    assert_eq!(&buffer[..n], b"from lin");
    assert_eq!(from, relayed.local_addr().unwrap());
    assert!((40_000..=49_000).contains(&from.port()));

    // and back
    wang.send_to(b"from wang", from).await.unwrap();
    let (n, _) = timeout(PATIENCE, relayed.recv_from(&mut buffer)).await.unwrap().unwrap();
    assert_eq!(&buffer[..n], b"from wang");
    lin.close().await.unwrap();
    server.stop().await;
}

#[tokio::test]
async fn stun_tells_the_address_without_credentials() {
    let (server, _) = server().await;
    let lin = client(&server, "", "").await;
    let seen = timeout(PATIENCE, lin.send_binding_request()).await.unwrap().unwrap();
    assert!(seen.ip().is_loopback());
    server.stop().await;
}

#[tokio::test]
async fn wrong_expired_or_invented_credentials_allocate_nothing() {
    let (server, clock) = server().await;
    let good = username(lins_device(), clock.wall());
    let expired = username(lins_device(), clock.wall().after(-(TTL_S + 60) * 1_000));
    let endless = format!("{}:{}", i64::MAX, lins_device());
    let cases = [
        (good.clone(), "wrong".to_owned()),
        (good, credential(b"another secret", "x")),
        (expired.clone(), credential(SECRET, &expired)),
        (endless.clone(), credential(SECRET, &endless)),
        ("lin".to_owned(), credential(SECRET, "lin")),
    ];
    for (user, password) in cases {
        let lin = client(&server, &user, &password).await;
        assert!(timeout(PATIENCE, lin.allocate()).await.unwrap().is_err(), "{user}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_stopped_server_gives_its_port_back() {
    let (server, _) = server().await;
    let address = server.address();
    server.stop().await;
    // the crate's read loop lets go of the socket when it is next scheduled
    timeout(PATIENCE, async {
        while UdpSocket::bind(address).await.is_err() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn settings_without_sense_are_refused() {
    for (public_ip, relay_ports) in
        [("0.0.0.0", (50_000, 50_001)), ("127.0.0.1", (50_001, 50_000)), ("127.0.0.1", (80, 90))]
    {
        let settings = TurnSettings {
            listen: "127.0.0.1:0".parse().unwrap(),
            public_ip: public_ip.parse().unwrap(),
            relay_ports,
        };
        assert!(TurnServer::start(settings, SECRET.to_vec(), Clock::manual(WallTime(0))).await.is_err());
    }
}

#[test]
fn only_who_holds_too_many_is_greedy() {
    let owners = std::iter::repeat_n("lin", ALLOCATIONS_PER_USER)
        .chain(std::iter::repeat_n("wang", ALLOCATIONS_PER_USER + 1));
    assert_eq!(greedy(owners), ["wang"]);
}
