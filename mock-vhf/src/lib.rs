//! The mock VHF source: replays real bursts as VHF packets.
//!
//! A [`table`] of real bursts is the [`script`]; a replay walks through it. What is announced is first
//! written to the [`journal`], then visible in the feed, then published by the [`relay`] until the stream
//! has it: a kill at any moment loses nothing and announces nothing under another number.

pub mod args;
pub mod facts;
pub mod http;
pub mod journal;
pub mod packet;
pub mod player;
pub mod relay;
pub mod script;
pub mod service;
pub mod source;
pub mod table;
pub mod verbs;
