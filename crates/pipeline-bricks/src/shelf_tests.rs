//! What is kept comes back as it was, only for its own run, and not for ever.

use super::*;
use api::pipeline::ProcessingRequest;
use domain::Attempt;
use jiff::SignedDuration;

fn now() -> Timestamp {
    let now = std::time::SystemTime::now();
    now.try_into().unwrap()
}

fn open(directory: &Path) -> Shelf {
    Shelf::open(directory, &"qpo_pipeline".parse().unwrap(), now()).unwrap()
}

fn order(run_id: &str, attempt: u32) -> Order {
    let request = ProcessingRequest::of("QPO_ECL".parse().unwrap(), 42.try_into().unwrap());
    Order::new(request, now(), run_id.parse().unwrap(), Attempt(attempt))
}

fn parcel(bytes: &'static [u8]) -> Parcel {
    let import = Import {
        content_type: Some("application/fits".to_owned()),
        idempotency_key: Some("r/QPO_ECL/2".to_owned()),
        meta: Some(JsonObject::from_iter([("quality".to_owned(), 0.5.into())])),
        provenance: Some(Provenance {
            attempt: Some(Attempt(1)),
            software_version: Some("1.0".into()),
            ..Provenance::default()
        }),
        sha256: None,
    };
    Parcel::new("QPO_ECL".parse().unwrap(), bytes.into(), import)
}

fn files(shelf: &Shelf) -> Vec<String> {
    let entries = fs::read_dir(&shelf.directory).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_later_attempt_finds_all_of_it_also_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let kept = parcel(b"bytes\nwith a line break");
    open(directory.path())
        .keep(now(), &order("r", 1), &kept)
        .await
        .unwrap();

    let shelf = open(directory.path());
    let found = shelf.find(&order("r", 3)).await.unwrap();
    let mut expected = kept.clone();
    expected.import.provenance.as_mut().unwrap().attempt = Some(Attempt(3));
    assert_eq!(found, expected);
    assert_eq!(shelf.find(&order("other", 3)).await, None);
    shelf.discard(&"r".parse().unwrap());
    assert_eq!(files(&shelf), Vec::<String>::new());
    assert_eq!(shelf.find(&order("r", 3)).await, None);
}

#[tokio::test]
async fn other_inputs_are_another_product() {
    let directory = tempfile::tempdir().unwrap();
    let shelf = open(directory.path());
    shelf.keep(now(), &order("r", 1), &parcel(b"x")).await.unwrap();
    let mut other = order("r", 2);
    other.missing = vec!["ATTITUDE".parse().unwrap()];
    assert_eq!(shelf.find(&other).await, None);
    assert_eq!(files(&shelf), Vec::<String>::new(), "nobody can use it any more");
}

#[tokio::test]
async fn a_cut_file_and_half_a_file_are_none() {
    let directory = tempfile::tempdir().unwrap();
    let shelf = open(directory.path());
    shelf
        .keep(now(), &order("r", 1), &parcel(b"long enough"))
        .await
        .unwrap();
    let path = shelf.path(&"r".parse().unwrap(), KEPT);
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() - 1]).unwrap();
    fs::write(shelf.path(&"half".parse().unwrap(), HALF), "{").unwrap();
    drop(shelf);
    let shelf = open(directory.path());
    assert_eq!(files(&shelf), ["r.product"]);
    assert_eq!(shelf.find(&order("r", 2)).await, None);
    assert_eq!(files(&shelf), Vec::<String>::new());
}

#[tokio::test]
async fn a_day_later_it_is_gone() {
    let directory = tempfile::tempdir().unwrap();
    let shelf = open(directory.path());
    // The worst name that a run can have.
    shelf.keep(now(), &order("..", 1), &parcel(b"x")).await.unwrap();
    shelf.sweep(now() + SignedDuration::from_hours(23));
    assert_eq!(files(&shelf), ["...product"]);
    shelf.sweep(now() + SignedDuration::from_hours(25));
    assert_eq!(files(&shelf), Vec::<String>::new());
}
