//! Checks the texts of all languages against each other and generates the `i18n` module from them.

use leptos_i18n_parser::parse_locales::options::{Config, FileFormat, ParseOptions};
use leptos_i18n_parser::parse_locales::parse_locales;
use std::error::Error;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let options = ParseOptions::new().file_format(FileFormat::Json).interpolate_display(true);
    let config = Config::new("en")?.add_locale("zh-CN")?.parse_options(options);
    let parsed = parse_locales(None, config)?;
    for file in parsed.tracked_files.iter().flatten() {
        println!("cargo:rerun-if-changed={file}");
    }
    // A text that one language lacks or has too much of is an error, not a surprise.
    let module = leptos_i18n_codegen::gen_code(&parsed, None, true, None, false)?;
    let out = PathBuf::from(std::env::var("OUT_DIR")?).join("i18n.rs");
    std::fs::write(out, module.to_string())?;
    Ok(())
}
