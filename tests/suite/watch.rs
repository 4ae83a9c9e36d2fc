//! Changes of files, as people, tools and kubelets make them, are told.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use composure::watch::Watch;
use tokio::time::timeout;

/// Within this a change is told, even on a busy machine; a look without the kernel comes later.
const SOON: Duration = Duration::from_secs(8);
/// Longer than it takes to tell of what has happened.
const THROUGH: Duration = Duration::from_millis(1_500);

fn folder(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("watch").join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

/// Whether `change` is told by a watch on `path`.
async fn is_told(path: &Path, change: impl FnOnce()) -> bool {
    let watch = Watch::on(vec![path.to_owned()]).unwrap();
    change();
    timeout(SOON, watch.changed()).await.is_ok()
}

/// Puts what a volume holds in place as a kubelet does: a new folder, and a link that is switched to it.
fn switch(volume: &Path, moment: &str, files: &[(&str, &str)]) {
    let before = fs::read_link(volume.join("..data")).ok();
    fs::create_dir(volume.join(moment)).unwrap();
    for (file, text) in files {
        fs::write(volume.join(moment).join(file), text).unwrap();
    }
    std::os::unix::fs::symlink(moment, volume.join("..data_tmp")).unwrap();
    fs::rename(volume.join("..data_tmp"), volume.join("..data")).unwrap();
    for (file, _) in files {
        let _ = std::os::unix::fs::symlink(Path::new("..data").join(file), volume.join(file));
    }
    if let Some(before) = before {
        fs::remove_dir_all(volume.join(before)).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_written_replaced_removed_or_made_is_told() {
    let folder = folder("file");
    let (file, other) = (folder.join("key.pem"), folder.join("other"));
    fs::write(&file, "one").unwrap();
    assert!(is_told(&file, || fs::write(&file, "two").unwrap()).await, "written");
    fs::write(&other, "two").unwrap();
    assert!(is_told(&file, || fs::rename(&other, &file).unwrap()).await, "replaced by one that says the same");
    assert!(is_told(&file, || fs::remove_file(&file).unwrap()).await, "removed");
    assert!(is_told(&file, || fs::write(&file, "two").unwrap()).await, "made again");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_in_a_folder_is_told_however_deep() {
    let folder = folder("folder");
    let deep = folder.join("deep/er");
    assert!(is_told(&folder, || fs::write(folder.join("a.yaml"), "a").unwrap()).await);
    assert!(is_told(&folder, || fs::create_dir_all(&deep).unwrap()).await);
    assert!(is_told(&folder, || fs::write(deep.join("b.yaml"), "b").unwrap()).await);
    assert!(is_told(&folder, || fs::write(deep.join("b.yaml"), "c").unwrap()).await);
    assert!(is_told(&folder, || fs::remove_file(deep.join("b.yaml")).unwrap()).await);
    assert!(is_told(&folder, || fs::remove_dir_all(&folder).unwrap()).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_comes_later_is_told_and_then_watched() {
    let folder = folder("later");
    let late = folder.join("not/yet/there");
    let watch = Watch::on(vec![late.clone()]).unwrap();
    fs::create_dir_all(&late).unwrap();
    for round in 0..3 {
        timeout(SOON, watch.changed()).await.expect("it is told");
        while timeout(THROUGH, watch.changed()).await.is_ok() {}
        // A folder that goes and comes back is another one by the same name.
        if round == 1 {
            fs::remove_dir_all(folder.join("not")).unwrap();
            fs::create_dir_all(&late).unwrap();
        }
        fs::write(late.join("a.yaml"), format!("{round}")).unwrap();
    }
    timeout(SOON, watch.changed()).await.expect("it is told");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_volume_that_is_switched_is_told_each_time() {
    let volume = folder("volume");
    switch(&volume, "..2026_01_01", &[("tls.crt", "same"), ("tls.key", "same")]);
    let certificate = Watch::on(vec![volume.join("tls.crt")]).unwrap();
    let all = Watch::on(vec![volume.clone()]).unwrap();
    for moment in ["..2026_01_02", "..2026_01_03", "..2026_01_04"] {
        switch(&volume, moment, &[("tls.crt", "same"), ("tls.key", "same")]);
        for watch in [&certificate, &all] {
            timeout(SOON, watch.changed()).await.expect("it is told");
            while timeout(THROUGH, watch.changed()).await.is_ok() {}
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_watched_where_it_leads() {
    let folder = folder("link");
    fs::create_dir(folder.join("elsewhere")).unwrap();
    let target = folder.join("elsewhere/keys.yaml");
    fs::write(&target, "one").unwrap();
    fs::create_dir(folder.join("here")).unwrap();
    let link = folder.join("here/keys.yaml");
    std::os::unix::fs::symlink(&target, &link).unwrap();
    assert!(is_told(&link, || fs::write(&target, "two").unwrap()).await);
    assert!(is_told(&folder.join("here"), || fs::write(&target, "three").unwrap()).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_in_quick_succession_are_told_together() {
    let folder = folder("quick");
    let watch = Watch::on(vec![folder.clone()]).unwrap();
    for number in 0..50 {
        fs::write(folder.join(format!("{number}.yaml")), "a").unwrap();
    }
    timeout(SOON, watch.changed()).await.expect("it is told");
    let mut more = 0;
    while timeout(THROUGH, watch.changed()).await.is_ok() {
        more += 1;
    }
    assert!(more < 5, "fifty changes were told {more} times more");
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_and_what_happens_beside_is_not_told() {
    let folder = folder("beside");
    let file = folder.join("key.pem");
    fs::write(&file, "one").unwrap();
    let watch = Watch::on(vec![file.clone()]).unwrap();
    assert_eq!(fs::read_to_string(&file).unwrap(), "one");
    fs::write(folder.join("log.txt"), "a line").unwrap();
    assert!(timeout(THROUGH, watch.changed()).await.is_err());
}
