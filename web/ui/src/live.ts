/** Cards that follow their deposit: progress while it is prepared, and the finished card without reloading. */

import { toast } from "./elements";
import { ask, ServiceError } from "./service";
import { spell, word } from "./words";
import { enhance } from "./enhance";

export interface Progress {
  state: string;
  permille: number | null;
  remainingMs: number | null;
  made: number;
}

// A recording that was converted as it arrived is ready within a second of its end: the first looks are soon.
const first = 250;
const shortest = 1000;
const longest = 10_000;

/** Follows every card under `root` that asks for it. */
export function follow(root: ParentNode): void {
  for (const card of root.querySelectorAll<HTMLElement>("[data-live]:not([data-followed])")) {
    card.dataset["followed"] = "";
    new Follower(card).start();
  }
}

class Follower {
  private wait = first;
  private last: Progress | null = null;
  private readonly address: string;

  constructor(private card: HTMLElement) {
    this.address = card.dataset["live"] ?? "";
  }

  start(): void {
    window.setTimeout(() => void this.look(), this.wait);
  }

  private async look(): Promise<void> {
    if (!this.card.isConnected) return;
    if (document.hidden) {
      document.addEventListener("visibilitychange", () => void this.look(), { once: true });
      return;
    }
    let now: Progress;
    try {
      now = readProgress(await ask(this.address));
    } catch (error) {
      if (error instanceof ServiceError && error.status >= 400 && error.status < 500 && error.status !== 429) return;
      this.again(false);
      return;
    }
    const moved = this.last === null || this.last.permille !== now.permille || this.last.made !== now.made;
    showProgress(this.card, now);
    const ended = now.state !== "receiving" && now.state !== "received";
    const grew = this.last !== null && this.last.made !== now.made;
    this.last = now;
    const isShown = ended || grew ? await this.refresh() : true;
    if (!ended || !isShown) this.again(moved && !ended);
    else if (now.state === "ready") this.tell();
  }

  private again(moved: boolean): void {
    this.wait = moved ? shortest : Math.min(longest, this.wait * 1.5);
    this.start();
  }

  /** Takes the server's own rendering of this card out of a fresh copy of the page; later, when somebody is listening. */
  private async refresh(): Promise<boolean> {
    // The page may have been ahead of the last answer: then the finished card is here already.
    if (this.card.dataset["live"] === undefined) return true;
    if ([...this.card.querySelectorAll<HTMLMediaElement>("audio, video")].some((media) => !media.paused)) return false;
    const adopted = await replaceFresh(this.card, (fresh) => { fresh.dataset["followed"] = ""; });
    if (adopted === null) return false;
    this.card = adopted;
    return true;
  }

  private tell(): void {
    const name = this.card.querySelector("h3")?.textContent?.trim() ?? "";
    if (name !== "") toast(word("is-ready", { name }));
  }
}

/** Moves the bar of a card and says how far the work is. */
export function showProgress(card: Element, now: Pick<Progress, "permille" | "remainingMs">): void {
  const bar = card.querySelector("progress");
  if (bar !== null && now.permille !== null) bar.value = now.permille;
  const said = card.querySelector<HTMLElement>("[data-remaining]");
  if (said === null) return;
  const left = now.remainingMs === null ? [] : [word("left", { time: spell(now.remainingMs) })];
  const done = now.permille === null || now.permille === 0 ? null : Math.floor(now.permille / 10);
  said.textContent = done === null ? word("preparing") : [word("percent", { n: done }), ...left].join(", ");
}

/** Puts the server's own rendering of an element, out of a fresh copy of the page, in its place; nothing when it has none. */
export async function replaceFresh(old: HTMLElement, prepare: (fresh: HTMLElement) => void = () => {}): Promise<HTMLElement | null> {
  const answer = await fetch(location.href, { credentials: "same-origin", cache: "no-store" }).catch(() => null);
  if (answer?.ok !== true) return null;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById(old.id);
  if (fresh === null) return null;
  const adopted = document.importNode(fresh, true);
  prepare(adopted);
  old.replaceWith(adopted);
  enhance(adopted);
  return adopted;
}

export function readProgress(json: unknown): Progress {
  const told = (typeof json === "object" && json !== null ? json : {}) as Record<string, unknown>;
  const number = (value: unknown): number | null => (typeof value === "number" ? value : null);
  return {
    state: String(told["state"] ?? "failed"),
    permille: number(told["progress_permille"]),
    remainingMs: number(told["remaining_ms"]),
    made: Array.isArray(told["renditions"]) ? told["renditions"].length : 0,
  };
}
