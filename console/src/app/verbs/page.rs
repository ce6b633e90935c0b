//! `g`: a page of its own, over what is open.

use crate::app::{App, View};
use crate::keys::{Page, Place};

pub(super) fn open(app: &mut App, page: Place) {
    match page.page() {
        Some(Page::Product) => {
            super::product::open(app);
            return;
        }
        Some(Page::Report) => app.pages.report.begin(app.now),
        Some(Page::Providers | Page::Runs | Page::Alerts) | None => {}
    }
    if matches!(app.views.last(), Some(View::Page(_) | View::Product(_))) {
        // One page does not lie over another.
        app.views.pop();
    }
    app.views.push(View::Page(page));
}
