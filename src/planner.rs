//! (wanted, facts) → plan. Pure.
