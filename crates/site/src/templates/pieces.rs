//! Compiling a long template in pieces.
//!
//! The parser counts the lines from the beginning of its source for each token, so that the time it takes grows with
//! the square of the length: 40 ms for 20 KB. Pieces are cut where a line begins and no white space control reaches
//! over, and put together again as if they had been one.

use handlebars::Template;
use handlebars::template::{TemplateElement, TemplateMapping};

use super::tags::{Kind, Tag, Tags};

/// About how long a piece is, in bytes.
const PIECE: usize = 512;
/// Begins what stands for a folded part. Sources that have it are compiled as a whole.
const MARK: char = '\0';

/// A place to cut at: the beginning of a line outside of tags.
#[derive(Debug, Clone, Copy)]
struct Cut {
    position: usize,
    /// How many blocks are open there.
    depth: usize,
    /// The branch of a block that it is in: what is between two cuts of one branch has whole blocks only.
    branch: usize,
}

/// What was taken out of the middle of a block.
struct Folded {
    template: Template,
    /// How many lines it has.
    lines: usize,
    /// How many lines of the piece come before it.
    lines_before: usize,
}

/// The template `source`, compiled, without a name.
pub(super) fn compile(source: &str) -> Result<Template, Box<handlebars::TemplateError>> {
    let in_pieces = (source.len() > PIECE * 2 && !source.contains(MARK))
        .then(|| compile_in_pieces(source))
        .flatten();
    // If a piece does not compile the whole has the better error.
    match in_pieces {
        Some(template) => Ok(template),
        None => Template::compile(source).map_err(Box::new),
    }
}

fn compile_in_pieces(source: &str) -> Option<Template> {
    let cuts = cuts(source);
    let mut whole = Template::new();
    let mut start = 0;
    let mut line = 0;
    let outside = cuts
        .iter()
        .filter(|cut| cut.depth == 0)
        .map(|cut| cut.position);
    for end in outside.chain([source.len()]) {
        if end < source.len() && end < start + PIECE {
            continue;
        }
        let from = cuts.partition_point(|cut| cut.position < start);
        let to = cuts.partition_point(|cut| cut.position < end);
        let piece = compile_piece(source, start, end, &cuts[from..to])?;
        append(&mut whole, piece, line)?;
        line += source[start..end].matches('\n').count();
        start = end;
    }
    Some(whole)
}

/// Compiles `source[start..end]`, with what is between the first and the last of the cuts in each branch of its outermost
/// blocks on its own.
fn compile_piece(source: &str, start: usize, end: usize, cuts: &[Cut]) -> Option<Template> {
    if end - start <= PIECE * 2 {
        return Template::compile(&source[start..end]).ok();
    }
    let mut skeleton = String::with_capacity(PIECE * 2);
    let mut folded = Vec::new();
    let mut copied = start;
    let outermost: Vec<&Cut> = cuts.iter().filter(|cut| cut.depth == 1).collect();
    for branch in outermost.chunk_by(|one, next| one.branch == next.branch) {
        let (first, last) = (branch.first()?.position, branch.last()?.position);
        if last - first < PIECE {
            continue;
        }
        let part = &source[first..last];
        let lines = part.matches('\n').count();
        skeleton.push_str(&source[copied..first]);
        skeleton.push_str(&format!("{MARK}{}:", folded.len()));
        // So that what follows is on the same line as before.
        skeleton.extend(std::iter::repeat_n('\n', lines));
        folded.push(Folded {
            template: compile_in_pieces(part)?,
            lines,
            lines_before: source[start..first].matches('\n').count(),
        });
        copied = last;
    }
    skeleton.push_str(&source[copied..end]);
    let mut template = Template::compile(&skeleton).ok()?;
    unfold(&mut template, &mut folded)?;
    Some(template)
}

/// Where `source` can be cut: at most once between two tags, where the last line before the next tag begins.
fn cuts(source: &str) -> Vec<Cut> {
    let mut cuts = Vec::new();
    let mut branches = vec![0];
    let mut last_branch = 0;
    let mut text_start = 0;
    let mut trimming = false;
    for tag in Tags::of(source) {
        if !trimming && let Some(position) = last_line(source, text_start, &tag) {
            cuts.push(Cut {
                position,
                depth: branches.len() - 1,
                branch: branches.last().copied().unwrap_or_default(),
            });
        }
        match tag.kind {
            Kind::Open(_) => {
                last_branch += 1;
                branches.push(last_branch);
            }
            Kind::Else => {
                last_branch += 1;
                branches.pop();
                branches.push(last_branch);
            }
            // More closed than opened: the parser will say so.
            Kind::Close if branches.len() < 2 => return Vec::new(),
            Kind::Close => drop(branches.pop()),
            Kind::Comment | Kind::Raw | Kind::Other => {}
        }
        text_start = tag.end;
        // To the parser a comment does not end the reach of the tag before it. The end of a raw block is not seen here.
        if tag.kind != Kind::Comment {
            trimming = tag.trims_after() || tag.kind == Kind::Raw;
        }
    }
    cuts
}

/// Where the last line between `text_start` and `tag` begins that the white space control of `tag` does not reach.
fn last_line(source: &str, text_start: usize, tag: &Tag<'_>) -> Option<usize> {
    let text = &source[text_start..tag.start];
    let untouched = if tag.trims_before() {
        text.trim_end()
    } else {
        text
    };
    untouched
        .rfind('\n')
        .map(|newline| text_start + newline + 1)
}

/// Puts the folded parts back where their marks are.
fn unfold(template: &mut Template, folded: &mut [Folded]) -> Option<()> {
    let elements = std::mem::take(&mut template.elements);
    let mapping = std::mem::take(&mut template.mapping);
    if elements.len() != mapping.len() {
        return None;
    }
    for (mut element, position) in elements.into_iter().zip(mapping) {
        match &mut element {
            TemplateElement::RawString(text) if text.contains(MARK) => {
                unfold_text(text, &position, template, folded)?;
                continue;
            }
            TemplateElement::HelperBlock(block) => {
                for branch in [&mut block.template, &mut block.inverse]
                    .into_iter()
                    .flatten()
                {
                    unfold(branch, folded)?;
                }
            }
            TemplateElement::DecoratorBlock(block) | TemplateElement::PartialBlock(block) => {
                if let Some(body) = &mut block.template {
                    unfold(body, folded)?;
                }
            }
            _ => {}
        }
        push(template, element, position);
    }
    Some(())
}

fn unfold_text(
    text: &str,
    position: &TemplateMapping,
    template: &mut Template,
    folded: &mut [Folded],
) -> Option<()> {
    let mut rest = text;
    while let Some((before, marked)) = rest.split_once(MARK) {
        let (index, after) = marked.split_once(':')?;
        let part = folded.get_mut(index.parse::<usize>().ok()?)?;
        push(
            template,
            TemplateElement::RawString(before.to_owned()),
            position.clone(),
        );
        append(
            template,
            std::mem::take(&mut part.template),
            part.lines_before,
        )?;
        rest = after.get(part.lines..)?;
    }
    push(
        template,
        TemplateElement::RawString(rest.to_owned()),
        position.clone(),
    );
    Some(())
}

/// Adds `piece`, which begins after `lines_before` lines.
fn append(whole: &mut Template, piece: Template, lines_before: usize) -> Option<()> {
    if piece.elements.len() != piece.mapping.len() {
        return None;
    }
    for (element, TemplateMapping(line, column)) in piece.elements.into_iter().zip(piece.mapping) {
        let element = on_lines_after(element, lines_before);
        push(whole, element, TemplateMapping(line + lines_before, column));
    }
    Some(())
}

/// Adds an element. Text after text becomes one, as the indentation of partials depends on it.
fn push(template: &mut Template, element: TemplateElement, position: TemplateMapping) {
    if let (Some(TemplateElement::RawString(text)), TemplateElement::RawString(more)) =
        (template.elements.last_mut(), &element)
    {
        text.push_str(more);
    } else {
        template.elements.push(element);
        template.mapping.push(position);
    }
}

/// `element` with the lines in its blocks moved down.
fn on_lines_after(mut element: TemplateElement, lines: usize) -> TemplateElement {
    let branches = match &mut element {
        TemplateElement::HelperBlock(block) => [block.template.as_mut(), block.inverse.as_mut()],
        TemplateElement::DecoratorBlock(block) | TemplateElement::PartialBlock(block) => {
            [block.template.as_mut(), None]
        }
        _ => [None, None],
    };
    for template in branches.into_iter().flatten() {
        for position in &mut template.mapping {
            position.0 += lines;
        }
        for nested in &mut template.elements {
            let moved = std::mem::replace(nested, TemplateElement::RawString(String::new()));
            *nested = on_lines_after(moved, lines);
        }
    }
    element
}
