use crate::service::{Sdb, timeless};
use futures_util::future::join_all;

const PROVENANCE: &str = r#"{"run_id": "run_1", "attempt": 2, "provider": "qpo_ecl_pipeline", "software_version": "1.4",
    "inputs": [{"product": "EclTmVhfAlert", "revision": 3, "version": null, "source": "vhf", "href": "http://vhf/vhf/42/EclTmVhfAlert"}],
    "missing": ["SVO-ATT"], "host": "node-7"}"#;

#[tokio::test]
async fn a_record_and_its_announcement_say_what_the_importer_said() {
    let sdb = Sdb::start().await;
    let headers = [
        ("content-type", "application/json"),
        ("x-meta", r#"{"burst_id": "sb26022501", "preliminary": true}"#),
        ("x-provenance", &PROVENANCE.replace('\n', " ")),
    ];
    let answer = sdb
        .post("/products/42/QPO_ECL", &headers, r#"{"qpo": null}"#)
        .await;
    assert_eq!(
        answer.header("location"),
        "http://sdb/products/42/QPO_ECL?version=1"
    );
    insta::assert_json_snapshot!("record", timeless(answer.created()));
    insta::assert_json_snapshot!("feed", timeless(sdb.get("/events").await.json()));
}

#[tokio::test]
async fn each_import_is_a_new_version_also_of_equal_bytes() {
    let sdb = Sdb::start().await;
    for version in 1..=3 {
        assert_eq!(
            sdb.post("/products/42/A", &[], "same").await.created()["version"],
            version
        );
    }
    assert_eq!(
        sdb.post("/products/42/B", &[], "same").await.created()["version"],
        1
    );
    assert_eq!(
        sdb.post("/products/43/A", &[], "same").await.created()["version"],
        1
    );
    let feed: Vec<_> = sdb
        .feed()
        .await
        .iter()
        .map(|entry| (entry.n, entry.record.version.0))
        .collect();
    assert_eq!(feed, [(1, 1), (2, 2), (3, 3), (4, 1), (5, 1)]);
}

#[tokio::test]
async fn imports_that_share_a_commit_have_their_own_versions_and_bytes() {
    let sdb = Sdb::start().await;
    let imports = (0..200).map(|number| {
        let sdb = &sdb;
        async move {
            let body = format!("bytes {number}");
            let record = sdb
                .post(&format!("/products/{}/A", number % 3), &[], body.clone())
                .await
                .created();
            (
                record["href"]
                    .as_str()
                    .unwrap()
                    .trim_start_matches("http://sdb")
                    .to_owned(),
                body,
            )
        }
    });
    let imported = join_all(imports).await;
    for (path, body) in &imported {
        assert_eq!(sdb.get(path).await.body, body.as_bytes(), "{path}");
    }
    let mut paths: Vec<_> = imported.iter().map(|(path, _)| path).collect();
    paths.sort_unstable();
    paths.dedup();
    assert_eq!(paths.len(), 200, "no version was given twice");
    let feed: Vec<i64> = sdb.feed().await.iter().map(|entry| entry.n).collect();
    assert_eq!(feed, (1..=200).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_canonical_number_is_one_observation_and_other_text_is_not() {
    let sdb = Sdb::start().await;
    assert_eq!(sdb.post("/products/42/A", &[], "x").await.created()["obs_id"], 42);
    let document = sdb
        .post("/products", &[], r#"{"product": "A", "obs_id": "42"}"#)
        .await
        .created();
    assert_eq!(
        (&document["obs_id"], &document["version"]),
        (&42.into(), &2.into())
    );
    assert_eq!(
        sdb.post("/products/042/A", &[], "x").await.created()["obs_id"],
        "042"
    );
}

#[tokio::test]
async fn a_digest_that_fits_is_accepted_in_either_form() {
    let sdb = Sdb::start().await;
    // RFC 9530, appendix B.1.
    let body = "{\"hello\": \"world\"}\n";
    let digest = "RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=";
    for (name, value) in [
        ("repr-digest", format!("sha-256=:{digest}:")),
        ("digest", format!("SHA-256={digest}")),
    ] {
        sdb.post("/products/42/A", &[(name, &value)], body)
            .await
            .created();
    }
}

#[tokio::test]
async fn a_repeat_under_the_same_key_is_the_first_record_announced_again() {
    let sdb = Sdb::start().await;
    let key = [("idempotency-key", "run_1/1")];
    for body in ["small".to_owned(), "large".repeat(20_000)] {
        let path = format!("/products/{}/A", body.len());
        let first = sdb.post(&path, &key, body.clone()).await.created();
        let again = sdb.post(&path, &key, body.clone()).await;
        assert_eq!((again.status.as_u16(), again.json()), (200, first.clone()));
        let feed = sdb.feed().await;
        let [.., before, last] = &feed[..] else {
            panic!("{feed:?}")
        };
        assert_eq!((before.record.id, last.n), (last.record.id, before.n + 1));

        let detail = sdb
            .post(&path, &key, "other")
            .await
            .detail(422, "idempotency-key-reused");
        assert!(detail.contains("version 1"), "{detail}");
        assert_eq!(sdb.feed().await.len(), feed.len());
        assert_eq!(sdb.get(&path).await.body, body.as_bytes());
    }
    sdb.post("/products/1/B", &key, "other").await.created(); // a key belongs to its cell
}

#[tokio::test]
async fn one_key_at_the_same_time_is_one_version() {
    let sdb = Sdb::start().await;
    let answers =
        join_all((0..50).map(|_| sdb.post("/products/42/A", &[("idempotency-key", "k")], "bytes"))).await;
    let created = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(created, 1);
    assert!(answers.iter().all(|answer| answer.json()["version"] == 1));
    assert_eq!(
        sdb.get("/products/42/A/versions").await.json()["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}
