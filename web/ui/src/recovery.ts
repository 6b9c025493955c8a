/** `<balado-recovery>`: on the home page, offers to finish sending recordings that a crash or a closed tab left here. */

import { button, icon, make, setBusy, toast } from "./elements";
import { GrowingUpload, type Sending } from "./growing_upload";
import { forget, isFree, keepArrived, listKept, piecesKept, whileMine, type Kept } from "./keep";
import { ask, explained, personName, ServiceError } from "./service";
import { word } from "./words";

/** The offer; hidden while there is nothing to finish. */
export class BaladoRecovery extends HTMLElement {
  connectedCallback(): void {
    void this.look().catch(() => undefined);
  }

  private async look(): Promise<void> {
    for (const kept of await listKept()) {
      if (await isFree(kept.id)) {
        await this.offer(kept);
        return;
      }
    }
    this.hidden = true;
  }

  private async offer(kept: Kept): Promise<void> {
    if (kept.arrived) { this.offerHandIn(kept); return; }
    const pieces = await piecesKept(kept.id);
    if (pieces.length === 0 && kept.upload === null) { await forget(kept.id); return this.look(); }
    const said = make("p", { role: "status" });
    const send = button("send", word("recovery-send"), "", () => void this.send(kept, pieces, send, said));
    this.show(word("recovery-title"), [make("strong", {}, `${named(kept)}.`), " ", word("recovery-text")], said, send, this.dropper(kept, word("recovery-drop")));
  }

  private async send(kept: Kept, pieces: ArrayBuffer[], send: HTMLButtonElement, said: HTMLElement): Promise<void> {
    setBusy(send, true);
    const isMine = await whileMine(kept.id, async () => {
      const upload = new GrowingUpload(kept, (how) => said.replaceChildren(...this.trouble(how, upload)));
      pieces.forEach((piece) => upload.add(new Blob([piece])));
      upload.end();
      await upload.run();
      if (kept.handIn === null) await this.finish(kept);
      else await keepArrived(kept).catch(() => undefined);
    });
    if (!isMine) {
      setBusy(send, false);
      said.replaceChildren(word("recovery-elsewhere"));
    } else if (kept.handIn !== null) {
      this.offerHandIn(kept).click();
    }
  }

  /** What to say while sending does not go as it should. */
  private trouble(how: Sending, upload: GrowingUpload): (Node | string)[] {
    if (how === "offline") return [word("offline")];
    if (how === "waiting") return [word("waiting-server")];
    if (how === "refused") return [upload.refusal?.message ?? ""];
    if (how !== "signed-out") return [];
    const link = make("a", { href: "/account", target: "_blank", rel: "noopener" }, word("sign-in"));
    return [word("session-over", { name: personName() }), " ", link];
  }

  /** The recording is safe and only has to be handed in: gives the button for it. */
  private offerHandIn(kept: Kept): HTMLButtonElement {
    const said = make("p", { role: "status" });
    const give = button("send", word("hand-in"), "", () => void this.handIn(kept, give, said));
    this.show(
      word("recovery-not-handed-in"),
      [make("strong", {}, `${named(kept)}.`), " ", word("recovery-not-handed-in-text")],
      said, give, this.dropper(kept, word("recovery-leave")),
    );
    return give;
  }

  private async handIn(kept: Kept, give: HTMLButtonElement, said: HTMLElement): Promise<void> {
    setBusy(give, true);
    try {
      await ask(kept.handIn ?? "", { deposit: kept.deposit });
    } catch (error) {
      // An earlier trial may have been taken, and only its answer lost.
      if (!(error instanceof ServiceError && error.code === "deposit-used")) {
        setBusy(give, false);
        said.replaceChildren(make("span", { class: "trouble" }, icon("warn"), explained(error)));
        return;
      }
    }
    await this.finish(kept);
  }

  private async finish(kept: Kept): Promise<void> {
    await forget(kept.id).catch(() => undefined);
    const hands = kept.handIn !== null;
    const next = hands ? (kept.then ?? "/") : `${kept.then ?? "/deposits/"}${kept.deposit ?? ""}`;
    this.replaceChildren(
      make("h2", {}, icon("shield"), " ", word("recovery-done")),
      make("div", { class: "actions" }, make("a", { href: next, role: "button" }, word(hands ? "see-answer" : "publish-for"))),
    );
  }

  /** The button that forgets a recording, unless it is taken back in time. */
  private dropper(kept: Kept, words: string): HTMLButtonElement {
    return button("close", words, "quiet-button", () => {
      this.hidden = true;
      let back = false;
      toast(word("undo-again"), { words: word("undo"), press: () => { back = true; this.hidden = false; } });
      window.setTimeout(() => { if (!back) void forget(kept.id).then(() => this.look()); }, 10_500);
    });
  }

  private show(title: string, text: (Node | string)[], said: HTMLElement, ...actions: HTMLElement[]): void {
    this.replaceChildren(make("h2", {}, title), make("p", {}, ...text), said, make("div", { class: "actions" }, ...actions));
    this.hidden = false;
  }
}

function named(kept: Kept): string {
  return kept.filename.replace(/\.[^.]*$/, "");
}
