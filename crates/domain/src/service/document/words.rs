//! Commands between text and words.

/// The shell that runs a script.
pub(in crate::service) const SHELL: [&str; 2] = ["/bin/sh", "-c"];

/// The words as one line that [`crate::service::parse_command`] takes apart again.
pub(in crate::service) fn line(words: &[String]) -> String {
    words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=+./:,@%^~${}".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// One word for a shell, whatever is in it.
pub(in crate::service) fn shell(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// What a shell is told, where these words are nothing else and it is told something.
pub(in crate::service) fn script(words: &[String]) -> Option<&str> {
    match words {
        [shell, flag, script] if [shell.as_str(), flag.as_str()] == SHELL && !script.trim().is_empty() => Some(script),
        _ => None,
    }
}
