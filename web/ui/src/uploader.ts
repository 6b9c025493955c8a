/** `<balado-uploader>`: files chosen or dropped, sent with tus, resumed when chosen again after a reload. */

import { DetailedError, Upload } from "tus-js-client";
import { button, icon, make, setBusy, toast } from "./elements";
import { ask, depositId, explained, failure, forgeryHeader, person, renewToken, SignedOut, type ServiceError } from "./service";
import { spell, word } from "./words";

const chunkBytes = 8 * 1024 * 1024;
const delays = [0, 1000, 2000, 4000, 8000, 15_000, 30_000, 30_000, 30_000, 60_000, 60_000];

/** The place files are dropped on. */
export class BaladoUploader extends HTMLElement {
  private list: HTMLElement | null = null;
  private going = 0;

  connectedCallback(): void {
    this.list = this.querySelector(".sending");
    const drop = this.querySelector<HTMLElement>(".drop");
    const input = this.querySelector<HTMLInputElement>("input[type=file]");
    if (drop === null || input === null) return;
    input.addEventListener("change", () => { this.take(input.files); input.value = ""; });
    for (const name of ["dragenter", "dragover"]) {
      drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("is-over"); });
    }
    for (const name of ["dragleave", "drop"]) {
      drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.remove("is-over"); });
    }
    drop.addEventListener("drop", (event) => this.take(event.dataTransfer?.files ?? null));
    // A file let go beside the place must not replace the page.
    window.addEventListener("dragover", (event) => event.preventDefault());
    window.addEventListener("drop", (event) => event.preventDefault());
    window.addEventListener("beforeunload", (event) => { if (this.going > 0) event.preventDefault(); });
  }

  private take(files: FileList | null): void {
    for (const file of files ?? []) {
      if (file.size === 0) toast(word("empty-file"));
      else new Sending(file, this, this.list ?? this, (change) => { this.going += change; }).start().catch(() => toast(word("failed-send")));
    }
  }
}

/** One file on its way. */
class Sending {
  private readonly bar = make("progress", { max: "1000", value: "0", "aria-label": word("sending") });
  private readonly said = make("span", { class: "quiet" });
  private readonly actions = make("div", { class: "file-actions" });
  private readonly row: HTMLElement;
  private readonly upload: Upload;
  private address = "";
  private startedAt = 0;
  private startedFrom: number | null = null;
  private renewed = false;

  constructor(
    file: File,
    private readonly place: HTMLElement,
    list: HTMLElement,
    private readonly count: (change: number) => void,
  ) {
    this.row = make("li", {}, make("strong", {}, file.name), this.said, this.bar, this.actions);
    list.append(this.row);
    this.upload = new Upload(file, {
      endpoint: "/api/uploads",
      chunkSize: chunkBytes,
      retryDelays: delays,
      onShouldRetry: (error) => !this.needsToken(error) && isPassing(error),
      removeFingerprintOnSuccess: true,
      metadata: {
        filename: file.name,
        filetype: file.type,
        purpose: place.dataset["purpose"] ?? "resource",
        school: place.dataset["school"] ?? "",
      },
      // On a shared computer one person's half-sent file must not be resumed by the next.
      fingerprint: () => Promise.resolve(
        ["balado", person(), place.dataset["school"], place.dataset["purpose"], file.name, file.size, file.lastModified].join("|"),
      ),
      onBeforeRequest: (request) => {
        for (const [name, value] of Object.entries(forgeryHeader())) request.setHeader(name, value);
      },
      onAfterResponse: (_, response) => {
        this.address = response.getHeader("Balado-Deposit") ?? response.getHeader("Location") ?? this.address;
      },
      onChunkComplete: () => { this.renewed = false; },
      onProgress: (sent, total) => this.progress(sent, total ?? file.size),
      onSuccess: () => this.arrived(),
      onError: (error) => void this.failed(error),
    });
  }

  async start(): Promise<void> {
    this.count(1);
    this.actions.replaceChildren(button("close", word("cancel"), "quiet-button", () => void this.cancel()));
    const [earlier] = await this.upload.findPreviousUploads();
    if (earlier !== undefined) {
      this.upload.resumeFromPreviousUpload(earlier);
      this.address = earlier.uploadUrl ?? "";
      toast(word("resumed"));
    }
    this.upload.start();
  }

  private progress(sent: number, total: number): void {
    const now = Date.now();
    if (this.startedFrom === null) { this.startedFrom = sent; this.startedAt = now; }
    this.bar.value = Math.round((sent * 1000) / total);
    const percent = word("percent", { n: Math.floor((sent * 100) / total) });
    const elapsed = now - this.startedAt;
    const rate = elapsed > 1500 ? (sent - this.startedFrom) / elapsed : 0;
    this.said.textContent = rate > 0 && sent < total
      ? `${percent} · ${word("left", { time: spell((total - sent) / rate) })}`
      : percent;
  }

  private arrived(): void {
    this.count(-1);
    const id = depositId(this.upload.url ?? this.address);
    this.bar.value = 1000;
    this.said.replaceWith(make("span", { class: "good", role: "status" }, icon("shield"), word("sent")));
    const hand = this.place.closest<HTMLElement>("[data-hand-in]");
    if (hand !== null) {
      const give = button("send", word("hand-in"), "", () => void this.handIn(hand, id, give));
      this.actions.replaceChildren(give);
      give.focus();
    } else {
      const publish = make("a", { href: `${this.place.dataset["then"] ?? "/deposits/"}${id}`, role: "button" }, icon("send"), word("publish-for"));
      this.actions.replaceChildren(publish);
    }
  }

  private async handIn(hand: HTMLElement, deposit: string, give: HTMLButtonElement): Promise<void> {
    setBusy(give, true);
    try {
      await ask(hand.dataset["handIn"] ?? "", { deposit });
      location.assign(`${hand.dataset["then"] ?? "/"}?done`);
    } catch (error) {
      toast(explained(error));
      setBusy(give, false);
    }
  }

  private async failed(error: Error | DetailedError): Promise<void> {
    let told = refusal(error)?.message ?? word("offline-file");
    if (this.needsToken(error)) {
      try {
        await renewToken();
        this.renewed = true;
        this.upload.start();
        return;
      } catch (trouble) {
        if (trouble instanceof SignedOut) told = trouble.message;
      }
    }
    this.count(-1);
    this.said.replaceChildren(make("span", { class: "trouble", role: "alert" }, icon("warn"), told));
    this.actions.replaceChildren(button("again", word("retry"), "quiet-button", () => {
      this.renewed = false;
      this.startedFrom = null;
      this.said.replaceChildren();
      this.count(1);
      this.upload.start();
    }));
  }

  /** Whether the owner's new session would help; a fresh token that is refused as well does not. */
  private needsToken(error: Error | DetailedError): boolean {
    return !this.renewed && (refusal(error)?.isAboutSession ?? false);
  }

  private async cancel(): Promise<void> {
    this.count(-1);
    await this.upload.abort(true).catch(() => undefined);
    this.row.remove();
    toast(word("cancelled"));
  }
}

/** Whether trying again after a while may help, as tus-js-client judges by itself. */
function isPassing(error: DetailedError): boolean {
  const status = error.originalResponse?.getStatus() ?? 0;
  return navigator.onLine && (status < 400 || status >= 500 || status === 409 || status === 423);
}

/** What the service said, when it was the service that failed. */
function refusal(error: Error | DetailedError): ServiceError | null {
  const response = error instanceof DetailedError ? error.originalResponse : null;
  return response ? failure(response.getStatus(), response.getBody()) : null;
}
