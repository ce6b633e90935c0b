//! One parameter of a pipeline as a field, as far as its JSON schema tells what it takes.

use serde_json::{Number, Value};
use tui_input::Input;

/// A parameter: what the schema says of it, and what is typed. What is left empty is not sent.
#[derive(Debug, Clone)]
pub struct Param {
    /// Its key.
    pub name: String,
    /// What is typed.
    pub line: Input,
    /// What it takes, for a person: `number 0.01 to 60: length of a bin`.
    pub hint: String,
    kind: Kind,
    is_required: bool,
}

/// What a parameter takes.
#[derive(Debug, Clone, PartialEq)]
enum Kind {
    /// Any number, or only whole ones.
    Number {
        is_whole: bool,
        least: Option<f64>,
        most: Option<f64>,
    },
    Boolean,
    Text,
    /// One of these.
    Choice(Vec<Value>),
    /// What the form does not understand is typed as JSON; the pipeline judges it.
    Json,
}

impl Param {
    /// The parameters of a schema; none of one that names none.
    pub fn all(schema: &Value) -> Vec<Self> {
        let required: Vec<&str> = schema["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let properties = schema["properties"].as_object().into_iter().flatten();
        properties
            .map(|(name, schema)| Self::new(name, schema, required.contains(&name.as_str())))
            .collect()
    }

    fn new(name: &str, schema: &Value, is_required: bool) -> Self {
        let kind = Kind::of(schema);
        let usual = match schema.get("default") {
            Some(default) => format!(", usually {default}"),
            None if is_required => ", needed".to_owned(),
            None => String::new(),
        };
        let description = schema["description"].as_str();
        let description = description.map_or_else(String::new, |text| format!(": {text}"));
        Self {
            name: name.to_owned(),
            line: Input::default(),
            hint: format!("{}{usual}{description}", kind.text()),
            kind,
            is_required,
        }
    }

    /// What is sent; nothing if nothing is typed.
    ///
    /// # Errors
    /// What would be right.
    pub fn value(&self) -> Result<Option<Value>, String> {
        let text = self.line.value().trim();
        match text {
            "" if self.is_required => Err(format!("needed: {}", self.kind.text())),
            "" => Ok(None),
            text => self.kind.read(text).map(Some),
        }
    }
}

impl Kind {
    fn of(schema: &Value) -> Self {
        if let Some(choice) = schema["enum"].as_array() {
            return Self::Choice(choice.clone());
        }
        let number = |is_whole| Self::Number {
            is_whole,
            least: schema["minimum"].as_f64(),
            most: schema["maximum"].as_f64(),
        };
        match schema["type"].as_str() {
            Some("number") => number(false),
            Some("integer") => number(true),
            Some("boolean") => Self::Boolean,
            Some("string") => Self::Text,
            Some(_) | None => Self::Json,
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Number {
                is_whole,
                least,
                most,
            } => {
                let kind = if *is_whole { "whole number" } else { "number" };
                match (least, most) {
                    (Some(least), Some(most)) => format!("{kind} {least} to {most}"),
                    (Some(least), None) => format!("{kind} from {least}"),
                    (None, Some(most)) => format!("{kind} up to {most}"),
                    (None, None) => kind.to_owned(),
                }
            }
            Self::Boolean => "true or false".to_owned(),
            Self::Text => "text".to_owned(),
            Self::Choice(choice) => {
                let choice: Vec<String> = choice.iter().map(shown).collect();
                choice.join(" or ")
            }
            Self::Json => "JSON".to_owned(),
        }
    }

    fn read(&self, text: &str) -> Result<Value, String> {
        let wrong = || format!("{text} is not: {}", self.text());
        match self {
            Self::Number {
                is_whole,
                least,
                most,
            } => {
                let number: Number = text.parse().map_err(|_| wrong())?;
                let value = number.as_f64().ok_or_else(wrong)?;
                let is_in = least.is_none_or(|least| value >= least) && most.is_none_or(|most| value <= most);
                let is_right = is_in && (!is_whole || value.fract() == 0.0);
                is_right.then_some(Value::Number(number)).ok_or_else(wrong)
            }
            Self::Boolean => text.parse().map(Value::Bool).map_err(|_| wrong()),
            Self::Text => Ok(Value::String(text.to_owned())),
            Self::Choice(choice) => {
                let chosen = choice.iter().find(|value| shown(value) == text);
                chosen.cloned().ok_or_else(wrong)
            }
            Self::Json => serde_json::from_str(text).map_err(|error| format!("no JSON: {error}")),
        }
    }
}

/// A text as it is typed, anything else as JSON.
fn shown(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(schema: &Value, text: &str) -> Result<Option<Value>, String> {
        let mut param = Param::new("p", schema, false);
        param.line = text.into();
        param.value()
    }

    #[test]
    fn what_is_typed_is_sent_as_the_schema_wants_it() {
        let number = json!({"type": "number", "minimum": 0.5, "maximum": 60});
        assert_eq!(read(&number, " 2 "), Ok(Some(json!(2))));
        assert_eq!(read(&number, ""), Ok(None));
        for wrong in ["0.4", "61", "two", "NaN"] {
            assert_eq!(
                read(&number, wrong),
                Err(format!("{wrong} is not: number 0.5 to 60"))
            );
        }
        let whole = json!({"type": "integer", "minimum": 1});
        assert_eq!(read(&whole, "3"), Ok(Some(json!(3))));
        assert_eq!(
            read(&whole, "3.5"),
            Err("3.5 is not: whole number from 1".to_owned())
        );
        let flag = json!({"type": "boolean"});
        assert_eq!(read(&flag, "true"), Ok(Some(json!(true))));
        assert_eq!(read(&flag, "yes"), Err("yes is not: true or false".to_owned()));
        let choice = json!({"enum": ["soft", "hard", 3]});
        assert_eq!(read(&choice, "3"), Ok(Some(json!(3))));
        assert_eq!(
            read(&choice, "mid"),
            Err("mid is not: soft or hard or 3".to_owned())
        );
        assert_eq!(read(&json!({"type": "string"}), "3"), Ok(Some(json!("3"))));
        assert_eq!(read(&json!({"type": "array"}), "[1]"), Ok(Some(json!([1]))));
        assert!(read(&json!({}), "[1").is_err());
    }

    #[test]
    fn the_schema_says_what_is_needed_and_what_is_usual() {
        let schema = json!({"required": ["a"], "properties": {
            "a": {"type": "number", "description": "the gain"}, "b": {"type": "boolean", "default": false}}});
        let params = Param::all(&schema);
        let hints: Vec<&str> = params.iter().map(|param| &*param.hint).collect();
        assert_eq!(
            hints,
            ["number, needed: the gain", "true or false, usually false"]
        );
        assert_eq!(params[0].value(), Err("needed: number".to_owned()));
        assert_eq!(Param::all(&json!({"type": "object"})).len(), 0);
    }
}
