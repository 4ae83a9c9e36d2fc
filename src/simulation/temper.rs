//! Sorts of customers. The numbers are chosen, not measured: each sort answers differently to the same agent.

/// How somebody answers to how they are treated. Anger goes from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Temper {
    /// What it is called.
    pub name: &'static str,
    /// Anger at the beginning, from and to.
    pub anger: (f64, f64),
    /// Venting at the beginning.
    pub venting: f64,
    /// Anger that being heard takes off.
    pub heard: f64,
    /// Anger that a solution before its time puts on.
    pub hurried: f64,
    /// Anger that the same words again put on.
    pub repeated: f64,
    /// Anger that ten minutes of waiting put on.
    pub waiting: f64,
    /// For how many turns they stay at the height of their anger.
    pub patience: u32,
    /// How likely the agent finds out something that is asked for, in a turn.
    pub open: f64,
    /// How likely they ask for a manager in an angry turn.
    pub manager: f64,
    /// How likely they turn down a solution though they feel heard.
    pub refuses: f64,
    /// How likely they threaten somebody in a turn at the height of their anger.
    pub threatens: f64,
}

/// All sorts, each as frequent as another.
pub const TEMPERS: [Temper; 6] = [
    Temper {
        name: "even",
        anger: (0.2, 0.5),
        venting: 0.0,
        heard: 0.10,
        hurried: 0.05,
        repeated: 0.03,
        waiting: 0.01,
        patience: 6,
        open: 0.7,
        manager: 0.01,
        refuses: 0.1,
        threatens: 0.0,
    },
    Temper {
        name: "hurt",
        anger: (0.5, 0.8),
        venting: 0.4,
        heard: 0.16,
        hurried: 0.15,
        repeated: 0.05,
        waiting: 0.02,
        patience: 5,
        open: 0.5,
        manager: 0.03,
        refuses: 0.15,
        threatens: 0.0,
    },
    Temper {
        name: "loud",
        anger: (0.75, 1.0),
        venting: 0.95,
        heard: 0.13,
        hurried: 0.20,
        repeated: 0.06,
        waiting: 0.03,
        patience: 4,
        open: 0.4,
        manager: 0.10,
        refuses: 0.2,
        threatens: 0.03,
    },
    Temper {
        name: "hurried",
        anger: (0.4, 0.7),
        venting: 0.1,
        heard: 0.07,
        hurried: 0.02,
        repeated: 0.12,
        waiting: 0.10,
        patience: 3,
        open: 0.6,
        manager: 0.08,
        refuses: 0.1,
        threatens: 0.0,
    },
    Temper {
        name: "wary",
        anger: (0.4, 0.7),
        venting: 0.2,
        heard: 0.07,
        hurried: 0.12,
        repeated: 0.08,
        waiting: 0.03,
        patience: 5,
        open: 0.3,
        manager: 0.06,
        refuses: 0.45,
        threatens: 0.0,
    },
    Temper {
        name: "explosive",
        anger: (0.85, 1.0),
        venting: 0.8,
        heard: 0.09,
        hurried: 0.25,
        repeated: 0.10,
        waiting: 0.05,
        patience: 4,
        open: 0.3,
        manager: 0.15,
        refuses: 0.35,
        threatens: 0.20,
    },
];
