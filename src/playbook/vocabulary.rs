//! The closed sets of the format: what may stand in a playbook where no id of its own may.

/// A closed set of words.
pub(super) trait Word: Copy + 'static {
    /// All of it, in order.
    const ALL: &'static [Self];

    /// How playbooks write it.
    fn word(self) -> &'static str;
}

macro_rules! vocabulary {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// All of them, in their order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word that playbooks use.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// The one that `word` names.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($text => Some(Self::$variant),)+ _ => None }
            }
        }

        impl $crate::playbook::vocabulary::Word for $name {
            const ALL: &'static [Self] = Self::ALL;

            fn word(self) -> &'static str {
                self.as_str()
            }
        }
    };
}

pub(super) use vocabulary;

vocabulary! {
    /// What sort of thing an action is. Rules speak of kinds where the id does not matter.
    Kind {
        /// Taking in what the customer says.
        Listening = "listening",
        /// Showing that the feeling is understood.
        Empathy = "empathy",
        /// Being sorry, without admitting anything.
        Apology = "apology",
        /// Owning a mistake that is known.
        Admission = "admission",
        /// Asking.
        Question = "question",
        /// Saying how it can be put right.
        Solution = "solution",
        /// Giving something.
        Concession = "concession",
        /// Committing to a step and a time.
        Promise = "promise",
        /// Doing it.
        Work = "work",
        /// Telling how it stands.
        Update = "update",
        /// Saying what cannot go on.
        Boundary = "boundary",
        /// Bringing somebody in, or passing on.
        Handoff = "handoff",
        /// Getting help where somebody may be harmed.
        Safety = "safety",
        /// Ending well.
        Closing = "closing",
    }
}

vocabulary! {
    /// How agent and customer talk.
    Channel {
        /// Telephone.
        Voice = "voice",
        /// Video call.
        Video = "video",
        /// Face to face.
        InPerson = "in_person",
        /// Live chat.
        Chat = "chat",
        /// Mail.
        Email = "email",
        /// Public or direct messages on a social network.
        Social = "social",
    }
}

vocabulary! {
    /// How strongly people should be brought in.
    EscalationLevel {
        /// Not at all.
        None = "none",
        /// Offer it.
        Offer = "offer",
        /// Better do it.
        Recommend = "recommend",
        /// Do it now.
        Require = "require",
    }
}

vocabulary! {
    /// Whom to bring in.
    EscalationTarget {
        /// A more experienced colleague.
        SeniorAgent = "senior_agent",
        /// A supervisor or manager.
        Supervisor = "supervisor",
        /// The people who know the matter.
        SpecialistTeam = "specialist_team",
        /// Those who keep people safe.
        Security = "security",
    }
}

vocabulary! {
    /// How fast.
    Urgency {
        /// At once.
        Now = "now",
        /// In this conversation.
        Soon = "soon",
        /// After it.
        Later = "later",
    }
}

vocabulary! {
    /// How a conversation ended, as a final stage declares it.
    Ending {
        /// The matter is settled.
        Resolved = "resolved",
        /// The contact was ended.
        Parted = "parted",
        /// The customer is gone.
        Abandoned = "abandoned",
    }
}

impl Channel {
    /// Voice, video or in person.
    #[must_use]
    pub fn is_spoken(self) -> bool {
        match self {
            Self::Voice | Self::Video | Self::InPerson => true,
            Self::Chat | Self::Email | Self::Social => false,
        }
    }
}

/// A set of channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChannelSet(u8);

impl ChannelSet {
    /// No channel.
    pub const NONE: Self = Self(0);
    /// Every channel.
    pub const ALL: Self = Self(0b11_1111);

    /// This set and `channel`.
    #[must_use]
    pub fn with(self, channel: Channel) -> Self {
        Self(self.0 | 1 << channel as u8)
    }

    /// Whether `channel` is in it.
    #[must_use]
    pub fn contains(self, channel: Channel) -> bool {
        self.0 & 1 << channel as u8 != 0
    }

    /// Its channels, in their order.
    pub fn iter(self) -> impl Iterator<Item = Channel> {
        Channel::ALL.iter().copied().filter(move |c| self.contains(*c))
    }

    /// The channels that `word` names: one, or the group `spoken` or `written`.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        let group =
            |spoken| Channel::ALL.iter().filter(|c| c.is_spoken() == spoken).fold(Self::NONE, |set, c| set.with(*c));
        match word {
            "spoken" => Some(group(true)),
            "written" => Some(group(false)),
            _ => Channel::from_word(word).map(|c| Self::NONE.with(c)),
        }
    }
}
