//! The people of the tests, and the steps they take.

use diesel_async::RunQueryDsl;
use referral_service::PROGRAM;
use serde_json::{Value, json};
use shared::actor::Role;
use shared::testing::{Person, Reply, TestApp};

pub struct World {
    pub app: TestApp,
    pub school: Person,
    pub other_school: Person,
    pub officer: Person,
    pub manager: Person,
    pub charnwood: Person,
    pub melton: Person,
    pub family_worker: Person,
    pub justice_worker: Person,
    pub governance: Person,
    pub analyst: Person,
}

impl World {
    pub async fn new() -> Self {
        let county = "county-council";
        Self {
            app: TestApp::start(&PROGRAM).await,
            school: Person::new("greenfield", "greenfield-academy", Role::Referrer),
            other_school: Person::new("hillside", "hillside-primary", Role::Referrer),
            officer: Person::new("olive", county, Role::FirstResponseOfficer),
            manager: Person::new("morgan", county, Role::FirstResponseManager),
            charnwood: Person::new("harper", "district-charnwood", Role::HubMember).hub("charnwood"),
            melton: Person::new("mel", "district-melton", Role::HubMember).hub("melton"),
            family_worker: Person::new("felix", county, Role::ServiceWorker).team("intensive-family-support"),
            justice_worker: Person::new("yusuf", county, Role::YouthJusticeWorker).team("youth-justice-prevention"),
            governance: Person::new("ines", county, Role::InformationGovernanceOfficer),
            analyst: Person::new("ana", county, Role::Analyst),
        }
    }

    /// A form as a school would fill it in (case study 1, told by the school).
    pub fn form() -> Value {
        json!({
            "referrer": { "name": "Ms A Teacher (invented)", "role": "designated safeguarding lead" },
            "family_knows": true,
            "people": [
                { "relation": "child", "given_name": "Juniper", "family_name": "Testcase", "birth_date": "2019-02-03", "school": "Greenfield Academy" },
                { "relation": "parent", "given_name": "Willow", "family_name": "Testcase" }
            ],
            "locality": "charnwood",
            "concerns": ["mental-and-physical-health", "financial-stability"],
            "worries": "  In debt, at risk of eviction, in constant crisis.  ",
            "working_well": "Both parents come to school when asked."
        })
    }

    pub async fn submitted(&self) -> Reply {
        self.app.post(&self.school, "/v1/referrals", &Self::form()).await.expect(201)
    }

    /// A change of a referral, on the version the actor reads now.
    pub async fn change(&self, who: &Person, id: &str, step: &str, body: &Value) -> Reply {
        let etag = self.app.get(who, &format!("/v1/referrals/{id}")).await.expect(200).etag();
        self.app.post_on(who, &format!("/v1/referrals/{id}/{step}"), &etag, body).await
    }

    /// The same for an allocation.
    pub async fn answer(&self, who: &Person, id: &str, step: &str, body: &Value) -> Reply {
        let etag = self.app.get(who, &format!("/v1/allocations/{id}")).await.expect(200).etag();
        self.app.post_on(who, &format!("/v1/allocations/{id}/{step}"), &etag, body).await
    }

    pub fn to_hub() -> Value {
        json!({ "level_of_need": 3, "outcome": "early_help_hub", "reason": "Whole-family support is likely to help." })
    }

    pub fn to_family_support() -> Value {
        json!({ "outcome": "allocate", "service": "intensive-family-support", "reason": "One dedicated worker." })
    }

    /// A referral listed for the Charnwood hub.
    pub async fn listed(&self) -> String {
        let id = self.submitted().await.id();
        self.change(&self.officer, &id, "decision", &Self::to_hub()).await.expect(200);
        id
    }

    /// A referral offered to family support: its id and the allocation's.
    pub async fn offered(&self) -> (String, String) {
        let id = self.listed().await;
        self.change(&self.charnwood, &id, "hub-decision", &Self::to_family_support()).await.expect(200);
        (id, self.newest_allocation(&self.family_worker).await)
    }

    pub async fn newest_allocation(&self, who: &Person) -> String {
        let page = self.app.get(who, "/v1/allocations?status=offered").await.expect(200);
        page.body["items"][0]["id"].as_str().expect("an allocation").to_owned()
    }

    pub async fn status(&self, id: &str) -> String {
        let reply = self.app.get(&self.officer, &format!("/v1/referrals/{id}")).await.expect(200);
        reply.body["status"].as_str().unwrap().to_owned()
    }

    /// What was told under this type of whatever it was about, oldest first.
    pub async fn told(&self, kind: &str) -> Vec<Value> {
        let mut all = self.app.database.all_seeing().await;
        let rows: Vec<Told> = diesel::sql_query("SELECT data FROM event_log WHERE kind = $1 ORDER BY seq")
            .bind::<diesel::sql_types::Text, _>(kind)
            .load(&mut all)
            .await
            .unwrap();
        rows.into_iter().map(|row| row.data).collect()
    }

    /// What was told of a record under this type, oldest first.
    pub async fn events(&self, aggregate: &str, kind: &str) -> Vec<Value> {
        let mut all = self.app.database.all_seeing().await;
        let rows: Vec<Told> =
            diesel::sql_query("SELECT data FROM event_log WHERE aggregate_id = $1::uuid AND kind = $2 ORDER BY seq")
                .bind::<diesel::sql_types::Text, _>(aggregate)
                .bind::<diesel::sql_types::Text, _>(kind)
                .load(&mut all)
                .await
                .unwrap();
        rows.into_iter().map(|row| row.data).collect()
    }
}

#[derive(diesel::QueryableByName)]
struct Told {
    #[diesel(sql_type = diesel::sql_types::Jsonb)]
    data: Value,
}
