//! The authors' guide says what to run in CI: its commands are run on the playbooks that come with the program.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

const GUIDE: &str = include_str!("../../playbooks/README.md");

/// The commands of the section.
fn commands() -> Vec<&'static str> {
    let (_, section) = GUIDE.split_once("\n## Check and test in CI\n").unwrap();
    let section = section.split("\n## ").next().unwrap();
    section.split("```sh\n").skip(1).flat_map(|block| block.split("```").next().unwrap().lines()).collect()
}

/// A folder with a copy of the playbooks.
fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("guide");
    for part in ["playbooks", "playbooks/examples"] {
        fs::create_dir_all(folder.join(part)).unwrap();
        for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(part)).unwrap().map(Result::unwrap) {
            if entry.path().is_file() {
                fs::copy(entry.path(), folder.join(part).join(entry.file_name())).unwrap();
            }
        }
    }
    folder
}

#[test]
fn every_command_for_ci_passes_on_the_playbooks_that_come_with_the_program() {
    let (commands, folder) = (commands(), folder());
    assert!(commands.len() >= 6, "{commands:?}");
    let programs = Path::new(env!("CARGO_BIN_EXE_composure")).parent().unwrap().display();
    for command in commands {
        let script = format!("PATH={programs}:$PATH\n{command}");
        let output = Command::new("bash").args(["-c", &script]).current_dir(&folder).output().unwrap();
        let told = [output.stdout, output.stderr].concat();
        assert!(output.status.success(), "{command}\n{}", String::from_utf8_lossy(&told));
    }
    for file in ["findings.sarif", "results.json"] {
        let written = fs::read_to_string(folder.join(file)).unwrap();
        assert!(serde_json::from_str::<Value>(&written).is_ok(), "{file}: {written}");
    }
    assert!(fs::read_to_string(folder.join("results.xml")).unwrap().contains("failures=\"0\""));
}

#[test]
fn the_guide_names_every_sort_that_is_counted() {
    for sort in composure::rehearsal::Sort::ALL {
        assert!(GUIDE.contains(&format!("`{}`", sort.as_str())), "{}", sort.as_str());
    }
}

#[test]
fn the_playbooks_that_come_with_the_program_exercise_all_stages_exits_interrupts_actions_and_laws() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_composure"));
    command.arg("test").arg(concat!(env!("CARGO_MANIFEST_DIR"), "/playbooks")).arg("--coverage");
    for sort in ["stages", "exits", "interrupts", "actions", "laws"] {
        command.args(["--min-coverage", &format!("{sort}=100")]);
    }
    let output = command.output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}{told}", String::from_utf8_lossy(&output.stderr));
}
