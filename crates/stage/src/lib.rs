//! Starts, awaits, prefixes and stops the programs of the orchestra in order.
