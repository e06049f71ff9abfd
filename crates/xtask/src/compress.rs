//! Files compressed once, when the site is built, and not at each request.

use anyhow::Result;
use flate2::{Compression, write::GzEncoder};
use std::fs;
use std::io::Write;
use std::path::Path;

/// Writes `.br` and `.gz` beside each file that gains by it, where the compressed one is older.
pub fn folder(folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            self::folder(&path)?;
            continue;
        }
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        if matches!(extension, "wasm" | "js" | "css" | "svg") {
            file(&path)?;
        }
    }
    Ok(())
}

fn file(path: &Path) -> Result<()> {
    let plain = fs::read(path)?;
    let made = fs::metadata(path)?.modified()?;
    let beside = |suffix: &str| {
        path.with_file_name(format!("{}{suffix}", path.file_name().unwrap_or_default().to_string_lossy()))
    };
    let (br, gz) = (beside(".br"), beside(".gz"));
    let current = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified()).is_ok_and(|at| at >= made);
    if current(&br) && current(&gz) {
        return Ok(());
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&plain)?;
    fs::write(gz, encoder.finish()?)?;
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut plain.as_slice(), &mut compressed, &brotli::enc::BrotliEncoderParams::default())?;
    fs::write(br, compressed)?;
    Ok(())
}
