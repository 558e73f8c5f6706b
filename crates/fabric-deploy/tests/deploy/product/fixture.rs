//! The original files in a folder of their own, to be changed and loaded.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use fabric_deploy::diagnostic::{Diagnostics, Severity};
use fabric_deploy::product::{self, LoadSource, Product, ProductRequest};
use tempfile::TempDir;

pub(crate) const PRODUCT: &str = include_str!("fixtures/product_config.yaml");
pub(crate) const PROJECT: &str = include_str!("fixtures/project.config.json");
pub(crate) const STANDARDS: &str = include_str!("fixtures/naming_standards.yaml");
pub(crate) const PRINCIPALS: &str = include_str!("fixtures/config/principals/sales_analytics_dev_principals.txt");
pub(crate) const PRINCIPALS_FILE: &str = "config/principals/sales_analytics_dev_principals.txt";

/// A project on disk.
pub(crate) struct Project {
    folder: TempDir,
    pub(crate) variables: BTreeMap<String, String>,
}

impl Project {
    /// The original files, unchanged. The product configuration lies two folders below the project's root.
    pub(crate) fn original() -> Self {
        let mut project = Self { folder: TempDir::new().unwrap(), variables: BTreeMap::new() };
        for (name, value) in [
            ("GITHUB_ORG", "contoso"),
            ("GITHUB_REPO", "fabric"),
            ("DATA_OWNER_EMAIL", "owner@contoso.example"),
            ("TECHNICAL_LEAD_EMAIL", "lead@contoso.example"),
        ] {
            project.variables.insert(name.to_owned(), value.to_owned());
        }
        project.write("project.config.json", PROJECT);
        project.write("naming_standards.yaml", STANDARDS);
        project.write(PRINCIPALS_FILE, PRINCIPALS);
        project.write("scenarios/sales/product_config.yaml", PRODUCT);
        project
    }

    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.root().join("scenarios/sales/product_config.yaml")
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let file = self.root().join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }

    pub(crate) fn remove(&self, path: &str) {
        std::fs::remove_file(self.root().join(path)).unwrap();
    }

    /// Replaces text in a file; it must be there.
    pub(crate) fn replace(&self, path: &str, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.root().join(path)).unwrap();
        assert!(text.contains(from), "{path} does not contain {from}");
        self.write(path, &text.replacen(from, to, 1));
    }

    pub(crate) fn change(&self, from: &str, to: &str) {
        self.replace("scenarios/sales/product_config.yaml", from, to);
    }

    pub(crate) fn load(&self) -> (Option<Product>, Diagnostics) {
        self.load_for(None)
    }

    pub(crate) fn load_for(&self, environment: Option<&str>) -> (Option<Product>, Diagnostics) {
        self.load_with(environment, &|_| panic!("no source is named"))
    }

    pub(crate) fn load_with(
        &self,
        environment: Option<&str>,
        source: &LoadSource<'_>,
    ) -> (Option<Product>, Diagnostics) {
        product::load(&ProductRequest {
            config: self.config(),
            project_config: None,
            environment: environment.map(str::to_owned),
            lookup_env: &|name| self.variables.get(name).cloned(),
            load_source: source,
        })
    }

    /// The product, which must load without errors.
    pub(crate) fn loaded(&self) -> Product {
        let (product, diagnostics) = self.load();
        product.unwrap_or_else(|| panic!("{diagnostics}"))
    }

    /// Loads, and gives `severity code file:line` of every finding.
    pub(crate) fn findings(&self) -> Vec<String> {
        self.findings_for(None)
    }

    pub(crate) fn findings_for(&self, environment: Option<&str>) -> Vec<String> {
        let (product, diagnostics) = self.load_for(environment);
        assert_eq!(product.is_none(), diagnostics.has_errors());
        diagnostics
            .iter()
            .map(|finding| {
                let place = finding.place.as_ref().expect("every finding has a place");
                let file = place.file.file_name().unwrap().to_str().unwrap();
                let line = place.line.map(|line| format!(":{line}")).unwrap_or_default();
                let severity = if finding.severity == Severity::Error { "error" } else { "warning" };
                format!("{severity} {} {file}{line}", finding.code)
            })
            .collect()
    }

    pub(crate) fn errors(&self) -> Vec<String> {
        self.errors_for(None)
    }

    pub(crate) fn errors_for(&self, environment: Option<&str>) -> Vec<String> {
        let findings = self.findings_for(environment);
        findings.into_iter().filter_map(|finding| finding.strip_prefix("error ").map(str::to_owned)).collect()
    }
}
