/** `<balado-recorder>`: the booth. A level that moves, one round button, the time, and the promise that it is saved. */

import { button, icon, make, setBusy, toast } from "./elements";
import { Microphone, MicrophoneError } from "./microphone";
import { peakMs, Recording, type Destination } from "./recording";
import type { Sending } from "./growing_upload";
import { AudioPlayer } from "./player";
import { ask, explained, personName } from "./service";
import { draw } from "./waveform";
import { clock, word } from "./words";

type State = "asking" | "ready" | "recording" | "review";

const quietLevel = 0.02;

/** The recorder of a page. */
export class BaladoRecorder extends HTMLElement {
  private microphone: Microphone | null = null;
  private recording: Recording | null = null;
  private state: State = "asking";
  /** Takes that were begun again, until they are forgotten. */
  private readonly aside = new Set<Recording>();
  private sending: Sending = "fine";
  private heardAt = 0;
  private lastPeak = 0;
  private awake: WakeLockSentinel | null = null;
  private readonly time = make("p", { class: "booth-time", role: "timer" });
  private readonly line = make("p", { class: "booth-line", "aria-live": "polite" });
  private readonly shape = make("canvas", { class: "booth-level", "aria-hidden": "true" });
  private readonly fill = make("span", {});
  private readonly bar = make("div", { class: "booth-bar", role: "meter", "aria-label": word("level"), "aria-valuemin": "0", "aria-valuemax": "100" }, this.fill);
  private readonly safe = make("p", { class: "booth-safe", role: "status" });
  private readonly booth = make("div", { class: "booth" });

  connectedCallback(): void {
    this.replaceChildren(this.booth);
    window.addEventListener("beforeunload", (event) => this.warn(event));
    this.showAsking();
    // Whoever has handed in already came for the receipt: nothing listens to them unasked.
    if (this.closest("[data-answered]") === null) {
      void Microphone.isGranted().then((granted) => { if (granted) void this.openMicrophone(); });
    }
    requestAnimationFrame((now) => this.frame(now));
  }

  disconnectedCallback(): void {
    this.microphone?.close();
  }

  private destination(): Destination {
    const place = this.closest<HTMLElement>("[data-hand-in]");
    return {
      purpose: this.dataset["purpose"] ?? "resource",
      school: this.dataset["school"] ?? "",
      then: place?.dataset["then"] ?? this.dataset["then"] ?? null,
      handIn: place?.dataset["handIn"] ?? null,
    };
  }

  private async openMicrophone(device?: string): Promise<void> {
    this.microphone?.close();
    try {
      this.microphone = await Microphone.open(device);
      this.microphone.onLost(() => void this.lost());
      await this.showReady();
    } catch (error) {
      this.microphone = null;
      this.showAsking(error instanceof MicrophoneError ? error.trouble : "absent");
    }
  }

  private async lost(): Promise<void> {
    toast(word("mic-lost"));
    if (this.state === "recording") await this.stop();
    else if (this.state === "ready") this.showAsking("absent");
  }

  private showAsking(trouble?: string): void {
    this.enter("asking");
    const press = make("button", { type: "button", class: "round round-ask", "aria-label": word("mic-ask"), onclick: () => void this.openMicrophone() }, icon("mic"));
    this.booth.replaceChildren(
      press,
      make("p", { class: "round-word" }, word(trouble === undefined ? "mic-ask" : "retry")),
      trouble === undefined
        ? make("p", { class: "booth-line" }, word("mic-why"))
        : make("p", { class: "trouble", role: "alert" }, icon("warn"), word(`mic-${trouble}`)),
    );
  }

  private async showReady(): Promise<void> {
    this.enter("ready");
    this.heardAt = 0;
    const start = make("button", { type: "button", class: "round", "aria-label": word("start"), onclick: () => this.start() }, icon("mic"));
    this.time.textContent = clock(0);
    this.line.textContent = word("ready");
    this.line.className = "booth-line";
    this.booth.replaceChildren(
      this.time, this.bar, this.line,
      make("div", { class: "booth-buttons" }, make("span", {}), start, make("span", {})),
      make("p", { class: "round-word" }, word("start")),
    );
    const choices = (await this.microphone?.choices()) ?? [];
    if (choices.length > 1 && this.state === "ready") this.booth.append(this.chooser(choices));
  }

  private chooser(choices: { id: string; label: string; chosen: boolean }[]): HTMLElement {
    const select = make("select", { onchange: () => void this.openMicrophone(select.value) });
    for (const { id, label, chosen } of choices) {
      select.append(make("option", { value: id, selected: chosen ? "" : null }, label));
    }
    return make("label", { class: "booth-mic" }, word("mic-choose"), select);
  }

  private start(): void {
    if (this.microphone === null) return;
    this.sending = "fine";
    this.recording = Recording.start(this.microphone, this.destination(), (how) => {
      this.sending = how;
      this.showSafe();
    });
    void this.stayAwake();
    this.enter("recording");
    this.showRecording();
  }

  private showRecording(): void {
    const paused = this.recording?.paused ?? false;
    this.booth.classList.toggle("is-paused", paused);
    const stop = make("button", { type: "button", class: "round", "aria-label": word("stop"), onclick: () => void this.stop() }, icon("stop"));
    const pause = button(paused ? "mic" : "pause", word(paused ? "resume" : "pause"), "quiet-button booth-side", () => {
      if (paused) this.recording?.resume();
      else this.recording?.pause();
      this.showRecording();
      this.booth.querySelector<HTMLButtonElement>(".booth-side")?.focus();
    });
    this.line.textContent = word(paused ? "paused" : "recording");
    this.line.className = paused ? "booth-line" : "booth-line is-recording";
    this.booth.replaceChildren(
      this.time, this.shape, this.line,
      make("div", { class: "booth-buttons" }, pause, stop, make("span", {})),
      make("p", { class: "round-word" }, word("stop")),
      this.safe,
    );
    this.showSafe();
  }

  private async stop(): Promise<void> {
    if (this.recording === null || this.state !== "recording") return;
    await this.recording.stop();
    void this.awake?.release();
    this.showReview(this.recording);
  }

  private showReview(recording: Recording): void {
    this.enter("review");
    const audio = make("audio", { preload: "metadata", src: URL.createObjectURL(recording.upload.whole()) });
    knowLength(audio);
    const place = make("div", { class: "player player-audio", "data-duration": String(Math.round(recording.duration)), "data-label": "" }, audio);
    const hands = this.destination().handIn !== null;
    const go = button("send", word(hands ? "hand-in" : "publish-for"), "main-action", () => void this.leave(recording, go));
    const cut = button("cut", word("cut"), "quiet-button", () => void this.leave(recording, cut, (deposit) => `/deposits/${deposit}#cut`));
    this.booth.replaceChildren(
      make("div", { class: "booth-review" }, place,
        make("div", { class: "actions" }, go,
          make("div", { class: "booth-more" }, button("again", word("again"), "quiet-button", () => this.again(recording)), hands ? null : cut))),
      this.safe,
    );
    new AudioPlayer(place, audio, recording.peaks);
    this.showSafe();
    go.focus();
  }

  /** Undo rather than a question: the first take waits a while before it is forgotten, or until the next one is taken. */
  private again(recording: Recording): void {
    this.recording = null;
    this.aside.add(recording);
    void this.openMicrophone();
    toast(word("undo-again"), { words: word("undo"), press: () => {
      if (this.state === "recording" || !this.aside.delete(recording)) return;
      this.recording = recording;
      this.showReview(recording);
    } });
    window.setTimeout(() => void this.forget(recording), 10_500);
  }

  private async forget(recording: Recording): Promise<void> {
    if (this.aside.delete(recording)) await recording.drop();
  }

  private async leave(recording: Recording, go: HTMLButtonElement, elsewhere?: (deposit: string) => string): Promise<void> {
    setBusy(go, true);
    const to = this.destination();
    if (recording.upload.unsent > 0) this.say(word("saving"), false);
    const deposit = await recording.upload.done;
    try {
      if (to.handIn !== null) await ask(to.handIn, { deposit });
      await recording.settle();
      this.recording = null;
      await Promise.all([...this.aside].map((take) => this.forget(take)));
      const then = to.handIn !== null ? `${to.then ?? "/"}?done` : `${to.then ?? "/deposits/"}${deposit}`;
      location.assign(elsewhere?.(deposit) ?? then);
    } catch (error) {
      toast(explained(error));
      setBusy(go, false);
    }
  }

  private showSafe(): void {
    const recording = this.recording;
    if (recording === null) return;
    if (this.sending === "fine") this.say(word(this.state === "recording" ? "saved-as-you-speak" : "saving"), false);
    else if (this.sending === "done") this.say(word("saved-all"), false);
    else if (this.sending === "offline") this.say(word("offline"), true);
    else if (this.sending === "waiting") this.say(word("waiting-server"), true);
    else if (this.sending === "signed-out") this.say(word("session-over", { name: personName() }), true, "/account");
    else this.say(recording.upload.refusal?.message ?? "", true, "/deposits");
  }

  private say(text: string, waiting: boolean, help?: string): void {
    this.safe.className = waiting ? "booth-safe is-waiting" : "booth-safe";
    const link = help === undefined
      ? null
      : make("a", { href: help, target: "_blank", rel: "noopener" }, word(help === "/account" ? "sign-in" : "make-room"));
    this.safe.replaceChildren(icon(waiting ? "cloud" : "shield"), make("span", {}, text, link === null ? null : " ", link));
  }

  private enter(state: State): void {
    this.state = state;
    this.booth.classList.toggle("is-recording", state === "recording");
    this.booth.classList.remove("is-paused");
    if (state === "review") { this.microphone?.close(); this.microphone = null; }
  }

  private frame(now: number): void {
    if (!this.isConnected) return;
    requestAnimationFrame((next) => this.frame(next));
    if (this.microphone === null) return;
    const level = this.microphone.level();
    if (this.state === "ready") this.showLevel(level, now);
    if (this.state === "recording" && this.recording !== null) this.showShape(this.recording, level, now);
  }

  private showLevel(level: number, now: number): void {
    // Loudness is heard in ratios: -50 dB is the left end, 0 dB the right.
    const shown = Math.max(0, Math.min(1, 1 + (20 * Math.log10(Math.max(level, 1e-5))) / 50));
    this.fill.style.clipPath = `inset(0 ${(100 - shown * 100).toFixed(1)}% 0 0)`;
    if (level > quietLevel) {
      if (this.heardAt === 0) this.line.textContent = word("hearing");
      this.heardAt = now;
    } else if (this.heardAt !== 0 && now - this.heardAt > 6000) {
      this.heardAt = 0;
      this.line.textContent = word("quiet");
    }
    if (now - this.lastPeak > 250) {
      this.lastPeak = now;
      this.bar.setAttribute("aria-valuenow", String(Math.round(shown * 100)));
    }
  }

  private showShape(recording: Recording, level: number, now: number): void {
    this.time.textContent = clock(recording.duration);
    if (recording.paused || now - this.lastPeak < peakMs) return;
    this.lastPeak = now;
    // A hidden page draws nothing: what was missed is filled, so that the shape keeps pace with the sound.
    while (recording.peaks.length * peakMs < recording.duration) recording.peaks.push(level);
    const fits = Math.floor(this.shape.clientWidth / 5);
    const shown = recording.peaks.slice(-fits);
    draw(this.shape, [...new Array<number>(Math.max(0, fits - shown.length)).fill(0), ...shown], 1);
  }

  private async stayAwake(): Promise<void> {
    try {
      this.awake = await navigator.wakeLock.request("screen");
    } catch {
      // Not every browser can; the phone may then dim, and recording goes on.
    }
  }

  private warn(event: BeforeUnloadEvent): void {
    if (this.state === "recording" || (this.recording?.upload.unsent ?? 0) > 0) {
      event.preventDefault();
      event.returnValue = word("leave-warning");
    }
  }
}

/** A recorded file tells no length until it was read to its end: jump there once, and back. */
function knowLength(audio: HTMLAudioElement): void {
  audio.addEventListener("loadedmetadata", () => {
    if (Number.isFinite(audio.duration)) return;
    audio.addEventListener("durationchange", () => { audio.currentTime = 0; }, { once: true });
    audio.currentTime = 1e7;
  }, { once: true });
}
