/** Words of the script, read from the page's `<template id="words">`, which the server fills from web/locales. */

const found = new Map<string, string>();

function load(): void {
  const template = document.getElementById("words");
  if (!(template instanceof HTMLTemplateElement)) return;
  for (const item of template.content.querySelectorAll<HTMLElement>("[data-k]")) {
    found.set(item.dataset["k"] ?? "", item.textContent ?? "");
  }
}

/** The message `key`, with each `%name%` replaced by `values.name`. */
export function word(key: string, values: Record<string, string | number> = {}): string {
  if (found.size === 0) load();
  let text = found.get(key) ?? key;
  for (const [name, value] of Object.entries(values)) {
    text = text.split(`%${name}%`).join(String(value));
  }
  return text;
}

/** A length of time as people say it: « 2 min », « 40 s », « 1 h 5 min ». */
export function spell(milliseconds: number): string {
  const seconds = Math.max(1, Math.round(milliseconds / 1000));
  if (seconds < 60) return word("seconds", { n: seconds });
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return word("minutes", { n: minutes });
  const rest = minutes % 60;
  const hours = word("hours", { n: Math.floor(minutes / 60) });
  return rest === 0 ? hours : `${hours} ${word("minutes", { n: rest })}`;
}

/** A length of time to the tenth of a second below a minute, to the second above: « 8,4 s », « 1 min 10 s ». */
export function spellExactly(milliseconds: number): string {
  return spellIn(milliseconds, milliseconds < 60_000 ? 100 : 1000);
}

/** A moment of a sound, always to the tenth of a second: « 1 min 10,5 s ». */
export function spellMoment(milliseconds: number): string {
  return spellIn(milliseconds, 100);
}

function spellIn(milliseconds: number, unit: number): string {
  const rounded = Math.round(milliseconds / unit) * unit;
  const [hours, minutes, seconds] = [Math.floor(rounded / 3_600_000), Math.floor(rounded / 60_000) % 60, (rounded % 60_000) / 1000];
  const said = seconds.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 });
  const parts = [
    hours > 0 ? word("hours", { n: hours }) : "",
    minutes > 0 ? word("minutes", { n: minutes }) : "",
    seconds > 0 || rounded < 60_000 ? word("seconds", { n: said }) : "",
  ];
  return parts.filter((part) => part !== "").join(" ");
}

/** A position to the tenth of a second, as the language writes it: `1:10,5`. */
export function fineClock(milliseconds: number): string {
  const tenths = Math.round(milliseconds / 100);
  const comma = (0.5).toLocaleString(document.documentElement.lang).charAt(1);
  return `${clock(Math.floor(tenths / 10) * 1000)}${comma}${tenths % 10}`;
}

/** A position in a sound: `2:05`, `1:02:05`. */
export function clock(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (n: number): string => String(n).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0
    ? `${hours}:${two(minutes)}:${two(seconds % 60)}`
    : `${minutes}:${two(seconds % 60)}`;
}

/** `5eB, 5eC et 4eA`. */
export function list(names: readonly string[]): string {
  if (names.length < 2) return names.join("");
  return `${names.slice(0, -1).join(", ")} ${word("and")} ${names[names.length - 1] ?? ""}`;
}
