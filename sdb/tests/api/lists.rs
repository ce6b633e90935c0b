use crate::service::{Sdb, timeless};
use serde_json::{Value, json};

/// `obs_id/product` of each item, with its version.
fn names(list: &Value) -> Vec<String> {
    let name = |item: &Value| {
        format!(
            "{}/{}@{}",
            item["obs_id"],
            item["product"].as_str().unwrap(),
            item["version"]
        )
    };
    list["items"].as_array().unwrap().iter().map(name).collect()
}

async fn filled() -> Sdb {
    let sdb = Sdb::start().await;
    let (p, q) = (r#"{"provider": "p"}"#, r#"{"provider": "q"}"#);
    let (b1, b2) = (r#"{"burst_id": "sb1"}"#, r#"{"burst_id": "sb2"}"#);
    for (path, provenance, meta) in [
        ("/products/1/A", p, b1),
        ("/products/1/B", q, b1),
        ("/products/2/A", p, b2),
        ("/products/1/A", q, b2),
    ] {
        sdb.post(path, &[("x-provenance", provenance), ("x-meta", meta)], "x")
            .await
            .created();
    }
    sdb
}

#[tokio::test]
async fn records_are_found_by_all_that_is_given() {
    let sdb = filled().await;
    for (query, expected) in [
        ("", vec!["1/A@2", "2/A@1", "1/B@1", "1/A@1"]),
        ("?obs_id=1", vec!["1/A@2", "1/B@1", "1/A@1"]),
        ("?product=A", vec!["1/A@2", "2/A@1", "1/A@1"]),
        ("?provider=p", vec!["2/A@1", "1/A@1"]),
        ("?burst_id=sb1", vec!["1/B@1", "1/A@1"]),
        ("?obs_id=1&product=A&provider=q&burst_id=sb2", vec!["1/A@2"]),
        ("?provider=nobody", vec![]),
    ] {
        assert_eq!(
            names(&sdb.get(&format!("/products{query}")).await.json()),
            expected,
            "{query}"
        );
    }
    assert_eq!(
        names(&sdb.get("/products/1").await.json()),
        ["1/A@2", "1/B@1", "1/A@1"]
    );
    assert_eq!(
        names(&sdb.get("/products/1/A/versions").await.json()),
        ["1/A@2", "1/A@1"]
    );
    assert_eq!(names(&sdb.get("/products/3").await.json()), [""; 0]);
}

#[tokio::test]
async fn a_span_of_time_includes_its_start_and_not_its_end() {
    let sdb = filled().await;
    let all = sdb.get("/products").await.json();
    let at = |place: usize| all["items"][place]["created_at"].as_str().unwrap().to_owned();
    assert_eq!(
        names(&sdb.get(&format!("/products?since={}", at(1))).await.json()),
        ["1/A@2", "2/A@1"]
    );
    assert_eq!(
        names(&sdb.get(&format!("/products?until={}", at(1))).await.json()),
        ["1/B@1", "1/A@1"]
    );
    let both = format!("/products?since={}&until={}&product=A", at(3), at(0));
    assert_eq!(names(&sdb.get(&both).await.json()), ["2/A@1", "1/A@1"]);
    assert_eq!(
        names(&sdb.get("/products?since=2100-01-01T00:00:00Z").await.json()),
        [""; 0]
    );
    assert_eq!(
        names(&sdb.get("/products?until=2000-01-01T00:00:00Z").await.json()),
        [""; 0]
    );
    sdb.get("/products?since=yesterday")
        .await
        .detail(422, "invalid-request");
}

#[tokio::test]
async fn a_list_is_read_page_by_page_while_imports_go_on() {
    let sdb = filled().await;
    let mut seen = Vec::new();
    let mut path = "/products?limit=1".to_owned();
    loop {
        let page = sdb.get(&path).await.json();
        seen.extend(names(&page));
        sdb.post("/products/9/NEW", &[], "x").await.created();
        match page["next"].as_str() {
            Some(next) => path = format!("/products?limit=1&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, ["1/A@2", "2/A@1", "1/B@1", "1/A@1"]);
    for wrong in ["limit=0", "limit=1001", "limit=x", "cursor=x"] {
        sdb.get(&format!("/products?{wrong}"))
            .await
            .detail(422, "invalid-request");
        sdb.get(&format!("/products/1?{wrong}"))
            .await
            .detail(422, "invalid-request");
    }
    for wrong in ["limit=0", "cursor=../x"] {
        sdb.get(&format!("/observations?{wrong}"))
            .await
            .detail(422, "invalid-request");
    }
}

#[tokio::test]
async fn observations_count_products_and_not_versions() {
    let sdb = filled().await;
    let page = timeless(sdb.get("/observations?limit=1").await.json());
    let item = |obs_id: u64, products: u64| json!({"obs_id": obs_id, "products": products, "first_import": "[first_import]", "last_import": "[last_import]"});
    assert_eq!(page, json!({"items": [item(1, 2)], "next": "1"}));
    let page = timeless(sdb.get("/observations?cursor=1").await.json());
    assert_eq!(page, json!({"items": [item(2, 1)], "next": null}));
}
