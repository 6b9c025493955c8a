/** The kept passages in words, each with what can be done with it. */

import { button, make } from "../elements";
import { fineClock, spellExactly, word } from "../words";
import type { Passage } from "./passages";

interface Row {
  readonly item: HTMLElement;
  readonly times: HTMLElement;
  readonly length: HTMLElement;
}

/** The list; `play` and `remove` get the place of the passage. */
export class PassageList {
  private rows: Row[] = [];
  readonly element = make("ol", { class: "cut-passages", "aria-label": word("cut-kept") });

  constructor(private readonly play: (at: number) => void, private readonly remove: (at: number) => void) {}

  show(passages: readonly Passage[]): void {
    if (this.rows.length !== passages.length) {
      this.rows = passages.map((_, at) => this.row(at, passages.length > 1));
      this.element.replaceChildren(...this.rows.map(({ item }) => item));
    }
    passages.forEach(({ from, to }, at) => {
      const row = this.rows[at];
      if (row === undefined) return;
      row.times.textContent = `${fineClock(from)} – ${fineClock(to)}`;
      row.length.textContent = spellExactly(to - from);
    });
  }

  /** Focus stays near when a row goes. */
  focus(at: number): void {
    const row = this.rows[Math.min(at, this.rows.length - 1)];
    row?.item.querySelector("button")?.focus();
  }

  private row(at: number, mayGo: boolean): Row {
    const number = make("b", { class: "cut-number", "aria-hidden": "true" }, String(at + 1));
    const times = make("span", {});
    const length = make("small", { class: "quiet" });
    const listen = button("play", word("cut-listen"), "quiet-button", () => this.play(at));
    listen.setAttribute("aria-label", word("cut-listen-to", { n: at + 1 }));
    const go = button("close", word("cut-remove"), "quiet-button", () => this.remove(at));
    go.setAttribute("aria-label", word("cut-remove-this", { n: at + 1 }));
    const item = make("li", {}, number, make("span", { class: "cut-times" }, times, length), listen, mayGo ? go : null);
    return { item, times, length };
  }
}
