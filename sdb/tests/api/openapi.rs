use crate::service::Sdb;

#[tokio::test]
async fn the_document_describes_every_route() {
    let sdb = Sdb::start().await;
    insta::assert_json_snapshot!(sdb.get("/openapi.json").await.json());
}
