//! A case: what is asked, in every version that can carry it.

use crate::talk::Talk;
use anyhow::Result;
use protocol::{ApiKey, Request, Versions};

/// Sends requests and keeps their answers.
type Play = Box<dyn Fn(&mut Talk) -> Result<()>>;

/// Requests of one API that belong together.
pub(crate) struct Case {
    /// The API they are about.
    pub(crate) key: ApiKey,
    /// What is special about them.
    pub(crate) name: &'static str,
    /// The versions they are sent in.
    pub(crate) versions: Versions,
    /// Sends them.
    pub(crate) play: Play,
}

impl Case {
    /// One request, built for a version; versions that cannot carry it are passed over.
    pub(crate) fn one<R: Request>(
        name: &'static str,
        request: impl Fn(&Talk) -> R + 'static,
    ) -> Case {
        Case::story::<R>(name, move |talk| {
            let request = request(talk);
            talk.ask(&request).map(drop)
        })
    }

    /// Several requests, of which later ones may hold what earlier ones were answered.
    pub(crate) fn story<R: Request>(
        name: &'static str,
        play: impl Fn(&mut Talk) -> Result<()> + 'static,
    ) -> Case {
        Case { key: R::KEY, name, versions: R::ADVERTISED, play: Box::new(play) }
    }

    /// Only in these versions.
    pub(crate) fn in_versions(self, versions: Versions) -> Case {
        Case { versions, ..self }
    }
}
