//! The values of variables.

use std::collections::BTreeMap;

use engine::app::Variable;
use engine::variables::{Template, VariableError, Variables};

fn declared(variables: &[(&str, Option<&str>)]) -> BTreeMap<String, Variable> {
    let variable = |(name, default): &(&str, Option<&str>)| {
        let default = default.map(str::to_owned);
        (
            (*name).to_owned(),
            Variable {
                description: None,
                default,
                secret: true,
            },
        )
    };
    variables.iter().map(variable).collect()
}

fn environment(values: &[(&str, &str)]) -> BTreeMap<String, String> {
    values
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

#[test]
fn a_value_comes_from_the_environment_before_the_default() {
    let declared = declared(&[("api_host", Some("default.test")), ("other", Some("kept"))]);
    let environment = environment(&[("SPIN_VARIABLE_API_HOST", "set.test"), ("OTHER", "ignored")]);
    let variables = Variables::resolve(&declared, &environment).expect("all have values");
    let values: Vec<_> = variables.iter().collect();
    assert_eq!(values, [("api_host", "set.test"), ("other", "kept")]);
}

#[test]
fn required_variables_without_a_value_are_all_named() {
    let declared = declared(&[("db_password", None), ("given", None), ("token", None)]);
    let environment = environment(&[("SPIN_VARIABLE_GIVEN", "")]);
    let error = Variables::resolve(&declared, &environment).expect_err("two are missing");
    assert_eq!(
        error.to_string(),
        "no value for the required variables `db_password`, `token`"
    );
    let hint = error.hint().expect("what to do");
    assert_eq!(
        hint,
        "set `SPIN_VARIABLE_DB_PASSWORD` and `SPIN_VARIABLE_TOKEN` in the environment"
    );
    let one = VariableError::Required {
        names: vec!["token".to_owned()],
    };
    assert_eq!(
        one.to_string(),
        "no value for the required variable `token`"
    );
}

#[test]
fn templates_take_the_values_of_variables() {
    let declared = declared(&[("a", Some("1")), ("b", Some("{{ a }}"))]);
    let variables = Variables::resolve(&declared, &BTreeMap::new()).expect("all have values");
    let cases = [
        ("", ""),
        ("plain } text {", "plain } text {"),
        ("{{ a }}", "1"),
        ("{{a}}-{{   a   }}.", "1-1."),
        ("{{ b }}", "{{ a }}"),
        (
            "https://{{ a }}.example.test/{{ a }}",
            "https://1.example.test/1",
        ),
    ];
    for (text, expected) in cases {
        let template = Template::parse(text).expect("a good template");
        assert_eq!(variables.expand(&template).as_deref(), Ok(expected));
        assert_eq!(
            template.as_literal().is_some(),
            !text.contains("{{"),
            "{text}"
        );
    }
    let unknown = Template::parse("{{ c }}").expect("a good template");
    assert_eq!(
        variables.expand(&unknown),
        Err(VariableError::Undefined {
            name: "c".to_owned()
        })
    );
    assert!(Template::parse("{{ a }} {{ b").is_err());
}

#[test]
fn debugging_variables_prints_names_only() {
    let declared = declared(&[("token", Some("hunter2"))]);
    let variables = Variables::resolve(&declared, &BTreeMap::new()).expect("all have values");
    let templates = BTreeMap::from([(
        "mine".to_owned(),
        Template::parse("{{ token }}!").expect("a template"),
    )]);
    let component = variables.expand_all(&templates).expect("all have values");
    assert_eq!(component.get("mine"), Some("hunter2!"));
    assert_eq!(
        format!("{variables:?} {component:?}"),
        r#"{"token"} {"mine"}"#
    );
}
