//! What the ingestion demands of one item.

use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;

/// What a type's data must have: a text that is not empty.
const TEXTS: &[(&str, &[&str])] = &[
    ("RequestData", &["id", "duration", "responseCode"]),
    ("RemoteDependencyData", &["name", "duration"]),
    ("EventData", &["name"]),
    ("MessageData", &["message"]),
    ("ExceptionData", &[]),
    ("MetricData", &[]),
    ("PageViewData", &["name"]),
    ("AvailabilityData", &["id", "name", "duration"]),
];

/// Why the item is refused.
pub(super) fn fault(item: &Value) -> Option<String> {
    check(item).err()
}

fn missing(field: &str, owner: &str) -> String {
    format!(
        "106: Field '{field}' on type '{owner}' is required but missing or empty. Expected: string, Actual: undefined"
    )
}

fn text<'a>(value: &'a Value, field: &str, owner: &str) -> Result<&'a str, String> {
    value[field].as_str().filter(|text| !text.is_empty()).ok_or_else(|| missing(field, owner))
}

fn check(item: &Value) -> Result<(), String> {
    if !item.is_object() {
        return Err("103: The item is not a JSON object".to_owned());
    }
    text(item, "name", "Envelope")?;
    let time = text(item, "time", "Envelope")?;
    if OffsetDateTime::parse(time, &Rfc3339).is_err() {
        return Err(format!("102: Field 'time' on type 'Envelope' is not a date: {time}"));
    }
    if text(item, "iKey", "Envelope")?.parse::<Uuid>().is_err() {
        return Err("Invalid instrumentation key".to_owned());
    }
    let tags = item["tags"].as_object().into_iter().flatten();
    if let Some((tag, _)) = tags.into_iter().find(|(_, value)| !value.is_string() && !value.is_null()) {
        return Err(format!("101: Tag '{tag}' is not a text"));
    }
    let base_type = text(&item["data"], "baseType", "Data")?;
    let data = &item["data"]["baseData"];
    let Some((_, texts)) = TEXTS.iter().find(|(known, _)| *known == base_type) else {
        return Err(format!("104: The type '{base_type}' is not known"));
    };
    if data["ver"] != 2 {
        return Err(missing("ver", base_type));
    }
    for field in *texts {
        text(data, field, base_type)?;
    }
    if let Some(duration) = data["duration"].as_str().filter(|duration| !is_timespan(duration)) {
        return Err(format!("105: Field 'duration' on type '{base_type}' is not a time span: {duration}"));
    }
    if let Some((name, _)) =
        data["properties"].as_object().into_iter().flatten().find(|(_, value)| !value.is_string() && !value.is_null())
    {
        return Err(format!("101: Property '{name}' is not a text"));
    }
    match base_type {
        "MetricData" => metrics(data),
        "ExceptionData" => exceptions(data),
        "RequestData" if !data["success"].is_boolean() => Err(missing("success", base_type)),
        _ => Ok(()),
    }
}

fn metrics(data: &Value) -> Result<(), String> {
    let points = data["metrics"].as_array().filter(|points| !points.is_empty());
    for point in points.ok_or_else(|| missing("metrics", "MetricData"))? {
        text(point, "name", "DataPoint")?;
        if !point["value"].is_number() {
            return Err(missing("value", "DataPoint"));
        }
    }
    Ok(())
}

fn exceptions(data: &Value) -> Result<(), String> {
    let details = data["exceptions"].as_array().filter(|details| !details.is_empty());
    for detail in details.ok_or_else(|| missing("exceptions", "ExceptionData"))? {
        text(detail, "message", "ExceptionDetails")?;
    }
    Ok(())
}

/// `[d.]hh:mm:ss[.fffffff]`
fn is_timespan(text: &str) -> bool {
    let parts: Vec<_> = text.split(':').collect();
    let [hours, minutes, seconds] = parts.as_slice() else { return false };
    let hours = hours.rsplit_once('.').map_or(*hours, |(_, hours)| hours);
    let below = |text: &str, limit: f64| text.parse::<f64>().is_ok_and(|number| (0.0..limit).contains(&number));
    below(hours, 24.0) && below(minutes, 60.0) && below(seconds, 60.0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event() -> Value {
        json!({
            "name": "Microsoft.ApplicationInsights.Event", "time": "2026-01-01T00:00:00Z",
            "iKey": "11111111-2222-4333-8444-555555555555",
            "data": { "baseType": "EventData", "baseData": { "ver": 2, "name": "E" } },
        })
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(fault(&event()), None);
        let cases = [
            ("/name", json!(""), "'name' on type 'Envelope'"),
            ("/time", json!("yesterday"), "'time'"),
            ("/iKey", json!("key"), "instrumentation key"),
            ("/data/baseType", json!("NoData"), "'NoData'"),
            ("/data/baseData/ver", json!(1), "'ver'"),
            ("/data/baseData/name", json!(null), "'name' on type 'EventData'"),
        ];
        for (place, value, expected) in cases {
            let mut item = event();
            *item.pointer_mut(place).unwrap() = value;
            let found = fault(&item).unwrap();
            assert!(found.contains(expected), "{found}");
        }
        assert!(fault(&json!(null)).is_some());
    }

    #[test]
    fn types_have_demands_of_their_own() {
        let of = |base_type: &str, data: Value| {
            let mut item = event();
            item["data"] = json!({ "baseType": base_type, "baseData": data });
            fault(&item).is_none()
        };
        let request =
            json!({ "ver": 2, "id": "1", "duration": "0.00:00:01.0000000", "responseCode": "0", "success": true });
        assert!(of("RequestData", request.clone()));
        let mut late = request;
        late["duration"] = json!("25:00:00");
        assert!(!of("RequestData", late));
        assert!(of("MetricData", json!({ "ver": 2, "metrics": [{ "name": "m", "value": 1 }] })));
        assert!(!of("MetricData", json!({ "ver": 2, "metrics": [{ "name": "m", "value": "1" }] })));
        assert!(!of("MetricData", json!({ "ver": 2, "metrics": [] })));
        assert!(of("ExceptionData", json!({ "ver": 2, "exceptions": [{ "message": "m" }] })));
        assert!(!of("ExceptionData", json!({ "ver": 2, "exceptions": [{}] })));
        assert!(!of("EventData", json!({ "ver": 2, "name": "E", "properties": { "n": 1 } })));
    }
}
