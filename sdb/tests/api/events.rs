use crate::service::Sdb;

#[tokio::test]
async fn the_feed_is_read_in_order_from_any_place() {
    let sdb = Sdb::start().await;
    let empty = sdb.get("/events").await.json();
    assert_eq!(
        (&empty["items"], &empty["next"], &empty["head"]),
        (&serde_json::json!([]), &().into(), &0.into())
    );
    for number in 1..=5 {
        sdb.post(&format!("/products/{number}/A"), &[], "x")
            .await
            .created();
    }
    let mut seen = Vec::new();
    let mut after = 0;
    loop {
        let page = sdb.get(&format!("/events?after={after}&limit=2")).await.json();
        assert_eq!((&page["head"], &page["feed"]), (&5.into(), &empty["feed"]));
        seen.extend(
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|item| (item["n"].clone(), item["obs_id"].clone())),
        );
        match page["next"].as_u64() {
            Some(next) => after = next,
            None => break,
        }
    }
    assert_eq!(seen, (1..=5).map(|n| (n.into(), n.into())).collect::<Vec<_>>());
    let beyond = sdb.get("/events?after=18446744073709551615").await.json();
    assert_eq!(
        (&beyond["items"], &beyond["next"]),
        (&serde_json::json!([]), &().into())
    );
    sdb.get("/events?after=-1").await.detail(422, "invalid-request");
}

#[tokio::test]
async fn a_position_in_another_feed_is_refused_with_the_name_of_this_one() {
    let sdb = Sdb::start().await;
    let feed = sdb.get("/events").await.json()["feed"].clone();
    let known = sdb.get(&format!("/events?feed={}", feed.as_str().unwrap())).await;
    assert_eq!(known.status, 200);
    let other = sdb.get("/events?after=3&feed=another").await;
    other.detail(409, "feed-changed");
    assert_eq!(other.json()["feed"], feed);
}
