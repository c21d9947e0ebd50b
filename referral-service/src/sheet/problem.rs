//! What there is to say of a row.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Something about a row: why it was refused, or what is worth knowing of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RowProblem {
    /// Whether the row was refused for it.
    pub refused: bool,
    /// The column it is about; absent, if it is about the whole row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "birth_date")]
    pub column: Option<String>,
    /// A stable word for programs.
    #[schema(example = "in_the_future")]
    pub code: String,
    /// What to do about it, for people. The cell itself is never repeated.
    pub detail: String,
}

/// What there is to say of each row, by its number.
pub type Problems = Vec<(i32, RowProblem)>;
