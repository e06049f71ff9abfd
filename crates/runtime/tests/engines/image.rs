//! An image with the tests' own program in it, and the libraries that it is linked to.

use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

const PROGRAM: &str = env!("CARGO_BIN_EXE_runtime-testbin");

/// `folder` is made, and becomes the root of the image in `tar`.
pub fn make(folder: &Path, tar: &Path) -> io::Result<()> {
    for name in ["bin", "tmp", "etc"] {
        fs::create_dir_all(folder.join(name))?;
    }
    // With all it has for a debugger it is large.
    fs::copy(PROGRAM, folder.join("bin/runtime-testbin"))?;
    let _ = Command::new("strip").arg(folder.join("bin/runtime-testbin")).status();
    for library in libraries()? {
        let place = folder.join(library.trim_start_matches('/'));
        fs::create_dir_all(place.parent().unwrap_or(folder))?;
        fs::copy(&library, place)?;
    }
    // May be read by whoever the image is run as.
    fs::write(folder.join("etc/passwd"), "root:x:0:0::/:/bin/false\n")?;
    let done = Command::new("tar").arg("-C").arg(folder).arg("-cf").arg(tar).arg(".").status()?;
    if done.success() { Ok(()) } else { Err(io::Error::other("tar failed")) }
}

/// As `ldd` names them: `name => /path (address)`, or `/path (address)` for the loader.
fn libraries() -> io::Result<Vec<String>> {
    let output = Command::new("ldd").arg(PROGRAM).output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(text.split_whitespace().filter(|word| word.starts_with('/')).map(str::to_owned).collect())
}
