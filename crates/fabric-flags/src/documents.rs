//! The table of features as documents: Markdown, `.env`, help text, and JSON Schemas of a run's flags and of a flag file.

use serde_json::{Map, Value, json};

use crate::{Feature, Profile, switch};

/// The features as a Markdown table.
pub fn markdown_table() -> String {
    let mut text = String::from("| variable | default | what it does | on, and off |\n|---|---|---|---|\n");
    for feature in Feature::ALL {
        let (default, summary, effect) = (Feature::DEFAULT, feature.summary(), feature.effect());
        text.push_str(&format!("| `{feature}` | `{default}` | {summary} | {effect} |\n"));
    }
    text
}

/// The features and the profile as a section of an `.env` file, every variable commented out.
pub fn env_section() -> String {
    let mut text = format!(
        "# Feature flags: {}.\n\
         # Command line over environment variable over flag file over profile over default.\n\n\
         # {} turns every feature on; a single flag still overrides it. Known profiles: {}.\n\
         # {}={}\n",
        switch::ACCEPTED,
        Profile::Production,
        Profile::ALL.map(Profile::name).join(", "),
        Profile::VARIABLE,
        Profile::Production,
    );
    for feature in Feature::ALL {
        let (summary, effect) = (feature.summary(), feature.effect());
        text.push_str(&format!("\n# {summary}.\n# {effect}\n# {feature}={}\n", Feature::DEFAULT));
    }
    text
}

/// The features as help for `--flag`, one a line.
pub fn help_text() -> String {
    let width = Feature::ALL.iter().map(|feature| feature.variable().len()).max().unwrap_or_default();
    let mut text = String::from("Flags, each NAME=on|off:\n");
    for feature in Feature::ALL {
        let (summary, default) = (feature.summary(), switch::word(Feature::DEFAULT));
        text.push_str(&format!("  {feature:width$}  {summary} [default: {default}]\n"));
    }
    text
}

/// The JSON Schema (draft 2020-12) of a serialised [`Snapshot`](crate::Snapshot): every feature, and nothing else.
pub fn json_schema() -> Value {
    let property = |feature: Feature| {
        let description = format!("{}. {}", feature.summary(), feature.effect());
        json!({"type": "boolean", "default": Feature::DEFAULT, "description": description})
    };
    let properties: Map<String, Value> =
        Feature::ALL.into_iter().map(|feature| (feature.to_string(), property(feature))).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Feature flags of one run",
        "type": "object",
        "properties": properties,
        "required": Feature::ALL.map(Feature::variable),
        "additionalProperties": false,
    })
}

/// The JSON Schema (draft 2020-12) of a flag file in Microsoft's Feature Management v2 format, for editors: it offers
/// every feature and filter by name. Flags of other programs may stand beside them.
pub fn flag_file_schema() -> Value {
    let feature = |feature: Feature| {
        let description = format!("{}. {}", feature.summary(), feature.effect());
        json!({"const": feature.variable(), "description": description})
    };
    let mut ids: Vec<Value> = Feature::ALL.into_iter().map(feature).collect();
    ids.push(json!({"type": "string", "description": "A flag of another program: it is left alone."}));
    let filter = json!({
        "type": "object",
        "properties": {
            "name": {"enum": ["Microsoft.Targeting", "Microsoft.Percentage", "Microsoft.TimeWindow"]},
            "parameters": {"type": "object"},
        },
        "required": ["name", "parameters"],
    });
    let conditions = json!({
        "type": "object",
        "properties": {
            "requirement_type": {"enum": ["Any", "All"], "default": "Any"},
            "client_filters": {"type": "array", "items": filter},
        },
    });
    let flag = json!({
        "type": "object",
        "properties": {
            "id": {"anyOf": ids},
            "enabled": {"type": "boolean", "default": Feature::DEFAULT},
            "conditions": conditions,
            "variants": {"type": "array", "items": {"type": "object", "required": ["name"]}},
            "allocation": {"type": "object"},
            "telemetry": {"type": "object"},
        },
        "required": ["id"],
    });
    let flags = json!({"type": "array", "items": flag});
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Flag file: Microsoft Feature Management v2",
        "type": "object",
        "properties": {
            "feature_management": {
                "type": "object",
                "properties": {"feature_flags": flags},
                "required": ["feature_flags"],
            },
        },
        "required": ["feature_management"],
    })
}
