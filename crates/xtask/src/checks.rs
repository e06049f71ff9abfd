//! What can be judged without running anything.

use crate::layers;
use crate::shell::{cargo, command, root, run, step};
use anyhow::{Result, ensure};
use std::fs;
use std::path::PathBuf;

const LONGEST_FILE: usize = 500;
const LONGEST_UI_FILE: usize = 200;
/// Elements whose contents Leptos does not escape on the server; one component each knows how to.
const UNESCAPED: &[(&str, &str)] = &[
    ("<textarea", "ui::TextArea"),
    ("<noscript", "a class no-js-only"),
    ("<Title", "ui::PageTitle"),
    ("<title", "ui::PageTitle"),
];

pub fn all() -> Result<()> {
    step("formatting", || run(cargo(&["fmt", "--all", "--check"])))?;
    step("layers", layers::check)?;
    step("files", files)?;
    // Each crate with the features it has in the program, so that nothing is compiled twice.
    step("lints of the server", || {
        run(cargo(&[
            "clippy",
            "--quiet",
            "--workspace",
            "--exclude",
            "frontend",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ]))
    })?;
    step("lints of the browser's part", || {
        run(cargo(&[
            "clippy",
            "--quiet",
            "--package",
            "frontend",
            "--target",
            "wasm32-unknown-unknown",
            "--",
            "-D",
            "warnings",
        ]))
    })
}

fn tracked() -> Result<Vec<PathBuf>> {
    // A checkout that belongs to another user is still the one to look at; without a list nothing would be checked.
    let arguments = ["-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard"];
    let output = command("git", &arguments).output()?;
    ensure!(output.status.success() && !output.stdout.is_empty(), "git: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout)?;
    Ok(text.lines().map(|line| root().join(line)).filter(|path| path.exists()).collect())
}

fn files() -> Result<()> {
    let mut wrong = Vec::new();
    for path in tracked()? {
        let name = path.strip_prefix(root())?.to_string_lossy().into_owned();
        let is_code = [".rs", ".ts", ".css"].iter().any(|ending| name.ends_with(ending));
        if !is_code {
            continue;
        }
        let text = fs::read_to_string(&path)?;
        let lines = text.lines().count();
        let ui = name.starts_with("crates/ui/src")
            || name.starts_with("app/src/features")
            || name.starts_with("app/src/layout");
        let most = if ui { LONGEST_UI_FILE } else { LONGEST_FILE };
        let table_of_tests = name.contains("/tests/");
        if lines > most && !table_of_tests {
            wrong.push(format!("{name} has {lines} lines; {most} are the most"));
        }
        let own_component =
            ["crates/ui/src/field/area.rs", "crates/ui/src/page_title.rs", "crates/xtask/src/checks.rs"];
        let drawing = name.starts_with("crates/ui/src/icon") || name.contains("examples/") || table_of_tests;
        for (element, instead) in UNESCAPED {
            let used = text.lines().any(|line| !line.trim_start().starts_with("//") && line.contains(element));
            if name.ends_with(".rs")
                && used
                && !drawing
                && !own_component.contains(&name.as_str())
                && name.starts_with("app/")
            {
                wrong.push(format!("{name} uses {element}, which is not escaped on the server; use {instead}"));
            }
        }
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}
