//! Request and response types of the REST services, and their clients.
