//! The chart: bars of bart and its peers, and how much of each budget is used, as one SVG for light and dark pages.

use plotters::coord::Shift;
use plotters::element::{Rectangle, Text};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use anyhow::{Context, Result};

use super::metrics::Metric;
use super::plan::How;
use super::results::{BART, Results};
use super::rows::ROWS;
use super::verdict::{self, Verdict};

const WIDTH: u32 = 1_040;
/// Pixels of a bar with the space around it.
const BAR: u32 = 22;
/// Pixels above the bars of a panel, for its title.
const TITLE: u32 = 52;
/// Pixels below the bars of a panel, for its axis.
const AXIS: u32 = 34;
/// Pixels to the left of bars, for what they are.
const LEFT: u32 = 430;
/// Pixels to the right of the longest bar, for values.
const RIGHT: i32 = 270;

const PAPER: RGBColor = RGBColor(0xFF, 0xFF, 0xFE);
const INK: RGBColor = RGBColor(0x14, 0x17, 0x1C);
const LINE: RGBColor = RGBColor(0xD9, 0xDC, 0xE1);
const MISSED: RGBColor = RGBColor(0xD1, 0x49, 0x3F);

/// The same colours on a dark page. Plotters writes colours as attributes, which a style sheet overrides.
const DARK: &str = "<style>@media (prefers-color-scheme: dark) { [fill=\"#FFFFFE\"] { fill: #14171C } [fill=\"#14171C\"] { fill: #E9EBEE } \
     [stroke=\"#14171C\"] { stroke: #E9EBEE } [stroke=\"#D9DCE1\"] { stroke: #363D47 } }</style>";

const FONT: &str = "ui-sans-serif, system-ui, sans-serif";
/// Plotters writes about four fifths of these as pixels.
const TEXT_SIZE: u32 = 15;
const TITLE_SIZE: u32 = 20;

/// Bars with one axis.
struct Panel {
    title: &'static str,
    bars: Vec<Bar>,
    /// Where a line stands that bars should not pass.
    limit: Option<f64>,
    axis: fn(f64) -> String,
}

struct Bar {
    /// What it is, at the left; empty for a further bar of the same thing.
    what: String,
    value: f64,
    /// What stands at the right.
    text: String,
    colour: RGBColor,
}

/// Draws whatever was measured.
///
/// # Errors
///
/// When the charting library fails.
pub(super) fn svg(results: &Results) -> Result<String> {
    let panels = [
        compared(
            "Requests per second: more is better",
            Metric::RequestsPerSecond,
            results,
        ),
        compared(
            "Processor time per request in µs: less is better",
            Metric::CpuMicros,
            results,
        ),
        budgets(results),
    ];
    let panels: Vec<Panel> = panels
        .into_iter()
        .filter(|panel| !panel.bars.is_empty())
        .collect();
    let height = panels.iter().map(Panel::height).sum::<u32>().max(TITLE);
    let mut text = String::new();
    {
        let root = SVGBackend::with_string(&mut text, (WIDTH, height)).into_drawing_area();
        root.fill(&PAPER)?;
        let mut rest = root.clone();
        for panel in &panels {
            let (area, below) = rest.split_vertically(panel.height());
            draw(panel, &area)?;
            rest = below;
        }
        root.present()?;
    }
    let head = text.find("<rect").context("the chart has no background")?;
    text.insert_str(head, DARK);
    Ok(text)
}

impl Panel {
    fn height(&self) -> u32 {
        TITLE + AXIS + BAR * u32::try_from(self.bars.len()).unwrap_or(u32::MAX / BAR / 2)
    }
}

/// Loads that have a peer in these results.
fn compared(title: &'static str, metric: Metric, results: &Results) -> Panel {
    let mut bars = Vec::new();
    for row in ROWS
        .iter()
        .filter(|row| matches!(row.how, How::Load { .. }))
    {
        let who = results.who(row.id);
        let who = if who.len() > 1 { who } else { Vec::new() };
        for (place, name) in who.into_iter().enumerate() {
            let value = results.median(row.id, name, metric).unwrap_or(0.0);
            bars.push(Bar {
                what: if place == 0 { row.what } else { "" }.to_owned(),
                value,
                text: format!("{name}: {}", metric.show(value)),
                colour: colour(name),
            });
        }
    }
    Panel {
        title,
        bars,
        limit: None,
        axis: super::metrics::grouped,
    }
}

/// Each budget with how much of it is used. Bars end at twice the budget.
fn budgets(results: &Results) -> Panel {
    let mut bars = Vec::new();
    for row in ROWS {
        for budget in row.budgets {
            if let Verdict::Measured(measured) = verdict::judge(row, budget, results) {
                bars.push(Bar {
                    what: row.what.to_owned(),
                    value: measured.share().min(2.0),
                    text: format!("{} of {}", measured.brief(budget), budget.show()),
                    colour: if measured.is_met() {
                        colour(BART)
                    } else {
                        MISSED
                    },
                });
            }
        }
    }
    Panel {
        title: "Part of each budget that is used: up to 100 % it is met; bars end at 200 %",
        bars,
        limit: Some(1.0),
        axis: |share| format!("{:.0} %", share * 100.0),
    }
}

fn colour(who: &str) -> RGBColor {
    match who {
        BART => RGBColor(0xE0, 0xA1, 0x00),
        "nginx" => RGBColor(0x2E, 0x8B, 0x6E),
        "caddy" => RGBColor(0x4A, 0x7F, 0xD4),
        "spin" => RGBColor(0xA0, 0x5C, 0xC0),
        _ => RGBColor(0x8A, 0x8F, 0x98),
    }
}

fn draw(panel: &Panel, area: &DrawingArea<SVGBackend<'_>, Shift>) -> Result<()> {
    let bars = panel.bars.len() as f64;
    let longest = panel.bars.iter().map(|bar| bar.value).fold(0.0, f64::max);
    let end = longest
        .max(panel.limit.unwrap_or(0.0))
        .max(f64::MIN_POSITIVE);
    let text = |size| FontDesc::new(FontFamily::Name(FONT), f64::from(size), FontStyle::Normal);
    let style = |horizontal| {
        let style = text(TEXT_SIZE).into_text_style(area).color(&INK);
        style.pos(Pos::new(horizontal, VPos::Center))
    };
    let title = text(TITLE_SIZE).into_text_style(area).color(&INK);
    area.draw(&Text::new(panel.title, (16, 20), title))?;
    let mut chart = ChartBuilder::on(area)
        .margin_top(TITLE)
        .margin_right(RIGHT)
        .x_label_area_size(AXIS)
        .y_label_area_size(LEFT)
        .build_cartesian_2d(0.0..end, 0.0..bars)?;
    chart
        .configure_mesh()
        .disable_y_mesh()
        .y_labels(0)
        .x_labels(5)
        .x_label_formatter(&|value| (panel.axis)(*value))
        .bold_line_style(LINE)
        .light_line_style(TRANSPARENT)
        .axis_style(LINE)
        .label_style(style(HPos::Center))
        .draw()?;
    for (place, bar) in panel.bars.iter().enumerate() {
        let top = bars - place as f64;
        let shape = [(0.0, top - 0.15), (bar.value, top - 0.85)];
        chart.draw_series([Rectangle::new(shape, bar.colour.filled())])?;
        let place_of = |value| chart.backend_coord(&(value, top - 0.5));
        let (left, middle) = place_of(0.0);
        let (right, _) = place_of(end);
        let (base_x, base_y) = area.get_base_pixel();
        let at = |x: i32| (x - base_x, middle - base_y);
        area.draw(&Text::new(
            bar.what.as_str(),
            at(left - 8),
            style(HPos::Right),
        ))?;
        area.draw(&Text::new(
            bar.text.as_str(),
            at(right + 8),
            style(HPos::Left),
        ))?;
    }
    if let Some(limit) = panel.limit {
        let line = [(limit, 0.0), (limit, bars)];
        chart.draw_series([PathElement::new(line, INK)])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_has_a_bar_for_each_value_and_both_sets_of_colours() {
        let speed = Metric::RequestsPerSecond;
        let results = Results::of(&[
            ("page-cached", BART, 0, speed, 60_000.0),
            ("page-cached", "nginx", 0, speed, 50_000.0),
            ("redirect", BART, 0, speed, 9_000.0),
        ]);
        let text = svg(&results).unwrap();
        for part in [
            "bart: 60,000 requests/s",
            "nginx: 50,000 requests/s",
            "1.20 of ≥ 1 × nginx, requests/s",
            "prefers-color-scheme: dark",
            "fill=\"#FFFFFE\"",
            "fill=\"#14171C\"",
            "stroke=\"#D9DCE1\"",
        ] {
            assert!(text.contains(part), "`{part}` is not in\n{text}");
        }
        assert!(
            !text.contains("9,000"),
            "a row without a peer is in\n{text}"
        );
        svg(&Results::default()).unwrap();
    }
}
