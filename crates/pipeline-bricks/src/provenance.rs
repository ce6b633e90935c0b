//! What goes into a product's provenance, and how much of it can be sent.
//!
//! It travels in the header `X-Provenance`, which the SDB takes up to 8 KiB of ASCII. What does not fit is refused
//! as `provenance-too-large`: at the POST where it can be known there, before anything is made.

use crate::order::Order;
use api::pipeline::ProcessingRequest;
use domain::{InputRef, Provenance};
use serde::Serialize;

/// The stable code of a request or a failure, both permanent, whose provenance cannot be sent.
pub(crate) const TOO_LARGE: &str = "provenance-too-large";

/// The largest header with a provenance, in bytes (protocol section 3.2).
const MAX_HEADER_BYTES: usize = 8 * 1024;

/// The largest `params`, `inputs` and `missing` together, in bytes: what the pipeline adds to them (run, attempt,
/// provider, version of its software) needs less than the rest of the header.
const MAX_GIVEN_BYTES: usize = MAX_HEADER_BYTES - 1024;

/// As many inputs without parameters cannot come near the limit unless they have an `href`.
const FEW_INPUTS: usize = 8;

/// The longest `href` of such an input, in bytes.
const SHORT_HREF_BYTES: usize = 512;

/// Whether what the request gives fits into the provenance of a product.
///
/// # Errors
/// A sentence with the sizes.
pub(crate) fn check_given(request: &ProcessingRequest) -> Result<(), String> {
    let inputs = request.inputs.as_deref().unwrap_or_default();
    let short = |input: &InputRef| {
        input
            .href
            .as_ref()
            .is_none_or(|href| href.len() <= SHORT_HREF_BYTES)
    };
    let few = inputs.len() + request.missing.len() <= FEW_INPUTS;
    if request.params.is_none() && few && inputs.iter().all(short) {
        return Ok(());
    }
    let size = header_bytes(&(&request.params, &request.inputs, &request.missing));
    if size <= MAX_GIVEN_BYTES {
        return Ok(());
    }
    Err(format!(
        "params, inputs and missing take {size} bytes; at most {MAX_GIVEN_BYTES} fit into the provenance of a product"
    ))
}

/// Why the provenance cannot be sent, if so.
pub(crate) fn excess(provenance: &Provenance) -> Option<String> {
    let size = header_bytes(provenance);
    (size > MAX_HEADER_BYTES).then(|| {
        format!("the provenance has {size} bytes as a header; at most {MAX_HEADER_BYTES} can be sent")
    })
}

/// Whether a product of this provenance is what the order asks for. Where the inputs lie makes no difference, and
/// an order without inputs leaves them to the pipeline.
pub(crate) fn is_of(provenance: &Provenance, order: &Order) -> bool {
    let same = |(one, other): (&InputRef, &InputRef)| {
        (&one.product, one.revision, one.version, &one.source)
            == (&other.product, other.revision, other.version, &other.source)
    };
    let same_inputs = order.inputs.as_ref().is_none_or(|wanted| {
        let given = provenance.inputs.as_deref().unwrap_or_default();
        given.len() == wanted.len() && given.iter().zip(wanted).all(same)
    });
    same_inputs && provenance.params == order.params && provenance.missing == order.missing
}

/// The size of something as JSON in a header, where all but ASCII is escaped.
fn header_bytes(value: &impl Serialize) -> usize {
    let json = serde_json::to_string(value).unwrap_or_default();
    let is_sent_plainly = |character: &char| character.is_ascii() && *character != '\x7f';
    let plain = json.chars().filter(is_sent_plainly).count();
    let escaped = json.chars().filter(|character| !is_sent_plainly(character));
    plain + escaped.map(|character| 6 * character.len_utf16()).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Attempt, JsonObject};
    use jiff::Timestamp;
    use serde_json::json;

    fn request(params: Option<JsonObject>, inputs: &serde_json::Value) -> ProcessingRequest {
        let mut request = ProcessingRequest::of("QPO_ECL".parse().unwrap(), 42.try_into().unwrap());
        request.params = params;
        request.inputs = serde_json::from_value(inputs.clone()).unwrap();
        request
    }

    fn text(text: &str, count: usize) -> JsonObject {
        JsonObject::from_iter([("text".to_owned(), text.repeat(count).into())])
    }

    #[test]
    fn what_is_given_is_measured_as_it_will_be_sent() {
        assert!(check_given(&request(Some(text("a", 7000)), &json!([]))).is_ok());
        assert!(check_given(&request(Some(text("a", 7200)), &json!([]))).is_err());
        // Three bytes as UTF-8, six as an escape.
        let error = check_given(&request(Some(text("€", 1200)), &json!([]))).unwrap_err();
        assert!(error.contains("7219"), "{error}");
    }

    #[test]
    fn one_input_with_an_endless_href_is_too_large_too() {
        let inputs = json!([{"product": "A", "href": "x".repeat(9000)}]);
        assert!(check_given(&request(None, &inputs)).is_err());
    }

    #[test]
    fn another_place_is_the_same_input_and_another_revision_is_not() {
        let order = |inputs: &serde_json::Value| {
            Order::new(
                request(None, inputs),
                Timestamp::UNIX_EPOCH,
                "r".parse().unwrap(),
                Attempt::FIRST,
            )
        };
        let provenance = Provenance {
            inputs: serde_json::from_value(json!([{"product": "A", "revision": 3, "href": "http://a/1"}]))
                .unwrap(),
            ..Provenance::default()
        };
        assert!(is_of(
            &provenance,
            &order(&json!([{"product": "A", "revision": 3, "href": "http://b/2"}]))
        ));
        assert!(is_of(&provenance, &order(&json!(null))));
        assert!(!is_of(
            &provenance,
            &order(&json!([{"product": "A", "revision": 4}]))
        ));
        assert!(!is_of(&provenance, &order(&json!([]))));
    }
}
