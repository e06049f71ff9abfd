//! The console process: store, use cases, the link, and the web server in front of the app.

mod assets;
mod billing;
mod debugging;
mod drafts;
mod events;
mod link_authority;
mod local_ca;
mod multipart;
mod otlp;
mod output;
mod peer;
mod preferences;
mod request;
mod router;
mod security;
mod session;
mod tls;

use crate::command::terminated;
use crate::config::{Config, ConsoleTls};
use crate::data_dir::DataDir;
use crate::exit::{self, Failed};
use crate::lock::{self, Role};
use anyhow::{Context, anyhow};
use control::{Control, InstallationKey, hub};
use local_ca::{Certifier, LocalCa};
use std::io::Write;
use std::time::Duration;
use store::Store;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinError;

/// Open pages hold a connection for news; they are told to go, and are not waited for longer than this.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often DNS is asked whether the gateways' public domains lead to them.
const DOMAIN_CHECKS: Duration = Duration::from_secs(60);

/// How often what gateways used is stored.
const METERING: Duration = Duration::from_secs(10);

/// Length of the finest stretch that measurements are kept for.
const MEASURED: Duration = Duration::from_secs(10);

/// How often it is stored when tokens were used last.
const TOKEN_USES: Duration = Duration::from_secs(60);

pub async fn run(config: Config) -> Result<(), Failed> {
    let dir = DataDir::open(&config)?;
    let _lock = lock::take(&dir.run(), Role::Console).map_err(exit::config)?;
    let key = InstallationKey::load(&dir.key_file()).map_err(exit::config)?;
    let store = Store::open(&dir.database()).await?;
    let control = Control::start(store, key.clone(), config.installation()).await?;
    control.open_series(&dir.series()).await?;
    let authority = LocalCa::open(&dir, &key).map_err(exit::config)?;
    let door = match config.link_addr {
        Some(address) => Some((address, link_authority::open(&dir, &key).map_err(exit::config)?)),
        None => None,
    };
    let acceptor = tls::acceptor(&config.console_tls, &authority, config.console_addr.ip()).map_err(exit::config)?;
    let root = authority.root().into();
    let certifier = Certifier { control: control.clone(), dir: dir.clone(), key, config: config.clone(), authority };
    certifier.certify().await?;
    let listener = TcpListener::bind(config.console_addr)
        .await
        .with_context(|| {
            format!("cannot listen on {}; stop what uses it or choose another --console-addr", config.console_addr)
        })
        .map_err(exit::config)?;

    let (stopping, stopped) = watch::channel(false);
    let ended = |mut stopped: watch::Receiver<bool>| async move {
        let _ = stopped.wait_for(|stopped| *stopped).await;
    };
    // Before anything is recorded.
    let exporting = match &config.otlp_endpoint {
        Some(endpoint) => {
            let exporting = otlp::export(control.clone(), endpoint, stopped.clone());
            Some(tokio::spawn(exporting.context("--otlp-endpoint cannot be used").map_err(exit::config)?))
        }
        None => None,
    };
    let link = tokio::spawn({
        let (control, socket, ended) = (control.clone(), dir.link_socket(), ended(stopped.clone()));
        async move { hub::serve(control, &socket, ended).await }
    });
    let remote = tokio::spawn({
        let (control, ended) = (control.clone(), ended(stopped.clone()));
        async move {
            match door {
                Some((address, authority)) => hub::serve_remote(control, address, authority, ended).await,
                None => std::future::pending().await,
            }
        }
    });
    let origin = origin(&config);
    let app = router::router(router::Shared {
        control: control.clone(),
        drafts: Default::default(),
        stopped: stopped.clone(),
        secure: origin.starts_with("https://"),
        encrypted: acceptor.is_some(),
        origin: origin.clone(),
        root,
    });
    let app = app.into_make_service_with_connect_info::<peer::Peer>();
    let serving = match acceptor {
        Some(acceptor) => {
            let listener = tls::TlsListener::new(listener, acceptor);
            tokio::spawn(axum::serve(listener, app).with_graceful_shutdown(ended(stopped)).into_future())
        }
        None => {
            let listener = peer::PlainListener(listener);
            tokio::spawn(axum::serve(listener, app).with_graceful_shutdown(ended(stopped)).into_future())
        }
    };
    welcome(&control, &config, &origin).await?;
    let terminated = terminated()?;
    tokio::pin!(terminated, link, remote);
    // What is done in the background ends here, with whatever it holds: the last measurement must not wait for it.
    tokio::select! {
        () = &mut terminated => {}
        () = certifier.keep_certified() => {}
        () = control.keep_domains_checked(DOMAIN_CHECKS) => {}
        () = control.keep_metered(METERING) => {}
        () = control.keep_token_uses(TOKEN_USES) => {}
        () = control.keep_series(MEASURED) => {}
        () = control.keep_certificates_issued() => {}
        () = control.keep_hosts_watched() => {}
        () = control.keep_services_rolled() => {}
        () = control.keep_scaling() => {}
        ended = &mut link => return Err(over(ended)),
        ended = &mut remote => return Err(over(ended)),
    }
    stopping.send_replace(true);
    let _ = tokio::time::timeout(PATIENCE, serving).await;
    let _ = tokio::time::timeout(PATIENCE, link).await;
    if let Some(exporting) = exporting {
        let _ = tokio::time::timeout(PATIENCE, exporting).await;
    }
    // What engines said until now; they say the rest to the next console.
    if let Err(error) = control.meter().await {
        tracing::error!(%error, "what gateways used last is not stored; engines say it to the next console");
    }
    if let Err(error) = control.note_token_uses().await {
        tracing::error!(%error, "when tokens were used last is not stored");
    }
    if let Err(error) = control.write_series(control.now()).await {
        tracing::error!(%error, "what was measured last is not kept; engines say it to the next console");
    }
    control.close_series().await;
    control.store().close().await;
    Ok(())
}

/// Engines and agents are not served any more.
fn over(ended: Result<Result<(), hub::HubError>, JoinError>) -> Failed {
    match ended {
        Ok(Ok(())) => anyhow!("the link of engines and agents ended").into(),
        Ok(Err(error @ hub::HubError::Link(_))) => exit::config(error),
        Ok(Err(error)) => error.into(),
        Err(error) => error.into(),
    }
}

/// How browsers reach the console.
fn origin(config: &Config) -> String {
    if let Some(url) = &config.console_url {
        return url.clone();
    }
    let scheme = if config.console_tls == ConsoleTls::Off { "http" } else { "https" };
    format!("{scheme}://{}", config.console_addr)
}

/// The one-time link that makes the first administrator; `None` once there are users.
pub async fn setup_link(control: &Control, config: &Config) -> Result<Option<String>, Failed> {
    let token = identity::create_setup_link(control.store(), control.first_workspace(), control.now()).await?;
    Ok(token.map(|token| format!("{}/join/{}", origin(config), token.reveal())))
}

/// What somebody who just started it needs to know.
async fn welcome(control: &Control, config: &Config, origin: &str) -> Result<(), Failed> {
    let mut text = format!("\nThe console is at {origin}\n");
    match setup_link(control, config).await? {
        Some(link) => text.push_str(&format!(
            "\nNobody can sign in yet. Make the first administrator with this link (it works once):\n\n    {link}\n\n\
             Then create a gateway, turn its Access Portal on and deploy a service on it.\n"
        )),
        None => text.push_str("Sign in there. Forgotten the password? inference-gateway user reset-password NAME\n"),
    }
    if config.console_tls == ConsoleTls::LocalCa {
        text.push_str(&format!(
            "Its certificate is signed by {}; let your browser trust that authority.\n",
            local_ca::ROOT
        ));
    }
    // Nobody may be there to read it any more, when the supervisor starts the console again.
    let _ = std::io::stdout().write_all(text.as_bytes());
    Ok(())
}
