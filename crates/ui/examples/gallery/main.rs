//! Writes a static page per view for looking at: `cargo run -p ui --features ssr --example gallery -- DIRECTORY`.
//! Then compile `style/console.css` to `DIRECTORY/console.css`.

mod detail;
mod kitchen;
mod list;
mod shell;
mod sign_in;
mod wizard;

use leptos::prelude::*;
use std::{fs, io, path::PathBuf};

type Page = fn() -> AnyView;

fn main() -> io::Result<()> {
    let dir = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "/tmp/gallery".into()));
    fs::create_dir_all(&dir)?;
    let pages: [(&str, Page); 6] = [
        ("index", list::page),
        ("detail", detail::page),
        ("wizard", wizard::page),
        ("sign-in", sign_in::page),
        ("empty", list::empty),
        ("kitchen", kitchen::page),
    ];
    for (name, page) in pages {
        let body = Owner::new().with(|| page().to_html());
        for theme in ["light", "dark"] {
            let html = format!(
                "<!doctype html><html lang=\"en\" data-theme=\"{theme}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
                 content=\"width=device-width\"><title>{name}</title><link rel=\"stylesheet\" href=\"console.css\"></head>\
                 <body data-hydrated>{body}</body></html>"
            );
            fs::write(dir.join(format!("{name}-{theme}.html")), html)?;
        }
    }
    Ok(())
}
