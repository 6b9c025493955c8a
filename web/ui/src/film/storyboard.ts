/** Looking ahead in a film: the small pictures of its sprite, told by the WebVTT beside it (W3C Media Fragments, `xywh`). */

import { make } from "../elements";
import { clock } from "../words";

/** One small picture and when it is shown, in milliseconds. */
interface Tile {
  readonly from: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const asked = new Map<string, Promise<Storyboard | null>>();

/** The pictures of a film; nothing when they cannot be had. */
export function findStoryboard(address: string): Promise<Storyboard | null> {
  const known = asked.get(address);
  if (known !== undefined) return known;
  const reading = read(address).catch(() => null);
  asked.set(address, reading);
  return reading;
}

async function read(address: string): Promise<Storyboard | null> {
  const answer = await fetch(address, { credentials: "same-origin" });
  if (!answer.ok) return null;
  const cues = [...(await answer.text()).matchAll(/^([\d:.]+) --> ([\d:.]+)\n(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)$/gm)];
  const tiles = cues.map((cue): Tile => {
    const [x = 0, y = 0, width = 0, height = 0] = cue.slice(4, 8).map(Number);
    return { from: milliseconds(cue[1] ?? ""), x, y, width, height };
  });
  const [first] = cues;
  const last = cues[cues.length - 1];
  if (first === undefined || last === undefined) return null;
  const picture = new Image();
  picture.src = new URL(first[3] ?? "", new URL(address, location.href)).href;
  await picture.decode();
  return new Storyboard(picture, tiles, milliseconds(last[2] ?? ""));
}

function milliseconds(moment: string): number {
  return Math.round(moment.split(":").reduce((sum, part) => sum * 60 + Number(part), 0) * 1000);
}

/** The pictures of one film, ready to be drawn. */
export class Storyboard {
  constructor(
    private readonly picture: HTMLImageElement,
    private readonly tiles: readonly Tile[],
    readonly duration: number,
  ) {}

  /** Width over height of each picture. */
  get ratio(): number {
    const [first] = this.tiles;
    return first === undefined ? 16 / 9 : first.width / first.height;
  }

  private at(moment: number): Tile | undefined {
    let found = this.tiles[0];
    for (const tile of this.tiles) {
      if (tile.from > moment) break;
      found = tile;
    }
    return found;
  }

  /** Draws the picture of a moment into a rectangle, cut at its sides when the rectangle is narrower. */
  paint(brush: CanvasRenderingContext2D, moment: number, x: number, y: number, width: number, height: number): void {
    const tile = this.at(moment);
    if (tile === undefined) return;
    const scale = Math.max(width / tile.width, height / tile.height);
    const [wide, tall] = [width / scale, height / scale];
    brush.drawImage(this.picture, tile.x + (tile.width - wide) / 2, tile.y + (tile.height - tall) / 2, wide, tall, x, y, width, height);
  }
}

/** A picture with its time, above a place on a track. */
export class Bubble {
  private readonly canvas = make("canvas", { width: "320", height: "180" });
  private readonly time = make("span", {});
  readonly element = make("div", { class: "bubble", hidden: "", "aria-hidden": "true" }, this.canvas, this.time);

  /** Shows a moment above `x` pixels from the left of its parent. Without pictures it shows the time alone. */
  show(storyboard: Storyboard | null, moment: number, x: number, words = clock(moment)): void {
    this.element.hidden = false;
    this.time.textContent = words;
    this.canvas.hidden = storyboard === null;
    const room = this.element.parentElement?.clientWidth ?? 0;
    if (storyboard !== null) {
      const long = 320;
      const ratio = storyboard.ratio;
      this.canvas.width = ratio >= 1 ? long : Math.round(long * ratio);
      this.canvas.height = ratio >= 1 ? Math.round(long / ratio) : long;
      const brush = this.canvas.getContext("2d");
      if (brush !== null) storyboard.paint(brush, moment, 0, 0, this.canvas.width, this.canvas.height);
    }
    const half = this.element.offsetWidth / 2;
    this.element.style.left = `${Math.max(half, Math.min(room - half, x))}px`;
  }

  hide(): void {
    this.element.hidden = true;
  }
}
