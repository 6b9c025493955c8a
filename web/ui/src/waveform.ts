/** Drawing sound: one bar per slice, as many as fit, the played part stronger. */

/** Peaks from 0 to 1. */
export type Peaks = ArrayLike<number>;

const asked = new Map<string, Promise<Peaks>>();

/** Reads the peaks the service keeps (`{version: 1, peaks: [0..255]}`); nothing when there are none. */
export function fetchPeaks(address: string): Promise<Peaks> {
  const known = asked.get(address);
  if (known !== undefined) return known;
  const reading = fetch(address, { credentials: "same-origin" })
    .then(async (answer) => (answer.ok ? peaksIn(await answer.json()) : []))
    .catch(() => []);
  asked.set(address, reading);
  return reading;
}

function peaksIn(json: unknown): Peaks {
  if (typeof json !== "object" || json === null || !("peaks" in json)) return [];
  return Array.isArray(json.peaks) ? json.peaks.map((peak) => Number(peak) / 255) : [];
}

/** Folds peaks into `count` bars, each the mean of its slice, scaled so that quiet speech still shows. */
export function fold(peaks: Peaks, count: number): number[] {
  const bars: number[] = [];
  for (let bar = 0; bar < count; bar += 1) {
    const from = Math.floor((bar * peaks.length) / count);
    const to = Math.max(from + 1, Math.floor(((bar + 1) * peaks.length) / count));
    let sum = 0;
    for (let at = from; at < to; at += 1) sum += peaks[at] ?? 0;
    bars.push(sum / (to - from));
  }
  const loudest = Math.max(0.05, ...bars);
  return bars.map((bar) => bar / loudest);
}

/** Draws `peaks` over the whole canvas in its CSS colour; bars after `played` (0 to 1) are pale. */
export function draw(canvas: HTMLCanvasElement, peaks: Peaks, played: number, pitch = 5): void {
  const ratio = window.devicePixelRatio || 1;
  const width = Math.max(1, Math.round(canvas.clientWidth * ratio));
  const height = Math.max(1, Math.round(canvas.clientHeight * ratio));
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const brush = canvas.getContext("2d");
  if (brush === null) return;
  brush.clearRect(0, 0, width, height);
  brush.fillStyle = getComputedStyle(canvas).color;
  const count = Math.max(1, Math.floor(width / (pitch * ratio)));
  const step = width / count;
  const bars = peaks.length > 0 ? fold(peaks, count) : new Array<number>(count).fill(0);
  bars.forEach((bar, at) => {
    brush.globalAlpha = (at + 0.5) / count <= played ? 1 : 0.38;
    const tall = Math.max(2 * ratio, bar * height);
    brush.fillRect(at * step, (height - tall) / 2, Math.max(1, step * 0.6), tall);
  });
  brush.globalAlpha = 1;
}

/** Redraws when the canvas changes size or the theme changes. */
export function redraws(canvas: HTMLCanvasElement, redraw: () => void): void {
  if ("ResizeObserver" in window) new ResizeObserver(redraw).observe(canvas);
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
}

/** Puts small waveforms on the squares that stand for sounds, once they come into view. */
export function thumbs(root: ParentNode): void {
  const squares = root.querySelectorAll<HTMLElement>("[data-thumb-waveform]:not(.drawn)");
  if (squares.length === 0) return;
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting || !(entry.target instanceof HTMLElement)) continue;
      seen.unobserve(entry.target);
      void fill(entry.target);
    }
  });
  squares.forEach((square) => { square.classList.add("drawn"); seen.observe(square); });
}

async function fill(square: HTMLElement): Promise<void> {
  const peaks = await fetchPeaks(square.dataset["thumbWaveform"] ?? "");
  if (peaks.length === 0) return;
  const canvas = document.createElement("canvas");
  canvas.setAttribute("aria-hidden", "true");
  square.querySelector(".icon")?.remove();
  square.prepend(canvas);
  draw(canvas, peaks, 1, 4);
  redraws(canvas, () => draw(canvas, peaks, 1, 4));
}
