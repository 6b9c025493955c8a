/** Cuts that are under way: what they became takes their place without reloading. */

import { replaceFresh } from "../live";
import { ask } from "../service";

const shortest = 500;
const longest = 8000;

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
  const now = document.hidden ? waiting : await countWaiting(list.dataset["cuts"] ?? "").catch(() => waiting);
  // The fresh list follows itself when it still has something to wait for.
  if (now !== waiting && (await replaceFresh(list)) !== null) return;
  await look(list, waiting, Math.min(longest, wait * 1.5));
}

async function countWaiting(address: string): Promise<number> {
  const told = await ask(address);
  const items = typeof told === "object" && told !== null && "items" in told && Array.isArray(told.items) ? told.items : [];
  return items.filter((item: { state?: unknown }) => item.state === "waiting").length;
}
