//! The world on a laptop: objects in a folder, brokers as child processes, a socket for the next
//! command.

pub mod admission;
mod backoff;
pub mod client;
pub mod folder;
pub mod message;
mod notes;
mod ports;
mod processes;
mod program;
pub mod proposal;
mod server;
pub mod stopped;
pub mod store;
mod supervisor;
pub mod up;
mod watchers;

pub use folder::Folder;
pub use processes::Processes;
pub use program::Program;
pub use store::ObjectStore;
