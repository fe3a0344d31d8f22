//! The page, as text and in a real browser.

mod browser;
mod chromium;
mod page;
mod samples;
