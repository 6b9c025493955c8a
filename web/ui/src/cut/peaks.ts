/** The fine peaks of a sound: a file of 24 bytes of head and two signed bytes a peak (crates/media/src/peaks.rs). */

import { fetchPeaks, type Peaks } from "../waveform";

const headBytes = 24;
const knownVersion = 2;
const eightBits = 1;

/** The fine peaks, from 0 to 1; the coarse ones when those cannot be had. */
export async function finestPeaks(fine: string | undefined, coarse: string | undefined): Promise<Peaks> {
  const found = fine === undefined ? null : await fetchFine(fine).catch(() => null);
  if (found !== null) return found;
  return coarse === undefined ? [] : fetchPeaks(coarse);
}

async function fetchFine(address: string): Promise<Peaks | null> {
  const answer = await fetch(address, { credentials: "same-origin" });
  return answer.ok ? peaksIn(await answer.arrayBuffer()) : null;
}

/** Nothing when it is not such a file. */
function peaksIn(bytes: ArrayBuffer): Peaks | null {
  if (bytes.byteLength < headBytes) return null;
  const head = new DataView(bytes, 0, headBytes);
  if (head.getUint32(0, true) !== knownVersion || head.getUint32(4, true) !== eightBits) return null;
  const count = Math.min(head.getUint32(16, true), Math.floor((bytes.byteLength - headBytes) / 2));
  const pairs = new Int8Array(bytes, headBytes, 2 * count);
  const peaks = new Float32Array(count);
  for (let at = 0; at < count; at += 1) {
    peaks[at] = Math.max(Math.abs(pairs[2 * at] ?? 0), Math.abs(pairs[2 * at + 1] ?? 0)) / 127;
  }
  return peaks;
}
