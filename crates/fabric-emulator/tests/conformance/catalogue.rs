//! The published operations, and which of them a request belongs to.

use serde_json::{Value, json};

/// One operation of Fabric's published documents.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) method: String,
    /// `/v1/workspaces/{workspaceId}/items`
    pub(crate) path: String,
    /// Query parameters that select this variant of the path, `beta=true`.
    pub(crate) fixed_query: String,
    pub(crate) name: String,
    /// The document's folder: `platform`, `notebook`, ….
    pub(crate) area: String,
    pub(crate) body: Value,
    /// Whether it may start an operation that is then polled.
    pub(crate) long_running: bool,
    /// Whether it answers page by page.
    pub(crate) paged: bool,
    /// Status (or `default`) and schema (`null` where the answer has no body).
    responses: Vec<(String, Value)>,
}

impl Operation {
    fn read(value: &Value) -> Self {
        let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
        Self {
            method: text("method"),
            path: text("path"),
            fixed_query: text("fixed_query"),
            name: text("op"),
            area: text("file").split('/').next().unwrap_or_default().to_owned(),
            body: value["body"].clone(),
            long_running: value["lro"] == true,
            paged: value["pageable"].is_object(),
            responses: value["responses"]
                .as_object()
                .into_iter()
                .flatten()
                .map(|(status, response)| (status.clone(), response["schema"].clone()))
                .collect(),
        }
    }

    /// The schema published for `status`; errors fall back to `default`.
    pub(crate) fn response(&self, status: u16) -> Option<&Value> {
        let named = |name: &str| self.responses.iter().find(|(status, _)| status == name).map(|(_, schema)| schema);
        let exact = named(&status.to_string());
        if status >= 400 { exact.or_else(|| named("default")) } else { exact }
    }

    /// The schema of the answer that a long-running call gives in the end.
    pub(crate) fn final_response(&self) -> Option<&Value> {
        [200, 201].into_iter().find_map(|status| self.response(status))
    }

    fn matches(&self, method: &str, segments: &[&str]) -> bool {
        self.method == method
            && self.path.split('/').count() == segments.len()
            && self
                .path
                .split('/')
                .zip(segments)
                .all(|(template, segment)| is_parameter(template) || template.eq_ignore_ascii_case(segment))
    }

    fn literal_segments(&self) -> usize {
        self.path.split('/').filter(|part| !is_parameter(part)).count()
    }
}

pub(crate) fn is_parameter(segment: &str) -> bool {
    segment.starts_with('{')
}

/// The one recorded call that the documents no longer name: they have `jobs/{jobType}/instances`.
fn legacy_job_start() -> Operation {
    let error = json!({"$ref": "#/$defs/common.ErrorResponse"});
    Operation {
        method: "POST".to_owned(),
        path: "/v1/workspaces/{workspaceId}/items/{itemId}/jobs/instances".to_owned(),
        fixed_query: String::new(),
        name: "JobScheduler_RunOnDemandItemJob (legacy)".to_owned(),
        area: "unpublished".to_owned(),
        body: Value::Null,
        long_running: false,
        paged: false,
        responses: vec![("202".to_owned(), Value::Null), ("default".to_owned(), error)],
    }
}

pub(crate) struct Catalogue {
    operations: Vec<Operation>,
}

impl Catalogue {
    pub(crate) fn new(routes: &Value) -> Self {
        let published = routes.as_array().unwrap().iter().map(Operation::read);
        Self { operations: published.chain([legacy_job_start()]).collect() }
    }

    pub(crate) fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The operations that a request may mean: the most literal path that fits, in every variant
    /// that its query does not rule out. Segments match in any case, as they do in Fabric.
    pub(crate) fn find(&self, method: &str, path: &str, query: &str) -> Vec<&Operation> {
        let segments: Vec<&str> = path.split('/').collect();
        let fitting: Vec<&Operation> =
            self.operations.iter().filter(|operation| operation.matches(method, &segments)).collect();
        let most = fitting.iter().map(|operation| operation.literal_segments()).max();
        let closest: Vec<&Operation> =
            fitting.into_iter().filter(|operation| Some(operation.literal_segments()) == most).collect();
        let asked: Vec<&Operation> = closest
            .iter()
            .copied()
            .filter(|operation| {
                !operation.fixed_query.is_empty() && query.split('&').any(|pair| pair == operation.fixed_query)
            })
            .collect();
        if asked.is_empty() { closest } else { asked }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalogue() -> Catalogue {
        let operation = |path: &str, fixed: &str| {
            json!({"method": "GET", "path": path, "fixed_query": fixed, "op": "O", "file": "platform/swagger.json",
                   "responses": {"200": {"schema": {"$ref": "#/$defs/A"}}, "default": {"schema": {"$ref": "#/$defs/E"}}}})
        };
        Catalogue::new(&json!([
            operation("/v1/items/{id}", ""),
            operation("/v1/items/recent", ""),
            operation("/v1/libraries", "beta=true"),
            operation("/v1/libraries", "beta=false"),
        ]))
    }

    fn found(path: &str, query: &str) -> Vec<String> {
        catalogue()
            .find("GET", path, query)
            .iter()
            .map(|operation| format!("{} {}", operation.path, operation.fixed_query))
            .collect()
    }

    #[test]
    fn the_most_literal_path_wins_in_any_case() {
        assert_eq!(found("/v1/ITEMS/Recent", ""), ["/v1/items/recent "]);
        assert_eq!(found("/v1/items/7", ""), ["/v1/items/{id} "]);
        assert!(found("/v1/items", "").is_empty());
    }

    #[test]
    fn the_query_chooses_among_variants() {
        assert_eq!(found("/v1/libraries", "beta=true"), ["/v1/libraries beta=true"]);
        assert_eq!(found("/v1/libraries", "").len(), 2);
    }

    #[test]
    fn only_errors_fall_back_to_the_default_response() {
        let catalogue = catalogue();
        let operation = &catalogue.operations()[0];
        assert_eq!(operation.response(404), Some(&json!({"$ref": "#/$defs/E"})));
        assert_eq!(operation.response(202), None);
        assert_eq!(operation.final_response(), Some(&json!({"$ref": "#/$defs/A"})));
    }
}
