//! What is pasted does what it says, and nothing else.

use super::*;
use std::process::Command;

fn call<'a>(url: &'a str, token: Option<&'a str>) -> Call<'a> {
    Call { url, service: "sample", token, local_authority: false, openai: false, grpc: false }
}

const HOSTILE: &[&str] = &[
    "'; touch /tmp/x; '",
    "\"; print(1); \"",
    "\\",
    "\\'",
    "$(id)`id`",
    "a\nb\r\u{7f}",
    "${x} %s {0}",
    "推\u{2028}",
    "</script>",
];

#[test]
fn a_shell_reads_one_word() {
    for text in HOSTILE {
        let said =
            Command::new("sh").arg("-c").arg(format!("printf %s {}", quote::shell(text))).output().expect("runs");
        assert_eq!(String::from_utf8_lossy(&said.stdout), *text);
        assert!(said.stderr.is_empty(), "{text:?}: {said:?}");
    }
}

#[test]
fn python_and_json_read_the_same_string() {
    for text in HOSTILE {
        let quoted = quote::string(text);
        assert_eq!(serde_json::from_str::<String>(&quoted).expect("is a string"), *text);
        let script = format!("import sys; sys.stdout.buffer.write({quoted}.encode())");
        let Ok(said) = Command::new("python3").args(["-c", &script]).output() else { continue };
        assert_eq!(String::from_utf8_lossy(&said.stdout), *text, "{said:?}");
    }
}

#[test]
fn what_makes_sense_is_shown() {
    let plain = call("http://127.0.0.1:18100/api/predict/sample", None);
    use Client::{Curl, EasPrediction, Grpc, JavaScript, OpenAi, Python};
    assert_eq!(plain.clients(), [Curl, Python, EasPrediction, JavaScript]);
    let tls = Call { url: "https://models.example.com/api/predict/sample", openai: true, grpc: true, ..plain };
    assert_eq!(tls.clients(), [Curl, Python, JavaScript, OpenAi, Grpc]);
    for client in Client::ALL {
        assert_eq!(Client::of_code(client.code()), Some(client));
    }
}

#[test]
fn as_it_is_pasted() {
    let url = "http://127.0.0.1:18100/api/predict/sample";
    assert_eq!(call(url, None).text(Client::Curl), format!("curl '{url}' -H 'Authorization: <token>'"));
    let trusted = Call { local_authority: true, ..call("https://gw.example/api/predict/sample", Some("secret")) };
    assert_eq!(
        trusted.text(Client::Curl),
        "curl --cacert inference-gateway-ca.pem 'https://gw.example/api/predict/sample' -H 'Authorization: secret'"
    );
    assert!(trusted.text(Client::Python).contains("verify=\"inference-gateway-ca.pem\""));
    assert!(trusted.text(Client::Grpc).contains("\"/api/predict/sample\" + \"/package.Service/Method\""));
    assert!(
        call(url, Some("t")).text(Client::EasPrediction).contains("PredictClient(\"127.0.0.1:18100\", \"sample\")")
    );
    for client in Client::ALL {
        assert!(call(url, None).text(client).contains(PLACEHOLDER), "{client:?}");
        assert!(!call(url, Some("secret")).text(client).contains(PLACEHOLDER), "{client:?}");
    }
}

/// Each is a program that its language takes.
#[test]
fn python_compiles_all_of_it() {
    for token in HOSTILE {
        for local_authority in [false, true] {
            let url = "https://gw.example/api/predict/sample";
            let call = Call { local_authority, openai: true, grpc: true, ..call(url, Some(token)) };
            for client in [Client::Python, Client::EasPrediction, Client::OpenAi, Client::Grpc] {
                let text = call.text(client);
                let script = "import sys; compile(sys.argv[1], 'snippet', 'exec')";
                let Ok(said) = Command::new("python3").args(["-c", script, &text]).output() else { continue };
                assert!(said.status.success(), "{text}\n{}", String::from_utf8_lossy(&said.stderr));
            }
        }
    }
}
