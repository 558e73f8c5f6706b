//! The query options of a list: those that are implemented, and what Graph says to the others.

use super::filter::Filter;
use super::wording::{bad, missing, unsupported};
use crate::call::Query;
use crate::services::Refused;
use crate::world::entities::PrincipalKind;

/// The entries of a page unless the query says otherwise, and the most it may ask for.
const PAGE: usize = 100;
const LARGEST_PAGE: usize = 999;

/// What a list is asked for.
pub(super) struct Options {
    pub(super) filter: Option<Filter>,
    /// `None`: what the type shows by itself.
    pub(super) select: Option<Vec<String>>,
    pub(super) count: bool,
    pub(super) page: usize,
    pub(super) start: usize,
}

/// Reads the options. `eventual`: the request has the header `ConsistencyLevel: eventual`.
pub(super) fn read(
    query: &Query,
    kind: PrincipalKind,
    eventual: bool,
    page_size: Option<usize>,
) -> Result<Options, Refused> {
    let mut options = Options { filter: None, select: None, count: false, page: page_size.unwrap_or(PAGE), start: 0 };
    for (name, value) in query.pairs() {
        // The dollar sign may be left out.
        match name.trim_start_matches('$').to_ascii_lowercase().as_str() {
            "filter" => options.filter = Some(Filter::parse(value, kind, eventual)?),
            "select" => options.select = Some(value.split(',').map(|name| name.trim().to_owned()).collect()),
            "count" => options.count = value.eq_ignore_ascii_case("true"),
            "top" => {
                let top = value.parse().ok().filter(|top| (1..=LARGEST_PAGE).contains(top));
                let top = top.ok_or_else(|| {
                    bad(format!("Invalid page size specified: '{value}'. Must be between 1 and 999 inclusive."))
                })?;
                options.page = page_size.map_or(top, |most| most.min(top));
            }
            "skiptoken" => {
                options.start = value.parse().map_err(|_| bad("Invalid $skiptoken value found on the query."))?;
            }
            "search" | "orderby" if !eventual => {
                return Err(unsupported(format!(
                    "Request with ${name} query parameter only works through MSGraph with a special request header: \
                     'ConsistencyLevel: eventual'",
                    name = name.trim_start_matches('$')
                )));
            }
            "search" | "orderby" | "expand" | "skip" | "format" => return Err(missing(name)),
            _ => return Err(bad(format!("Unrecognized query argument specified: '{name}'."))),
        }
    }
    if options.count && !eventual {
        return Err(unsupported("$count is not currently supported."));
    }
    Ok(options)
}
