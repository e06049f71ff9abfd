//! Help for who owns the machine and cannot sign in.

use super::single_threaded;
use crate::config::Config;
use crate::console;
use crate::data_dir::DataDir;
use crate::exit::{self, Failed};
use crate::membership;
use anyhow::anyhow;
use control::{Control, InstallationKey};
use domain::name::UserName;
use store::Store;

async fn open(config: &Config) -> Result<Control, Failed> {
    let dir = DataDir::open(config)?;
    membership::refuse_joined(&dir)?;
    let key = InstallationKey::load(&dir.key_file()).map_err(exit::config)?;
    let store = Store::open(&dir.database()).await?;
    Ok(Control::start(store, key, config.installation()).await?)
}

/// Works with the console running or not.
pub fn reset_password(config: Config, name: &str) -> Result<(), Failed> {
    let name = UserName::parse(name).map_err(exit::config)?;
    single_threaded()?.block_on(async {
        let control = open(&config).await?;
        match identity::reset_password(control.store(), &name, control.now()).await? {
            Some(password) => {
                println!("The new password of {name} is: {}", password.reveal());
                println!("All sessions of {name} have ended. Sign in and change it.");
                Ok(())
            }
            None => Err(anyhow!("there is no user {name}").into()),
        }
    })
}

pub fn setup_link(config: Config) -> Result<(), Failed> {
    single_threaded()?.block_on(async {
        let control = open(&config).await?;
        match console::setup_link(&control, &config).await? {
            Some(link) => println!("{link}"),
            None => println!("There are users already; an administrator can invite more in the console."),
        }
        Ok(())
    })
}
