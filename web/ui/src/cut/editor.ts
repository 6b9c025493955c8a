/** The form that cuts a deposit, as something to see and hear: it writes what is kept into the field the form has anyway. */

import { button, icon, make, toast } from "../elements";
import { findStoryboard } from "../film/storyboard";
import { fineClock, spellExactly, word } from "../words";
import { Excerpt } from "./excerpt";
import { PassageList } from "./list";
import { type Edge, Passages } from "./passages";
import { finestPeaks } from "./peaks";
import { Timeline } from "./timeline";

/** Before the end of a passage one hears this much of it, to judge where it stops. */
const endHeard = 3000;

/** Makes the editor of every form under `root` once it is opened. An address that ends in #cut opens it. */
export function cutForms(root: ParentNode): void {
  for (const form of root.querySelectorAll<HTMLFormElement>("form[data-cut]:not([data-enhanced])")) {
    form.dataset["enhanced"] = "";
    const details = form.closest("details");
    const media = form.closest("section")?.querySelector<HTMLMediaElement>("audio, video");
    const duration = Number(form.dataset["duration"] ?? "0");
    if (details === null || media === null || media === undefined || !(duration > 0)) continue;
    const open = (): void => {
      if (!details.open || form.querySelector(".cut-editor") !== null) return;
      new Editor(form, media, duration);
    };
    details.addEventListener("toggle", open);
    if (location.hash === `#${details.id}`) {
      details.open = true;
      details.scrollIntoView({ block: "start" });
    }
    open();
  }
}

class Editor {
  private readonly passages: Passages;
  private readonly timeline: Timeline;
  private readonly list = new PassageList((at) => this.listenTo(at), (at) => this.remove(at));
  private readonly excerpt: Excerpt;
  private readonly field: HTMLInputElement | null;
  private readonly total = make("p", { class: "cut-total" });
  private readonly said = make("p", { class: "said", role: "status" });
  private readonly trouble = make("p", { class: "trouble", role: "alert", hidden: "" });
  private readonly place = make("span", { class: "cut-place" });
  private readonly play = button("play", "", "quiet-button cut-play", () => this.press());
  private readonly undo = button("undo", word("cut-undo"), "quiet-button", () => this.stepBack());
  private readonly closer = button("plus", "", "quiet-button cut-zoom", () => this.zoom(2));
  private readonly wider = button("minus", "", "quiet-button cut-zoom", () => this.zoom(0.5));

  constructor(private readonly form: HTMLFormElement, media: HTMLMediaElement, private readonly duration: number) {
    this.passages = new Passages(duration);
    this.excerpt = new Excerpt(media, duration, () => this.showPlaying());
    this.timeline = new Timeline(this.passages, {
      turnedTo: (at, edge) => this.turnTo(at, edge),
      changed: () => this.show(),
      pressed: (moment) => { this.excerpt.goTo(moment); this.showPlaying(); },
      listen: (at, edge) => this.listenTo(at, edge),
    });
    this.field = form.querySelector<HTMLInputElement>("input[name=keep]");
    const typed = form.querySelector<HTMLElement>("[data-typed]");
    if (typed !== null) typed.hidden = true;
    form.prepend(this.build());
    this.listen();
    this.show();
    this.showPlaying();
    void this.load();
  }

  private build(): HTMLElement {
    this.closer.setAttribute("aria-label", word("cut-closer"));
    this.wider.setAttribute("aria-label", word("cut-wider"));
    const tools = make("div", { class: "cut-tools" },
      this.play, this.place,
      make("span", { class: "cut-zooms" }, this.wider, this.closer));
    const changes = make("div", { class: "cut-changes" },
      button("cut", word("cut-leave-out"), "quiet-button", () => this.leaveOut()),
      button("plus", word("cut-add"), "quiet-button", () => this.add()),
      this.undo);
    return make("div", { class: "cut-editor" },
      make("p", { class: "quiet" }, word("cut-how"), " ", make("span", { class: "listen-keys" }, word("cut-keys"))),
      this.timeline.element, tools, changes, this.total, this.list.element, this.said);
  }

  private async load(): Promise<void> {
    const { peaks, waveform, storyboard } = this.form.dataset;
    this.timeline.showPeaks(await finestPeaks(peaks, waveform));
    const pictures = storyboard === undefined ? null : await findStoryboard(storyboard);
    if (pictures !== null) this.timeline.showPictures(pictures);
    this.showZoom();
  }

  private listen(): void {
    this.form.querySelector("[data-effect]")?.before(this.trouble);
    this.form.addEventListener("change", () => this.show());
    this.form.addEventListener("submit", (event) => {
      if (!this.keepsAll) return;
      event.preventDefault();
      this.trouble.hidden = false;
      this.trouble.replaceChildren(icon("warn"), word("cut-all-kept"));
      this.timeline.focus(0, "from");
    });
    this.form.addEventListener("keydown", (event) => {
      if (event.key.toLowerCase() !== "z" || !(event.ctrlKey || event.metaKey) || event.shiftKey) return;
      event.preventDefault();
      this.stepBack();
    });
    new ResizeObserver(() => this.showZoom()).observe(this.timeline.element);
  }

  private get split(): string {
    return this.form.querySelector<HTMLInputElement>("input[name=split]:checked")?.value ?? "none";
  }

  /** A cut that leaves nothing out and makes nothing several would only be a copy. */
  private get keepsAll(): boolean {
    return this.passages.areWhole && (this.split === "none" || this.split === "spans");
  }

  private show(): void {
    const { all, total, written, mayStepBack } = this.passages;
    if (this.field !== null) this.field.value = written;
    this.list.show(all);
    this.total.textContent = word("cut-total", { kept: spellExactly(total), whole: spellExactly(this.duration) });
    this.undo.setAttribute("aria-disabled", String(!mayStepBack));
    if (!this.keepsAll) this.trouble.hidden = true;
    this.showEffect(total, all.length);
  }

  /** The button repeats the effect. */
  private showEffect(total: number, count: number): void {
    const words = this.form.querySelector<HTMLElement>("[data-effect] span");
    if (words === null) return;
    if (this.split === "spans" && count > 1) words.textContent = word("cut-do-spans", { n: count });
    else if (this.split === "silences" || this.split === "chapters") words.textContent = word(`cut-do-${this.split}`);
    else words.textContent = word("cut-do-none", { time: spellExactly(total) });
  }

  private showPlaying(): void {
    const playing = this.excerpt.isPlaying;
    this.play.replaceChildren(icon(playing ? "pause" : "play"), word(playing ? "cut-pause" : "cut-play"));
    this.place.textContent = fineClock(this.excerpt.at);
    this.timeline.showNeedle(this.excerpt.at);
    if (playing) this.timeline.reveal(this.excerpt.at);
  }

  private showZoom(): void {
    const { mayZoomIn, mayZoomOut } = this.timeline;
    this.closer.disabled = !mayZoomIn;
    this.wider.disabled = !mayZoomOut;
    this.closer.parentElement?.toggleAttribute("hidden", !mayZoomIn && !mayZoomOut);
  }

  private zoom(times: number): void {
    this.timeline.zoomBy(times, this.excerpt.at);
    this.showZoom();
  }

  private press(): void {
    if (this.excerpt.isPlaying) this.excerpt.pause();
    else void this.excerpt.play(this.excerpt.at >= this.duration - 100 ? 0 : this.excerpt.at);
  }

  /** What is at a handle is shown, unless something plays. */
  private turnTo(at: number, edge: Edge): void {
    const moment = this.passages.all[at]?.[edge];
    if (moment === undefined || this.excerpt.isPlaying) return;
    this.excerpt.goTo(moment);
    this.showPlaying();
  }

  private listenTo(at: number, edge: Edge = "from"): void {
    const passage = this.passages.all[at];
    if (passage === undefined) return;
    if (this.excerpt.isPlaying) { this.excerpt.pause(); return; }
    const from = edge === "from" ? passage.from : Math.max(passage.from, passage.to - endHeard);
    void this.excerpt.play(from, passage.to);
  }

  private leaveOut(): void {
    const length = this.timeline.inView * 0.08;
    const at = this.passages.leaveOut(this.meant(length), length);
    if (at < 0) { toast(word("cut-nothing-here")); return; }
    this.changed(word("cut-left-out"), at - 1, "to");
  }

  /** Where a piece shall go: where the sound was left; in the middle of a passage when that is no more than its edge. */
  private meant(length: number): number {
    const { at } = this.excerpt;
    const { all } = this.passages;
    const beside = all.find(({ from, to }) => Math.min(Math.abs(from - at), Math.abs(to - at)) < length / 2);
    return beside === undefined ? at : (beside.from + beside.to - length) / 2;
  }

  private add(): void {
    const at = this.passages.add(this.excerpt.at, this.timeline.inView * 0.15);
    if (at < 0) { toast(word("cut-no-room")); return; }
    this.changed(word("cut-added", { n: at + 1 }), at, "from");
  }

  private changed(words: string, at: number, edge: Edge): void {
    this.excerpt.pause();
    this.refresh(words);
    this.timeline.focus(at, edge);
    this.timeline.reveal(this.passages.all[at]?.[edge] ?? 0);
  }

  private remove(at: number): void {
    this.passages.remove(at);
    this.refresh(word("cut-removed", { n: at + 1 }));
    this.list.focus(at);
  }

  private stepBack(): void {
    if (!this.passages.mayStepBack) return;
    this.passages.stepBack();
    this.refresh(word("cut-undone"));
  }

  private refresh(words: string): void {
    this.timeline.refresh();
    this.show();
    this.said.textContent = `${words} ${this.total.textContent ?? ""}`;
  }
}
