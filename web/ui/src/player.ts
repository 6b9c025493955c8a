/** The player: a round button, the sound's shape to move in, time and speed, around the browser's own audio element. */

import { button, icon, make, toast } from "./elements";
import { addStrip } from "./film/strip";
import { followPointer, keyTarget, seek } from "./seeking";
import { clock, word } from "./words";
import { draw, fetchPeaks, redraws, type Peaks } from "./waveform";

const speeds = [1, 1.25, 1.5, 2, 0.75];
const speedKey = "balado-speed";

/** Enhances every player under `root` that is not yet enhanced. */
export function players(root: ParentNode): void {
  for (const place of root.querySelectorAll<HTMLElement>("[data-player]:not(.ready)")) {
    const audio = place.querySelector("audio");
    const video = place.querySelector("video");
    if (audio !== null) new AudioPlayer(place, audio);
    else if (video !== null) enhanceVideo(place, video);
  }
}

/** Wraps one audio element. */
export class AudioPlayer {
  private peaks: Peaks = [];
  private readonly canvas = make("canvas", { "aria-hidden": "true" });
  private readonly time = make("span", { class: "clock" });
  private readonly track = make(
    "div",
    { class: "track", role: "slider", tabindex: "0", "aria-label": word("position"), "aria-valuemin": "0" },
    this.canvas,
  );
  private readonly toggle: HTMLButtonElement;
  private readonly label: string;
  private readonly known: number;

  constructor(place: HTMLElement, private readonly audio: HTMLAudioElement, peaks?: Peaks) {
    this.label = place.dataset["label"] ?? "";
    this.known = Number(place.dataset["duration"] ?? "0");
    this.toggle = make("button", { type: "button", class: "play", onclick: () => void this.press() });
    audio.removeAttribute("controls");
    place.classList.add("ready");
    place.append(this.toggle, this.track, this.time, speedButton(audio));
    this.listen();
    this.face();
    if (peaks !== undefined) this.peaks = peaks;
    else void this.findPeaks(place);
    redraws(this.canvas, () => this.show());
    this.show();
  }

  private async findPeaks(place: HTMLElement): Promise<void> {
    const address = place.dataset["waveform"];
    if (address === undefined) return;
    this.peaks = await fetchPeaks(address);
    this.show();
  }

  private listen(): void {
    for (const event of ["play", "pause", "ended"]) this.audio.addEventListener(event, () => this.face());
    for (const event of ["timeupdate", "durationchange", "seeked"]) {
      this.audio.addEventListener(event, () => this.show());
    }
    this.audio.addEventListener("play", () => { onlyOne(this.audio); announce(this.label); });
    this.audio.addEventListener("error", () => { if (!this.audio.paused) toast(word("cannot-play")); });
    this.track.addEventListener("pointerdown", (event) => this.drag(event));
    this.track.addEventListener("keydown", (event) => this.key(event));
  }

  private async press(): Promise<void> {
    if (!this.audio.paused) { this.audio.pause(); return; }
    try {
      await this.audio.play();
    } catch (refused) {
      if (!(refused instanceof DOMException && refused.name === "AbortError")) toast(word("cannot-play"));
    }
  }

  private get duration(): number {
    const told = this.audio.duration;
    return Number.isFinite(told) && told > 0 ? told : this.known / 1000;
  }

  private drag(event: PointerEvent): void {
    const move = (at: PointerEvent): void => {
      const box = this.track.getBoundingClientRect();
      seek(this.audio, ((at.clientX - box.left) / box.width) * this.duration, this.duration);
    };
    move(event);
    followPointer(this.track, event, move);
  }

  private key(event: KeyboardEvent): void {
    const target = keyTarget(event.key, this.audio.currentTime, this.duration);
    if (target === undefined) return;
    event.preventDefault();
    seek(this.audio, target, this.duration);
  }

  private face(): void {
    const paused = this.audio.paused;
    this.toggle.replaceChildren(icon(paused ? "play" : "pause"));
    this.toggle.setAttribute("aria-label", `${word(paused ? "play" : "pause-play")} ${this.label}`.trim());
  }

  private show(): void {
    const duration = this.duration;
    const at = this.audio.currentTime;
    draw(this.canvas, this.peaks, duration > 0 ? at / duration : 0);
    this.time.textContent = `${clock(at * 1000)} / ${clock(duration * 1000)}`;
    this.track.setAttribute("aria-valuemax", String(Math.round(duration)));
    this.track.setAttribute("aria-valuenow", String(Math.round(at)));
    this.track.setAttribute("aria-valuetext", this.time.textContent);
  }
}

function enhanceVideo(place: HTMLElement, video: HTMLVideoElement): void {
  place.classList.add("ready");
  place.append(speedButton(video));
  addStrip(place, video);
  video.addEventListener("play", () => onlyOne(video));
  const link = place.querySelector<HTMLAnchorElement>("a[data-light]");
  if (link !== null) offerLight(link, video);
}

/** Turns the link to the light version into a switch that stays at the same place of the video. */
function offerLight(link: HTMLAnchorElement, video: HTMLVideoElement): void {
  const full = video.src;
  const offer = link.textContent ?? "";
  link.addEventListener("click", (event) => {
    event.preventDefault();
    const isLight = video.src === link.href;
    const at = video.currentTime;
    const plays = !video.paused;
    video.src = isLight ? full : link.href;
    link.textContent = isLight ? offer : word("standard");
    if (at === 0 && !plays) return;
    video.addEventListener("loadedmetadata", () => {
      video.currentTime = at;
      if (plays) void video.play();
    }, { once: true });
    video.load();
  });
}

function speedButton(media: HTMLMediaElement): HTMLButtonElement {
  const control = button("", "", "speed", () => {
    const next = speeds[(speeds.indexOf(media.playbackRate) + 1) % speeds.length] ?? 1;
    try { localStorage.setItem(speedKey, String(next)); } catch { /* Private window: the speed lasts for this page. */ }
    for (const other of document.querySelectorAll<HTMLMediaElement>("audio, video")) {
      other.defaultPlaybackRate = next;
      other.playbackRate = next;
    }
  });
  const show = (): void => {
    const said = `${media.playbackRate.toLocaleString(document.documentElement.lang)}×`;
    control.textContent = said;
    control.setAttribute("aria-label", `${word("speed")} ${said}`);
  };
  media.addEventListener("ratechange", show);
  media.defaultPlaybackRate = rememberedSpeed();
  media.playbackRate = media.defaultPlaybackRate;
  show();
  return control;
}

function rememberedSpeed(): number {
  try {
    const kept = Number(localStorage.getItem(speedKey));
    return speeds.includes(kept) ? kept : 1;
  } catch {
    return 1;
  }
}

/** Two sounds at once help nobody. */
function onlyOne(playing: HTMLMediaElement): void {
  for (const other of document.querySelectorAll<HTMLMediaElement>("audio, video")) {
    if (other !== playing) other.pause();
  }
}

/** What the phone's lock screen shows. */
function announce(title: string): void {
  if (!("mediaSession" in navigator) || !("MediaMetadata" in window)) return;
  const school = document.querySelector(".brand span")?.textContent ?? "";
  navigator.mediaSession.metadata = new MediaMetadata({ title, artist: school });
}
