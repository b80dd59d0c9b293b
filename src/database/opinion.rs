//! What the database itself says of a statement before it runs.

use crate::error::Result;
use crate::guard::Relation;

/// What is asked about a statement before it runs, on the connection and in the transaction that it runs in.
pub struct Examination<'a> {
    /// Whether the planner is asked, too.
    pub estimate: bool,
    /// Refuses the statement, or lets it run.
    pub judge: &'a (dyn Fn(Opinion) -> Result<()> + Sync),
}

/// What a statement reads in the database's own words, and how much it is expected to cost.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Opinion {
    /// The tables, materialized views and foreign tables it reads, views opened up; as the catalogue spells them.
    pub relations: Vec<Relation>,
    /// The views it reads them through.
    pub views: Vec<Relation>,
    /// Partitions and inheriting tables whose rows come with those of a relation it reads.
    pub children: Vec<Relation>,
    /// Whether that is all it reads. Where not, silence about a relation proves nothing.
    pub is_complete: bool,
    /// `None` where none was asked for, or the engine makes none.
    pub estimate: Option<Estimate>,
}

/// What the planner expects, at the largest step of the plan.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Estimate {
    pub rows: f64,
    /// In the engine's own units; `None` where it has none.
    pub cost: Option<f64>,
    /// Whether two inputs are joined without a condition between them.
    pub is_cartesian: bool,
}
