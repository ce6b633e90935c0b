//! The pure decider: folds events into observations and says what to do next.
