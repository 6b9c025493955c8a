/** Drawing the part of a sound that is in view: its shape, stronger where it is kept, above a ruler of times. */

import type { Peaks } from "../waveform";
import { clock } from "../words";
import type { Passage } from "./passages";

/** What is drawn: `from` is the moment at the left edge of the canvas, `scale` is CSS pixels per millisecond. */
export interface View {
  readonly peaks: Peaks;
  readonly duration: number;
  readonly from: number;
  readonly scale: number;
  readonly kept: readonly Passage[];
}

const pitch = 4;
const rulerHeight = 20;
const tickLengths = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600].map((seconds) => seconds * 1000);
const tickRoom = 72;

/** Draws it over the whole canvas, in its CSS colours. */
export function drawShape(canvas: HTMLCanvasElement, view: View, loudest: number): void {
  const ratio = window.devicePixelRatio || 1;
  const [wide, tall] = [canvas.clientWidth, canvas.clientHeight];
  const [width, height] = [Math.max(1, Math.round(wide * ratio)), Math.max(1, Math.round(tall * ratio))];
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const brush = canvas.getContext("2d");
  if (brush === null) return;
  brush.setTransform(ratio, 0, 0, ratio, 0, 0);
  brush.clearRect(0, 0, wide, tall);
  const look = getComputedStyle(canvas);
  drawBars(brush, view, wide, tall - rulerHeight, loudest, look.color);
  brush.fillStyle = look.getPropertyValue("--soft");
  brush.font = `12px ${look.fontFamily}`;
  drawRuler(brush, view, wide, tall);
}

function drawBars(brush: CanvasRenderingContext2D, view: View, wide: number, tall: number, loudest: number, colour: string): void {
  brush.fillStyle = colour;
  // Bars stand at multiples of the pitch of the whole sound, so that they do not flicker while it is scrolled.
  const first = Math.floor((view.from * view.scale) / pitch) * pitch - view.from * view.scale;
  for (let x = first; x < wide; x += pitch) {
    const moment = view.from + x / view.scale;
    const middle = moment + pitch / view.scale / 2;
    if (middle < 0 || middle > view.duration) continue;
    brush.globalAlpha = view.kept.some(({ from, to }) => from <= middle && middle < to) ? 1 : 0.3;
    const high = Math.max(2, Math.min(1, loudness(view, moment, moment + pitch / view.scale) / loudest) * (tall - 8));
    brush.fillRect(x, (tall - high) / 2, pitch - 1.5, high);
  }
  brush.globalAlpha = 1;
}

/** The mean of the peaks of a stretch. */
function loudness(view: View, from: number, to: number): number {
  const each = view.peaks.length / view.duration;
  const first = Math.max(0, Math.floor(from * each));
  const last = Math.min(view.peaks.length, Math.max(first + 1, Math.floor(to * each)));
  let sum = 0;
  for (let at = first; at < last; at += 1) sum += view.peaks[at] ?? 0;
  return last > first ? sum / (last - first) : 0;
}

/** What counts as full height: nearly the loudest of a thousand slices, so that one knock does not flatten all speech. */
export function loudestOf(peaks: Peaks): number {
  const slices: number[] = [];
  const size = Math.max(1, Math.floor(peaks.length / 1000));
  for (let at = 0; at < peaks.length; at += size) {
    let sum = 0;
    for (let one = at; one < Math.min(peaks.length, at + size); one += 1) sum += peaks[one] ?? 0;
    slices.push(sum / size);
  }
  slices.sort((a, b) => a - b);
  return Math.max(0.05, slices[Math.floor(slices.length * 0.98)] ?? 1);
}

function drawRuler(brush: CanvasRenderingContext2D, view: View, wide: number, tall: number): void {
  const each = tickLengths.find((length) => length * view.scale >= tickRoom) ?? 7_200_000;
  for (let tick = Math.max(0, Math.floor(view.from / each) * each); tick <= view.duration; tick += each) {
    const x = (tick - view.from) * view.scale;
    if (x > wide) break;
    const said = clock(tick);
    // The last tick of a recording may lie too near to the edge for its words.
    if (x + brush.measureText(said).width / 2 > wide) continue;
    brush.fillRect(Math.round(x), tall - rulerHeight, 1, 4);
    brush.fillText(said, Math.max(0, x - brush.measureText(said).width / 2), tall - 3);
  }
}
