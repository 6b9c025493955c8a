/** `<balado-recovery>`: on the home page, offers to finish sending recordings that a crash or a closed tab left here. */

import { button, icon, make, toast } from "./elements";
import { GrowingUpload } from "./growing_upload";
import { forget, isFree, listKept, piecesKept, whileMine, type Kept } from "./keep";
import { ask, personName } from "./service";
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
    const pieces = await piecesKept(kept.id);
    if (pieces.length === 0 && kept.upload === null) { await forget(kept.id); return this.look(); }
    const name = kept.filename.replace(/\.[^.]*$/, "");
    const send = button("send", word("recovery-send"), "", () => void this.send(kept, pieces, send));
    const drop = button("close", word("recovery-drop"), "quiet-button", () => {
      this.hidden = true;
      let back = false;
      toast(word("undo-again"), { words: word("undo"), press: () => { back = true; this.hidden = false; } });
      window.setTimeout(() => { if (!back) void forget(kept.id).then(() => this.look()); }, 10_500);
    });
    this.replaceChildren(
      make("h2", {}, word("recovery-title")),
      make("p", {}, make("strong", {}, name), " ", word("recovery-text")),
      make("div", { class: "actions" }, send, drop),
    );
    this.hidden = false;
  }

  private async send(kept: Kept, pieces: ArrayBuffer[], send: HTMLButtonElement): Promise<void> {
    send.disabled = true;
    send.setAttribute("aria-busy", "true");
    await whileMine(kept.id, async () => {
      const upload = new GrowingUpload(kept, (how) => {
        if (how === "offline") toast(word("offline"));
        if (how === "signed-out") toast(word("session-over", { name: personName() }));
        if (how === "refused") toast(upload.refusal?.message ?? "");
      });
      pieces.forEach((piece) => upload.add(new Blob([piece])));
      upload.end();
      await upload.run();
      const deposit = await upload.done;
      if (kept.handIn !== null) await ask(kept.handIn, { deposit }).catch(() => undefined);
      await forget(kept.id);
      this.replaceChildren(
        make("h2", {}, icon("shield"), " ", word("recovery-done")),
        make("div", { class: "actions" }, this.next(kept, deposit)),
      );
    });
  }

  private next(kept: Kept, deposit: string): HTMLElement {
    const address = kept.handIn !== null ? (kept.then ?? "/") : `${kept.then ?? "/deposits/"}${deposit}`;
    return make("a", { href: address, role: "button" }, word(kept.handIn !== null ? "see-answer" : "publish-for"));
  }
}
