//! Real servers and real programs on free ports, for tests.
