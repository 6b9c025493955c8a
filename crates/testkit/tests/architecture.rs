//! The walls of the house: who may use whom, who owns what, and the habits every file keeps.
//!
//! For whoever changes the workspace: each test states one rule, and a failure names the file and the rule. Rules are
//! plain functions over data, and each is shown a small breach of its own beside it, so a rule that has stopped
//! working is itself a failing test. What the compiler or clippy already refuse is not repeated here.

#![expect(clippy::expect_used, reason = "a workspace that cannot be read must fail these tests")]

mod architecture {
    mod graph;
    mod shape;
    mod sources;
    mod tokens;
    mod vocabulary;
    mod workspace;

    /// One broken rule at one place.
    #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
    pub(crate) struct Breach {
        /// The file and line, or the package.
        pub(crate) place: String,
        /// What was found there, and what the rule says.
        pub(crate) message: String,
    }

    impl Breach {
        pub(crate) fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
            Self { place: place.into(), message: message.into() }
        }
    }

    /// Fails with every breach, one a line.
    #[track_caller]
    pub(crate) fn assert_kept(breaches: Vec<Breach>) {
        let lines: Vec<String> =
            breaches.iter().map(|breach| format!("  {}: {}", breach.place, breach.message)).collect();
        assert!(breaches.is_empty(), "{} breach(es) of the architecture:\n{}", lines.len(), lines.join("\n"));
    }
}
