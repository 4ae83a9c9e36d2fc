//! How it went, as the XML that CI systems read: a suite for each file, a case for each conversation.

use quick_junit::{NonSuccessKind, Report, SerializeError, TestCase, TestCaseStatus, TestSuite};

use super::results::{Conversation, Tested};
use super::text::failure_text;
use crate::playbook::Style;
use crate::rehearsal::Failure;

/// The document.
pub(super) fn xml(all: &[Tested]) -> Result<String, SerializeError> {
    let mut report = Report::new("composure test");
    report.add_test_suites(all.iter().map(suite));
    report.to_string()
}

fn suite(tested: &Tested) -> TestSuite {
    let mut suite = TestSuite::new(tested.file.as_str());
    match &tested.played {
        Some(played) => {
            let case = |conversation| case(&tested.file, &played.playbook.id, conversation);
            suite.add_test_cases(played.conversations.iter().map(case));
        }
        None => {
            suite.add_test_case(broken(tested));
        }
    }
    suite
}

/// A file that can't be played is a case of its own, so that nobody takes it for one without tests.
fn broken(tested: &Tested) -> TestCase {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_message("the playbook has errors").set_type("findings");
    status.set_description(tested.report.render(Style::Plain));
    placed(TestCase::new("is a valid playbook", status), &tested.file, 1)
}

fn case(file: &str, playbook: &str, conversation: &Conversation) -> TestCase {
    let mut case =
        placed(TestCase::new(conversation.name.as_str(), status(file, conversation)), file, conversation.line);
    case.set_classname(playbook);
    case
}

fn placed(mut case: TestCase, file: &str, line: usize) -> TestCase {
    case.extra.insert("file".into(), file.into());
    case.extra.insert("line".into(), line.to_string().into());
    case
}

fn status(file: &str, conversation: &Conversation) -> TestCaseStatus {
    let Some(Failure { turn, expected, found, .. }) = conversation.failures.first() else {
        return TestCaseStatus::success();
    };
    let told =
        conversation.failures.iter().map(|failure| format!("{file}:{}: {}", failure.line, failure_text(failure)));
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_message(format!("turn {turn}: expected {expected}, found {found}")).set_type("expectation");
    status.set_description(told.collect::<Vec<_>>().join("\n"));
    status
}
