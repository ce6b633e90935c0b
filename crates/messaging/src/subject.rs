//! The subjects of the orchestra as types; nobody writes a subject as text elsewhere.

use domain::{NameError, ServiceName};
use std::fmt;
use std::str::FromStr;

/// The first token of announcements.
const DATA: &str = "data";
/// The first token of activity.
const ACTIVITY: &str = "activity";

/// `data.<source>`: new data is available.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DataSubject(pub ServiceName);

/// `activity.<service>`: the state of services, runs and cells.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ActivitySubject(pub ServiceName);

/// A subject that is not one of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubjectError {
    /// The first token is another, or there is no second.
    #[error("the subject {subject:?} is not {prefix}.NAME")]
    Shape {
        /// The subject as it was received.
        subject: String,
        /// The first token that was expected.
        prefix: &'static str,
    },
    /// What follows the first token is no name.
    #[error("the subject {subject:?} does not end in a name: {error}")]
    Name {
        /// The subject as it was received.
        subject: String,
        /// What is wrong with the name.
        error: NameError,
    },
}

impl SubjectError {
    /// The subject as it was received.
    pub fn subject(&self) -> &str {
        match self {
            Self::Shape { subject, .. } | Self::Name { subject, .. } => subject,
        }
    }
}

impl DataSubject {
    /// Every announcement, those on malformed subjects included, so that they can be refused by name.
    pub const FILTER: &str = "data.>";
}

impl ActivitySubject {
    /// All activity, on malformed subjects too.
    pub const FILTER: &str = "activity.>";
}

impl fmt::Display for DataSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{DATA}.{}", self.0)
    }
}

impl fmt::Display for ActivitySubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{ACTIVITY}.{}", self.0)
    }
}

impl FromStr for DataSubject {
    type Err = SubjectError;

    fn from_str(subject: &str) -> Result<Self, SubjectError> {
        second_token(subject, DATA).map(Self)
    }
}

impl FromStr for ActivitySubject {
    type Err = SubjectError;

    fn from_str(subject: &str) -> Result<Self, SubjectError> {
        second_token(subject, ACTIVITY).map(Self)
    }
}

fn second_token(subject: &str, prefix: &'static str) -> Result<ServiceName, SubjectError> {
    let Some(name) = subject
        .strip_prefix(prefix)
        .and_then(|rest| rest.strip_prefix('.'))
    else {
        return Err(SubjectError::Shape {
            subject: subject.to_owned(),
            prefix,
        });
    };
    name.parse().map_err(|error| SubjectError::Name {
        subject: subject.to_owned(),
        error,
    })
}

/// Whether each subject that the filter `inner` matches is also matched by `outer`.
pub(crate) fn covers(outer: &str, inner: &str) -> bool {
    let mut inner = inner.split('.');
    for token in outer.split('.') {
        match (token, inner.next()) {
            (_, None) | ("*", Some(">")) => return false,
            (">", Some(_)) => return true,
            ("*", Some(_)) => {}
            (token, Some(other)) if token == other => {}
            (_, Some(_)) => return false,
        }
    }
    inner.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_subject_survives_the_wire(name in "[A-Za-z0-9_-]{1,64}") {
            let name: ServiceName = name.parse().unwrap();
            let data = DataSubject(name.clone());
            prop_assert_eq!(data.to_string().parse::<DataSubject>(), Ok(data));
            let activity = ActivitySubject(name);
            prop_assert_eq!(activity.to_string().parse::<ActivitySubject>(), Ok(activity));
        }

        #[test]
        fn what_is_read_is_what_was_written(text in "(data|activity|x)?\\.?[a-zé.*> -]{0,8}") {
            if let Ok(subject) = text.parse::<DataSubject>() {
                prop_assert_eq!(subject.to_string(), text.clone());
            }
            if let Ok(subject) = text.parse::<ActivitySubject>() {
                prop_assert_eq!(subject.to_string(), text);
            }
        }
    }

    #[test]
    fn a_foreign_subject_is_named() {
        let error = "data.a.b".parse::<DataSubject>().unwrap_err();
        assert_eq!(
            error.to_string(),
            r#"the subject "data.a.b" does not end in a name: '.' is not allowed in a name; it takes A-Z a-z 0-9 _ -"#
        );
        let error = "database".parse::<DataSubject>().unwrap_err();
        assert_eq!(
            (error.subject(), error.to_string().as_str()),
            ("database", r#"the subject "database" is not data.NAME"#)
        );
    }

    #[test]
    fn covering_is_about_every_subject() {
        for (outer, inner) in [
            ("data.>", "data.>"),
            (">", "data.>"),
            ("data.*", "data.vhf"),
            ("*.>", "data.>"),
            ("data.>", "data.*"),
        ] {
            assert!(covers(outer, inner), "{outer} covers {inner}");
        }
        for (outer, inner) in [
            ("data.*", "data.>"),
            ("data.vhf", "data.>"),
            ("data.>", "data"),
            ("data", "data.>"),
            ("data.>", ">"),
            ("data.>", "*.vhf"),
        ] {
            assert!(!covers(outer, inner), "{outer} does not cover {inner}");
        }
    }
}
