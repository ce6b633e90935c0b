//! Turns a function or any program into an orchestrable pipeline.
