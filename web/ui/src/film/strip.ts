/** The film strip under a video: its pictures in a row to move in; where one points or stands, the picture with its time. */

import { make } from "../elements";
import { followPointer, keyTarget, seek } from "../seeking";
import { redraws } from "../waveform";
import { clock, word } from "../words";
import { Bubble, findStoryboard, type Storyboard } from "./storyboard";

/** Puts a strip under the video of a player that names its storyboard. */
export function addStrip(place: HTMLElement, video: HTMLVideoElement): void {
  const address = place.dataset["storyboard"];
  if (address !== undefined) new Strip(place, video, address);
}

class Strip {
  private pictures: Storyboard | null = null;
  private isAsked = false;
  private readonly known: number;
  private readonly canvas = make("canvas", { "aria-hidden": "true" });
  private readonly needle = make("span", { class: "needle" });
  private readonly bubble = new Bubble();
  private readonly track = make(
    "div",
    { class: "strip", role: "slider", tabindex: "0", "aria-label": word("film-position"), "aria-valuemin": "0" },
    make("span", { class: "strip-film" }, this.canvas, this.needle),
    this.bubble.element,
  );

  constructor(place: HTMLElement, private readonly video: HTMLVideoElement, private readonly address: string) {
    this.known = Number(place.dataset["duration"] ?? "0") / 1000;
    video.after(this.track);
    this.listen();
    this.loadInTime(place);
    redraws(this.canvas, () => this.draw());
    this.show();
  }

  /** Pictures cost bytes: in a list, and for who saves bytes, they come when somebody turns to the film. */
  private loadInTime(place: HTMLElement): void {
    for (const event of ["pointerenter", "focus"]) this.track.addEventListener(event, () => void this.load());
    this.video.addEventListener("play", () => void this.load());
    const saves = (navigator as { connection?: { saveData?: boolean } }).connection?.saveData === true;
    if (saves || place.closest(".card") !== null || !("IntersectionObserver" in window)) return;
    const seen = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      seen.disconnect();
      void this.load();
    });
    seen.observe(this.track);
  }

  private async load(): Promise<void> {
    if (this.isAsked) return;
    this.isAsked = true;
    this.pictures = await findStoryboard(this.address);
    this.draw();
    if (document.activeElement === this.track) this.showBubble(this.video.currentTime);
  }

  private listen(): void {
    for (const event of ["timeupdate", "durationchange", "seeked"]) {
      this.video.addEventListener(event, () => this.show());
    }
    this.track.addEventListener("pointermove", (event) => this.showBubble(this.momentAt(event)));
    this.track.addEventListener("pointerleave", () => this.rest());
    this.track.addEventListener("pointerdown", (event) => {
      const go = (at: PointerEvent): void => {
        this.showBubble(this.momentAt(at));
        seek(this.video, this.momentAt(at), this.duration);
      };
      go(event);
      followPointer(this.track, event, go, () => this.rest());
    });
    this.track.addEventListener("focus", () => { if (this.track.matches(":focus-visible")) this.showBubble(this.video.currentTime); });
    this.track.addEventListener("blur", () => this.bubble.hide());
    this.track.addEventListener("keydown", (event) => this.key(event));
  }

  private key(event: KeyboardEvent): void {
    if (event.key === "Escape") { this.bubble.hide(); return; }
    const to = keyTarget(event.key, this.video.currentTime, this.duration);
    if (to === undefined) return;
    event.preventDefault();
    seek(this.video, to, this.duration);
    this.showBubble(Math.min(Math.max(0, to), this.duration));
  }

  private get duration(): number {
    const told = this.video.duration;
    return Number.isFinite(told) && told > 0 ? told : this.known;
  }

  private momentAt(event: PointerEvent): number {
    const box = this.track.getBoundingClientRect();
    return Math.min(Math.max(0, (event.clientX - box.left) / box.width), 1) * this.duration;
  }

  private showBubble(seconds: number): void {
    if (this.duration <= 0) return;
    this.bubble.show(this.pictures, seconds * 1000, (seconds / this.duration) * this.track.clientWidth);
  }

  /** Nobody points any more; who moves with the keys still sees where they are. */
  private rest(): void {
    if (this.track.matches(":focus-visible")) this.showBubble(this.video.currentTime);
    else this.bubble.hide();
  }

  private show(): void {
    const [at, duration] = [this.video.currentTime, this.duration];
    this.needle.style.left = `${duration > 0 ? (at / duration) * 100 : 0}%`;
    this.track.setAttribute("aria-valuemax", String(Math.round(duration)));
    this.track.setAttribute("aria-valuenow", String(Math.round(at)));
    this.track.setAttribute("aria-valuetext", `${clock(at * 1000)} / ${clock(duration * 1000)}`);
  }

  private draw(): void {
    if (this.pictures !== null) drawFilm(this.canvas, this.pictures);
  }
}

/** Fills a canvas with the pictures of a whole film, side by side. */
export function drawFilm(canvas: HTMLCanvasElement, pictures: Storyboard, from = 0, to = pictures.duration): void {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.max(1, Math.round(canvas.clientWidth * ratio));
  canvas.height = Math.max(1, Math.round(canvas.clientHeight * ratio));
  const brush = canvas.getContext("2d");
  if (brush === null) return;
  const count = Math.max(1, Math.round(canvas.width / (canvas.height * Math.max(pictures.ratio, 0.75))));
  const wide = canvas.width / count;
  for (let number = 0; number < count; number += 1) {
    const moment = from + ((number + 0.5) / count) * (to - from);
    pictures.paint(brush, moment, number * wide, 0, wide, canvas.height);
  }
}
