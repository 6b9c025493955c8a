/** What is kept of a recording: passages in order that never touch, with a memory of what they were before each change. */

/** One kept passage, in milliseconds. */
export interface Passage {
  readonly from: number;
  readonly to: number;
}

export type Edge = "from" | "to";

/** A shorter passage is nothing one can hear; nearer passages would be made one by the service. */
export const shortest = 100;

/** Changes with the same mark within this time are one step back. */
const oneGesture = 1500;

const mostSteps = 200;

/** The passages of one recording. */
export class Passages {
  private kept: readonly Passage[];
  private readonly past: (readonly Passage[])[] = [];
  private lastMark = "";
  private lastAt = 0;

  constructor(readonly duration: number) {
    this.kept = [{ from: 0, to: duration }];
  }

  get all(): readonly Passage[] {
    return this.kept;
  }

  get total(): number {
    return this.kept.reduce((sum, { from, to }) => sum + to - from, 0);
  }

  /** Whether nothing is left out. */
  get areWhole(): boolean {
    const [first] = this.kept;
    return this.kept.length === 1 && first?.from === 0 && first.to === this.duration;
  }

  get mayStepBack(): boolean {
    return this.past.length > 0;
  }

  /** How far an edge can go: to its own passage's other edge and to the passage beside it. */
  range(at: number, edge: Edge): { least: number; most: number } {
    const { from, to } = this.kept[at] ?? { from: 0, to: this.duration };
    if (edge === "from") {
      const before = this.kept[at - 1];
      return { least: before === undefined ? 0 : before.to + shortest, most: to - shortest };
    }
    const after = this.kept[at + 1];
    return { least: from + shortest, most: after === undefined ? this.duration : after.from - shortest };
  }

  /** Moves one edge as far as it can go. */
  move(at: number, edge: Edge, to: number): void {
    const passage = this.kept[at];
    if (passage === undefined) return;
    const { least, most } = this.range(at, edge);
    const moment = Math.round(Math.min(Math.max(to, least), Math.max(least, most)));
    if (passage[edge] === moment) return;
    this.remember(`${at} ${edge}`);
    this.kept = this.kept.map((one, place) => (place === at ? { ...one, [edge]: moment } : one));
  }

  /** A drag that begins is a step of its own, however soon it follows another. */
  beginGesture(): void {
    this.lastMark = "";
  }

  /** Keeps one passage more, about `length` long and as near to `moment` as there is room; gives its place, -1 without room. */
  add(moment: number, length: number): number {
    const gaps = this.gaps();
    const distance = (gap: Passage): number => Math.max(gap.from - moment, moment - gap.to, 0);
    const [gap] = [...gaps].sort((a, b) => distance(a) - distance(b));
    if (gap === undefined) return -1;
    const from = Math.max(gap.from, Math.min(moment, gap.to - Math.min(length, gap.to - gap.from)));
    this.remember("");
    const added = { from: Math.round(from), to: Math.round(Math.min(gap.to, from + length)) };
    this.kept = [...this.kept, added].sort((a, b) => a.from - b.from);
    return this.kept.indexOf(added);
  }

  /** Leaves out about `length` from `moment` on, inside the passage that holds it; gives the place after the hole, or -1. */
  leaveOut(moment: number, length: number): number {
    const at = this.kept.findIndex(({ from, to }) => from <= moment && moment < to);
    const passage = this.kept[at];
    if (passage === undefined || passage.to - passage.from < 3 * shortest) return -1;
    const from = Math.max(moment, passage.from + shortest);
    const start = Math.round(Math.min(from, passage.to - 2 * shortest));
    const end = Math.round(Math.min(start + Math.max(length, shortest), passage.to - shortest));
    this.remember("");
    const halves = [{ from: passage.from, to: start }, { from: end, to: passage.to }];
    this.kept = [...this.kept.slice(0, at), ...halves, ...this.kept.slice(at + 1)];
    return at + 1;
  }

  /** Keeps that passage no longer; the last one stays. */
  remove(at: number): void {
    if (this.kept.length < 2 || this.kept[at] === undefined) return;
    this.remember("");
    this.kept = this.kept.filter((_, place) => place !== at);
  }

  /** As it was before the latest change. */
  stepBack(): void {
    this.kept = this.past.pop() ?? this.kept;
    this.lastMark = "";
  }

  /** As the form of the page takes it, `0:10.000-1:20.500, …`; empty when all is kept. */
  get written(): string {
    if (this.areWhole) return "";
    return this.kept.map(({ from, to }) => `${moment(from)}-${moment(to)}`).join(", ");
  }

  /** Where another passage fits. */
  private gaps(): Passage[] {
    const found: Passage[] = [];
    let from = 0;
    for (const passage of [...this.kept, { from: this.duration + shortest, to: this.duration }]) {
      const to = passage.from - shortest;
      if (to - from >= shortest) found.push({ from, to });
      from = passage.to + shortest;
    }
    return found;
  }

  private remember(mark: string): void {
    const now = performance.now();
    const goesOn = mark !== "" && mark === this.lastMark && now - this.lastAt < oneGesture;
    this.lastMark = mark;
    this.lastAt = now;
    if (goesOn) return;
    this.past.push(this.kept);
    if (this.past.length > mostSteps) this.past.shift();
  }
}

function moment(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  const two = (n: number): string => String(n).padStart(2, "0");
  const thousandths = String(milliseconds % 1000).padStart(3, "0");
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}.${thousandths}`;
}
