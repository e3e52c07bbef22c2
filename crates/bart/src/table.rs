//! Tables of text whose columns line up.

use std::fmt;

/// On which side of its column a cell is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alignment {
    /// For words.
    Left,
    /// For numbers.
    Right,
}

/// A table. Its `Display` has a line for the titles, if there are any, and one for each row, without white space at their ends.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    alignments: Vec<Alignment>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these columns.
    pub(crate) fn new(columns: &[(&str, Alignment)]) -> Table {
        let titles = columns.iter().map(|(title, _)| (*title).to_owned());
        let alignments = columns.iter().map(|(_, alignment)| *alignment).collect();
        let mut table = Table::untitled(alignments);
        table.row(titles.collect());
        table
    }

    /// A table without a line for titles.
    pub(crate) fn untitled(alignments: Vec<Alignment>) -> Table {
        Table {
            alignments,
            rows: Vec::new(),
        }
    }

    /// Adds a row with a cell for each column.
    pub(crate) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let columns = self.alignments.iter().enumerate();
        let columns: Vec<(usize, Alignment)> = columns
            .map(|(column, alignment)| (width(column), *alignment))
            .collect();
        for row in &self.rows {
            let cells = row.iter().zip(&columns);
            let cells: Vec<String> = cells
                .map(|(cell, (width, alignment))| match alignment {
                    Alignment::Left => format!("{cell:<width$}"),
                    Alignment::Right => format!("{cell:>width$}"),
                })
                .collect();
            writeln!(formatter, "{}", cells.join("  ").trim_end())?;
        }
        Ok(())
    }
}

/// A name from outside, such that it moves no cursor and forges no line.
pub(crate) fn plain(name: &str) -> String {
    if name.contains(char::is_control) {
        name.escape_debug().to_string()
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_lines_have_no_white_space_at_their_ends() {
        let mut table = Table::new(&[
            ("name", Alignment::Left),
            ("bytes", Alignment::Right),
            ("", Alignment::Left),
        ]);
        table.row(["é", "7", "new"].map(str::to_owned).to_vec());
        table.row(["a longer one", "12345", ""].map(str::to_owned).to_vec());
        let text = "name          bytes\né                 7  new\na longer one  12345\n";
        assert_eq!(table.to_string(), text);
    }

    #[test]
    fn names_with_control_characters_are_escaped() {
        assert_eq!(plain("naïve \"name\".md"), "naïve \"name\".md");
        assert_eq!(plain("a\u{1b}[2J\nb"), "a\\u{1b}[2J\\nb");
    }
}
