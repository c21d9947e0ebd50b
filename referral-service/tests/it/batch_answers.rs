//! The file of a batch's rows comes in pieces: the same bytes as in one, and never a part that looks whole.

use diesel_async::SimpleAsyncConnection;
use reqwest::Response;

use crate::batches::{BATCHES, HEADER, count, of, send, text, work_until_done};
use crate::world::World;

/// More rows than are read at a time, and not a multiple of it.
const ROWS: usize = 4_600;
const WRONG: &str = "birth_date must be a day such as 2019-02-03 or 03/02/2019";

/// A row that is refused, as it is sent and as it comes back.
fn bad(n: usize) -> String {
    format!("{n},child,Child{n},Testcase,2019-02-31,Ms A (invented),teacher,charnwood,good-education,\"Often, absent\"")
}

/// A file of rows that are refused; one in 500 is taken.
fn file() -> String {
    let row = |n: usize| if n % 500 == 7 { bad(n).replace("02-31", "02-03") } else { bad(n) };
    of(&(0..ROWS).map(|n| row(n) + "\n").collect::<String>())
}

async fn answered(world: &World) -> String {
    let id = send(world, file()).await.expect(202).id();
    work_until_done(world).await;
    id
}

async fn open(world: &World, id: &str) -> Response {
    let bearer = format!("Bearer {}", world.app.tokens.token(&world.school));
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let path = format!("{}{BATCHES}/{id}/rows.csv", world.app.url);
    http.get(path).header("authorization", bearer).send().await.unwrap()
}

#[actix_web::test]
async fn the_pieces_are_the_bytes_of_the_whole() {
    let world = World::new().await;
    let id = answered(&world).await;
    let mut expected = format!("\u{FEFF}row,outcome,reference,problems,{HEADER}\r\n");
    for n in (0..ROWS).filter(|n| n % 500 != 7) {
        expected.push_str(&format!("{},refused,,{WRONG},{}\r\n", n + 2, bad(n)));
    }
    let (headers, refused) = text(&world, &format!("{BATCHES}/{id}/rows.csv?outcome=refused")).await;
    assert_eq!(headers["content-type"], "text/csv; charset=utf-8");
    assert!(headers["content-disposition"].to_str().unwrap().contains("referrals-answer.csv"));
    assert!(refused == expected.as_bytes(), "{} bytes for {}", refused.len(), expected.len());
    let (_, all) = text(&world, &format!("{BATCHES}/{id}/rows.csv")).await;
    let all = String::from_utf8(all).unwrap();
    let numbers: Vec<usize> =
        all.lines().skip(1).map(|line| line.split(',').next().unwrap().parse().unwrap()).collect();
    assert_eq!(numbers, (2..ROWS + 2).collect::<Vec<_>>(), "each row once and in its order");
    assert_eq!(all.lines().filter(|line| line.contains(",taken,R-")).count(), 10);
    let (_, none) = text(&world, &format!("{BATCHES}/{id}/rows.csv?outcome=not_taken")).await;
    assert_eq!(String::from_utf8(none).unwrap().lines().count(), 1, "a header alone");
}

#[actix_web::test]
async fn a_transfer_that_fails_in_the_middle_breaks_off() {
    let world = World::new().await;
    let id = answered(&world).await;
    let looks = format!("audit_entry WHERE action = 'referral.batch' AND record_id = '{id}' AND status = 200");
    let before = count(&world, &looks).await;
    let mut all = world.app.database.all_seeing().await;
    all.batch_execute("UPDATE referral_batch_row SET problems = '7' WHERE number = 3000").await.unwrap();
    let answer = open(&world, &id).await;
    assert_eq!(answer.status().as_u16(), 200, "the first piece had left");
    assert_eq!(count(&world, &looks).await, before + 1, "the look was audited before anything left");
    assert!(answer.bytes().await.is_err(), "a part never looks like the whole");
    // What fails before anything has left is a refusal like any other.
    all.batch_execute("UPDATE referral_batch_row SET problems = '7' WHERE number = 30").await.unwrap();
    assert_eq!(open(&world, &id).await.status().as_u16(), 500);
}

#[actix_web::test]
async fn whoever_no_longer_sees_the_batch_gets_no_more_of_it() {
    let world = World::new().await;
    let id = answered(&world).await;
    // The first look finds the batch, the next one does not.
    let mut all = world.app.database.all_seeing().await;
    all.batch_execute(
        "CREATE SEQUENCE looks; GRANT USAGE ON SEQUENCE looks TO threshold_web;
         CREATE POLICY leaves ON referral_batch AS RESTRICTIVE FOR SELECT TO threshold_web USING (nextval('looks') < 2)",
    )
    .await
    .unwrap();
    let answer = open(&world, &id).await;
    assert_eq!(answer.status().as_u16(), 200);
    assert!(answer.bytes().await.is_err());
    assert_eq!(open(&world, &id).await.status().as_u16(), 404);
}
