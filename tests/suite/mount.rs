//! A folder as Kubernetes mounts it: files are links through `..data`, and one rename of that link replaces them all.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

pub(crate) struct Mount {
    folder: TempDir,
    revision: usize,
}

impl Mount {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let mut mount = Self { folder: TempDir::new().expect("there is room"), revision: 0 };
        mount.swap(files);
        for (name, _) in files {
            symlink(Path::new("..data").join(name), mount.path(name)).expect("it is not there yet");
        }
        mount
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Replaces all files at once.
    pub(crate) fn swap(&mut self, files: &[(&str, &str)]) {
        let before = self.path(&format!("..{}", self.revision));
        self.revision += 1;
        let revision = format!("..{}", self.revision);
        fs::create_dir(self.path(&revision)).expect("it is new");
        for (name, text) in files {
            fs::write(self.path(&revision).join(name), text).expect("it is writable");
        }
        symlink(&revision, self.path("..data_tmp")).expect("it is not there");
        fs::rename(self.path("..data_tmp"), self.path("..data")).expect("it is writable");
        // The first has none before it.
        let _ = fs::remove_dir_all(before);
    }

    /// Replaces one file that is not behind the link.
    pub(crate) fn replace(&self, name: &str, text: &str) {
        let new = self.path(&format!(".{name}.new"));
        fs::write(&new, text).expect("it is writable");
        fs::rename(new, self.path(name)).expect("it is writable");
    }
}
