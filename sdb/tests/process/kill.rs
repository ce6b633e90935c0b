//! `kill -9` under load, again and again.

use crate::program::{Launch, NO_NATS, cycles, data, noise};
use futures_util::future::join_all;
use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

const CLIENTS: usize = 8;

/// Imports before each kill: some commits' worth, a different number each time.
const IMPORTS: usize = 40;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_201_survives_and_nothing_else_is_visible() {
    let (_guard, directory) = data();
    let number = AtomicU64::new(1);
    let answered = Mutex::new(BTreeMap::new());
    let sent = Mutex::new(BTreeMap::new());
    for cycle in 0..cycles() {
        let mut program = Launch::new(&directory, NO_NATS).start().await;
        let goal = answered.lock().unwrap().len() + IMPORTS + cycle;
        {
            let program = &program;
            let pid = rustix::process::Pid::from_raw(i32::try_from(program.pid()).unwrap()).unwrap();
            let clients = (0..CLIENTS).map(|_| async {
                loop {
                    let number = number.fetch_add(1, Ordering::Relaxed);
                    // One in five goes to the object store.
                    let bytes = noise(number, if number.is_multiple_of(5) { 100_000 } else { 4096 });
                    let path = format!("/products/{number}/A");
                    sent.lock().unwrap().insert(path.clone(), bytes.clone());
                    match program.post(&path, bytes.clone()).await {
                        Ok(response) if response.status() == 201 => {
                            let mut answered = answered.lock().unwrap();
                            answered.insert(path, bytes);
                            if answered.len() >= goal {
                                let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
                            }
                        }
                        Ok(response) => panic!("{path}: {}", response.status()),
                        Err(_killed) => break,
                    }
                }
            });
            join_all(clients).await;
        }
        program.ended().await;
        let program = Launch::new(&directory, NO_NATS).start().await;
        let (must, may) = (answered.lock().unwrap().clone(), sent.lock().unwrap().clone());
        program.audit(&must, &may).await;
    }
}
