/** Cuts that are under way: how far they are, and what they became in their place, without reloading. */

import { readProgress, replaceFresh, showProgress } from "../live";
import { ask } from "../service";

const shortest = 500;
const longest = 3000;

/** Follows every list of cuts under `root` in which one still waits. */
export function followCuts(root: ParentNode): void {
  for (const list of root.querySelectorAll<HTMLElement>("[data-cuts]:not([data-followed])")) {
    list.dataset["followed"] = "";
    void look(list, Number(list.dataset["waiting"] ?? "0"), shortest);
  }
}

async function look(list: HTMLElement, waiting: number, wait: number): Promise<void> {
  await new Promise((resolve) => window.setTimeout(resolve, wait));
  if (!list.isConnected) return;
  const now = document.hidden ? waiting : await showWaiting(list).catch(() => waiting);
  // The fresh list follows itself when it still has something to wait for.
  if (now !== waiting && (await replaceFresh(list)) !== null) return;
  await look(list, waiting, Math.min(longest, wait * 1.5));
}

/** Shows how far each cut is, and tells how many still wait. */
async function showWaiting(list: HTMLElement): Promise<number> {
  const told = await ask(list.dataset["cuts"] ?? "");
  const items = typeof told === "object" && told !== null && "items" in told && Array.isArray(told.items) ? told.items : [];
  const waiting = items.filter((item: { state?: unknown }) => item.state === "waiting");
  for (const item of waiting as { id?: unknown }[]) {
    const row = list.querySelector(`#cut-${CSS.escape(String(item.id))}`);
    if (row !== null) showProgress(row, readProgress(item));
  }
  return waiting.length;
}
