//! The pages people see, and the forms they send.
//!
//! Every rule is in `app`; handlers here turn requests into use cases and their results into the views of the templates.
//! A page that is not for its reader, or whose module is off for their school, does not exist.

mod account;
mod admin;
mod agenda;
mod assignments;
mod children;
mod cuts;
mod dates;
mod deposits;
mod failure;
mod figures;
mod flash;
mod frame;
mod help;
mod home;
mod inbox;
mod look;
mod pieces;
mod podcasts;
mod publications;
mod publishing;
mod qr;
mod query;
mod welcome;

pub(crate) use failure::refused;

use crate::routes::Class::{Asset, Page};
use crate::routes::Method::{Get, Post};
use crate::routes::Need::{Nothing, Person};
use crate::routes::Route;
use actix_web::web;

/// The routes of the pages. The first that matches a path answers it: `/assignments/new` stands before `/assignments/{id}`.
pub(crate) const ROUTES: &[Route] = &[
    Route::new(Get, "/", Page, Person, || web::to(home::show)),
    Route::new(Get, "/sign-in", Page, Nothing, || web::to(welcome::form)),
    Route::new(Post, "/sign-in", Page, Nothing, || web::to(welcome::open)),
    Route::new(Post, "/sign-out", Page, Person, || web::to(welcome::close)),
    Route::new(Post, "/language", Page, Nothing, || web::to(welcome::choose_language)),
    Route::new(Get, "/account", Page, Person, || web::to(account::show)),
    Route::new(Post, "/account/sign-out-everywhere", Page, Person, || web::to(welcome::close_everywhere)),
    Route::new(Get, "/record", Page, Person, || web::to(deposits::record)),
    Route::new(Get, "/deposit", Page, Person, || web::to(deposits::form)),
    Route::new(Get, "/deposits", Page, Person, || web::to(deposits::list)),
    Route::new(Get, "/deposits/{id}", Page, Person, || web::to(deposits::show)),
    Route::new(Post, "/deposits/{id}/retry", Page, Person, || web::to(deposits::retry)),
    Route::new(Post, "/deposits/{id}/cut", Page, Person, || web::to(cuts::cut)),
    Route::new(Post, "/deposits/{id}/cuts/{cut}/cancel", Page, Person, || web::to(cuts::cancel)),
    Route::new(Post, "/deposits/{id}/cancel", Page, Person, || web::to(deposits::cancel)),
    Route::new(Get, "/publish", Page, Person, || web::to(publishing::form)),
    Route::new(Get, "/publications", Page, Person, || web::to(publications::list)),
    Route::new(Post, "/publications", Page, Person, || web::to(publishing::create)),
    Route::new(Get, "/publications/{id}", Page, Person, || web::to(publications::show)),
    Route::new(Get, "/publications/{id}/edit", Page, Person, || web::to(publishing::edit_form)),
    Route::new(Post, "/publications/{id}/edit", Page, Person, || web::to(publishing::edit)),
    Route::new(Post, "/publications/{id}/withdraw", Page, Person, || web::to(publications::withdraw)),
    Route::new(Get, "/podcasts", Page, Person, || web::to(podcasts::list)),
    Route::new(Post, "/podcasts/{feed}/subscribe", Page, Person, || web::to(podcasts::subscribe)),
    Route::new(Get, "/subscriptions/{id}", Page, Person, || web::to(podcasts::show)),
    Route::new(Post, "/subscriptions/{id}/rotate", Page, Person, || web::to(podcasts::rotate)),
    Route::new(Post, "/subscriptions/{id}/revoke", Page, Person, || web::to(podcasts::revoke)),
    Route::new(Get, "/assignments", Page, Person, || web::to(assignments::list)),
    Route::new(Post, "/assignments", Page, Person, || web::to(assignments::create)),
    Route::new(Get, "/assignments/new", Page, Person, || web::to(assignments::form)),
    Route::new(Get, "/assignments/{id}", Page, Person, || web::to(assignments::show)),
    Route::new(Get, "/assignments/{id}/hand-in", Page, Person, || web::to(assignments::hand_in)),
    Route::new(Get, "/inbox", Page, Person, || web::to(inbox::show)),
    Route::new(Get, "/agenda", Page, Person, || web::to(agenda::show)),
    Route::new(Post, "/agenda/address", Page, Person, || web::to(agenda::change_address)),
    Route::new(Get, "/children", Page, Person, || web::to(children::list)),
    Route::new(Get, "/children/{id}", Page, Person, || web::to(children::show)),
    Route::new(Get, "/admin/modules", Page, Person, || web::to(admin::modules)),
    Route::new(Post, "/admin/modules", Page, Person, || web::to(admin::switch)),
    Route::new(Post, "/admin/recipe", Page, Person, || web::to(admin::choose_recipe)),
    Route::new(Get, "/help/{topic}", Page, Nothing, || web::to(help::show)),
    Route::new(Get, "/look/{name}", Asset, Nothing, || web::to(look::show)),
];
