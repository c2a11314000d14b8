//! What records do to an image, by example and by property.
