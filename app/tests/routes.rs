//! The list of routes, which the server makes before anybody asks.
#![cfg(feature = "ssr")]

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

static PANICS: AtomicU32 = AtomicU32::new(0);

/// What the rendering leaves to other threads must not read what is gone when they get to it, which is late on a busy
/// machine.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_read_that_is_gone() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        PANICS.fetch_add(1, Ordering::SeqCst);
        report(panic);
    }));
    static DONE: AtomicBool = AtomicBool::new(false);
    for _ in 0..16 {
        std::thread::spawn(|| {
            while !DONE.load(Ordering::Relaxed) {
                std::hint::spin_loop();
            }
        });
    }
    for _ in 0..1000 {
        let routes = leptos_axum::generate_route_list(app::shell::App);
        assert!(routes.iter().any(|route| route.path() == "/gateways"));
    }
    DONE.store(true, Ordering::Relaxed);
    assert_eq!(PANICS.load(Ordering::SeqCst), 0, "panics");
}
