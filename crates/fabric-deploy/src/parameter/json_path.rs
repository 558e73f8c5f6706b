//! JSONPath expressions: the part of the language that names values to replace.
//!
//! `$`, `.name`, `['name']`, `['a', 'b']`, `[0]`, `[-1]`, `[1:3]`, `[*]`, `.*`, `..name` and filters over arrays such as
//! `[?(@.name == "x" & @.size > 3)]`, with `=~` for regular expressions. What else there is, such as arithmetic, sorting
//! and `where`, is refused, not misread.

use super::layout::{Node, Value};
use crate::python_regex::PythonRegex;

/// A parsed expression.
#[derive(Debug, Clone)]
pub(crate) struct JsonPath {
    steps: Vec<Step>,
}

#[derive(Debug, Clone)]
enum Step {
    Member(String),
    /// Those of these members that there are.
    Members(Vec<String>),
    Index(i64),
    /// From, to and step, as Python counts.
    Slice(Option<i64>, Option<i64>, Option<i64>),
    Every,
    /// The node itself and everything in it.
    Descendants,
    Filter(Vec<Condition>),
}

/// `@.a.b == literal`, or only `@.a.b` for "is there".
#[derive(Debug, Clone)]
struct Condition {
    path: Vec<Step>,
    test: Option<Test>,
}

#[derive(Debug, Clone)]
enum Test {
    Compared(Comparison, Value),
    Matches(PythonRegex),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl JsonPath {
    /// Reads an expression; what is wrong with it otherwise.
    pub(crate) fn parse(expression: &str) -> Result<Self, String> {
        let mut cursor = Cursor { text: expression, at: 0 };
        cursor.blanks();
        if !cursor.take("$") {
            return Err("it does not begin with `$`".to_owned());
        }
        let steps = cursor.steps()?;
        cursor.blanks();
        if cursor.rest().is_empty() { Ok(Self { steps }) } else { Err(cursor.unexpected()) }
    }

    /// Member names that every text with a match must contain.
    pub(crate) fn required_names(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().filter_map(|step| match step {
            Step::Member(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// Every value that the expression names, in the order of the text, each once.
    pub(crate) fn select<'n>(&self, root: &'n Node) -> Vec<&'n Node> {
        let mut selected = follow(&self.steps, root);
        selected.sort_by_key(|node| (node.span.start, std::cmp::Reverse(node.span.end)));
        selected.dedup_by_key(|node| node.span.clone());
        selected
    }
}

fn follow<'n>(steps: &[Step], root: &'n Node) -> Vec<&'n Node> {
    let mut nodes = vec![root];
    for step in steps {
        let mut next = Vec::new();
        for node in nodes {
            match (step, &node.value) {
                (Step::Member(name), Value::Object(_)) => next.extend(node.member(name).map(|member| &member.value)),
                (Step::Members(names), Value::Object(_)) => {
                    next.extend(names.iter().filter_map(|name| Some(&node.member(name)?.value)));
                }
                (Step::Slice(from, to, step), Value::Array(elements)) => {
                    next.extend(sliced(elements.len(), *from, *to, *step).filter_map(|index| elements.get(index)));
                }
                (Step::Index(index), Value::Array(elements)) => {
                    let index = usize::try_from(*index)
                        .ok()
                        .or_else(|| elements.len().checked_sub(usize::try_from(index.unsigned_abs()).ok()?));
                    next.extend(index.and_then(|index| elements.get(index)));
                }
                (Step::Every, Value::Array(elements)) => next.extend(elements),
                (Step::Every, Value::Object(members)) => next.extend(members.iter().map(|member| &member.value)),
                (Step::Descendants, _) => descend(node, &mut next),
                (Step::Filter(conditions), Value::Array(elements)) => {
                    next.extend(elements.iter().filter(|element| conditions.iter().all(|it| it.holds(element))));
                }
                _ => {}
            }
        }
        nodes = next;
    }
    nodes
}

/// The indexes that Python's `[from:to:step]` takes of a list of this length.
fn sliced(length: usize, from: Option<i64>, to: Option<i64>, step: Option<i64>) -> impl Iterator<Item = usize> {
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    let step = step.unwrap_or(1);
    let bound = |index: i64, least: i64, most: i64| {
        let index = if index < 0 { index.saturating_add(length) } else { index };
        index.clamp(least, most)
    };
    let (from, to) = if step < 0 {
        (from.map_or(length - 1, |from| bound(from, -1, length - 1)), to.map_or(-1, |to| bound(to, -1, length - 1)))
    } else {
        (from.map_or(0, |from| bound(from, 0, length)), to.map_or(length, |to| bound(to, 0, length)))
    };
    let indexes = std::iter::successors(Some(from), move |index| index.checked_add(step));
    indexes
        .take_while(move |index| if step < 0 { *index > to } else { *index < to })
        .filter_map(|index| usize::try_from(index).ok())
}

fn descend<'n>(node: &'n Node, into: &mut Vec<&'n Node>) {
    into.push(node);
    match &node.value {
        Value::Array(elements) => elements.iter().for_each(|element| descend(element, into)),
        Value::Object(members) => members.iter().for_each(|member| descend(&member.value, into)),
        _ => {}
    }
}

impl Condition {
    fn holds(&self, element: &Node) -> bool {
        let found = follow(&self.path, element);
        match &self.test {
            None => !found.is_empty(),
            Some(Test::Compared(comparison, literal)) => {
                found.iter().any(|node| comparison.holds(&node.value, literal))
            }
            Some(Test::Matches(regex)) => {
                found.iter().filter_map(|node| node.as_str()).any(|text| regex.is_match(text).unwrap_or_default())
            }
        }
    }
}

impl Comparison {
    fn holds(self, left: &Value, right: &Value) -> bool {
        let ordering = match (left, right) {
            (Value::Number(left), Value::Number(right)) => {
                left.parse::<f64>().ok().zip(right.parse::<f64>().ok()).and_then(|(l, r)| l.partial_cmp(&r))
            }
            (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
            // A whole number is looked for in texts, too: fabric-cicd compares them as numbers.
            (Value::String(left), Value::Number(right)) => {
                left.trim().parse::<i64>().ok().zip(right.parse::<i64>().ok()).map(|(left, right)| left.cmp(&right))
            }
            (Value::Bool(left), Value::Bool(right)) => Some(left.cmp(right)),
            (Value::Null, Value::Null) => Some(std::cmp::Ordering::Equal),
            _ => None,
        };
        match self {
            Self::Equal => ordering.is_some_and(std::cmp::Ordering::is_eq),
            Self::NotEqual => !ordering.is_some_and(std::cmp::Ordering::is_eq),
            Self::Less => ordering.is_some_and(std::cmp::Ordering::is_lt),
            Self::LessOrEqual => ordering.is_some_and(std::cmp::Ordering::is_le),
            Self::Greater => ordering.is_some_and(std::cmp::Ordering::is_gt),
            Self::GreaterOrEqual => ordering.is_some_and(std::cmp::Ordering::is_ge),
        }
    }
}

struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn take(&mut self, what: &str) -> bool {
        let found = self.rest().starts_with(what);
        self.at += if found { what.len() } else { 0 };
        found
    }

    fn take_while(&mut self, allowed: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let length = rest.find(|character| !allowed(character)).unwrap_or(rest.len());
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }

    fn blanks(&mut self) {
        self.take_while(char::is_whitespace);
    }

    fn unexpected(&self) -> String {
        match self.rest().chars().next() {
            Some(character) => {
                format!(
                    "`{character}` at character {} is not understood",
                    self.text.get(..self.at).unwrap_or_default().chars().count() + 1
                )
            }
            None => "it ends too early".to_owned(),
        }
    }

    fn steps(&mut self) -> Result<Vec<Step>, String> {
        let mut steps = Vec::new();
        loop {
            if self.take("..") {
                steps.push(Step::Descendants);
                if !self.rest().starts_with('[') {
                    steps.push(self.name()?);
                }
            } else if self.take(".") {
                if !self.rest().starts_with('[') {
                    steps.push(self.name()?);
                }
            } else if self.take("[") {
                steps.push(self.bracket()?);
            } else {
                return Ok(steps);
            }
        }
    }

    fn name(&mut self) -> Result<Step, String> {
        if self.take("*") {
            return Ok(Step::Every);
        }
        if let Some(name) = self.quoted()? {
            return Ok(Step::Member(name));
        }
        let name = self.take_while(|character| character.is_alphanumeric() || "_-@".contains(character));
        if name.is_empty() { Err(self.unexpected()) } else { Ok(Step::Member(name.to_owned())) }
    }

    fn quoted(&mut self) -> Result<Option<String>, String> {
        let Some(quote) = self.rest().chars().next().filter(|character| "'\"".contains(*character)) else {
            return Ok(None);
        };
        self.at += 1;
        let mut text = String::new();
        let mut characters = self.rest().char_indices();
        while let Some((offset, character)) = characters.next() {
            if character == quote {
                self.at += offset + 1;
                return Ok(Some(text));
            }
            let literal =
                if character == '\\' { characters.next().map(|(_, escaped)| escaped) } else { Some(character) };
            text.extend(literal);
        }
        Err("a quotation mark is not closed".to_owned())
    }

    fn bracket(&mut self) -> Result<Step, String> {
        self.blanks();
        let step = if self.take("*") {
            Step::Every
        } else if self.take("?") {
            Step::Filter(self.conditions()?)
        } else if self.rest().starts_with(|first: char| first == ':' || first == '-' || first.is_ascii_digit()) {
            self.index_or_slice()?
        } else {
            self.members()?
        };
        self.blanks();
        if self.take("]") { Ok(step) } else { Err(self.unexpected()) }
    }

    /// Names with commas between them.
    fn members(&mut self) -> Result<Step, String> {
        let mut names = Vec::new();
        loop {
            self.blanks();
            match self.name()? {
                Step::Member(name) => names.push(name),
                _ => return Err(self.unexpected()),
            }
            self.blanks();
            if !self.take(",") {
                break;
            }
        }
        Ok(if names.len() == 1 { names.pop().map(Step::Member) } else { None }.unwrap_or(Step::Members(names)))
    }

    fn index_or_slice(&mut self) -> Result<Step, String> {
        let mut bounds = Vec::new();
        loop {
            self.blanks();
            let digits = self.take_while(|character| character.is_ascii_digit() || character == '-');
            bounds.push(match digits {
                "" => None,
                digits => Some(digits.parse::<i64>().map_err(|_| self.unexpected())?),
            });
            self.blanks();
            if !self.take(":") {
                break;
            }
        }
        match bounds.as_slice() {
            [Some(index)] => Ok(Step::Index(*index)),
            [from, to] => Ok(Step::Slice(*from, *to, None)),
            [_, _, Some(0)] => Err("a step of 0 goes nowhere".to_owned()),
            [from, to, step] => Ok(Step::Slice(*from, *to, *step)),
            _ => Err(self.unexpected()),
        }
    }

    fn conditions(&mut self) -> Result<Vec<Condition>, String> {
        self.blanks();
        let parenthesis = self.take("(");
        let mut conditions = vec![self.condition()?];
        while self.take("&&") || self.take("&") {
            conditions.push(self.condition()?);
        }
        if parenthesis && !self.take(")") {
            return Err(self.unexpected());
        }
        Ok(conditions)
    }

    fn condition(&mut self) -> Result<Condition, String> {
        self.blanks();
        let path = if self.take("@") {
            self.steps()?
        } else {
            let mut path = vec![self.name()?];
            path.extend(self.steps()?);
            path
        };
        self.blanks();
        let comparison = [
            ("==", Comparison::Equal),
            ("!=", Comparison::NotEqual),
            ("<=", Comparison::LessOrEqual),
            (">=", Comparison::GreaterOrEqual),
            ("<", Comparison::Less),
            (">", Comparison::Greater),
        ];
        let mut test = None;
        if let Some((_, comparison)) = comparison.into_iter().find(|(sign, _)| self.take(sign)) {
            test = Some(Test::Compared(comparison, self.literal()?));
        } else if self.take("=~") {
            test = Some(Test::Matches(self.regex()?));
        } else if self.take("=") {
            test = Some(Test::Compared(Comparison::Equal, self.literal()?));
        }
        self.blanks();
        Ok(Condition { path, test })
    }

    fn regex(&mut self) -> Result<PythonRegex, String> {
        self.blanks();
        let Some(text) = self.quoted()? else { return Err(self.unexpected()) };
        PythonRegex::new(&text, false).map_err(|reason| format!("`{text}` is not a regular expression: {reason}"))
    }

    fn literal(&mut self) -> Result<Value, String> {
        self.blanks();
        if let Some(text) = self.quoted()? {
            return Ok(Value::String(text));
        }
        let word = self.take_while(|character| character.is_ascii_alphanumeric() || "+-.".contains(character));
        match word {
            "true" | "True" => Ok(Value::Bool(true)),
            "false" | "False" => Ok(Value::Bool(false)),
            "null" | "None" => Ok(Value::Null),
            number if number.parse::<f64>().is_ok() => Ok(Value::Number(number.to_owned())),
            _ => Err(self.unexpected()),
        }
    }
}
