//! What keeps a sign-in, and what refuses to.

use super::double::{Keyring, Mood};
use super::*;

fn kept() -> Kept {
    Kept {
        access: SecretString::from("the-access"),
        refresh: Some(SecretString::from("the-refresh")),
        expires: Some(7),
        place: "https://github.com".to_owned(),
        tenant: String::new(),
        client: "client".to_owned(),
        scope: "repo".to_owned(),
    }
}

#[test]
fn a_file_keeps_each_sign_in_to_its_owner() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokens.json");
    let keeper = Keeper::File(path.clone());
    assert!(keeper.get("github").unwrap().is_none() && !keeper.remove("github").unwrap());
    keeper.put("github", &kept()).unwrap();
    keeper.put("entra", &kept()).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let found = keeper.get("github").unwrap().unwrap();
    assert_eq!((found.access.expose_secret(), found.expires), ("the-access", Some(7)));
    assert!(keeper.remove("github").unwrap());
    assert!(keeper.get("github").unwrap().is_none() && keeper.get("entra").unwrap().is_some());
}

#[cfg(unix)]
#[test]
fn a_file_that_others_may_read_is_refused_and_not_repeated() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokens.json");
    let keeper = Keeper::File(path.clone());
    keeper.put("github", &kept()).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let error = keeper.get("github").err().unwrap().to_string();
    assert!(error.contains("chmod 600") && !error.contains("the-access"), "{error}");
}

#[cfg(unix)]
#[test]
fn a_file_that_others_could_read_is_replaced_by_one_that_they_cannot() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokens.json");
    let keeper = Keeper::File(path.clone());
    // A run that was killed between the two files left this one, and somebody opened it to all.
    let left = path.with_extension("new");
    std::io::Write::write_all(&mut std::fs::File::create(&left).unwrap(), b"half").unwrap();
    std::fs::set_permissions(&left, std::fs::Permissions::from_mode(0o666)).unwrap();
    keeper.put("github", &kept()).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!left.exists());
}

#[test]
fn a_file_that_is_none_of_ours_is_neither_read_nor_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokens.json");
    let keeper = Keeper::File(path.clone());
    keeper.put("github", &kept()).unwrap();
    let mut text = std::fs::read_to_string(&path).unwrap();
    text.truncate(text.len() / 2);
    let written = std::fs::OpenOptions::new().write(true).truncate(true).open(&path).unwrap();
    std::io::Write::write_all(&mut &written, text.as_bytes()).unwrap();
    for error in [keeper.get("github").err(), keeper.put("entra", &kept()).err(), keeper.remove("github").err()] {
        let error = error.unwrap().to_string();
        assert!(error.contains("git login") && !error.contains("the-access"), "{error}");
    }
    let nowhere = Keeper::File(folder.path().join("no/such/folder/tokens.json"));
    assert!(nowhere.get("github").unwrap().is_none());
    assert!(nowhere.put("github", &kept()).is_err());
    assert!(Keeper::File(folder.path().to_owned()).get("github").is_err());
}

#[test]
fn a_keyring_keeps_each_sign_in_until_it_is_taken_out() {
    let keyring = Keyring::new(Mood::Open);
    let keeper = keyring.keeper();
    assert_eq!(keeper.to_string(), "keyring");
    assert!(keeper.get("github").unwrap().is_none() && !keeper.remove("github").unwrap());
    keeper.put("github", &kept()).unwrap();
    keeper.put("entra", &kept()).unwrap();
    assert_eq!(keyring.holds(), ["fabric-cli/entra", "fabric-cli/github"]);
    // Another process has a keeper of its own.
    let found = keyring.keeper().get("github").unwrap().unwrap();
    assert_eq!((found.access.expose_secret(), found.expires), ("the-access", Some(7)));
    assert_eq!(found.refresh.unwrap().expose_secret(), "the-refresh");
    assert!(keeper.remove("github").unwrap());
    assert_eq!(keyring.holds(), ["fabric-cli/entra"]);
}

#[test]
fn a_keyring_that_is_not_there_keeps_nothing_and_says_so() {
    for mood in [Mood::Absent, Mood::Locked, Mood::Forgetful] {
        let keyring = Keyring::new(mood);
        let keeper = keyring.keeper();
        let error = keeper.put("github", &kept()).err().unwrap();
        assert!(matches!(error, KeepError::NoKeyring(_)), "{mood:?}: {error}");
        assert!(!error.to_string().contains("the-access"), "{error}");
        assert!(keeper.get("github").unwrap().is_none(), "{mood:?}");
        assert_eq!(keyring.holds(), [""; 0], "{mood:?}");
    }
}

#[test]
fn nobody_is_told_to_be_signed_out_of_a_keyring_that_cannot_be_opened() {
    let keyring = Keyring::new(Mood::Open);
    keyring.keeper().put("github", &kept()).unwrap();
    for mood in [Mood::Absent, Mood::Locked] {
        keyring.becomes(mood);
        assert!(matches!(keyring.keeper().remove("github"), Err(KeepError::NoKeyring(_))), "{mood:?}");
        assert!(keyring.keeper().get("github").unwrap().is_none(), "{mood:?}");
    }
    keyring.becomes(Mood::Open);
    assert!(keyring.keeper().get("github").unwrap().is_some());
}
