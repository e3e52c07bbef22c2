//! A Markdown table whose columns line up in the source too.

/// Lines of cells below a head.
pub(crate) struct Grid {
    head: Vec<String>,
    /// Whether a column has numbers, which stand at the right.
    numbers: Vec<bool>,
    lines: Vec<Vec<String>>,
}

impl Grid {
    /// Columns whose name begins with `#` have numbers; the `#` is not shown.
    pub(crate) fn new(columns: &[&str]) -> Grid {
        let names = columns.iter().map(|name| name.trim_start_matches('#'));
        Grid {
            head: names.map(str::to_owned).collect(),
            numbers: columns.iter().map(|name| name.starts_with('#')).collect(),
            lines: Vec::new(),
        }
    }

    /// Adds a line with a cell for each column.
    pub(crate) fn add(&mut self, cells: Vec<String>) {
        debug_assert_eq!(cells.len(), self.head.len(), "{cells:?}");
        self.lines.push(cells);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    pub(crate) fn markdown(&self) -> String {
        let widths: Vec<usize> = (0..self.head.len())
            .map(|column| self.width(column))
            .collect();
        let rule = widths.iter().zip(&self.numbers).map(|(width, number)| {
            let dashes = "-".repeat(width + 1);
            if *number {
                format!("{dashes}:|")
            } else {
                format!("{dashes}-|")
            }
        });
        let mut text = self.line(&self.head, &widths);
        text.push('|');
        text.extend(rule);
        text.push('\n');
        for line in &self.lines {
            text.push_str(&self.line(line, &widths));
        }
        text
    }

    fn width(&self, column: usize) -> usize {
        let cells = self.lines.iter().chain([&self.head]);
        let widths = cells.map(|line| line[column].chars().count());
        widths.max().unwrap_or(0)
    }

    fn line(&self, cells: &[String], widths: &[usize]) -> String {
        let mut text = String::from("|");
        for ((cell, width), number) in cells.iter().zip(widths).zip(&self.numbers) {
            text.push_str(&if *number {
                format!(" {cell:>width$} |")
            } else {
                format!(" {cell:<width$} |")
            });
        }
        text.push('\n');
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let mut grid = Grid::new(&["what", "#µs"]);
        assert!(grid.is_empty());
        grid.add(vec!["a page".to_owned(), "8.1".to_owned()]);
        grid.add(vec!["é".to_owned(), "1,000".to_owned()]);
        let expected = "\
| what   |    µs |
|--------|------:|
| a page |   8.1 |
| é      | 1,000 |
";
        assert_eq!(grid.markdown(), expected);
    }
}
