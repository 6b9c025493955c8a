/** Continuous listening: every answer one after the other, one key for the next, at the speed the teacher likes. */

import { button, make, toast } from "./elements";
import { word } from "./words";

/** Adds the bar and the keys to a list of answers. */
export function listening(place: HTMLElement): void {
  const answers = [...place.querySelectorAll<HTMLElement>("[data-answer]")].filter((answer) => sound(answer) !== null);
  if (answers.length === 0) return;
  let current = -1;

  const go = (to: number): void => {
    if (to < 0) return;
    if (to >= answers.length) { toast(word("finished")); return; }
    answers[current]?.classList.remove("is-current");
    current = to;
    const answer = answers[to];
    if (answer === undefined) return;
    answer.classList.add("is-current");
    answer.scrollIntoView({ block: "center", behavior: "smooth" });
    void sound(answer)?.play().catch(() => toast(word("cannot-play")));
  };
  const first = (): number => {
    const waiting = answers.findIndex((answer) => answer.dataset["status"] !== "heard");
    return waiting < 0 ? 0 : waiting;
  };
  const toggle = (): void => {
    const media = current < 0 ? null : sound(answers[current]);
    if (media === null || media === undefined) go(first());
    else if (media.paused) void media.play();
    else media.pause();
  };

  answers.forEach((answer, at) => {
    const media = sound(answer);
    media?.addEventListener("play", () => {
      if (current !== at) { answers[current]?.classList.remove("is-current"); answer.classList.add("is-current"); current = at; }
    });
    media?.addEventListener("ended", () => go(at + 1));
  });
  place.querySelector("ol")?.before(
    make("div", { class: "listen-bar" },
      button("play", word("listen-from-start"), "", () => go(first())),
      button("previous", word("previous"), "quiet-button", () => go(current - 1)),
      button("next", word("next"), "quiet-button", () => go(current + 1))),
  );
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const press: Record<string, () => void> = { n: () => go(current + 1), p: () => go(current - 1), " ": toggle };
    const act = press[event.key.toLowerCase()];
    if (act === undefined) return;
    event.preventDefault();
    act();
  });
}

function sound(answer: HTMLElement | undefined): HTMLMediaElement | null {
  return answer?.querySelector<HTMLMediaElement>("audio, video") ?? null;
}

/** Space belongs to buttons and fields when one has the focus. */
function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input, textarea, select, button, a, [role=slider]") !== null;
}
