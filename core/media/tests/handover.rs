//! The candidate's network address changes in a call, between two network namespaces: pictures come back on
//! both sides, in the same call. Runs without the harness because it starts itself again in each namespace.

#[path = "../examples/handover_probe.rs"]
#[allow(dead_code, reason = "the example's own beginning")]
mod probe;

#[tokio::main]
async fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let namespaced = [probe::Role::RECRUITER, probe::Role::CANDIDATE];
    if words.first().is_some_and(|word| namespaced.contains(&word.as_str())) {
        probe::play(&words).await.expect("this side of the call");
        return;
    }
    // What cargo asks of a test program.
    if words.iter().any(|word| word == "--list") {
        return;
    }
    let gaps = probe::measure(2).await.expect("pictures come back after each change");
    println!("test the_address_changes_and_pictures_come_back ... ok (gaps {gaps:?} ms)");
}
