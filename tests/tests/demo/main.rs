//! The demo that people run, small: its mishaps, its stopping and starting again, and its pages in a real browser.

mod bridge;
mod browser;
mod continuing;
mod mishaps;
mod running;
