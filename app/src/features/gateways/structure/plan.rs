//! Where nodes and lines of the picture go: columns side by side, each in the middle of the tallest.

use domain::view::{COLUMNS, Structure};

pub const WIDTH: usize = 196;
pub const HEIGHT: usize = 52;
const GAP_X: usize = 44;
const GAP_Y: usize = 14;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub width: usize,
    pub height: usize,
    /// Left and top of each node.
    pub places: Vec<(usize, usize)>,
}

pub fn plan(structure: &Structure) -> Plan {
    let columns: Vec<usize> = structure.nodes.iter().map(|node| node.part.column()).collect();
    let count = |column: usize| columns.iter().filter(|each| **each == column).count();
    // A column that nothing is in takes no room.
    let used: Vec<usize> = (0..COLUMNS).filter(|column| count(*column) > 0).collect();
    let tall = |nodes: usize| (nodes * (HEIGHT + GAP_Y)).saturating_sub(GAP_Y);
    let height = used.iter().map(|column| tall(count(*column))).max().unwrap_or_default();
    let mut below = [0; COLUMNS];
    let place = |column: &usize| {
        let left = used.iter().position(|each| each == column).unwrap_or_default() * (WIDTH + GAP_X);
        let row = below.get_mut(*column).map_or(0, |row| std::mem::replace(row, *row + 1));
        (left, (height - tall(count(*column))) / 2 + row * (HEIGHT + GAP_Y))
    };
    let places = columns.iter().map(place).collect();
    Plan { width: (used.len() * (WIDTH + GAP_X)).saturating_sub(GAP_X), height, places }
}

/// A line from the right edge of one node to the left edge of another, as an SVG path.
pub fn line((from_x, from_y): (usize, usize), (to_x, to_y): (usize, usize)) -> String {
    let (x, y) = (from_x + WIDTH, from_y + HEIGHT / 2);
    let (end, level) = (to_x, to_y + HEIGHT / 2);
    let middle = usize::midpoint(x, end);
    format!("M{x} {y}C{middle} {y} {middle} {level} {end} {level}")
}

/// What fits into a node; the whole text is on the page that it leads to.
pub fn shortened(text: &str) -> String {
    const FITS: usize = 19;
    if text.chars().count() <= FITS {
        return text.to_owned();
    }
    text.chars().take(FITS - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::view::{Node, Part, Seen};

    #[test]
    fn columns_side_by_side() {
        let node = |part: Part| Node { part, label: String::new(), detail: String::new(), seen: Seen::Nothing };
        let gateway = "gw-1".parse().expect("an id");
        let parts = [Part::Internet, Part::Name, Part::Name, Part::Name, Part::Gateway(gateway)];
        let structure = Structure { nodes: parts.map(node).into(), edges: vec![], more_services: 0 };
        let plan = plan(&structure);
        let (column, row) = (WIDTH + GAP_X, HEIGHT + GAP_Y);
        assert_eq!(plan.places, [(0, row), (column, 0), (column, row), (column, 2 * row), (2 * column, row)]);
        assert_eq!((plan.width, plan.height), (3 * WIDTH + 2 * GAP_X, 3 * HEIGHT + 2 * GAP_Y));
        assert_eq!(super::plan(&Structure::default()), Plan { width: 0, height: 0, places: vec![] });
        assert_eq!(line((0, 0), (column, row)), format!("M{WIDTH} 26C218 26 218 {} {column} {}", row + 26, row + 26));
        assert_eq!(shortened("a-name-that-is-longer-than-a-node").chars().count(), 19);
    }
}
