//! What holds for every input: spelling, precedence, roll-outs.

use fabric_flags::{Feature, FlagSet, Source, Sources};
use proptest::prelude::*;
use serde_json::json;

use crate::{document, file, nobody};

const ON: [&str; 4] = ["true", "1", "yes", "on"];
const OFF: [&str; 4] = ["false", "0", "no", "off"];

fn feature() -> impl Strategy<Value = Feature> {
    proptest::sample::select(Feature::ALL.to_vec())
}

/// An accepted word in any case and padding, and what it means.
fn word() -> impl Strategy<Value = (String, bool)> {
    let word = proptest::sample::select([ON, OFF].concat());
    (word, any::<u32>(), "[ \t]{0,3}", "[ \t\r\n]{0,3}").prop_map(|(word, upper, before, after)| {
        let letters = word.chars().enumerate();
        let mixed: String =
            letters.map(|(index, c)| if upper >> index & 1 == 1 { c.to_ascii_uppercase() } else { c }).collect();
        (format!("{before}{mixed}{after}"), ON.contains(&word))
    })
}

proptest! {
    #[test]
    fn every_accepted_spelling_is_read(feature in feature(), (word, on) in word()) {
        let snapshot = FlagSet::resolve(&Sources::new().environment([(feature.variable(), &word)])).unwrap();
        prop_assert_eq!(snapshot.is_on(feature), on);
        let argument = format!("{feature}={word}");
        let snapshot = FlagSet::resolve(&Sources::new().command_line([argument])).unwrap();
        prop_assert_eq!(snapshot.is_on(feature), on);
    }

    #[test]
    fn every_other_spelling_is_an_error_that_names_variable_and_value(feature in feature(), value in any::<String>()) {
        let word = value.trim().to_ascii_lowercase();
        prop_assume!(!ON.contains(&word.as_str()) && !OFF.contains(&word.as_str()));
        let errors = FlagSet::resolve(&Sources::new().environment([(feature.variable(), &value)])).unwrap_err();
        let text = errors.to_string();
        prop_assert!(text.contains(feature.variable()) && text.contains(&value), "{}", text);
        prop_assert_eq!(errors.iter().count(), 1);
    }

    #[test]
    fn the_first_source_that_speaks_wins(
        stated in proptest::array::uniform5(proptest::array::uniform3(proptest::option::of(any::<bool>()))),
        production in any::<bool>(),
    ) {
        let rows = || Feature::ALL.into_iter().zip(stated);
        let arguments = rows().filter_map(|(feature, [value, _, _])| Some(format!("{feature}={}", value?)));
        let variables = rows().filter_map(|(feature, [_, value, _])| Some((feature.variable(), value?.to_string())));
        let flags: Vec<_> = rows()
            .filter_map(|(feature, [_, _, value])| Some(json!({"id": feature.variable(), "enabled": value?})))
            .collect();
        let profile = production.then_some(("FABRIC_PROFILE", "production"));
        let sources = Sources::new()
            .command_line(arguments)
            .environment(variables)
            .environment(profile)
            .file("flags.json", document(json!(flags)), nobody());
        let snapshot = FlagSet::resolve(&sources).unwrap();
        for (row, (feature, [command_line, environment, file])) in snapshot.explain().iter().zip(rows()) {
            let expected = command_line.map(|value| (Source::CommandLine, value))
                .or(environment.map(|value| (Source::Environment, value)))
                .or(file.map(|value| (Source::File, value)))
                .or(production.then_some((Source::Profile, true)))
                .unwrap_or((Source::Default, false));
            prop_assert_eq!(row.feature, feature);
            prop_assert_eq!((row.source, row.value), expected);
            prop_assert_eq!(snapshot.is_on(feature), row.value);
        }
    }

    #[test]
    fn raising_a_percentage_never_turns_a_user_off(
        user in "[a-z]{0,8}", id in "[A-Za-z]{1,8}", lower in 0.0..=100.0, higher in 0.0..=100.0,
    ) {
        let (lower, higher) = if lower <= higher { (lower, higher) } else { (higher, lower) };
        let enabled = |percent: f64| {
            let flags = file(json!([{"id": id, "enabled": true, "conditions": {"client_filters": [
                {"name": "Microsoft.Targeting", "parameters": {"Audience": {"DefaultRolloutPercentage": percent}}}]}}]));
            flags.evaluate(&id, &nobody().user(&user)).enabled
        };
        prop_assert!(!enabled(lower) || enabled(higher));
        prop_assert!(enabled(100.0));
    }

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        let sources = Sources::new().command_line([text.clone()]).file("flags.json", text, nobody());
        prop_assert!(FlagSet::resolve(&sources).is_err());
    }
}

#[test]
fn a_percentage_reaches_about_that_many_users() {
    for percent in [10_u32, 50, 90] {
        let flags = file(json!([{"id": "F", "enabled": true, "conditions": {"client_filters": [
            {"name": "Percentage", "parameters": {"Value": percent}}]}}]));
        let users = 10_000_u32;
        let on = (0..users).filter(|user| flags.evaluate("F", &nobody().user(user.to_string())).enabled).count();
        // Five standard deviations of a fair draw; the hash is fixed, so the outcome is too.
        let (share, on) = (f64::from(percent) / 100.0, f64::from(u32::try_from(on).unwrap()));
        let deviation = (f64::from(users) * share * (1.0 - share)).sqrt();
        assert!((on - f64::from(users) * share).abs() < 5.0 * deviation, "{percent} %: {on} of {users}");
    }
}
