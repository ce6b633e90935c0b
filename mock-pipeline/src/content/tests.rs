use super::*;

/// The page that describes the schemas, with an example of each.
const PRODUCTS: &str = include_str!("../../../docs/products.md");

fn of_facts(product: &str, obs_id: u64, inputs: Option<&[InputRef]>, facts: &Facts) -> Value {
    let recipe = Recipe {
        seed: 0,
        obs_id: &obs_id.try_into().unwrap(),
        product: &product.parse().unwrap(),
        inputs,
        missing: &[],
        params: None,
        facts,
    };
    content(&recipe)
}

fn of(product: &str, obs_id: u64, inputs: Option<&[InputRef]>) -> Value {
    of_facts(product, obs_id, inputs, &Facts::default())
}

fn alert(revision: u32) -> InputRef {
    let json = format!(r#"{{"product":"EclTmVhfAlert","revision":{revision},"href":"http://a/1"}}"#);
    serde_json::from_str(&json).unwrap()
}

#[test]
fn the_same_inputs_give_the_same_bytes_wherever_they_lie() {
    let mut input = alert(2);
    let first = of("QLC_ECL", 42, Some(std::slice::from_ref(&input)));
    input.href = Some("http://b/2".to_owned());
    assert_eq!(
        first.to_string(),
        of("QLC_ECL", 42, Some(std::slice::from_ref(&input))).to_string()
    );
    assert_eq!(first["made_from"][0]["revision"], 2);
    assert_ne!(first, of("QLC_ECL", 43, Some(&[input])));
    assert_ne!(first["data"], of("QLC_ECL", 42, Some(&[alert(3)]))["data"]);
}

/// The place, and how far off it may be, in degrees.
fn place(product: &Value) -> (f64, f64, f64) {
    let number = |name: &str| product["data"][name].as_f64().unwrap();
    (number("ra_deg"), number("dec_deg"), number("error_deg"))
}

#[test]
fn all_positions_of_a_burst_are_near_where_it_was() {
    let facts =
        Facts::read(br#"{"t0":"2026-02-25T03:18:45.1Z","ra_deg":113.498,"dec_deg":32.3892,"snr":92}"#);
    for product in ["TT_ECL", "QPO_ECL", "QPO_GRM", "QPO_MXT", "QPO_VT", "NOTICE_N1E"] {
        let made = of_facts(product, 42, None, &facts);
        let (ra, dec, error) = place(&made);
        let off = ((ra - 113.498) * dec.to_radians().cos()).hypot(dec - 32.3892);
        assert!(off <= 1.6 * error, "{product}: {off} of {error}");
        assert_eq!(made["data"]["time"], "2026-02-25T03:18:45.1Z");
        assert_eq!(
            Facts::read(made.to_string().as_bytes()).place(),
            facts.place(),
            "told on"
        );
    }
    let (one, other) = (of("QPO_ECL", 42, None), of("QPO_MXT", 42, None));
    assert_eq!(
        one["burst"], other["burst"],
        "one burst, also where nobody says where"
    );
    assert_ne!(one["burst"], of("QPO_ECL", 43, None)["burst"]);
}

#[test]
fn a_burst_stands_out_of_its_background() {
    for obs_id in 1..=20 {
        let made = of("QLC_ECL", obs_id, None);
        let band = &made["data"]["bands"][0];
        let counts: Vec<f64> = serde_json::from_value(band["counts"].clone()).unwrap();
        let background = band["background"].as_f64().unwrap();
        let brightest = counts.iter().copied().fold(0.0, f64::max);
        assert!(
            brightest > background + 3.0 * background.sqrt(),
            "{obs_id}: {brightest}"
        );
        let before: f64 = counts[..20].iter().sum::<f64>() / 20.0;
        assert!((before - background).abs() < background, "{obs_id}: {before}");
    }
}

#[test]
fn a_product_is_small() {
    for product in ["QLC_ECL", "QSP_ECLGRM", "QPO_ECL", "QCANDI_VT", "BURST_SUM"] {
        let size = of(product, 42, None).to_string().len();
        assert!(size < 4096, "{product} has {size} bytes");
    }
}

/// Every key there is, and where.
fn keys(value: &Value, at: &str, into: &mut std::collections::BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (key, field) in fields {
                into.insert(format!("{at}.{key}"));
                keys(field, &format!("{at}.{key}"), into);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| keys(item, at, into)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn the_page_of_schemas_shows_what_is_made() {
    let examples: Vec<Value> = PRODUCTS
        .split("```json\n")
        .skip(1)
        .map(|rest| serde_json::from_str(rest.split("```").next().unwrap()).unwrap())
        .collect();
    for product in ["QLC_ECL", "QSP_ECLGRM", "QSP_MXT", "QPO_ECL", "QCANDI_VT"] {
        let made = of(product, 42, None);
        let model = &made["data"]["fit"]["model"];
        let example = examples
            .iter()
            .find(|example| example["schema"] == made["schema"] && example["data"]["fit"]["model"] == *model)
            .unwrap_or_else(|| panic!("docs/products.md has no example like {product}"));
        let (mut shown, mut is) = (
            std::collections::BTreeSet::new(),
            std::collections::BTreeSet::new(),
        );
        keys(&example["data"], "data", &mut shown);
        keys(&made["data"], "data", &mut is);
        assert_eq!(shown, is, "{product}");
    }
}

#[test]
fn a_light_curve_has_the_bins_that_somebody_wants_if_its_schema_allows_them() {
    let bin = |params: &str| {
        let params: JsonObject = serde_json::from_str(params).unwrap();
        let recipe = Recipe {
            seed: 0,
            obs_id: &42.try_into().unwrap(),
            product: &"QLC_ECL".parse().unwrap(),
            inputs: None,
            missing: &[],
            params: Some(&params),
            facts: &Facts::default(),
        };
        content(&recipe)["data"]["bin_s"].as_f64().unwrap()
    };
    let usual = bin("{}");
    assert!((bin(r#"{"bin_s":0.02}"#) - 0.02).abs() < f64::EPSILON);
    for refused in [r#"{"bin_s":0.001}"#, r#"{"bin_s":61}"#, r#"{"bin_s":"1"}"#] {
        assert!((bin(refused) - usual).abs() < f64::EPSILON, "{refused}");
    }
    let schema = params_schema(&"QLC_ECL".parse().unwrap()).unwrap();
    assert_eq!(schema["properties"]["bin_s"]["minimum"], 0.01);
    assert_eq!(params_schema(&"QPO_ECL".parse().unwrap()), None);
}
