//! Rust source, line by line, with code, comments and string contents kept apart.

/// One line of a source file.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// The code, with string and character contents left out.
    pub(crate) code: String,
    /// What its comments say.
    pub(crate) comment: String,
    /// What its string literals hold.
    pub(crate) strings: String,
    /// Whether it is test code.
    pub(crate) test: bool,
}

#[derive(Clone, Copy)]
enum State {
    Code,
    LineComment,
    /// Block comments nest.
    BlockComment(usize),
    Text {
        /// `None` for a literal in which backslashes escape; else the number of `#` that close it.
        hashes: Option<usize>,
    },
}

/// Takes a file apart. `all_test` marks every line as test code; otherwise `#[cfg(test)]` blocks are found.
pub(crate) fn lex(text: &str, all_test: bool) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut state = State::Code;
    for source in text.lines() {
        let mut line = Line { test: all_test, ..Line::default() };
        state = lex_line(source, state, &mut line);
        lines.push(line);
    }
    if !all_test {
        mark_test_blocks(&mut lines);
    }
    lines
}

fn lex_line(source: &str, mut state: State, line: &mut Line) -> State {
    if let State::LineComment = state {
        state = State::Code;
    }
    let chars: Vec<char> = source.chars().collect();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        let rest = chars.get(at..).unwrap_or_default();
        match state {
            State::Code => {
                let (next, length) = lex_code(rest, line);
                state = next;
                at += length;
                continue;
            }
            State::LineComment => line.comment.push(c),
            State::BlockComment(depth) => {
                if rest.starts_with(&['*', '/']) {
                    state = if depth == 1 { State::Code } else { State::BlockComment(depth - 1) };
                    at += 1;
                } else if rest.starts_with(&['/', '*']) {
                    state = State::BlockComment(depth + 1);
                    at += 1;
                } else {
                    line.comment.push(c);
                }
            }
            State::Text { hashes: None } => match c {
                '\\' => {
                    line.strings.extend(rest.iter().take(2));
                    at += 1;
                }
                '"' => {
                    line.code.push('"');
                    line.strings.push(' ');
                    state = State::Code;
                }
                _ => line.strings.push(c),
            },
            State::Text { hashes: Some(hashes) } => {
                if c == '"' && rest.iter().skip(1).take_while(|c| **c == '#').count() >= hashes {
                    line.code.push('"');
                    line.strings.push(' ');
                    state = State::Code;
                    at += hashes;
                } else {
                    line.strings.push(c);
                }
            }
        }
        at += 1;
    }
    state
}

/// Takes one step in code; answers the next state and how many characters were used.
fn lex_code(rest: &[char], line: &mut Line) -> (State, usize) {
    let Some(&first) = rest.first() else { return (State::Code, 1) };
    if rest.starts_with(&['/', '/']) {
        return (State::LineComment, 2);
    }
    if rest.starts_with(&['/', '*']) {
        return (State::BlockComment(1), 2);
    }
    let in_word = line.code.chars().last().is_some_and(|c| c.is_alphanumeric() || c == '_');
    if first == 'r' && (!in_word || line.code.ends_with('b')) {
        let hashes = rest.iter().skip(1).take_while(|c| **c == '#').count();
        if rest.get(1 + hashes) == Some(&'"') {
            line.code.push('"');
            return (State::Text { hashes: Some(hashes) }, 2 + hashes);
        }
    }
    if first == '\''
        && let Some(length) = character_literal(rest)
    {
        line.code.push_str("' '");
        return (State::Code, length);
    }
    line.code.push(first);
    if first == '"' { (State::Text { hashes: None }, 1) } else { (State::Code, 1) }
}

/// The length of a character literal; `None` for a lifetime.
fn character_literal(rest: &[char]) -> Option<usize> {
    if rest.get(1) == Some(&'\\') {
        let close = rest.iter().skip(3).position(|c| *c == '\'')?;
        return Some(close + 4);
    }
    (rest.get(2) == Some(&'\'')).then_some(3)
}

/// Marks the bodies of items under `#[cfg(test)]`.
fn mark_test_blocks(lines: &mut [Line]) {
    let mut depth = 0_usize;
    let mut waiting = false;
    let mut until: Option<usize> = None;
    for line in lines {
        waiting = waiting
            || (until.is_none() && (line.code.contains("#[cfg(test)]") || line.code.contains("#[cfg(all(test")));
        line.test = waiting || until.is_some();
        let code = std::mem::take(&mut line.code);
        for c in code.chars() {
            match c {
                '{' => {
                    if waiting {
                        until = Some(depth);
                        waiting = false;
                    }
                    depth += 1;
                }
                '}' => {
                    depth = depth.saturating_sub(1);
                    if until == Some(depth) {
                        until = None;
                    }
                }
                ';' => waiting = false,
                _ => {}
            }
        }
        line.code = code;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_comments_and_strings_are_kept_apart() {
        let lines = lex("let a = \"x // \\\" y\"; // a note\n", false);
        assert_eq!(lines[0].code, "let a = \"\"; ");
        assert_eq!(lines[0].comment, " a note");
        assert!(lines[0].strings.contains("x // \\\" y"));
    }

    #[test]
    fn raw_strings_end_where_their_hashes_end() {
        let lines = lex("let a = r#\"one \" two\nthree\"#; let b = 'c';", false);
        assert_eq!(lines[0].strings, "one \" two");
        assert_eq!(lines[1].code, "\"; let b = ' ';");
    }

    #[test]
    fn block_comments_nest_and_lifetimes_are_not_characters() {
        let lines = lex("/* a /* b */ c */ fn f<'a>(x: &'a str) -> char { '\\'' }", false);
        assert_eq!(lines[0].comment, " a  b  c ");
        assert_eq!(lines[0].code, " fn f<'a>(x: &'a str) -> char { ' ' }");
    }

    #[test]
    fn test_blocks_are_found() {
        let text =
            "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\nfn c() {}\n#[cfg(test)]\nmod far;\nfn d() {}\n";
        let test: Vec<bool> = lex(text, false).iter().map(|line| line.test).collect();
        assert_eq!(test, [false, true, true, true, true, false, true, true, false]);
    }
}
