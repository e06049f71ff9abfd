//! Names of images and who may pull them.

use bollard::BollardRequest;
use bollard::auth::DockerCredentials;
use domain::service::RegistryCredentials;
use http::HeaderValue;

const AUTH: &str = "x-registry-auth";

/// With a tag: without one a daemon would pull all there are.
pub fn with_tag(image: &str) -> String {
    let name = image.rsplit('/').next().unwrap_or(image);
    if name.contains([':', '@']) { image.into() } else { format!("{image}:latest") }
}

pub fn credentials(image: &str, credentials: &RegistryCredentials) -> DockerCredentials {
    DockerCredentials {
        username: Some(credentials.user.clone()),
        password: Some(credentials.password.clone()),
        serveraddress: Some(server(image).into()),
        ..DockerCredentials::default()
    }
}

/// As Docker tells a registry from a user's name: by a dot or a port.
fn server(image: &str) -> &str {
    match image.split_once('/') {
        Some((first, _)) if first.contains(['.', ':']) || first == "localhost" => first,
        _ => "https://index.docker.io/v1/",
    }
}

/// Daemons read this header in the alphabet for URLs, the client writes the other one: a password with `?` or `~`
/// would not arrive.
pub fn mend(mut request: BollardRequest) -> BollardRequest {
    if let Some(value) = request.headers().get(AUTH)
        && let Ok(text) = value.to_str()
        && let Ok(mut value) = HeaderValue::from_str(&text.replace('+', "-").replace('/', "_"))
    {
        value.set_sensitive(true);
        request.headers_mut().insert(AUTH, value);
    }
    request
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_tag_is_pulled() {
        for (image, tagged) in [
            ("model", "model:latest"),
            ("registry:5000/team/model", "registry:5000/team/model:latest"),
            ("vllm/vllm-openai:v1", "vllm/vllm-openai:v1"),
            ("model@sha256:00", "model@sha256:00"),
        ] {
            assert_eq!(with_tag(image), tagged);
        }
    }

    #[test]
    fn the_registry_is_the_images() {
        assert_eq!(server("vllm/vllm-openai"), "https://index.docker.io/v1/");
        assert_eq!(server("ghcr.io/a/b:1"), "ghcr.io");
        assert_eq!(server("localhost/b"), "localhost");
    }

    #[test]
    fn credentials_are_sent_in_the_alphabet_that_daemons_read() {
        let request =
            http::Request::get("/").header(AUTH, "a+b/c==").body(bollard::body_full(bytes::Bytes::new())).unwrap();
        let mended = mend(request);
        assert_eq!(mended.headers()[AUTH], "a-b_c==");
        assert!(mended.headers()[AUTH].is_sensitive());
    }
}
