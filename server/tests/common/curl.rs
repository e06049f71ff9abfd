//! curl, as a client would call it.

use std::process::Command;

pub struct Curl {
    /// 0, or what curl says that went wrong; 7 is "connection refused", 60 "certificate not trusted".
    pub exit: i32,
    pub status: String,
    pub body: String,
}

pub fn curl<S: AsRef<std::ffi::OsStr>>(arguments: &[S]) -> Curl {
    let output = Command::new("curl")
        .args(["-sS", "--max-time", "10", "-w", "\n%{http_code}"])
        .args(arguments)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let (body, status) = text.rsplit_once('\n').unwrap();
    Curl { exit: output.status.code().unwrap(), status: status.into(), body: body.into() }
}
