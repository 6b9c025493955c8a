/** Making elements, and the short sentences that appear for a moment. */

import { word } from "./words";

type Child = Node | string | null;

/** Makes an element. `attributes` named `on…` are listeners; the rest are set as they are, `null` leaves one out. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string | null | ((event: Event) => void)> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child): child is Node | string => child !== null));
  return element;
}

/** The folder the script was loaded from: drawings lie beside it. */
const assets = (() => {
  const script = document.currentScript;
  return script instanceof HTMLScriptElement ? script.src.replace(/\/[^/]*$/, "") : "";
})();

const drawing = "http://www.w3.org/2000/svg";

/** A drawing of icons.svg; says nothing to screen readers, so put words beside it. */
export function icon(name: string): SVGSVGElement {
  const svg = document.createElementNS(drawing, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(drawing, "use");
  use.setAttribute("href", `${assets}/icons.svg#${name}`);
  svg.append(use);
  return svg;
}

/** A button with a drawing and words. */
export function button(name: string, words: string, look: string, press: () => void): HTMLButtonElement {
  return make("button", { type: "button", class: look, onclick: press }, icon(name), words);
}

/** A button that is at work cannot be pressed, and says so to screen readers. */
export function setBusy(button: HTMLButtonElement, busy: boolean): void {
  button.disabled = busy;
  if (busy) button.setAttribute("aria-busy", "true");
  else button.removeAttribute("aria-busy");
}

/** Says something for a few seconds, with at most one thing to do about it. */
export function toast(words: string, action?: { words: string; press: () => void }): void {
  const place = document.getElementById("toasts");
  if (place === null) return;
  const box = make("div", { class: "toast" }, words);
  if (action !== undefined) {
    box.append(
      make("button", { type: "button", onclick: () => { action.press(); box.remove(); } }, action.words),
    );
  }
  place.replaceChildren(box);
  window.setTimeout(() => box.remove(), action === undefined ? 4000 : 10_000);
}

/** Copies a text and says so. */
export async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast(word("copied"));
  } catch {
    toast(word("copy-failed"));
  }
}
