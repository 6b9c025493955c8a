/** Playing a piece of what the page's player holds, up to where it ends. */

import { toast } from "../elements";
import { seek } from "../seeking";
import { word } from "../words";

/** Plays pieces of one sound or film. Times are in milliseconds. */
export class Excerpt {
  private end: number | null = null;
  /** Where the playing was left, or shall begin. */
  at = 0;

  /** `moved` hears every change of place, and every start and stop. */
  constructor(private readonly media: HTMLMediaElement, private readonly duration: number, moved: () => void) {
    const note = (): void => {
      if (media.readyState > 0 && media.dataset["seekTo"] === undefined) this.at = media.currentTime * 1000;
      moved();
    };
    for (const event of ["timeupdate", "seeked", "pause", "ended"]) media.addEventListener(event, note);
    media.addEventListener("play", () => { moved(); this.watch(note); });
    media.addEventListener("pause", () => { this.end = null; });
  }

  get isPlaying(): boolean {
    return !this.media.paused;
  }

  /** Plays from a moment on; to the end when no other end is given. */
  async play(from: number, to: number | null = null): Promise<void> {
    this.media.pause();
    this.goTo(from);
    try {
      await this.media.play();
      this.end = to;
    } catch (refused) {
      if (!(refused instanceof DOMException && refused.name === "AbortError")) toast(word("cannot-play"));
    }
  }

  pause(): void {
    this.media.pause();
  }

  /** Goes there without playing: a film shows its picture. */
  goTo(moment: number): void {
    this.at = moment;
    seek(this.media, moment / 1000, this.duration / 1000);
  }

  /** `timeupdate` comes four times a second, which is too seldom to stop at the end of a word. */
  private watch(note: () => void): void {
    if (this.media.paused) return;
    if (this.end !== null && this.media.currentTime * 1000 >= this.end) {
      this.media.pause();
      return;
    }
    note();
    requestAnimationFrame(() => this.watch(note));
  }
}
