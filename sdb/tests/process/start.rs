//! Starting wrongly: the message says what would be right, the exit code what kind of mistake it is.

use crate::program::{Launch, NO_NATS, data};

#[tokio::test]
async fn a_wrong_start_names_the_mistake() {
    let (_guard, directory) = data();
    let bad_url = Launch::new(&directory, "http://nats").run();
    let said = String::from_utf8_lossy(&bad_url.stderr).into_owned();
    assert_eq!(bad_url.status.code(), Some(64), "{said}");
    assert!(said.contains("http://nats"), "{said}");

    let _program = Launch::new(&directory, NO_NATS).start().await;
    let second = Launch::new(&directory, NO_NATS).run();
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert_eq!(second.status.code(), Some(1), "{said}");
    assert!(said.contains("--data-dir"), "{said}");

    let wrong_size = Launch::new(&directory, NO_NATS)
        .arg("--max-body")
        .arg("16GB")
        .run();
    assert_eq!(wrong_size.status.code(), Some(2));
}
