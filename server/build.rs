//! Puts the built site into the program, where `INFERENCE_GATEWAY_SITE` names its folder.

use std::fmt::Write;
use std::path::{Path, PathBuf};

fn main() {
    println!("cargo:rerun-if-env-changed=INFERENCE_GATEWAY_SITE");
    let mut files = Vec::new();
    if let Some(site) = std::env::var_os("INFERENCE_GATEWAY_SITE").filter(|site| !site.is_empty()) {
        let site = PathBuf::from(site);
        println!("cargo:rerun-if-changed={}", site.display());
        collect(&site, &site, &mut files);
    }
    files.sort();
    let mut code = String::from("/// Name and contents, sorted by name.\nstatic ASSETS: &[(&str, &[u8])] = &[\n");
    for (name, path) in files {
        let _ = writeln!(code, "    ({name:?}, include_bytes!({path:?})),");
    }
    code.push_str("];\n");
    let out = std::env::var_os("OUT_DIR").map(PathBuf::from).unwrap_or_default().join("assets.rs");
    if let Err(error) = std::fs::write(&out, code) {
        println!("cargo:error={} cannot be written: {error}", out.display());
    }
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<(String, PathBuf)>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(root, &path, files);
        } else if let Ok(name) = path.strip_prefix(root) {
            println!("cargo:rerun-if-changed={}", path.display());
            files.push((name.to_string_lossy().into_owned(), path));
        }
    }
}
