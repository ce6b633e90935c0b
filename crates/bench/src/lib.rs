//! What every bench of the orchestra needs: figures with their budgets, what processes use, and the report.
//!
//! `orchestra-bench` measures the services with it, and the console's bench `goals` what an operator feels.

pub mod crowd;
pub mod figure;
pub mod machine;
pub mod report;
pub mod session;
pub mod usage;
