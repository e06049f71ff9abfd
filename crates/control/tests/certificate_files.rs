//! Certificates from files: PKCS#12, and PEM in several.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod house;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use control::{CertificateDraft, ControlError};
use domain::error::{FieldErrors, Invalid};
use domain::secret::Secret;
use house::house;
use std::path::Path;
use std::process::{Command, Stdio};

const RIGHT: &str = "correct-horse-battery-staple";

fn openssl(folder: &Path, words: &str) -> bool {
    let mut command = Command::new("openssl");
    command.args(words.split(' ')).current_dir(folder).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn draft(name: &str, folder: &Path, files: &[&str], password: &str) -> CertificateDraft {
    let file = |name: &&str| Secret::new(STANDARD.encode(std::fs::read(folder.join(name)).unwrap()));
    CertificateDraft {
        name: name.into(),
        chain: "what is pasted is not looked at beside files".into(),
        key: Secret::new(""),
        files: files.iter().map(file).collect(),
        password: Secret::new(password),
    }
}

fn codes(result: Result<impl Sized, ControlError>) -> Vec<(String, String)> {
    let Err(ControlError::Invalid(FieldErrors(errors))) = result.map(drop) else { panic!("accepted") };
    let code = |error: Invalid| match error {
        Invalid::Certificate { defect } => defect.code(),
        other => other.code(),
    };
    errors.into_iter().map(|each| (each.field, code(each.error))).collect()
}

#[tokio::test]
async fn every_file_is_read_or_its_defect_named() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    let name = "-subj /CN=a -addext subjectAltName=DNS:a.example.com -addext basicConstraints=critical,CA:FALSE";
    let new = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 90";
    if !openssl(dir, &format!("{new} -keyout key.pem -out cert.pem {name}")) {
        return println!("skipped: there is no openssl");
    }
    assert!(openssl(dir, &format!("{new} -keyout other.pem -out other-cert.pem {name}")));
    for (out, more) in [("good.pfx", "-inkey key.pem"), ("keyless.pfx", "-nokeys")] {
        assert!(openssl(dir, &format!("pkcs12 -export -in cert.pem -out {out} -passout pass:{RIGHT} {more}")), "{out}");
    }
    std::fs::write(dir.join("garbage.pfx"), [0, 1, 2, 255]).unwrap();
    let whole = std::fs::read(dir.join("good.pfx")).unwrap();
    std::fs::write(dir.join("cut.pfx"), &whole[..whole.len() / 2]).unwrap();

    let house = house().await;
    let (control, who) = (&house.control, &house.principal);
    let upload = async |name: &str, files: &[&str], password: &str| {
        control.upload_certificate(who, draft(name, dir, files, password)).await
    };
    let refused = [
        (&["good.pfx"][..], "wrong", ("password", "password")),
        (&["good.pfx"], "", ("password", "password")),
        (&["keyless.pfx"], RIGHT, ("files", "no_key")),
        (&["garbage.pfx"], "", ("files", "garbage")),
        (&["cut.pfx"], RIGHT, ("files", "pkcs12")),
        (&["good.pfx", "key.pem"], RIGHT, ("files", "pkcs12_alone")),
        (&["cert.pem"], "", ("files", "no_key")),
        (&["cert.pem", "key.pem", "other.pem"], "", ("files", "several_keys")),
        (&["cert.pem", "other.pem"], "", ("files", "key_mismatch")),
    ];
    for (files, password, (field, code)) in refused {
        let found = codes(upload("x", files, password).await);
        assert!(found.contains(&(field.to_owned(), code.to_owned())), "{files:?}: {found:?}");
    }
    // A key that was pasted is what is wrong then.
    let mut pasted = draft("x", dir, &["cert.pem"], "");
    pasted.key = Secret::new(std::fs::read_to_string(dir.join("other.pem")).unwrap());
    assert_eq!(codes(control.upload_certificate(who, pasted).await), [("key".into(), "key_mismatch".into())]);
    let mut nonsense = draft("x", dir, &[], "");
    nonsense.files = vec![Secret::new("not base64!")];
    assert_eq!(codes(control.upload_certificate(who, nonsense).await), [("files".into(), "garbage".into())]);

    let pfx = upload("one", &["good.pfx"], RIGHT).await.expect("reads it");
    let pem = upload("two", &["cert.pem", "key.pem"], "ignored").await.expect("reads them");
    let fingerprint = |id| control.certificate(who, id).expect("is there").facts.expect("facts").fingerprint;
    assert_eq!(fingerprint(&pfx), fingerprint(&pem));
    // In its place, with the same rules.
    let found = codes(control.replace_certificate(who, &pem, 1, draft("two", dir, &["good.pfx"], "wrong")).await);
    assert_eq!(found, [("password".into(), "password".into())]);
    control.replace_certificate(who, &pem, 1, draft("three", dir, &["good.pfx"], RIGHT)).await.expect("replaces");
    assert_eq!(control.certificate(who, &pem).expect("is there").name, "three");

    // Neither file nor password are in what is printed, nor the password in what is stored.
    let printed = format!("{:?}", draft("x", dir, &["good.pfx"], "hunter2"));
    assert!(!printed.contains("hunter2") && !printed.contains("MII"), "{printed}");
    for file in std::fs::read_dir(house.folder.path()).unwrap() {
        let path = file.unwrap().path();
        let bytes = if path.is_file() { std::fs::read(&path).unwrap() } else { Vec::new() };
        assert!(!bytes.windows(RIGHT.len()).any(|each| each == RIGHT.as_bytes()), "{}", path.display());
    }
}
