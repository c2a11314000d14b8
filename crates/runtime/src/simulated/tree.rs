//! The names on a simulated disk: which folder holds which file, as processes see it and as the
//! medium holds it.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::{Component, Path},
};

use crate::{
    Random,
    simulated::{SimRandom, contents::Contents},
};

/// Names a file or folder whatever its path; never used twice.
pub(super) type NodeId = u64;

const ROOT: NodeId = 0;

/// All files and folders, and the changes of names that were not synced.
#[derive(Debug)]
pub(super) struct Tree {
    nodes: BTreeMap<NodeId, Node>,
    next: NodeId,
    pending: Vec<NameChange>,
    /// How many nodes there were when the unreachable ones were last forgotten.
    reachable: usize,
}

#[derive(Debug)]
enum Node {
    File { contents: Contents, handles: usize },
    Folder(Folder),
}

#[derive(Debug, Default)]
struct Folder {
    written: BTreeMap<String, NodeId>,
    durable: BTreeMap<String, NodeId>,
}

/// A name in a folder.
type Entry = (NodeId, String);

/// One step: a name disappears, appears, or both, as a rename does it, together.
#[derive(Debug, Clone)]
struct NameChange {
    node: NodeId,
    unlink: Option<Entry>,
    link: Option<Entry>,
}

impl Tree {
    pub(super) fn new() -> Tree {
        let root = Node::Folder(Folder::default());
        Tree {
            nodes: BTreeMap::from([(ROOT, root)]),
            next: ROOT + 1,
            pending: Vec::new(),
            reachable: 1,
        }
    }

    /// The file's contents; none when the file is gone for good.
    pub(super) fn contents(&mut self, file: NodeId) -> io::Result<&mut Contents> {
        match self.nodes.get_mut(&file) {
            Some(Node::File { contents, .. }) => Ok(contents),
            Some(Node::Folder(_)) => Err(io::ErrorKind::IsADirectory.into()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    /// How many bytes the files take that processes see.
    pub(super) fn used(&self) -> usize {
        self.used_in(ROOT)
    }

    fn used_in(&self, node: NodeId) -> usize {
        match self.nodes.get(&node) {
            Some(Node::File { contents, .. }) => contents.size(),
            Some(Node::Folder(folder)) => folder.written.values().map(|n| self.used_in(*n)).sum(),
            None => 0,
        }
    }

    /// Finds what a path names.
    pub(super) fn find(&self, path: &Path) -> io::Result<NodeId> {
        let mut node = ROOT;
        for name in names(path)? {
            node = *self.folder(node)?.written.get(name).ok_or(io::ErrorKind::NotFound)?;
        }
        Ok(node)
    }

    /// Finds a file and counts a handle to it.
    pub(super) fn open(&mut self, path: &Path) -> io::Result<NodeId> {
        let file = self.find(path)?;
        match self.nodes.get_mut(&file) {
            Some(Node::File { handles, .. }) => *handles += 1,
            Some(Node::Folder(_)) | None => return Err(io::ErrorKind::IsADirectory.into()),
        }
        Ok(file)
    }

    /// Forgets a handle.
    pub(super) fn close(&mut self, file: NodeId) {
        if let Some(Node::File { handles, .. }) = self.nodes.get_mut(&file) {
            *handles = handles.saturating_sub(1);
        }
    }

    /// Creates a file or empties an existing one; counts a handle to it.
    pub(super) fn create(&mut self, path: &Path) -> io::Result<NodeId> {
        let (folder, name) = self.parent(path)?;
        match self.folder(folder)?.written.get(&name) {
            Some(&file) => self.contents(file)?.set_size(0),
            None => {
                let file = self.add(Node::File { contents: Contents::default(), handles: 0 });
                self.change(NameChange { node: file, unlink: None, link: Some((folder, name)) });
            }
        }
        self.open(path)
    }

    pub(super) fn create_folder(&mut self, path: &Path) -> io::Result<()> {
        let mut node = ROOT;
        for name in names(path)? {
            node = match self.folder(node)?.written.get(name) {
                Some(&child) => child,
                None => {
                    let child = self.add(Node::Folder(Folder::default()));
                    let link = Some((node, name.to_owned()));
                    self.change(NameChange { node: child, unlink: None, link });
                    child
                }
            };
        }
        self.folder(node).map(|_| ())
    }

    pub(super) fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        Ok(self.folder(self.find(folder)?)?.written.keys().cloned().collect())
    }

    pub(super) fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        let node = self.find(from)?;
        let (unlink, link) = (self.parent(from)?, self.parent(to)?);
        if unlink == link {
            return Ok(());
        }
        if let Some(replaced) = self.folder(link.0)?.written.get(&link.1) {
            let both_files = self.is_file(node) && self.is_file(*replaced);
            if !both_files {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
        }
        self.change(NameChange { node, unlink: Some(unlink), link: Some(link) });
        Ok(())
    }

    pub(super) fn remove_file(&mut self, path: &Path) -> io::Result<()> {
        let node = self.find(path)?;
        if !self.is_file(node) {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let unlink = Some(self.parent(path)?);
        self.change(NameChange { node, unlink, link: None });
        Ok(())
    }

    /// Removes what is in the folder name by name, then the folder, as an operating system does.
    pub(super) fn remove_folder(&mut self, path: &Path) -> io::Result<()> {
        let folder = self.find(path)?;
        let unlink = Some(self.parent(path)?);
        self.empty(folder)?;
        self.change(NameChange { node: folder, unlink, link: None });
        Ok(())
    }

    fn empty(&mut self, folder: NodeId) -> io::Result<()> {
        for (name, node) in self.folder(folder)?.written.clone() {
            if !self.is_file(node) {
                self.empty(node)?;
            }
            self.change(NameChange { node, unlink: Some((folder, name)), link: None });
        }
        Ok(())
    }

    /// Makes the names of a folder durable, and the earlier changes that they build upon.
    pub(super) fn sync_folder(&mut self, folder: &Path) -> io::Result<()> {
        let folder = self.find(folder)?;
        self.folder(folder)?;
        let mut needed = Touched::default();
        let mut kept: Vec<bool> = vec![false; self.pending.len()];
        for (change, kept) in self.pending.iter().zip(&mut kept).rev() {
            if change.is_in(folder) || needed.meets(change) {
                needed.add(change);
                *kept = true;
            }
        }
        self.settle(&kept, false);
        Ok(())
    }

    /// A power cut: loses any of the changes of names, and what builds upon them, then any of what
    /// was not synced in the files.
    pub(super) fn crash(&mut self, random: &mut SimRandom, garbles: bool) {
        let kept = self.survivors(random);
        self.settle(&kept, true);
        for node in self.nodes.values_mut() {
            match node {
                Node::File { contents, handles } => {
                    *handles = 0;
                    contents.crash(random, garbles);
                }
                Node::Folder(folder) => folder.written = folder.durable.clone(),
            }
        }
        self.forget_unreachable();
    }

    /// How many changes of names and of files were not synced.
    pub(super) fn unsynced(&self) -> usize {
        let files = self.nodes.values().map(|node| match node {
            Node::File { contents, .. } => contents.unsynced(),
            Node::Folder(_) => 0,
        });
        self.pending.len() + files.sum::<usize>()
    }

    /// A power cut that keeps those changes for which `keeps` says so, but for changes of names that
    /// build upon a lost one.
    pub(super) fn crash_keeping(&mut self, mut keeps: impl FnMut() -> bool) {
        let mut lost = Touched::default();
        let mut kept = Vec::with_capacity(self.pending.len());
        for change in &self.pending {
            let survives = keeps() && !lost.meets(change);
            if !survives {
                lost.add(change);
            }
            kept.push(survives);
        }
        // The nodes stay until their changes were asked about, in the order of their numbers.
        for node in self.nodes.values_mut() {
            if let Node::File { contents, handles } = node {
                *handles = 0;
                contents.crash_keeping(&mut keeps);
            }
        }
        self.settle(&kept, true);
        for node in self.nodes.values_mut() {
            if let Node::Folder(folder) = node {
                folder.written = folder.durable.clone();
            }
        }
        self.forget_unreachable();
    }

    /// The processes that held files are gone.
    pub(super) fn forget_handles(&mut self) {
        for node in self.nodes.values_mut() {
            if let Node::File { handles, .. } = node {
                *handles = 0;
            }
        }
        self.forget_unreachable();
    }

    fn survivors(&self, random: &mut SimRandom) -> Vec<bool> {
        let percent = [0, 100, 50, 80][usize::try_from(random.below(4)).expect("below four")];
        let in_order = random.chance(50);
        let mut lost = Touched::default();
        let mut lost_any = false;
        let mut kept = Vec::with_capacity(self.pending.len());
        for change in &self.pending {
            let gone = (in_order && lost_any) || lost.meets(change) || !random.chance(percent);
            if gone {
                lost.add(change);
                lost_any = true;
            }
            kept.push(!gone);
        }
        kept
    }

    /// Applies the marked changes to what the medium holds; the others go or go on waiting.
    fn settle(&mut self, kept: &[bool], drop_others: bool) {
        let changes = std::mem::take(&mut self.pending);
        for (change, kept) in changes.into_iter().zip(kept) {
            if *kept {
                self.apply(&change, |folder| &mut folder.durable);
            } else if !drop_others {
                self.pending.push(change);
            }
        }
        self.forget_unreachable();
    }

    /// Makes a change visible to processes; the medium waits for a sync.
    fn change(&mut self, change: NameChange) {
        self.apply(&change, |folder| &mut folder.written);
        self.pending.push(change);
    }

    fn apply(
        &mut self,
        change: &NameChange,
        view: fn(&mut Folder) -> &mut BTreeMap<String, NodeId>,
    ) {
        if let Some((folder, name)) = &change.unlink
            && let Some(Node::Folder(folder)) = self.nodes.get_mut(folder)
        {
            view(folder).remove(name);
        }
        if let Some((folder, name)) = &change.link
            && let Some(Node::Folder(folder)) = self.nodes.get_mut(folder)
        {
            view(folder).insert(name.clone(), change.node);
        }
    }

    /// Forgets nodes that nothing leads to, once they may be half of all.
    fn forget_unreachable(&mut self) {
        if self.nodes.len() < 2 * self.reachable + 32 {
            return;
        }
        let mut reached = BTreeSet::new();
        let mut to_visit = vec![ROOT];
        to_visit.extend(self.pending.iter().flat_map(NameChange::nodes));
        for (id, node) in &self.nodes {
            if matches!(node, Node::File { handles: 1.., .. }) {
                to_visit.push(*id);
            }
        }
        while let Some(id) = to_visit.pop() {
            if reached.insert(id)
                && let Some(Node::Folder(folder)) = self.nodes.get(&id)
            {
                to_visit.extend(folder.written.values().chain(folder.durable.values()));
            }
        }
        self.nodes.retain(|id, _| reached.contains(id));
        self.reachable = self.nodes.len();
    }

    fn add(&mut self, node: Node) -> NodeId {
        let id = self.next;
        self.next += 1;
        self.nodes.insert(id, node);
        id
    }

    fn parent(&self, path: &Path) -> io::Result<Entry> {
        let names = names(path)?;
        let Some((name, folders)) = names.split_last() else {
            return Err(io::ErrorKind::InvalidInput.into());
        };
        let mut node = ROOT;
        for folder in folders {
            node = *self.folder(node)?.written.get(*folder).ok_or(io::ErrorKind::NotFound)?;
        }
        self.folder(node)?;
        Ok((node, (*name).to_owned()))
    }

    fn folder(&self, id: NodeId) -> io::Result<&Folder> {
        match self.nodes.get(&id) {
            Some(Node::Folder(folder)) => Ok(folder),
            Some(Node::File { .. }) => Err(io::ErrorKind::NotADirectory.into()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn is_file(&self, id: NodeId) -> bool {
        matches!(self.nodes.get(&id), Some(Node::File { .. }))
    }
}

impl NameChange {
    fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.unlink.iter().chain(&self.link)
    }

    fn is_in(&self, folder: NodeId) -> bool {
        self.entries().any(|(holder, _)| *holder == folder)
    }

    fn nodes(&self) -> impl Iterator<Item = NodeId> {
        std::iter::once(self.node).chain(self.entries().map(|(folder, _)| *folder))
    }
}

/// The names and nodes that some changes are about: what a file system keeps in order.
#[derive(Debug, Default)]
struct Touched {
    nodes: BTreeSet<NodeId>,
    entries: BTreeSet<Entry>,
}

impl Touched {
    fn add(&mut self, change: &NameChange) {
        self.nodes.insert(change.node);
        self.entries.extend(change.entries().cloned());
    }

    fn meets(&self, change: &NameChange) -> bool {
        self.nodes.contains(&change.node)
            || change.entries().any(|entry| self.entries.contains(entry))
    }
}

fn names(path: &Path) -> io::Result<Vec<&str>> {
    let mut names = Vec::new();
    for component in path.components() {
        match component {
            Component::Normal(name) => {
                names.push(name.to_str().ok_or(io::ErrorKind::InvalidInput)?)
            }
            Component::RootDir | Component::CurDir => {}
            Component::ParentDir | Component::Prefix(_) => {
                return Err(io::ErrorKind::InvalidInput.into());
            }
        }
    }
    Ok(names)
}
