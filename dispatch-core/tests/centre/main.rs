//! The centre's decisions, as a dispatcher would tell them: what is asked, what comes out, what is refused.

mod city;
mod deadlines;
mod life;
mod mishaps;
mod policies;
mod random_days;
mod record;
mod refusals;
