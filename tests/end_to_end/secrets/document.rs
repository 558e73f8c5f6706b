//! The commands of `docs/security/KEY_VAULT_SETUP.md`, run in their order as a shell runs them.

use std::fs;
use std::process::Command;

use super::{PASSWORD, Tenant};
use crate::binary::{self, ACTIVE_CAPACITY};

/// The blocks marked `sh`.
fn blocks(document: &str) -> Vec<&str> {
    let marked = document.split("\n```sh\n").skip(1);
    marked.map(|rest| rest.split("\n```").next().unwrap()).collect()
}

#[test]
fn its_commands_lead_from_an_empty_vault_to_a_rotated_secret() {
    let tenant = Tenant::new(None);
    let root = tenant.stage.directory.path();
    fs::write(root.join("password.txt"), "the first password\n").unwrap();
    fs::write(root.join("newer-password.txt"), "the newer password\n").unwrap();
    let folder = binary::binary().parent().unwrap().to_owned();
    let document = fs::read_to_string(binary::repository().join("docs/security/KEY_VAULT_SETUP.md")).unwrap();
    let blocks = blocks(&document);
    assert_eq!(blocks.len(), 6, "{blocks:?}");
    let mut deployed = Vec::new();
    for block in blocks {
        let mut shell = Command::new("/bin/sh");
        shell.current_dir(root).args(["-euc", block]).env_clear();
        let like = tenant.command(&[]);
        shell.envs(like.get_envs().filter_map(|(name, value)| Some((name, value?))));
        shell.env("PATH", format!("{}:/usr/bin:/bin", folder.display())).env("CAPACITY_ID", ACTIVE_CAPACITY);
        binary::run(&mut shell).exits(0);
        if block.contains("deploy") {
            deployed.push(tenant.definitions());
        }
    }
    assert!(deployed[0].contains("pw=the first password;") && !deployed[0].contains(PASSWORD));
    assert!(deployed[1].contains("pw=the newer password;"));
}
