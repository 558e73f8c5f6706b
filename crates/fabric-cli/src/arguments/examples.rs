//! The help: every command shows how it is used, and what it shows is right.

use clap::CommandFactory;

use super::Arguments;

/// The words of an example as a shell would see them: without variables before the program, and up to a pipe.
fn words(example: &str) -> Vec<String> {
    let (mut words, mut word, mut quote, mut begun) = (Vec::new(), String::new(), None, false);
    for character in example.chars() {
        match (character, quote) {
            (found, Some(open)) if found == open => quote = None,
            ('"' | '\'', None) => (quote, begun) = (Some(character), true),
            (' ', None) => {
                if begun {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            _ => {
                word.push(character);
                begun = true;
            }
        }
    }
    assert_eq!(quote, None, "{example}");
    words.extend(begun.then_some(word));
    let program = words.iter().position(|word| word == "fabric-cli").expect("the example calls the program");
    assert!(words[..program].iter().all(|word| word.contains('=')), "{example}");
    words.drain(..program);
    let end = words.iter().position(|word| ["|", ">", "<"].contains(&word.as_str()));
    words.truncate(end.unwrap_or(words.len()));
    words
}

/// The examples of a command: what stands below "Example:".
fn examples(help: &str) -> Vec<String> {
    let (_, listed) = help.split_once("Example").unwrap_or_default();
    let joined = listed.replace("\\\n", " ");
    let lines = joined.lines().map(str::trim).take_while(|line| !line.starts_with("Exit codes"));
    lines.filter(|line| line.contains("fabric-cli ")).map(str::to_owned).collect()
}

fn leaves(command: &clap::Command, path: &str, found: &mut Vec<(String, String)>) {
    let path = format!("{path} {}", command.get_name());
    let mut below = command.get_subcommands().filter(|command| command.get_name() != "help").peekable();
    if below.peek().is_none() {
        let help = command.get_after_help().or(command.get_after_long_help());
        found.push((path.trim().to_owned(), help.map(ToString::to_string).unwrap_or_default()));
    }
    below.for_each(|command| leaves(command, &path, found));
}

#[test]
fn every_command_shows_examples_and_each_of_them_is_understood() {
    let mut found = vec![("fabric-cli".to_owned(), super::EXAMPLES.to_owned())];
    leaves(&Arguments::command(), "", &mut found);
    assert!(found.len() > 25, "{}", found.len());
    for (command, help) in found {
        let examples = examples(&help);
        assert!(!examples.is_empty(), "{command} shows no example");
        for example in examples {
            let words = words(&example);
            let parsed = Arguments::command().try_get_matches_from(&words);
            assert!(parsed.is_ok(), "{example}: {}", parsed.unwrap_err());
            let shown = command.split(' ').skip(1).all(|name| words.iter().any(|word| word == name));
            assert!(shown, "{command} shows another command: {example}");
        }
    }
}

#[test]
fn an_example_is_read_as_a_shell_reads_it() {
    assert_eq!(
        words("A=b fabric-cli plan --x \"one two\" 'three' | cat"),
        ["fabric-cli", "plan", "--x", "one two", "three"]
    );
    assert_eq!(examples("Example:\n  fabric-cli a \\\n   b\n  no\n"), ["fabric-cli a     b"]);
}
