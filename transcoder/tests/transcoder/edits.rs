//! Writes edit lists into MP4 files, as programs do that join clips without encoding them.

/// The boxes among these bytes: kind, and the whole box.
fn boxes(mut bytes: &[u8]) -> Vec<(&[u8], &[u8])> {
    let mut found = Vec::new();
    while bytes.len() >= 8 {
        let size = u32::from_be_bytes(bytes[..4].try_into().unwrap()) as usize;
        found.push((&bytes[4..8], &bytes[..size]));
        bytes = &bytes[size..];
    }
    found
}

fn boxed(kind: &[u8], content: &[u8]) -> Vec<u8> {
    [&u32::try_from(content.len() + 8).unwrap().to_be_bytes(), kind, content].concat()
}

fn number(bytes: &[u8], at: usize) -> i64 {
    i64::from(i32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()))
}

fn find<'a>(bytes: &'a [u8], path: &[&[u8; 4]]) -> Option<&'a [u8]> {
    let Some((kind, rest)) = path.split_first() else { return Some(bytes) };
    let (_, found) = boxes(bytes).into_iter().find(|(one, _)| one == kind)?;
    find(&found[8..], rest)
}

/// The film that shows nothing for a while, then these clips of this one, in milliseconds: for files whose index comes last, and whose own edit lists
/// only step over what a codec needs in front.
pub fn joined(film: &[u8], pause: u32, clips: &[(u32, u32)]) -> Vec<u8> {
    let mut made = Vec::new();
    for (kind, whole) in boxes(film) {
        if kind != b"moov" {
            made.extend_from_slice(whole);
            continue;
        }
        let mut index = Vec::new();
        for (kind, whole) in boxes(&whole[8..]) {
            match kind {
                b"mvhd" => {
                    let lasts = pause + clips.iter().map(|(from, to)| to - from).sum::<u32>();
                    assert_eq!(number(whole, 20), 1000, "edits count in milliseconds");
                    index.extend_from_slice(&[&whole[..24], &lasts.to_be_bytes(), &whole[28..]].concat());
                }
                b"trak" => index.extend_from_slice(&track(&whole[8..], pause, clips)),
                _ => index.extend_from_slice(whole),
            }
        }
        made.extend_from_slice(&boxed(kind, &index));
    }
    made
}

fn track(content: &[u8], pause: u32, clips: &[(u32, u32)]) -> Vec<u8> {
    let unit = number(find(content, &[b"mdia", b"mdhd"]).unwrap(), 12);
    let start = find(content, &[b"edts", b"elst"]).map_or(0, |list| number(list, 12));
    let shown = clips
        .iter()
        .map(|(from, to)| (to - from, i32::try_from(start + i64::from(*from) * unit / 1000).unwrap()));
    let edits: Vec<(u32, i32)> = (pause > 0).then_some((pause, -1)).into_iter().chain(shown).collect();
    let mut list = [[0; 4], u32::try_from(edits.len()).unwrap().to_be_bytes()].concat();
    for (lasts, from) in edits {
        list.extend_from_slice(&[lasts.to_be_bytes(), from.to_be_bytes(), [0, 1, 0, 0]].concat());
    }
    let mut made = Vec::new();
    for (kind, whole) in boxes(content).into_iter().filter(|(kind, _)| kind != b"edts") {
        made.extend_from_slice(whole);
        if kind == b"tkhd" {
            made.extend_from_slice(&boxed(b"edts", &boxed(b"elst", &list)));
        }
    }
    boxed(b"trak", &made)
}
