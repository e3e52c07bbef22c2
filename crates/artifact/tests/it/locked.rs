//! Locked apps: read and written as Spin does.

use artifact::LockedApp;
use serde_json::{Value, json};

use crate::fixture;

/// The smallest locked app, with a field replaced.
fn app(field: &str, value: Value) -> Vec<u8> {
    let mut app = json!({"spin_lock_version": 1, "triggers": [], "components": []});
    app[field] = value;
    app.to_string().into_bytes()
}

fn trigger(config: &Value) -> Value {
    json!([{"id": "t", "trigger_type": "http", "trigger_config": config}])
}

#[test]
fn what_spin_wrote_is_written_again_byte_for_byte() {
    let layout = fixture::layout();
    for name in ["simple", "archive", "old"] {
        let (manifest, _) = layout.manifest(&layout.named(name).unwrap()).unwrap();
        let bytes = fixture::blob(&layout, manifest.locked_app().unwrap()).unwrap();
        let app = LockedApp::parse(&bytes).unwrap();
        assert_eq!(String::from_utf8(app.to_bytes()), String::from_utf8(bytes));
    }
}

#[test]
fn keys_are_sorted_at_every_depth() {
    let bytes = br#"{"spin_lock_version":0,"metadata":{"z":1,"a":{"y":2,"b":3}},"triggers":[],"components":[]}"#;
    let written = LockedApp::parse(bytes).unwrap().to_bytes();
    let sorted = r#"{"spin_lock_version":0,"metadata":{"a":{"b":3,"y":2},"z":1},"triggers":[],"components":[]}"#;
    assert_eq!(String::from_utf8(written).unwrap(), sorted);
}

#[test]
fn what_nobody_must_understand_is_left_out() {
    for (field, value) in [
        ("host_requirements", json!({"time_travel": "optional"})),
        ("must_understand", json!([])),
        ("a_field_of_tomorrow", json!({"x": 1})),
    ] {
        let app = LockedApp::parse(&app(field, value)).unwrap();
        let written = r#"{"spin_lock_version":1,"triggers":[],"components":[]}"#;
        assert_eq!(
            String::from_utf8(app.to_bytes()).unwrap(),
            written,
            "{field}"
        );
    }
}

#[test]
fn what_bart_does_is_understood() {
    for (field, value) in [
        (
            "must_understand",
            json!(["host_requirements", "component_host_requirements"]),
        ),
        (
            "host_requirements",
            json!({"local_service_chaining": "required"}),
        ),
        (
            "triggers",
            trigger(&json!({"route": "/teapot", "static_response": {}})),
        ),
        (
            "triggers",
            json!([{"id": "t", "trigger_type": "redis", "trigger_config": {"component": "x", "executor": 1}}]),
        ),
    ] {
        let bytes = app(field, value.clone());
        let again: Value =
            serde_json::from_slice(&LockedApp::parse(&bytes).unwrap().to_bytes()).unwrap();
        assert_eq!(again[field], value);
    }
}

#[test]
fn what_cannot_be_run_is_refused_with_the_reason() {
    let component = |extra: Value| {
        let mut component = json!({"id": "c", "source": {"content_type": "application/wasm"}});
        component
            .as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        json!([component])
    };
    let twice = json!([component(json!({}))[0], component(json!({}))[0]]);
    for (field, value, reason) in [
        ("spin_lock_version", json!(2), "`spin_lock_version` is 2"),
        ("spin_lock_version", json!(-1), "invalid value"),
        ("must_understand", json!(["x"]), "unknown variant `x`"),
        (
            "host_requirements",
            json!({"a": "required", "b": {}}),
            "needs `a`, `b` of its host",
        ),
        (
            "components",
            component(json!({"host_requirements": {"a": "required"}})),
            "needs `a` of its host",
        ),
        (
            "components",
            component(json!({"files": [{"path": "a", "digest": "sha256:1"}]})),
            "`sha256:1` is not a digest",
        ),
        (
            "components",
            component(json!({"files": [{"path": "a", "inline": "*"}]})),
            "Invalid symbol",
        ),
        ("components", twice, "two components called `c`"),
        (
            "components",
            component(json!({"id": "c\nall is well"})),
            r"control characters: `c\nall is well`",
        ),
        (
            "triggers",
            trigger(&json!({"component": "x"})),
            "calls the component `x`, which the locked app does not have",
        ),
        (
            "triggers",
            trigger(&json!({"executor": {"type": "x"}})),
            "has the executor `x`",
        ),
        (
            "triggers",
            trigger(&json!({"executor": {"type": 7}})),
            "has the executor `7`",
        ),
    ] {
        let error = LockedApp::parse(&app(field, value)).unwrap_err();
        let error = format!("{:#}", anyhow::Error::new(error));
        assert!(error.contains(reason), "{error}");
    }
    let huge = vec![b' '; (64 << 20) + 1];
    let error = LockedApp::parse(&huge).unwrap_err().to_string();
    assert!(error.contains("more than 64 MiB"), "{error}");
}
