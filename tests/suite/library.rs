//! A folder of playbooks as a server holds it: what is loaded, what is refused, and what a reload changes.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use composure::library::{Library, Refusal, Reloaded, Settings};
use composure::playbook::DEFAULT;
use composure::service::{Choice, Loaded};

use crate::commands::GOOD;

/// A folder with the files of a test.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    /// An empty one.
    pub(crate) fn new(name: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("library").join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        fs::write(self.0.join(file), text).unwrap();
    }

    pub(crate) fn remove(&self, file: &str) {
        fs::remove_file(self.0.join(file)).unwrap();
    }

    pub(crate) fn open(&self) -> Result<Library, Refusal> {
        Library::open(Settings { folder: Some(self.0.clone()), previous: 2 })
    }
}

/// The small playbook with another id, version and title.
pub(crate) fn small(id: &str, version: &str, title: &str) -> String {
    GOOD.replace("playbook: small", &format!("playbook: {id}"))
        .replace("version: \"1\"", &format!("version: \"{version}\""))
        .replace("title: Small\n", &format!("title: {title}\n"))
}

/// One with an error in line 10.
pub(crate) fn broken(id: &str) -> String {
    small(id, "1", "Broken").replace("otherwise: hear", "otherwise: heer")
}

fn get(library: &Library, playbook: &str, version: &str) -> Option<Arc<Loaded>> {
    let playbooks = library.shelf().playbooks();
    let chosen = playbooks.choose(Choice { playbook, version }).ok()?;
    playbooks.all().into_iter().find(|loaded| std::ptr::eq(loaded.as_ref(), chosen)).cloned()
}

fn title(library: &Library, playbook: &str) -> Option<String> {
    get(library, playbook, "").map(|loaded| loaded.playbook.title().to_owned())
}

/// Reloads, and what is new and gone, as `id@version`.
pub(crate) fn changes(library: &Library) -> (Vec<String>, Vec<String>) {
    match library.reload() {
        Reloaded::Loaded(changes) => {
            let name = |identity: &composure::playbook::Identity| format!("{}@{}", identity.id, identity.version);
            (changes.new.iter().map(name).collect(), changes.gone.iter().map(name).collect())
        }
        other => panic!("{other:?}"),
    }
}

fn refusal(library: &Library) -> Arc<Refusal> {
    match library.reload() {
        Reloaded::Refused(refusal) => refusal,
        other => panic!("{other:?}"),
    }
}

#[test]
fn without_a_folder_those_in_the_program_are_loaded_and_stay() {
    let library = Library::open(Settings::default()).unwrap();
    assert_eq!(library.shelf().playbooks().iter().count(), 6);
    assert_eq!(library.reload(), Reloaded::Unchanged);
}

#[test]
fn an_empty_folder_is_fine_and_one_that_is_not_there_is_not() {
    let folder = Folder::new("empty");
    folder.write("values.yaml", "replicas: 2\n");
    let library = folder.open().unwrap();
    assert_eq!(library.shelf().playbooks().iter().count(), 6);
    fs::remove_dir_all(&folder.0).unwrap();
    assert!(folder.open().unwrap_err().to_string().starts_with("cannot read `"));
    assert!(refusal(&library).summary.starts_with("cannot read `"));
    assert_eq!(library.shelf().playbooks().iter().count(), 6);
}

#[test]
fn broken_files_at_the_start_are_refused_with_every_error_of_each() {
    let folder = Folder::new("broken_at_start");
    folder.write("a.yaml", &broken("a").replace("kind: question", "kind: qestion"));
    folder.write("b.yaml", &small("b", "1", "Good"));
    folder.write("c.yaml", &broken("c"));
    let refusal = folder.open().unwrap_err();
    assert!(refusal.summary.starts_with("2 of 3 playbook files cannot be loaded: `"), "{}", refusal.summary);
    for place in ["a.yaml:10:", "a.yaml:26:", "c.yaml:10:"] {
        assert!(refusal.report.contains(place), "{}", refusal.report);
    }
    assert_eq!(refusal.report.matches("did you mean `hear`?").count(), 2);
}

#[test]
fn a_law_that_does_not_hold_refuses_and_a_warning_does_not() {
    let folder = Folder::new("law");
    folder.write("warned.yaml", &small("warned", "1", "Warned\nvalues: {name: The name}"));
    let library = folder.open().unwrap();
    assert_eq!(title(&library, "warned").as_deref(), Some("Warned"));
    folder.write("law.yaml", include_str!("../laws/escalation.yaml"));
    let refusal = refusal(&library);
    assert!(refusal.report.contains("error[law-broken]: this law does not hold"), "{}", refusal.report);
    assert!(folder.open().is_err());
}

#[test]
fn the_same_version_in_two_files_is_refused() {
    let folder = Folder::new("twice");
    folder.write("a.yaml", &small("a", "1", "A"));
    let library = folder.open().unwrap();
    folder.write("b.yaml", &small("a", "1", "A"));
    let refusal = refusal(&library);
    assert!(refusal.report.contains("error[duplicate-playbook]: `"), "{}", refusal.report);
    assert!(refusal.summary.contains("b.yaml`"), "{}", refusal.summary);
}

#[test]
fn a_reload_brings_what_is_new_and_takes_what_is_gone() {
    let folder = Folder::new("reload");
    folder.write("a.yaml", &small("a", "1", "A"));
    folder.write("b.yaml", &small("b", "1", "B"));
    let library = folder.open().unwrap();
    assert_eq!(library.reload(), Reloaded::Unchanged);
    folder.write("a.yaml", &small("a", "2", "Another"));
    folder.write("c.yaml", &small("c", "1", "C"));
    folder.remove("b.yaml");
    let of = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    assert_eq!(changes(&library), (of(&["a@2", "c@1"]), of(&["a@1", "b@1"])));
    assert_eq!(title(&library, "a").as_deref(), Some("Another"));
    assert_eq!(title(&library, "b"), None, "only who names its version still gets it");
    assert!(get(&library, "b", "1").is_some());
    assert_eq!(library.reload(), Reloaded::Unchanged);
}

#[test]
fn a_broken_set_is_refused_as_a_whole_and_the_last_good_one_stays() {
    let folder = Folder::new("broken_later");
    folder.write("a.yaml", &small("a", "1", "Good"));
    let library = folder.open().unwrap();
    let before = library.shelf().playbooks();
    assert_eq!(library.problem(), None);
    folder.write("a.yaml", &small("a", "2", "Better"));
    folder.write("b.yaml", &broken("b"));
    let first = refusal(&library);
    assert!(first.report.contains("b.yaml:10:") && first.summary.starts_with("1 of 2 "), "{first}");
    assert!(Arc::ptr_eq(&library.shelf().playbooks(), &before));
    assert_eq!(library.problem().as_ref(), Some(&first));
    assert!(Arc::ptr_eq(&refusal(&library), &first), "the same files are refused from memory");
    folder.write("b.yaml", &small("b", "1", "Mended"));
    assert_eq!(changes(&library).0, ["a@2", "b@1"]);
    assert_eq!(library.problem(), None);
}

#[test]
fn a_change_that_is_taken_back_is_no_problem_any_more() {
    let folder = Folder::new("taken_back");
    folder.write("a.yaml", &small("a", "1", "Good"));
    let library = folder.open().unwrap();
    folder.write("a.yaml", &broken("a"));
    refusal(&library);
    folder.write("a.yaml", &small("a", "1", "Good"));
    assert_eq!(library.reload(), Reloaded::Unchanged);
    assert_eq!(library.problem(), None);
}

#[test]
fn a_comment_is_loaded_and_decides_nothing() {
    let folder = Folder::new("comment");
    folder.write("a.yaml", &small("a", "1", "A"));
    let library = folder.open().unwrap();
    folder.write("a.yaml", &format!("# A word on it.\n{}", small("a", "1", "A")));
    assert_eq!(changes(&library), (Vec::new(), Vec::new()));
    assert!(get(&library, "a", "").unwrap().document().starts_with("# A word on it.\n"));
    assert_eq!(library.shelf().playbooks().all().iter().filter(|it| it.playbook.identity().id == "a").count(), 1);
}

#[test]
fn the_file_in_the_folder_stands_above_the_same_one_in_the_program() {
    let folder = Folder::new("above");
    folder.write("default.yaml", &DEFAULT.replacen("\ntitle: ", "\ntitle: Ours, ", 1));
    let library = folder.open().unwrap();
    assert_eq!(library.shelf().playbooks().iter().count(), 6);
    assert!(title(&library, "default").unwrap().starts_with("Ours, "));
    folder.remove("default.yaml");
    assert_eq!(changes(&library), (vec!["default@1".to_owned()], vec!["default@1".to_owned()]));
    assert!(!title(&library, "default").unwrap().starts_with("Ours, "));
}

#[test]
fn of_several_versions_the_greatest_number_decides() {
    let folder = Folder::new("versions");
    for (file, version) in [("a.yaml", "10"), ("b.yaml", "9"), ("c.yaml", "010-draft"), ("d.yaml", "2")] {
        folder.write(file, &small("many", version, &format!("Version {version}")));
    }
    let library = folder.open().unwrap();
    let playbooks = library.shelf().playbooks();
    let identities = playbooks.iter().map(|loaded| loaded.playbook.identity()).filter(|identity| identity.id == "many");
    let versions: Vec<_> = identities.map(|identity| identity.version.as_str()).collect();
    assert_eq!(versions, ["2", "9", "10", "010-draft"]);
    assert_eq!(title(&library, "many").as_deref(), Some("Version 010-draft"));
}

#[test]
fn what_did_not_change_is_not_compiled_again_unless_its_base_did() {
    let folder = Folder::new("again");
    let extends = "playbook: harbor\nversion: \"1\"\ntitle: Harbor\nextends: base@1\n";
    folder.write("alone.yaml", &small("alone", "1", "Alone"));
    folder.write("base.yaml", &small("base", "1", "Base"));
    folder.write("harbor.yaml", extends);
    let library = folder.open().unwrap();
    let (alone, harbor) = (get(&library, "alone", "").unwrap(), get(&library, "harbor", "").unwrap());
    assert!(harbor.document().contains("Go on.") && !harbor.document().contains("extends:"), "{}", harbor.document());
    folder.write("more.yaml", &small("more", "1", "More"));
    assert_eq!(changes(&library), (vec!["more@1".to_owned()], Vec::new()));
    assert!(Arc::ptr_eq(&get(&library, "harbor", "").unwrap(), &harbor));
    folder.write("base.yaml", &small("base", "1", "Base").replace("Go on.", "Please go on."));
    assert_eq!(changes(&library).0, ["base@1", "harbor@1"]);
    assert!(Arc::ptr_eq(&get(&library, "alone", "").unwrap(), &alone));
    assert!(get(&library, "harbor", "").unwrap().document().contains("Please go on."));
}

#[test]
fn a_mounted_volume_is_read_through_its_links() {
    let folder = Folder::new("mounted");
    let volume = |moment: &str, title: &str| {
        fs::create_dir_all(folder.0.join(moment)).unwrap();
        folder.write(&format!("{moment}/a.yaml"), &small("a", "1", title));
        std::os::unix::fs::symlink(moment, folder.0.join("..data_tmp")).unwrap();
        fs::rename(folder.0.join("..data_tmp"), folder.0.join("..data")).unwrap();
    };
    volume("..2026_01_01", "First");
    std::os::unix::fs::symlink("..data/a.yaml", folder.0.join("a.yaml")).unwrap();
    let library = folder.open().unwrap();
    assert_eq!(title(&library, "a").as_deref(), Some("First"));
    volume("..2026_01_02", "Second");
    changes(&library);
    assert_eq!(title(&library, "a").as_deref(), Some("Second"));
}
