//! The playbooks that come with the program.

/// The default playbook, as written: it joins the processes of all its sources.
pub const DEFAULT: &str = include_str!("../../playbooks/default.yaml");

/// All of them, fragments too, by file name.
pub const SHIPPED: &[(&str, &str)] = &[
    ("default.yaml", DEFAULT),
    ("kahle.yaml", include_str!("../../playbooks/kahle.yaml")),
    ("difficult_customers.yaml", include_str!("../../playbooks/difficult_customers.yaml")),
    ("angry_customers.yaml", include_str!("../../playbooks/angry_customers.yaml")),
    ("connors_frare.yaml", include_str!("../../playbooks/connors_frare.yaml")),
    ("clark.yaml", include_str!("../../playbooks/clark.yaml")),
    ("house.yaml", include_str!("../../playbooks/house.yaml")),
];

#[cfg(test)]
mod tests {
    use crate::playbook::{Bases, Whole};

    #[test]
    fn the_playbooks_in_the_program_leave_nothing_to_be_said() {
        let bases = Bases::shipped();
        for (file, source) in super::SHIPPED {
            let (_, report) = Whole::read(source.as_bytes(), file, &bases).unwrap();
            assert!(report.is_empty(), "{report}");
        }
    }
}
