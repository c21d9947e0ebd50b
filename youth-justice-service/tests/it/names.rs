//! Names are a copy, fetched in the background and refreshed when they change.

use std::time::Duration;

use serde_json::{Value, json};

use crate::desk::{Desk, path};

/// Waits until the first young person of a case is called so.
async fn called(desk: &Desk, case: &Value, name: &str) -> Value {
    for _ in 0..200 {
        let person = desk.read(case).await.body["people"][0].clone();
        if person["given_name"] == name {
            return person;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("never called {name}");
}

#[actix_web::test]
async fn a_name_is_null_until_its_copy_is_there_and_the_copy_is_tried_again() {
    let desk = Desk::open().await;
    let (offer, case) = desk.case().await;
    while desk.owner.fetches() < 2 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let person = desk.read(&case).await.body["people"][0].clone();
    assert_eq!(person, json!({ "id": offer.people[0], "given_name": null, "family_name": null, "birth_date": null }));
    desk.owner.knows(offer.people[0], "Rowan", 1);
    let person = called(&desk, &case, "Rowan").await;
    assert_eq!(person["family_name"], "Mercer");
    assert_eq!(person["birth_date"], "2011-05-04");
    assert_eq!(desk.read(&case).await.etag(), "\"1-full\"", "a copy is no change of the case");
}

#[actix_web::test]
async fn a_changed_name_is_fetched_again_and_an_older_one_never_comes_back() {
    let desk = Desk::open().await;
    let (offer, case) = desk.case().await;
    let person = offer.people[0];
    desk.owner.knows(person, "Rowan", 1);
    called(&desk, &case, "Rowan").await;
    desk.owner.knows(person, "Robin", 3);
    desk.owner.tell("person.changed.v1", person, json!({ "person_id": person, "version": 3 }));
    called(&desk, &case, "Robin").await;
    let fetches = desk.owner.fetches();
    // An older change told late, and a change of someone on no case here, ask for nothing.
    desk.owner.knows(person, "Rowan", 2);
    desk.owner.tell("person.changed.v1", person, json!({ "person_id": person, "version": 2 }));
    let stranger = uuid::Uuid::now_v7();
    desk.owner.tell("person.changed.v1", stranger, json!({ "person_id": stranger, "version": 9 }));
    let later = desk.offer_to("youth-justice-prevention", None);
    desk.owner.knows(later.people[0], "Sky", 1);
    let other = desk.case_of(&later, |_| true).await;
    called(&desk, &other, "Sky").await;
    called(&desk, &case, "Robin").await;
    assert_eq!(desk.owner.fetches(), fetches + 1);
}

#[actix_web::test]
async fn what_is_read_of_a_person_stands_in_their_access_log() {
    let desk = Desk::open().await;
    let (offer, case) = desk.case().await;
    desk.read(&case).await;
    desk.app.get(&desk.yusuf, &format!("{}/history", path(&case))).await.expect(200);
    let actions = crate::database::texts(
        &mut desk.app.database.all_seeing().await,
        &format!(
            "SELECT DISTINCT action AS text FROM audit_entry WHERE subjects = ARRAY['{}'::uuid] ORDER BY 1",
            offer.people[0]
        ),
    )
    .await;
    assert_eq!(actions, ["prevention_case.history", "prevention_case.list", "prevention_case.read"]);
}
