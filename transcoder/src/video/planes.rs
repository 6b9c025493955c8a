//! 8-bit 4:2:0 pictures as plain bytes: shrunk by averaging, and painted as red, green and blue.

use super::colour::Matrix;
use ffmpeg_next::frame::Video;

/// One plane of numbers, row after row.
struct Plane<'a> {
    bytes: &'a [u8],
    stride: usize,
    width: usize,
    height: usize,
}

/// A small picture of its own.
pub(super) struct Small {
    width: usize,
    height: usize,
    planes: [Vec<u8>; 3],
}

/// Red, green, blue bytes, row after row, painted picture by picture. Black at first.
pub(super) struct Canvas {
    width: usize,
    bytes: Vec<u8>,
}

impl Small {
    /// Averages a 4:2:0 frame to `width` by `height` pixels, both even and not more than the frame has.
    pub(super) fn of(frame: &Video, width: u32, height: u32) -> Self {
        let (width, height) = (width as usize, height as usize);
        let planes = [(0, width, height), (1, width / 2, height / 2), (2, width / 2, height / 2)]
            .map(|(index, width, height)| plane(frame, index).shrink(width, height));
        Self { width, height, planes }
    }
}

impl Canvas {
    pub(super) fn new(width: u32, height: u32) -> Self {
        let (width, height) = (width as usize, height as usize);
        Self { width, bytes: vec![0; width * height * 3] }
    }

    /// Paints a small picture with its upper left corner there. What does not fit is cut off.
    pub(super) fn paint_small(&mut self, small: &Small, (left, top): (u32, u32), matrix: Matrix) {
        let [luma, blue, red] = &small.planes;
        let half = small.width / 2;
        let plane = |bytes, width, height| Plane { bytes, stride: width, width, height };
        let luma = plane(luma, small.width, small.height);
        let (blue, red) = (plane(blue, half, small.height / 2), plane(red, half, small.height / 2));
        self.paint([luma, blue, red], (left as usize, top as usize), matrix);
    }

    /// Paints a whole 4:2:0 frame.
    pub(super) fn paint_frame(&mut self, frame: &Video, matrix: Matrix) {
        self.paint([0, 1, 2].map(|index| plane(frame, index)), (0, 0), matrix);
    }

    /// The bytes.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    fn paint(&mut self, [luma, blue, red]: [Plane; 3], (left, top): (usize, usize), matrix: Matrix) {
        let row_bytes = self.width * 3;
        let rows = self.bytes.chunks_exact_mut(row_bytes.max(1)).skip(top).take(luma.height);
        for (y, row) in rows.enumerate() {
            let (luma, blue, red) = (luma.row(y), blue.row(y / 2), red.row(y / 2));
            let pixels = row.get_mut(left * 3..).unwrap_or(&mut []).chunks_exact_mut(3);
            let chroma = blue.iter().zip(red).flat_map(|pair| [pair, pair]);
            for ((pixel, luma), (blue, red)) in pixels.zip(luma).zip(chroma) {
                pixel.copy_from_slice(&to_rgb(*luma, *blue, *red, matrix));
            }
        }
    }
}

impl<'a> Plane<'a> {
    fn row(&self, y: usize) -> &'a [u8] {
        let start = y.min(self.height.saturating_sub(1)) * self.stride;
        self.bytes.get(start..start + self.width).unwrap_or(&[])
    }

    /// Each number of the result is the mean of those it covers.
    fn shrink(&self, width: usize, height: usize) -> Vec<u8> {
        let mut result = Vec::with_capacity(width * height);
        let edge = |n: usize, of: usize, from: usize| n * from / of.max(1);
        for y in 0..height {
            let rows = edge(y, height, self.height)..edge(y + 1, height, self.height).max(1);
            let mut sums = vec![0_u32; width];
            for row in rows.clone().map(|y| self.row(y)) {
                for (x, sum) in sums.iter_mut().enumerate() {
                    let span = edge(x, width, self.width)..edge(x + 1, width, self.width);
                    *sum += row.get(span).unwrap_or(&[]).iter().map(|value| u32::from(*value)).sum::<u32>();
                }
            }
            for (x, sum) in sums.into_iter().enumerate() {
                let across = edge(x + 1, width, self.width) - edge(x, width, self.width);
                let covered = u32::try_from(across * rows.len()).unwrap_or(1).max(1);
                result.push(u8::try_from((sum + covered / 2) / covered).unwrap_or(u8::MAX));
            }
        }
        result
    }
}

fn plane(frame: &Video, index: usize) -> Plane<'_> {
    if index >= frame.planes() {
        return Plane { bytes: &[], stride: 0, width: 0, height: 0 };
    }
    let (width, height) = (frame.plane_width(index) as usize, frame.plane_height(index) as usize);
    Plane { bytes: frame.data(index), stride: frame.stride(index), width, height }
}

/// ITU-R BT.601 and BT.709, narrow range, in 1/65536.
fn to_rgb(luma: u8, blue: u8, red: u8, matrix: Matrix) -> [u8; 3] {
    let (red_of_red, green_of_blue, green_of_red, blue_of_blue) = match matrix {
        Matrix::Bt601 => (104_597, 25_675, 53_279, 132_201),
        Matrix::Bt709 => (117_504, 13_954, 34_903, 138_453),
    };
    let luma = (i32::from(luma) - 16) * 76_309 + 32_768;
    let (blue, red) = (i32::from(blue) - 128, i32::from(red) - 128);
    let byte = |value: i32| (value >> 16).clamp(0, 255) as u8;
    [
        byte(luma + red_of_red * red),
        byte(luma - green_of_blue * blue - green_of_red * red),
        byte(luma + blue_of_blue * blue),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use ffmpeg_next::format::Pixel;

    #[test]
    fn a_picture_is_averaged_not_sampled() {
        let mut frame = Video::new(Pixel::YUV420P, 8, 8);
        for (index, value) in [(0, 0_u8), (1, 128), (2, 128)] {
            frame.data_mut(index).fill(value);
        }
        let stride = frame.stride(0);
        frame.data_mut(0).chunks_mut(stride).for_each(|row| row[4..8].fill(200));
        let small = Small::of(&frame, 4, 4);
        assert_eq!(small.planes[0], [0, 0, 200, 200].repeat(4));
        let smaller = Small::of(&frame, 2, 2);
        assert_eq!(smaller.planes[0], [0, 200, 0, 200]);
    }

    #[test]
    fn white_is_white_and_each_matrix_has_its_own_red() {
        assert_eq!(to_rgb(235, 128, 128, Matrix::Bt709), [255, 255, 255]);
        assert_eq!(to_rgb(16, 128, 128, Matrix::Bt601), [0, 0, 0]);
        // Red as either standard writes it.
        for (number, matrix) in [((81, 90, 240), Matrix::Bt601), ((63, 102, 240), Matrix::Bt709)] {
            let [red, green, blue] = to_rgb(number.0, number.1, number.2, matrix);
            assert!(red >= 252 && green <= 3 && blue <= 3, "{red} {green} {blue}");
        }
    }
}
