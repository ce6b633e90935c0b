//! How records are written: cells, data and runs, each a JSON text in a row of the ledger.
//!
//! What is as it was at first is left out. A record is written at each of its changes, about nine times a product in
//! all, and most of its fields never leave their first value.

/// Whether a field is as it was at first, and need not be written.
pub(crate) fn is_default<T: Default + PartialEq>(field: &T) -> bool {
    *field == T::default()
}

#[cfg(test)]
mod tests {
    use crate::Cell;
    use jiff::Timestamp;

    #[test]
    fn what_is_as_at_first_is_left_out_and_read_all_the_same() {
        let cell = Cell::new("QPO_ECL".parse().unwrap(), Timestamp::UNIX_EPOCH);
        let short = r#"{"product":"QPO_ECL","rev":0,"state":"not_expected","since":"1970-01-01T00:00:00Z"}"#;
        assert_eq!(serde_json::to_string(&cell).unwrap(), short);
        assert_eq!(serde_json::from_str::<Cell>(short).unwrap(), cell);
        let whole = short.replace(
            '}',
            r#","reason":null,"newest":null,"run_id":null,"generation":0,"absent":false,"forced":false}"#,
        );
        assert_eq!(serde_json::from_str::<Cell>(&whole).unwrap(), cell);
    }
}
