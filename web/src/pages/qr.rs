//! QR codes drawn as SVG inside the page: no picture is fetched, no style is set inline.

use qrcode::{Color, QrCode};
use std::fmt::Write;

/// The light border every reader of QR codes expects, in modules.
const QUIET: usize = 4;

/// The SVG of an address; empty for one too long to be drawn.
pub(crate) fn svg(address: &str) -> String {
    let Ok(code) = QrCode::new(address.as_bytes()) else { return String::new() };
    let width = code.width();
    let side = width + 2 * QUIET;
    let mut path = String::new();
    for (at, _) in code.to_colors().iter().enumerate().filter(|(_, color)| **color == Color::Dark) {
        let (x, y) = (at % width + QUIET, at / width + QUIET);
        let _ = write!(path, "M{x} {y}h1v1h-1z");
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\
         <rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/><path fill=\"#000\" d=\"{path}\"/></svg>"
    )
}

#[cfg(test)]
mod tests {
    use super::svg;

    #[test]
    fn the_drawing_holds_nothing_of_the_text_and_no_style() {
        let drawn = svg("https://x.test/\"><script>");
        assert!(drawn.starts_with("<svg ") && drawn.ends_with("</svg>"));
        assert!(!drawn.contains("script") && !drawn.contains("style"));
        assert_eq!(svg(&"x".repeat(5000)), "");
    }
}
