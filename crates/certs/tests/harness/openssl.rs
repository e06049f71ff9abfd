//! What only OpenSSL's command line makes: PKCS#12, RSA keys, old forms.

use std::path::Path;
use std::process::{Command, Stdio};

/// Whether it is there; says so if not, and the test ends.
pub fn is_there(test: &str) -> bool {
    let there = Command::new("openssl").arg("version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    if !there {
        println!("{test}: skipped, no openssl (apt-get install openssl)");
    }
    there
}

/// One call in `dir`, its arguments separated by blanks.
pub fn run(dir: &Path, arguments: &str) {
    let output = Command::new("openssl").current_dir(dir).args(arguments.split_whitespace()).output().unwrap();
    assert!(output.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&output.stderr));
}

pub fn file(dir: &Path, name: &str) -> Vec<u8> {
    std::fs::read(dir.join(name)).unwrap()
}
