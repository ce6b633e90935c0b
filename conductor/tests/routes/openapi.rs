use crate::scene::Scene;

#[tokio::test]
async fn the_document_describes_every_route() {
    let scene = Scene::begin().await;
    insta::assert_json_snapshot!(scene.get("/openapi.json").await.ok());
}
