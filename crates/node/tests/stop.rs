//! A node's stop.

mod driver;

use driver::Driver;
use node::request::Acks;

#[test]
fn logs_are_closed_side_by_side_and_all_that_is_in_them_is_durable() {
    let mut driver = Driver::new();
    driver.start();
    driver.create_topic("chat", 20, &[]);
    for partition in 0..20 {
        driver.produce("chat", partition, Acks::All, &["hello"]).unwrap();
    }
    driver.begin_stop();
    assert_eq!(driver.jobs(), 20, "each log has a job of its own");
    assert_eq!(driver.finish_stop(), Ok(()));
    driver.cut_power();
    driver.start();
    for partition in 0..20 {
        assert_eq!(driver.fetch("chat", partition, 0), ["hello"]);
    }
}

#[test]
fn a_stop_that_cannot_close_one_log_says_which() {
    let mut driver = Driver::new();
    driver.start();
    driver.create_topic("chat", 3, &[]);
    for partition in 0..3 {
        driver.produce("chat", partition, Acks::All, &["hello"]).unwrap();
    }
    driver.begin_stop();
    driver.run_one_job();
    driver.disk().fail_sync_after(0);
    let reason = driver.finish_stop().unwrap_err();
    assert!(reason.starts_with("chat-1: "), "{reason}");
}
