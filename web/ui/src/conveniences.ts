/** Small comforts of single pages: copying, filters that apply at once, the reader's own device first, help beside the page. */

import { button, copy, make } from "./elements";
import { word } from "./words";

/** Adds them all. */
export function conveniences(): void {
  document.addEventListener("click", (event) => {
    const pressed = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-copy], [data-help]") : null;
    if (pressed?.dataset["copy"] !== undefined) void copy(pressed.dataset["copy"]);
    else if (pressed instanceof HTMLAnchorElement && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      void help(pressed.href);
    }
  });
  for (const field of document.querySelectorAll<HTMLSelectElement>("select[data-submit]")) {
    field.addEventListener("change", () => field.form?.requestSubmit());
  }
  for (const field of document.querySelectorAll<HTMLInputElement>("input[data-select]")) {
    field.addEventListener("focus", () => field.select());
  }
  ownDevice();
}

/** Help opens over the page: asking for it must never lose what is being done. */
async function help(address: string): Promise<void> {
  const answer = await fetch(address, { credentials: "same-origin" }).catch(() => null);
  const page = answer?.ok === true ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  const text = page?.querySelector("main > section");
  if (text === null || text === undefined) { location.assign(address); return; }
  const dialog = make("dialog", { class: "help-dialog", "aria-label": word("help") });
  const close = button("close", word("close"), "plain close", () => dialog.close());
  dialog.append(close, document.importNode(text, true));
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  document.body.append(dialog);
  dialog.showModal();
}

function platform(): "ios" | "android" | "desktop" {
  const agent = navigator.userAgent;
  if (/android/i.test(agent)) return "android";
  const touchMac = /macintosh/i.test(agent) && navigator.maxTouchPoints > 1;
  return /iphone|ipad|ipod/i.test(agent) || touchMac ? "ios" : "desktop";
}

function ownDevice(): void {
  const mine = platform();
  const kind = mine === "desktop" ? "computer" : Math.min(screen.width, screen.height) > 600 ? "tablet" : "phone";
  for (const option of document.querySelectorAll<HTMLOptionElement>("select[data-device] option")) {
    if (option.dataset["kind"] === kind) option.selected = true;
  }
  for (const apps of document.querySelectorAll<HTMLElement>("[data-apps]")) {
    const links = [...apps.querySelectorAll<HTMLElement>("[data-platform]")];
    const rank = (link: HTMLElement): number => [mine, "any"].indexOf(link.dataset["platform"] ?? "") + 1 || 9;
    links.sort((a, b) => rank(a) - rank(b));
    apps.append(...links);
    links[0]?.classList.add("first");
  }
}
