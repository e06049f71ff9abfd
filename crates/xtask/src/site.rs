//! The browser's part: wasm, its glue, styles and static files, in the site folder, each also compressed.
//!
//! These are cargo-leptos's steps, for machines where installing it would take longer than everything else.

use crate::compress;
use crate::metadata::Leptos;
use crate::shell::{cargo, command, npm_bin, root, run, target};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use wasm_bindgen_cli_support::Bindgen;

/// Returns the site folder.
pub fn build(leptos: &Leptos) -> Result<PathBuf> {
    let site = site_root(leptos);
    let pkg = site.join(&leptos.site_pkg_dir);
    fs::create_dir_all(&pkg)?;
    let profile = leptos.lib_profile_release.as_str();
    let arguments = [
        "build",
        "--package",
        &leptos.lib_package,
        "--lib",
        "--target",
        "wasm32-unknown-unknown",
        "--profile",
        profile,
    ];
    run(cargo(&arguments))?;
    let compiled = target().join("wasm32-unknown-unknown").join(profile).join(format!("{}.wasm", leptos.lib_package));
    let wasm = pkg.join(format!("{}.wasm", leptos.output_name));
    if newer(&compiled, &wasm) {
        bind(&compiled, leptos, &pkg, &wasm)?;
        optimise(&wasm)?;
        minify(&pkg.join(format!("{}.js", leptos.output_name)))?;
    }
    styles(leptos, &pkg)?;
    copy(&root().join(&leptos.assets_dir), &site)?;
    compress::folder(&site)?;
    Ok(site)
}

/// Beside the other build output, wherever that is.
pub fn site_root(leptos: &Leptos) -> PathBuf {
    let relative = Path::new(&leptos.site_root);
    relative.strip_prefix("target").map_or_else(|_| root().join(relative), |inside| target().join(inside))
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|metadata| metadata.modified()).ok()
}

fn newer(source: &Path, made: &Path) -> bool {
    modified(made).is_none_or(|made| modified(source).is_none_or(|source| source > made))
}

/// As the `wasm-bindgen` command does; as a library it is always the version in Cargo.lock.
fn bind(compiled: &Path, leptos: &Leptos, pkg: &Path, wasm: &Path) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen.input_path(compiled).out_name(&leptos.output_name).typescript(false).web(true)?;
    bindgen.generate(pkg).context("wasm-bindgen")?;
    // The name that cargo-leptos gives it, and that pages ask for.
    fs::rename(pkg.join(format!("{}_bg.wasm", leptos.output_name)), wasm)?;
    Ok(())
}

fn optimise(wasm: &Path) -> Result<()> {
    let path = wasm.to_string_lossy();
    let options = [
        "-Oz",
        "--enable-bulk-memory",
        "--enable-nontrapping-float-to-int",
        "--enable-sign-ext",
        "--enable-mutable-globals",
        "--enable-reference-types",
        "--enable-multivalue",
        &path,
        "-o",
        &path,
    ];
    run(command(npm_bin("wasm-opt"), &options))
}

/// Comments and indentation go; nothing is renamed.
fn minify(js: &Path) -> Result<()> {
    let text = fs::read_to_string(js)?;
    let mut short = String::with_capacity(text.len());
    let mut comment = false;
    for line in text.lines().map(str::trim) {
        comment |= line.starts_with("/*");
        if !comment && !line.is_empty() && !line.starts_with("//") {
            short.push_str(line);
            short.push('\n');
        }
        comment &= !line.ends_with("*/");
    }
    Ok(fs::write(js, short)?)
}

fn styles(leptos: &Leptos, pkg: &Path) -> Result<()> {
    let css = pkg.join(format!("{}.css", leptos.output_name));
    let arguments = ["--input", &leptos.tailwind_input_file, "--output", &css.to_string_lossy(), "--minify"];
    let mut tailwind = command(npm_bin("tailwindcss"), &arguments);
    tailwind.stderr(std::process::Stdio::piped());
    let output = tailwind.output().context("tailwindcss")?;
    anyhow::ensure!(output.status.success(), "tailwindcss: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            fs::create_dir_all(&target)?;
            copy(&entry.path(), &target)?;
        } else if newer(&entry.path(), &target) {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}
