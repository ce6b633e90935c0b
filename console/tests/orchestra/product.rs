//! The bytes of a product.

use crate::scene::Scene;
use api::sdb::ProductRecord;
use domain::CellState;
use stage::{CONDUCTOR, SDB};

#[tokio::test]
async fn a_product_is_drawn_and_downloaded() {
    let scene = Scene::start(&[]).await;
    let sdb = scene.0.url(SDB);
    let product = |line: &str| format!("{line} --sdb {sdb}");
    let missing = scene.say(&product("product 42 QPO_ECL")).await;
    assert!(
        missing.is(1).err.contains("the SDB has no QPO_ECL of 42"),
        "{missing:?}"
    );

    scene.say("announce EclTmVhfAlert 42").await.is(0);
    scene.until("42", "QPO_ECL", CellState::Done).await;
    let drawn = scene.say(&product("--charset ascii product 42 QPO_ECL")).await;
    let drawn = &drawn.is(0).out;
    assert!(
        drawn.starts_with("QPO_ECL of 42, version 1: position\n"),
        "{drawn}"
    );
    assert!(
        drawn.contains("= and G: the Galaxy") && drawn.is_ascii(),
        "{drawn}"
    );
    assert!(drawn.lines().all(|line| line.len() <= 80), "{drawn}");

    let record: ProductRecord = scene.say(&product("product 42 QPO_ECL --json")).await.json();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("qpo.json");
    let line = format!("product 42 QPO_ECL --version 1 --output {}", file.display());
    let said = scene.say(&product(&line)).await;
    assert!(
        said.is(0)
            .out
            .starts_with(&format!("QPO_ECL of 42, version 1: {} bytes to ", record.size))
    );
    let bytes = std::fs::read_to_string(&file).unwrap();
    assert_eq!(bytes.len() as u64, record.size);
    let piped = scene.say(&product("product 42 QPO_ECL --output -")).await;
    assert_eq!(piped.is(0).out, bytes);

    let full = scene.say(&product("product 42 QPO_ECL --output /dev/full")).await;
    assert!(
        full.is(1)
            .err
            .contains("/dev/full cannot be written: No space left"),
        "{full:?}"
    );
    let nowhere = scene
        .say(&product("product 42 QPO_ECL --output /nowhere/x"))
        .await;
    assert!(
        nowhere.is(1).err.contains("/nowhere/x cannot be written"),
        "{nowhere:?}"
    );
    let both = scene.say(&product("product 42 QPO_ECL --output - --json")).await;
    assert!(both.is(1).err.contains("no room"), "{both:?}");
    let unknown = scene.say(&product("product 42 QPO_ECL --version 7")).await;
    assert!(
        unknown.is(1).err.contains("no version 7 of QPO_ECL of 42"),
        "{unknown:?}"
    );
    let other = scene.0.url(CONDUCTOR);
    let mistaken = scene.say(&format!("product 42 QPO_ECL --sdb {other}")).await;
    assert!(mistaken.is(1).err.contains("is no SDB"), "{mistaken:?}");
}
