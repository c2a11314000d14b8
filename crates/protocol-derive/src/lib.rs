//! The derive that turns a struct into versioned Kafka wire code.
