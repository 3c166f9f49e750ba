//! Where a link leads inside the app: what it shows is opened here, the screen goes there.

use super::app::App;
use crate::view::LinkWish;

impl App {
    pub async fn lead(&mut self, wish: LinkWish) {
        self.wish = Some(wish);
        match wish {
            LinkWish::Fair(fair) | LinkWish::Register(fair) => self.open_fair(fair).await,
            LinkWish::Stand { fair, employer } => {
                self.open_fair(fair).await;
                self.open_fair_stand(employer).await;
            }
            LinkWish::Position(position) => self.lead_to_position(position).await,
            // The way is through the employer's sign-in; there is nothing to load before it.
            LinkWish::Hall(_) => {}
        }
    }
}
