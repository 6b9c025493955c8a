/** The publish form: its button repeats the effect, « Publier maintenant pour 5eB et 5eC ». */

import { list, word } from "./words";

/** Keeps the button's words true. */
export function publishForm(form: HTMLFormElement): void {
  const words = form.querySelector<HTMLElement>("[data-effect] span");
  const at = form.querySelector<HTMLInputElement>("input[name=publish_at]");
  if (words === null || form.dataset["editing"] === "true") return;
  const show = (): void => {
    const who = [...form.querySelectorAll<HTMLInputElement>("input[name=groups]:checked")];
    const names = list(who.map((input) => input.dataset["name"] ?? ""));
    const later = form.querySelector<HTMLInputElement>("input[name=when]:checked")?.value === "at";
    if (who.length === 0) words.textContent = word("publish-nobody");
    else if (later && at !== null && at.value !== "") {
      words.textContent = word("publish-at-for", { when: day(at.value), who: names });
    } else words.textContent = word("publish-now-for", { who: names });
  };
  form.addEventListener("input", show);
  show();
}

/** « jeudi 26 nov. à 14:00 », from the field's own text, which carries no time zone and needs none. */
function day(value: string): string {
  const date = new Date(value);
  if (Number.isNaN(date.getTime())) return "";
  return new Intl.DateTimeFormat(document.documentElement.lang, {
    weekday: "long", day: "numeric", month: "short", hour: "numeric", minute: "2-digit",
  }).format(date);
}
