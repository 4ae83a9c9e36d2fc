//! Everything that is wrong with a configuration, wherever it stands: all of it at once.

use std::fmt;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{Level, Origin, Renderer};

use super::kind::Flaw;
use crate::playbook::{Report, Style};

/// Everything that is wrong with a configuration: first in the file, then in the environment, then in the flags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems {
    file: Option<Report>,
    outside: Vec<Outside>,
}

/// What is wrong outside the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outside {
    /// A variable or a flag.
    pub(super) place: String,
    pub(super) flaw: Flaw,
}

impl Problems {
    pub(super) fn new(file: Option<Report>, outside: Vec<Outside>) -> Self {
        Self { file, outside }
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        let in_file = self.file.as_ref().map_or(0, |report| report.diagnostics().len() + report.omitted());
        in_file + self.outside.len()
    }

    /// For people: place and mend of each, and the line where it is in the file.
    #[must_use]
    pub fn render(&self, style: Style) -> String {
        let renderer = match style {
            Style::Plain => Renderer::plain(),
            Style::Coloured => Renderer::styled(),
        }
        .decor_style(DecorStyle::Ascii);
        let in_file = self.file.iter().filter(|report| !report.is_empty()).map(|report| report.render(style));
        let outside = self.outside.iter().map(|problem| problem.render(&renderer));
        in_file.chain(outside).collect::<Vec<_>>().join("\n\n")
    }
}

impl Outside {
    fn render(&self, renderer: &Renderer) -> String {
        let Self { place, flaw: Flaw { code, message, mend } } = self;
        let title = Level::ERROR.primary_title(message).id(*code);
        renderer.render(&[title.element(Origin::path(place)).element(Level::HELP.message(mend))])
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(Style::Plain))
    }
}

impl std::error::Error for Problems {}
