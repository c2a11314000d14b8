//! The cluster's metadata: records, image and the controller's decisions.
