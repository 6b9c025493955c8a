//! Still pictures: decoded, turned upright, brought to sRGB, shrunk, written as JPEG without any metadata.
//!
//! Only inside the transcoder's box (feature `codecs`). Formats without a decoder here (HEIC, AVIF) are converted by
//! the transcoder first.

mod memory;
mod palette;

use crate::Format;
use crate::recipe::ImageProfile;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{
    DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder, ImageFormat, ImageReader, RgbImage,
};
use std::io::{BufRead, BufReader, Seek};

/// Most memory a decoded picture may take, in bytes: 100 Mpx of 8-bit colour and some more.
const DECODED_BYTES: u64 = 450_000_000;

/// Most memory decoding may take, in bytes, with what the decoder holds beside the picture. With the program itself it
/// stays below 600 MB.
const WORKING_BYTES: u64 = 520_000_000;

/// Most memory what stands beside the picture in its file may take, in bytes: the largest colour profiles, of printers,
/// take three megabytes.
const BESIDE_BYTES: u64 = 32 << 20;

/// A finished picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Still {
    /// The JPEG.
    pub jpeg: Vec<u8>,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
}

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum StillError {
    /// More pixels, or more bytes once decoded, than allowed.
    #[error("{0}")]
    TooBig(String),
    /// It cannot be read.
    #[error("{0}")]
    Damaged(String),
    /// A variant of its format that nothing here reads.
    #[error("{0}")]
    Unsupported(String),
}

/// Decodes a picture of a known format and makes the JPEG of a recipe. The first picture of an animation is taken.
///
/// # Errors
/// When it has more than `max_pixels`, or cannot be read.
pub fn convert(
    source: impl BufRead + Seek,
    format: Format,
    profile: &ImageProfile,
    max_pixels: u64,
) -> Result<Still, StillError> {
    let (picture, orientation, colours) = decode(source, format, max_pixels)?;
    let picture = shrink(picture, profile.max_side);
    let mut picture = DynamicImage::ImageRgb8(flatten(picture));
    picture.apply_orientation(orientation);
    let mut pixels = picture.into_rgb8();
    if let Some(colours) = colours {
        bring_to_srgb(&mut pixels, &colours);
    }
    let (width, height) = pixels.dimensions();
    let jpeg = encode(pixels.as_raw(), width, height, profile.quality)?;
    Ok(Still { jpeg, width, height })
}

/// Writes red, green, blue bytes, row after row, as JPEG.
///
/// # Errors
/// When the bytes do not fit the size.
pub fn encode(rgb: &[u8], width: u32, height: u32, quality: u8) -> Result<Vec<u8>, StillError> {
    let needed = u64::from(width) * u64::from(height) * 3;
    if rgb.len() as u64 != needed {
        return Err(StillError::Damaged(format!("{} bytes for {width}x{height}", rgb.len())));
    }
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, quality)
        .write_image(rgb, width, height, ExtendedColorType::Rgb8)
        .map_err(|error| StillError::Damaged(error.to_string()))?;
    Ok(jpeg)
}

type Decoded = (DynamicImage, Orientation, Option<Vec<u8>>);

fn decode(mut source: impl BufRead + Seek, format: Format, max_pixels: u64) -> Result<Decoded, StillError> {
    let palette = if format == Format::Tiff { palette::find(&mut source) } else { None };
    let Some(palette) = palette else { return decode_plain(source, format, max_pixels) };
    let greys = BufReader::new(palette.as_greys(source));
    let (picture, orientation, colours) = decode_plain(greys, format, max_pixels)?;
    Ok((palette.paint(picture), orientation, colours))
}

fn decode_plain(
    mut source: impl BufRead + Seek,
    format: Format,
    max_pixels: u64,
) -> Result<Decoded, StillError> {
    let format = match format {
        Format::Png => ImageFormat::Png,
        Format::Webp => ImageFormat::WebP,
        Format::Tiff => ImageFormat::Tiff,
        Format::Bmp => ImageFormat::Bmp,
        Format::Gif => ImageFormat::Gif,
        _ => ImageFormat::Jpeg,
    };
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(65_535);
    limits.max_image_height = Some(65_535);
    // The reader of PNG counts only what it inflates beside the picture: profile, texts, Exif.
    limits.max_alloc = Some(if format == ImageFormat::Png { BESIDE_BYTES } else { DECODED_BYTES * 2 });
    if format == ImageFormat::WebP && memory::holds_large_chunk(&mut source, BESIDE_BYTES) {
        return Err(StillError::TooBig("a profile or Exif of many megabytes".to_owned()));
    }
    let beside = memory::beside_per_pixel(&mut source, format);
    let mut reader = ImageReader::with_format(source, format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(explain)?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    let working = decoder.total_bytes().saturating_add(pixels.saturating_mul(beside) / 100);
    if pixels > max_pixels || decoder.total_bytes() > DECODED_BYTES || working > WORKING_BYTES {
        return Err(StillError::TooBig(format!("{width}x{height}")));
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let colours = decoder.icc_profile().ok().flatten();
    let picture = DynamicImage::from_decoder(decoder).map_err(explain)?;
    Ok((picture, orientation, colours))
}

fn explain(error: image::ImageError) -> StillError {
    match error {
        image::ImageError::Limits(error) => StillError::TooBig(error.to_string()),
        image::ImageError::Unsupported(error) => StillError::Unsupported(error.to_string()),
        error => StillError::Damaged(error.to_string()),
    }
}

/// Shrinks in two steps: averaging takes no memory but that of what it gives, the last step is the careful one.
fn shrink(picture: DynamicImage, max_side: u32) -> DynamicImage {
    let long = picture.width().max(picture.height());
    // Sixteen bits a colour take twice the memory, beside a picture that already takes as much as any may.
    let is_deep = picture.color().bytes_per_pixel() > picture.color().channel_count();
    let between = if is_deep { max_side.saturating_add(max_side / 4) } else { max_side.saturating_mul(2) };
    let picture = if long > between {
        let smaller = picture.thumbnail(between, between);
        // The large one would else stay beside the memory that the last step takes.
        drop(picture);
        smaller
    } else {
        picture
    };
    if long > max_side { picture.resize(max_side, max_side, FilterType::Lanczos3) } else { picture }
}

/// Puts what is transparent on white paper.
fn flatten(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let layered = picture.into_rgba8();
    let mut flat = RgbImage::new(layered.width(), layered.height());
    for (to, from) in flat.pixels_mut().zip(layered.pixels()) {
        let [red, green, blue, alpha] = from.0;
        let over_white = |colour: u8| {
            let mixed = u32::from(colour) * u32::from(alpha) + 255 * (255 - u32::from(alpha));
            u8::try_from((mixed + 127) / 255).unwrap_or(255)
        };
        to.0 = [over_white(red), over_white(green), over_white(blue)];
    }
    flat
}

/// Applies the picture's own colour profile. One that cannot be read, or is for printing inks (whose picture was turned
/// into red, green and blue by plain rule), is ignored, as browsers do.
fn bring_to_srgb(pixels: &mut RgbImage, profile: &[u8]) {
    let Ok(own) = moxcms::ColorProfile::new_from_slice(profile) else { return };
    let is_grey = own.color_space == moxcms::DataColorSpace::Gray;
    let layout = if is_grey { moxcms::Layout::Gray } else { moxcms::Layout::Rgb };
    let srgb = moxcms::ColorProfile::new_srgb();
    let options = moxcms::TransformOptions::default();
    let Ok(transform) = own.create_transform_8bit(layout, &srgb, moxcms::Layout::Rgb, options) else {
        return;
    };
    let width = pixels.width() as usize * 3;
    let mut line = vec![0_u8; width];
    for row in pixels.chunks_exact_mut(width.max(1)) {
        let made = if is_grey {
            // All three are alike in a grey picture.
            let greys: Vec<u8> = row.iter().copied().step_by(3).collect();
            transform.transform(&greys, &mut line)
        } else {
            transform.transform(row, &mut line)
        };
        if made.is_ok() {
            row.copy_from_slice(&line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::readback::read_jpeg;
    use std::io::Cursor;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let picture = image::RgbaImage::from_fn(width, height, |x, _| {
            image::Rgba([200, 0, 0, if x == 0 { 0 } else { 255 }])
        });
        let mut bytes = Vec::new();
        picture.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).unwrap();
        bytes
    }

    fn profile(max_side: u32) -> ImageProfile {
        ImageProfile { max_side, quality: 90 }
    }

    #[test]
    fn a_large_picture_is_shrunk_and_carries_no_metadata() {
        let still = convert(Cursor::new(png(600, 300)), Format::Png, &profile(100), 1_000_000).unwrap();
        assert_eq!((still.width, still.height), (100, 50));
        let facts = read_jpeg(&still.jpeg).unwrap();
        assert_eq!((facts.width, facts.height, facts.has_metadata, facts.ends_clean), (100, 50, false, true));
    }

    #[test]
    fn what_is_transparent_becomes_white() {
        let still = convert(Cursor::new(png(64, 64)), Format::Png, &profile(64), 1_000_000).unwrap();
        let back = image::load_from_memory(&still.jpeg).unwrap().into_rgb8();
        assert!(back.get_pixel(0, 32).0.iter().all(|c| *c > 150), "{:?}", back.get_pixel(0, 32));
        assert!(back.get_pixel(40, 32).0[1] < 30);
    }

    /// One colour with a profile of its own, as PNG, through the whole conversion.
    fn converted(colour: image::DynamicImage, profile_of_its_own: moxcms::ColorProfile) -> [u8; 3] {
        let mut bytes = Vec::new();
        let mut encoder = image::codecs::png::PngEncoder::new(&mut bytes);
        encoder.set_icc_profile(profile_of_its_own.encode().unwrap()).unwrap();
        colour.write_with_encoder(encoder).unwrap();
        let still = convert(Cursor::new(bytes), Format::Png, &profile(64), 1_000_000).unwrap();
        image::load_from_memory(&still.jpeg).unwrap().into_rgb8().get_pixel(8, 8).0
    }

    #[test]
    fn the_colours_of_a_telephone_are_brought_to_srgb() {
        let orange = || image::RgbImage::from_pixel(16, 16, image::Rgb([200, 120, 60])).into();
        let [red, green, blue] = converted(orange(), moxcms::ColorProfile::new_display_p3());
        // Display P3 (200, 120, 60) is sRGB (213, 115, 42), by the matrices of both standards.
        assert!(
            red.abs_diff(213) <= 4 && green.abs_diff(115) <= 4 && blue.abs_diff(42) <= 5,
            "{red} {green} {blue}"
        );
        let [red, green, blue] = converted(orange(), moxcms::ColorProfile::new_srgb());
        assert!(red.abs_diff(200) <= 3 && green.abs_diff(120) <= 3 && blue.abs_diff(60) <= 3);
    }

    #[test]
    fn the_greys_of_a_scanner_are_brought_to_srgb() {
        let grey: image::DynamicImage = image::GrayImage::from_pixel(16, 16, image::Luma([128])).into();
        // A gamma of 1.0 is light itself: half the light is 188 in sRGB.
        let [red, green, blue] = converted(grey, moxcms::ColorProfile::new_gray_with_gamma(1.0));
        assert!(red.abs_diff(188) <= 2 && red == green && green == blue, "{red} {green} {blue}");
    }

    #[test]
    fn a_profile_that_inflates_beyond_measure_is_left_out() {
        let mut bytes = Vec::new();
        let mut encoder = image::codecs::png::PngEncoder::new(&mut bytes);
        encoder.set_icc_profile(vec![0; BESIDE_BYTES as usize + 1]).unwrap();
        let grey: image::DynamicImage = image::GrayImage::from_pixel(16, 16, image::Luma([128])).into();
        grey.write_with_encoder(encoder).unwrap();
        let (_, _, colours) = decode(Cursor::new(bytes), Format::Png, 1_000_000).unwrap();
        assert_eq!(colours, None);
    }

    #[test]
    fn a_picture_beyond_the_limit_is_refused_before_it_is_decoded() {
        let result = convert(Cursor::new(png(100, 100)), Format::Png, &profile(64), 9_999);
        assert!(matches!(result, Err(StillError::TooBig(_))));
    }

    #[test]
    fn bytes_that_are_no_picture_are_damaged() {
        let result =
            convert(Cursor::new(b"\xFF\xD8\xFF\xE0junk".to_vec()), Format::Jpeg, &profile(64), 9_999);
        assert!(matches!(result, Err(StillError::Damaged(_))));
    }
}
