//! `$filter`: comparisons with `eq`, joined by `or`. What else OData knows is refused.

use super::wording::{bad, missing, unsupported};
use crate::services::Refused;
use crate::world::entities::{Principal, PrincipalKind};

/// Any of these must be met.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Filter(Vec<Comparison>);

#[derive(Debug, PartialEq, Eq)]
struct Comparison {
    property: &'static str,
    value: String,
}

impl Filter {
    pub(super) fn parse(text: &str, kind: PrincipalKind, eventual: bool) -> Result<Self, Refused> {
        let tokens = tokens(text)?;
        let mut comparisons = Vec::new();
        for (index, part) in tokens.split(|token| *token == Token::Word("or".to_owned())).enumerate() {
            match part {
                [Token::Word(property), Token::Word(operator), Token::Text(value)] if operator == "eq" => {
                    let property = comparable(property, kind)?;
                    comparisons.push(Comparison { property, value: value.clone() });
                }
                [] => return Err(bad(format!("Invalid filter clause: nothing stands at position {index}."))),
                _ if !eventual && is_advanced(part) => {
                    return Err(unsupported(
                        "Operator is not supported because the required parameters might be missing. Try adding $count=true query parameter and ConsistencyLevel:eventual header.",
                    ));
                }
                [Token::Word(_), Token::Word(operator), Token::Word(_)] if operator == "eq" => {
                    return Err(bad("Invalid filter clause: the value is not a string in single quotes."));
                }
                _ => return Err(missing("this filter: it knows `property eq 'value'`, joined by `or`")),
            }
        }
        Ok(Self(comparisons))
    }

    pub(super) fn admits(&self, principal: &Principal) -> bool {
        self.0.iter().any(|comparison| {
            value(principal, comparison.property)
                .is_some_and(|held| held.to_lowercase() == comparison.value.to_lowercase())
        })
    }
}

fn value(principal: &Principal, property: &str) -> Option<String> {
    match property {
        "id" => Some(principal.id.to_string()),
        "displayName" => Some(principal.display_name.clone()),
        "mail" => principal.mail.clone(),
        "userPrincipalName" => principal.user_principal_name.clone(),
        "appId" => principal.app_id.map(|id| id.to_string()),
        _ => None,
    }
}

fn comparable(property: &str, kind: PrincipalKind) -> Result<&'static str, Refused> {
    let known: &[&'static str] = match kind {
        PrincipalKind::User => &["id", "displayName", "mail", "userPrincipalName"],
        PrincipalKind::Group => &["id", "displayName", "mail"],
        PrincipalKind::ServicePrincipal => &["id", "displayName", "appId"],
    };
    let found = known.iter().find(|known| **known == property);
    found.copied().ok_or_else(|| {
        unsupported(format!(
            "Unsupported or invalid query filter clause specified for property '{property}' of resource '{kind:?}'."
        ))
    })
}

fn is_advanced(part: &[Token]) -> bool {
    let is_word =
        |wanted: &str| part.iter().any(|token| matches!(token, Token::Word(word) if word.starts_with(wanted)));
    ["ne", "not", "endswith"].into_iter().any(is_word)
}

#[derive(Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Text(String),
}

/// Words, and strings in single quotes, in which a quote is written twice.
fn tokens(text: &str) -> Result<Vec<Token>, Refused> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        if let Some(quoted) = rest.strip_prefix('\'') {
            let (value, behind) = quoted_text(quoted)?;
            tokens.push(Token::Text(value));
            if !behind.is_empty() && !behind.starts_with([' ', ')', ',']) {
                return Err(bad(format!(
                    "Syntax error: character '{}' is not valid behind a string in '{text}'.",
                    behind.chars().next().unwrap_or_default()
                )));
            }
            rest = behind.trim_start();
        } else {
            let end = rest.find([' ', '\'']).unwrap_or(rest.len());
            let (word, behind) = rest.split_at(end);
            tokens.push(Token::Word(word.to_owned()));
            rest = behind.trim_start();
        }
    }
    Ok(tokens)
}

fn quoted_text(quoted: &str) -> Result<(String, &str), Refused> {
    let mut value = String::new();
    let mut rest = quoted;
    loop {
        let Some((before, behind)) = rest.split_once('\'') else {
            return Err(bad(format!(
                "There is an unterminated string literal at position {} in '{quoted}'.",
                quoted.len()
            )));
        };
        value.push_str(before);
        match behind.strip_prefix('\'') {
            Some(behind) => {
                value.push('\'');
                rest = behind;
            }
            None => return Ok((value, behind)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Filter, String> {
        Filter::parse(text, PrincipalKind::User, false).map_err(|refused| refused.code.clone().unwrap())
    }

    #[test]
    fn quotes_within_a_value_are_written_twice() {
        let one = |property, value: &str| Comparison { property, value: value.to_owned() };
        assert_eq!(parse("displayName eq 'O''Hara'"), Ok(Filter(vec![one("displayName", "O'Hara")])));
        assert_eq!(parse("displayName eq ''''"), Ok(Filter(vec![one("displayName", "'")])));
        let both = Filter(vec![one("mail", "a or b"), one("userPrincipalName", "a")]);
        assert_eq!(parse("mail eq 'a or b' or userPrincipalName eq 'a'"), Ok(both));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for wrong in ["displayName eq 'O'Hara'", "displayName eq 'open", "displayName eq open", "", "mail eq 'a' or"] {
            assert_eq!(parse(wrong), Err("BadRequest".to_owned()), "{wrong}");
        }
        for unsupported in ["displayName ne 'a'", "jobTitle eq 'a'", "endswith(mail,'a')"] {
            assert_eq!(parse(unsupported), Err("Request_UnsupportedQuery".to_owned()), "{unsupported}");
        }
        assert_eq!(parse("startswith(mail,'a')"), Err("NotImplemented".to_owned()));
        assert_eq!(parse("mail eq 'a' and mail eq 'b'"), Err("NotImplemented".to_owned()));
    }
}
