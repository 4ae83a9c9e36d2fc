//! Indices of a playbook's parts: small, copyable, and meaningless outside the playbook that made them.

macro_rules! index {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u16);

        impl $name {
            /// The index of the part at `position`, or `None` past 65,535, more than a playbook may have.
            #[must_use]
            pub fn new(position: usize) -> Option<Self> {
                u16::try_from(position).ok().map(Self)
            }

            /// Its position in the playbook's document order, from 0.
            #[must_use]
            pub fn position(self) -> usize {
                usize::from(self.0)
            }
        }
    )+};
}

index! {
    /// A stage.
    StageIx,
    /// An action.
    ActionIx,
    /// A signal.
    SignalIx,
    /// A fact.
    FactIx,
    /// A value that fills placeholders.
    ValueIx,
    /// A named condition.
    ConditionIx,
    /// An atom: one test, shared by all conditions that contain it.
    AtomIx,
    /// A delivery guide.
    DeliveryIx,
    /// A guardrail.
    GuardrailIx,
    /// An escalation rule.
    EscalationIx,
}
