//! Calls of a service as they can be pasted into a terminal or a program.

mod quote;
#[cfg(test)]
mod tests;

use quote::{shell, string};

/// What stands where the token is not revealed.
pub const PLACEHOLDER: &str = "<token>";
/// The local authority's certificate, as the console hands it out.
pub const ROOT_FILE: &str = "inference-gateway-ca.pem";

/// What calls the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Client {
    Curl,
    Python,
    /// The model product's own client.
    EasPrediction,
    JavaScript,
    OpenAi,
    Grpc,
}

impl Client {
    pub const ALL: [Client; 6] =
        [Client::Curl, Client::Python, Client::EasPrediction, Client::JavaScript, Client::OpenAi, Client::Grpc];

    /// In addresses.
    pub fn code(self) -> &'static str {
        match self {
            Client::Curl => "curl",
            Client::Python => "python",
            Client::EasPrediction => "eas-prediction",
            Client::JavaScript => "javascript",
            Client::OpenAi => "openai",
            Client::Grpc => "grpc",
        }
    }

    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|client| client.code() == code)
    }

    /// As it calls itself.
    pub fn name(self) -> &'static str {
        match self {
            Client::Curl => "curl",
            Client::Python => "Python (requests)",
            Client::EasPrediction => "Python (eas-prediction)",
            Client::JavaScript => "JavaScript",
            Client::OpenAi => "OpenAI SDK",
            Client::Grpc => "gRPC",
        }
    }
}

/// One call. Whatever is in these texts, it stays text where it is pasted.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// `http://host:port/api/predict/name`.
    pub url: &'a str,
    pub service: &'a str,
    /// `None`: not revealed.
    pub token: Option<&'a str>,
    /// The door shows a certificate of the local authority, which nobody trusts by himself.
    pub local_authority: bool,
    /// It answers as OpenAI's API does.
    pub openai: bool,
    pub grpc: bool,
}

impl Call<'_> {
    /// Those that make sense for this service at this door.
    pub fn clients(&self) -> Vec<Client> {
        let fits = |client: &Client| match client {
            // It speaks HTTP without TLS.
            Client::EasPrediction => self.url.starts_with("http://"),
            Client::OpenAi => self.openai,
            Client::Grpc => self.grpc,
            _ => true,
        };
        Client::ALL.into_iter().filter(fits).collect()
    }

    pub fn text(&self, client: Client) -> String {
        match client {
            Client::Curl => self.curl(),
            Client::Python => self.python(),
            Client::EasPrediction => self.eas_prediction(),
            Client::JavaScript => self.javascript(),
            Client::OpenAi => self.openai(),
            Client::Grpc => self.grpc(),
        }
    }

    fn token(&self) -> &str {
        self.token.unwrap_or(PLACEHOLDER)
    }

    fn address(&self) -> String {
        if self.openai { format!("{}/v1/models", self.url) } else { self.url.to_owned() }
    }

    fn curl(&self) -> String {
        let root = if self.local_authority { format!(" --cacert {ROOT_FILE}") } else { String::new() };
        format!("curl{root} {} -H {}", shell(&self.address()), shell(&format!("Authorization: {}", self.token())))
    }

    fn python(&self) -> String {
        let root = if self.local_authority { format!("    verify={},\n", string(ROOT_FILE)) } else { String::new() };
        format!(
            "import requests\n\nanswer = requests.get(\n    {},\n    headers={{\"Authorization\": {}}},\n    timeout=60,\n{root})\n\
             answer.raise_for_status()\nprint(answer.text)",
            string(&self.address()),
            string(self.token())
        )
    }

    fn eas_prediction(&self) -> String {
        let authority = self.url.trim_start_matches("http://").split('/').next().unwrap_or_default();
        format!(
            "from eas_prediction import PredictClient, StringRequest\n\nclient = PredictClient({}, {})\nclient.set_token({})\n\
             client.init()\nprint(client.predict(StringRequest(\"{{}}\")).to_string())",
            string(authority),
            string(self.service),
            string(self.token())
        )
    }

    fn javascript(&self) -> String {
        let root = if self.local_authority {
            format!("// Node.js: start it with NODE_EXTRA_CA_CERTS={ROOT_FILE}\n")
        } else {
            String::new()
        };
        format!(
            "{root}const answer = await fetch({}, {{\n  headers: {{ Authorization: {} }},\n}});\n\
             if (!answer.ok) throw new Error(`${{answer.status}} ${{await answer.text()}}`);\n\
             console.log(await answer.text());",
            string(&self.address()),
            string(self.token())
        )
    }

    fn openai(&self) -> String {
        let base = string(&format!("{}/v1", self.url));
        let (import, client) = if self.local_authority {
            let root = string(ROOT_FILE);
            ("import httpx\n", format!(",\n    http_client=httpx.Client(verify={root}),\n)"))
        } else {
            ("", ",\n)".to_owned())
        };
        format!(
            "{import}from openai import OpenAI\n\nclient = OpenAI(\n    base_url={base},\n    api_key={}{client}\n\
             model = client.models.list().data[0].id\n\
             for piece in client.chat.completions.create(\n    model=model,\n    messages=[{{\"role\": \"user\", \"content\": \"Hello\"}}],\n    stream=True,\n):\n    \
             if piece.choices:\n        print(piece.choices[0].delta.content or \"\", end=\"\", flush=True)",
            string(self.token())
        )
    }

    /// Clients of gRPC put the method alone into the path, so what leads to the service has to be put before it.
    fn grpc(&self) -> String {
        let (scheme, rest) = self.url.split_once("://").unwrap_or(("http", self.url));
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let channel = match (scheme, self.local_authority) {
            ("https", true) => format!(
                "grpc.secure_channel({}, grpc.ssl_channel_credentials(open({}, \"rb\").read()))",
                string(authority),
                string(ROOT_FILE)
            ),
            ("https", false) => {
                format!("grpc.secure_channel({}, grpc.ssl_channel_credentials())", string(authority))
            }
            _ => format!("grpc.insecure_channel({})", string(authority)),
        };
        format!(
            "import grpc\n\nchannel = {channel}\ncall = channel.unary_unary({} + \"/package.Service/Method\")\n\
             print(call(b\"\", metadata=[(\"authorization\", {})], timeout=60))",
            string(&format!("/{path}")),
            string(self.token())
        )
    }
}
