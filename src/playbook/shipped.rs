//! The playbooks that come with the program.

/// The default playbook, as written: it joins the processes of all its sources.
pub const DEFAULT: &str = include_str!("../../playbooks/default.yaml");

#[cfg(test)]
mod tests {
    use crate::playbook::Playbook;

    #[test]
    fn the_default_playbook_leaves_nothing_to_be_said() {
        let (_, report) = Playbook::parse(super::DEFAULT.as_bytes(), "default.yaml").unwrap();
        assert!(report.is_empty(), "{report}");
    }
}
