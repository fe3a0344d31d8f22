//! Aligned columns for lists on standard output.

use comfy_table::presets::NOTHING;
use comfy_table::{Row, Table};

/// Rows as aligned text, a line each, the header first.
pub fn columns<R: Into<Row>>(header: impl Into<Row>, rows: impl IntoIterator<Item = R>) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(header).add_rows(rows);
    table.lines().map(|line| line.trim().to_owned() + "\n").collect()
}
