/** The sound to cut: its shape, what is kept of it as shaded passages with a handle at either end, and where it plays. */

import { make } from "../elements";
import { drawFilm } from "../film/strip";
import { Bubble, type Storyboard } from "../film/storyboard";
import { followPointer } from "../seeking";
import { redraws, type Peaks } from "../waveform";
import { fineClock, spellMoment, word } from "../words";
import type { Edge, Passages } from "./passages";
import { drawShape, loudestOf } from "./shape";

/** What the timeline tells the editor. */
export interface TimelineListener {
  /** An edge was moved, or turned to. */
  turnedTo(at: number, edge: Edge): void;
  changed(): void;
  /** A place between the handles was pressed. */
  pressed(moment: number): void;
  /** Wants to hear what is at an edge. */
  listen(at: number, edge: Edge): void;
}

/** Room beside the sound, where the outermost handles lie. As in cut.css. */
const pad = 36;
const stepMs: Record<string, number> = {
  ArrowLeft: -100, ArrowDown: -100, ArrowRight: 100, ArrowUp: 100, PageDown: -10_000, PageUp: 10_000,
};
const shiftTimes = 10;
const closestView = 10_000;
const nearEdge = 28;

export class Timeline {
  private peaks: Peaks = [];
  private loudest = 1;
  private pictures: Storyboard | null = null;
  private zoom = 1;
  private isDue = false;
  private regions: HTMLElement[] = [];
  private handles: { element: HTMLElement; at: number; edge: Edge }[] = [];
  private readonly film = make("canvas", { class: "cut-film", "aria-hidden": "true", hidden: "" });
  private readonly shape = make("canvas", { class: "cut-shape", "aria-hidden": "true" });
  private readonly needle = make("span", { class: "cut-needle" });
  private readonly length = make("div", { class: "cut-length" }, this.needle);
  private readonly scroller = make("div", { class: "cut-scroll" }, this.length);
  private readonly bubble = new Bubble();
  readonly element = make("div", { class: "cut-timeline" }, this.film, this.shape, this.scroller, this.bubble.element);

  constructor(private readonly passages: Passages, private readonly listener: TimelineListener) {
    this.length.addEventListener("click", (event) => {
      if (!(event.target instanceof Element) || event.target.closest(".cut-handle") === null) listener.pressed(this.momentAt(event.clientX));
    });
    this.scroller.addEventListener("scroll", () => this.draw());
    redraws(this.shape, () => this.draw());
    this.refresh();
  }

  showPeaks(peaks: Peaks): void {
    this.peaks = peaks;
    this.loudest = loudestOf(peaks);
    this.draw();
  }

  showPictures(pictures: Storyboard): void {
    this.pictures = pictures;
    this.film.hidden = false;
    this.draw();
  }

  /** Shows the passages as they are now. */
  refresh(): void {
    const { all, duration } = this.passages;
    if (this.regions.length !== all.length) this.rebuild();
    all.forEach(({ from, to }, at) => {
      this.regions[at]?.style.setProperty("--from", String(from / duration));
      this.regions[at]?.style.setProperty("--to", String(to / duration));
    });
    for (const { element, at, edge } of this.handles) this.describe(element, at, edge);
    this.draw();
  }

  showNeedle(moment: number): void {
    this.needle.style.setProperty("--at", String(moment / this.passages.duration));
  }

  /** How much is in view, in milliseconds. */
  get inView(): number {
    return this.scroller.clientWidth / this.scale;
  }

  get mayZoomIn(): boolean {
    return this.inView > closestView;
  }

  get mayZoomOut(): boolean {
    return this.zoom > 1;
  }

  /** Shows `times` as closely, with that moment where it is, or in the middle when it is out of view. */
  zoomBy(times: number, moment: number): void {
    const wide = this.scroller.clientWidth;
    const shown = this.xOf(moment) - this.scroller.scrollLeft;
    const keepAt = shown >= 0 && shown <= wide ? shown : wide / 2;
    this.zoom = Math.max(1, this.zoom * times);
    this.length.style.width = `${this.zoom * 100}%`;
    this.scroller.scrollLeft = this.xOf(moment) - keepAt;
    this.draw();
  }

  /** Scrolls a moment into view when it is not. */
  reveal(moment: number): void {
    const x = this.xOf(moment) - this.scroller.scrollLeft;
    if (x < 0 || x > this.scroller.clientWidth) this.scroller.scrollLeft += x - this.scroller.clientWidth / 4;
  }

  focus(at: number, edge: Edge): void {
    this.handles.find((handle) => handle.at === at && handle.edge === edge)?.element.focus();
  }

  private get scale(): number {
    return Math.max(1, this.length.clientWidth - 2 * pad) / this.passages.duration;
  }

  private xOf(moment: number): number {
    return pad + moment * this.scale;
  }

  private momentAt(clientX: number): number {
    return Math.min(Math.max(0, this.placeAt(clientX)), this.passages.duration);
  }

  /** The same, also beside the sound, where handles are held. */
  private placeAt(clientX: number): number {
    return (clientX - this.length.getBoundingClientRect().left - pad) / this.scale;
  }

  private rebuild(): void {
    for (const old of [...this.regions, ...this.handles.map(({ element }) => element)]) old.remove();
    this.regions = this.passages.all.map((_, at) => make("div", { class: "cut-region" }, make("b", {}, String(at + 1))));
    this.handles = this.passages.all.flatMap((_, at) => (["from", "to"] as const).map((edge) => ({ element: this.handle(at, edge), at, edge })));
    this.length.append(...this.regions, ...this.handles.map(({ element }) => element));
  }

  private handle(at: number, edge: Edge): HTMLElement {
    const element = make("div", {
      class: `cut-handle cut-handle-${edge}`, role: "slider", tabindex: "0", "aria-orientation": "horizontal",
      "aria-label": word(`cut-${edge}`, { n: at + 1 }),
    });
    element.addEventListener("pointerdown", (event) => this.drag(event, element, at, edge));
    element.addEventListener("keydown", (event) => this.key(event, at, edge));
    element.addEventListener("focus", () => { this.listener.turnedTo(at, edge); this.showBubble(at, edge); });
    element.addEventListener("blur", () => this.bubble.hide());
    return element;
  }

  private describe(element: HTMLElement, at: number, edge: Edge): void {
    const moment = this.passages.all[at]?.[edge] ?? 0;
    const { least, most } = this.passages.range(at, edge);
    element.style.setProperty("--at", String(moment / this.passages.duration));
    element.setAttribute("aria-valuemin", (least / 1000).toFixed(1));
    element.setAttribute("aria-valuemax", (most / 1000).toFixed(1));
    element.setAttribute("aria-valuenow", (moment / 1000).toFixed(1));
    element.setAttribute("aria-valuetext", spellMoment(moment));
  }

  private drag(event: PointerEvent, element: HTMLElement, at: number, edge: Edge): void {
    if (event.button !== 0) return;
    event.preventDefault();
    element.focus({ preventScroll: true });
    this.passages.beginGesture();
    const held = this.placeAt(event.clientX) - (this.passages.all[at]?.[edge] ?? 0);
    element.classList.add("is-held");
    const move = (now: PointerEvent): void => {
      this.scrollAlong(now.clientX);
      this.moveTo(at, edge, this.placeAt(now.clientX) - held);
    };
    followPointer(element, event, move, () => element.classList.remove("is-held"));
  }

  private scrollAlong(clientX: number): void {
    const box = this.scroller.getBoundingClientRect();
    if (clientX < box.left + nearEdge) this.scroller.scrollLeft -= 12;
    else if (clientX > box.right - nearEdge) this.scroller.scrollLeft += 12;
  }

  private key(event: KeyboardEvent, at: number, edge: Edge): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const now = this.passages.all[at]?.[edge] ?? 0;
    const step = stepMs[event.key];
    if (step !== undefined) this.moveTo(at, edge, now + step * (event.shiftKey ? shiftTimes : 1));
    else if (event.key === "Home") this.moveTo(at, edge, 0);
    else if (event.key === "End") this.moveTo(at, edge, this.passages.duration);
    else if (event.key === " " || event.key === "Enter") this.listener.listen(at, edge);
    else return;
    event.preventDefault();
  }

  private moveTo(at: number, edge: Edge, moment: number): void {
    this.passages.move(at, edge, moment);
    const now = this.passages.all[at]?.[edge] ?? 0;
    this.refresh();
    this.listener.changed();
    this.listener.turnedTo(at, edge);
    this.reveal(now);
    this.showBubble(at, edge);
  }

  private showBubble(at: number, edge: Edge): void {
    const moment = this.passages.all[at]?.[edge];
    if (moment === undefined) return;
    this.bubble.show(this.pictures, moment, this.xOf(moment) - this.scroller.scrollLeft, fineClock(moment));
  }

  private draw(): void {
    if (this.isDue) return;
    this.isDue = true;
    requestAnimationFrame(() => {
      this.isDue = false;
      const { all, duration } = this.passages;
      const from = (this.scroller.scrollLeft - pad) / this.scale;
      drawShape(this.shape, { peaks: this.peaks, duration, from, scale: this.scale, kept: all }, this.loudest);
      if (this.pictures === null) return;
      drawFilm(this.film, this.pictures, from, from + this.inView);
      this.clearBeside(from);
    });
  }

  /** There is no film before its start and after its end. */
  private clearBeside(from: number): void {
    const brush = this.film.getContext("2d");
    const ratio = this.film.width / Math.max(1, this.film.clientWidth);
    const [start, end] = [-from, this.passages.duration - from].map((moment) => moment * this.scale * ratio);
    brush?.clearRect(0, 0, start ?? 0, this.film.height);
    brush?.clearRect(end ?? 0, 0, this.film.width, this.film.height);
  }
}
