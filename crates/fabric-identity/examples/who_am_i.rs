//! Says which identity the variables of this process give, and signs in as it.

#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "an example is a program of its own")]

use std::error::Error;

use fabric_identity::{Cloud, CredentialChain};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let variables = |name: &str| std::env::var(name).ok();
    let cloud = Cloud::of_variables(variables)?;
    let chain = match CredentialChain::builder(&variables).build() {
        Ok(chain) => chain,
        Err(error) => {
            println!("{error}\nremedy: {}", error.remedy());
            return Ok(());
        }
    };
    println!("{} for {}", chain.method(), cloud.endpoint());
    match chain.token(&[cloud.scope()]).await {
        Ok(token) => println!("signed in until {}", token.expires_on),
        Err(error) => println!("{error}\nremedy: {}", error.remedy()),
    }
    Ok(())
}
