//! Links lead where they say, signed in or not.

use crate::device::*;
use crate::fairs::*;
use crate::hall::*;
use miantan_client::Intent;
use miantan_client::view::*;
use miantan_domain::model::FairCard;
use miantan_domain::wire::ProblemCode;
use miantan_domain::wire::rest::Page;

fn position_open(view: &AppView) -> bool {
    open(view).is_some_and(|o| o.fair == fair_id() && matches!(o.position, Some(Loadable::Ready(_))))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_chooses_the_server_and_leads_on() {
    let hall = Hall::open().await;
    lays_out_a_fair(hall.counter());
    let phone = Phone::new().await;
    let (server, fair) = (&hall.url, fair_id());
    phone.wants(Intent::UseServer(format!("miantan://fair?server={server}&fair={fair}")));
    let view =
        phone.sees("the fair", |view| open(view).is_some_and(|o| matches!(o.page, Loadable::Ready(_)))).await;
    assert_eq!(view.wish, Some(LinkWish::Fair(fair)));
    assert!(matches!(view.server, ServerView::Chosen { .. }));
    phone.wants(Intent::WishSeen);
    phone.sees("seen", |view| view.wish.is_none()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_of_link_opens_what_it_names() {
    let hall = Hall::open().await;
    lays_out_a_fair(hall.counter());
    let phone = Phone::new().await;
    phone.at(&hall).await;
    let (server, fair, stand) = (&hall.url, fair_id(), employer(1));
    for text in [
        format!("miantan://stand?server={server}&fair={fair}&employer={stand}"),
        format!("{server}/fairs/{fair}/employers/{stand}"),
    ] {
        phone.wants(Intent::UseServer(text));
        let view = phone
            .sees("the stand", |view| open(view).is_some_and(|o| matches!(o.stand, Some(Loadable::Ready(_)))))
            .await;
        assert_eq!(view.wish, Some(LinkWish::Stand { fair, employer: stand }));
        phone.wants(Intent::WishSeen);
        phone.wants(Intent::Fair(miantan_client::intent::FairIntent::Close));
        phone.sees("closed", |view| open(view).is_none()).await;
    }
    // its fair is only known from the server
    phone.wants(Intent::UseServer(format!("miantan://position?server={server}&position={}", position_id(1))));
    let view = phone.sees("the position in its fair", position_open).await;
    assert_eq!(view.wish, Some(LinkWish::Position(position_id(1))));
    phone.wants(Intent::UseServer(format!("miantan://hall?server={server}&fair={fair}")));
    phone.sees("the hall", |view| view.wish == Some(LinkWish::Hall(fair))).await;
    phone.wants(Intent::UseServer(format!("miantan://register?server={server}&fair={fair}")));
    phone.sees("registering", |view| view.wish == Some(LinkWish::Register(fair))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_to_the_own_server_leads_on_while_signed_in_and_offline() {
    let hall = Hall::open().await;
    lays_out_a_fair(hall.counter());
    let phone = crate::account::of_account(&hall).await;
    let link = format!("miantan://position?server={}&position={}", hall.url, position_id(1));
    phone.wants(Intent::UseServer(link.clone()));
    phone.sees("the position", position_open).await;
    phone.wants(Intent::Fair(miantan_client::intent::FairIntent::Close));
    hall.counter().gone(true);
    phone.wants(Intent::UseServer(link));
    let view = phone.sees("as at the last visit", position_open).await;
    assert!(matches!(view.who, WhoView::Account(_)));
    // another server takes its place; the account waits where it is
    let other = Hall::open().await;
    lays_out_a_fair(other.counter());
    phone.wants(Intent::UseServer(format!("{}/fairs/{}", other.url, fair_id())));
    let view = phone
        .sees("the other fair", |view| {
            form(view).is_some()
                && open(view).is_some_and(|o| matches!(o.page, Loadable::Ready(_)) && !o.stale)
        })
        .await;
    assert!(view.wish.is_some());
    phone.wants(Intent::UseServer(hall.url.clone()));
    let view = phone.sees("the account again", |view| matches!(view.who, WhoView::Account(_))).await;
    assert!(view.wish.is_none() && open(&view).is_none(), "nothing of the other server");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_to_what_is_gone_says_so() {
    let hall = Hall::open().await;
    hall.counter().says("GET /fairs", &Page::<FairCard> { items: Vec::new(), next: None });
    let phone = Phone::new().await;
    phone.wants(Intent::UseServer(format!("{}/positions/{}", hall.url, position_id(5))));
    let view =
        phone.sees("told", |view| told(view, &NoticeWhat::Refused(ProblemCode::NotFound.into()))).await;
    assert!(view.wish.is_none() && open(&view).is_none());
}
