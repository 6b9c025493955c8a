/**
 * A tus 1.0 upload of a recording that is still growing: its length is declared by the last request. Sends what is new
 * every two seconds, survives a lost network, a restarted service and an ended session, and never gives up by itself.
 *
 * tus-js-client wants a source it can slice; a source that does not exist yet and must be rewound after a restart of
 * the service is simpler written here, against the same protocol.
 */

import { failure, forgeryHeader, renewToken, ServiceError, SignedOut, tusMetadata } from "./service";
import { keep, type Kept } from "./keep";
import { word } from "./words";

/** How sending goes, for the words under the timer. */
export type Sending = "fine" | "offline" | "waiting" | "signed-out" | "refused" | "done";

const everyMs = 2000;
const mostBytes = 4 * 1024 * 1024;
const longestWaitMs = 30_000;
/** What the service answers when the same bytes will not be taken later either. */
const refusals: readonly number[] = [400, 410, 413, 415, 507];
const version = { "Tus-Resumable": "1.0.0" };

/** Sends one recording. */
export class GrowingUpload {
  private pieces: Blob[] = [];
  private total = 0;
  private offset = 0;
  /** Whether `offset` is what the service holds: not before it was asked, and no longer once a request broke off. */
  private sure = false;
  private ended = false;
  private stopped = false;
  private failures = 0;
  private wake: (() => void) | null = null;
  private finish: (deposit: string) => void = () => undefined;
  /** Settles with the deposit's id when every byte is safe. */
  readonly done: Promise<string> = new Promise((resolve) => { this.finish = resolve; });
  /** What the service said when it refused for good. */
  refusal: ServiceError | null = null;

  constructor(private readonly kept: Kept, private readonly told: (how: Sending) => void) {
    // Who comes back to this page may just have signed in in another tab.
    for (const sign of ["online", "focus"]) window.addEventListener(sign, () => this.hurry());
  }

  /** Adds the next piece. */
  add(piece: Blob): void {
    this.pieces.push(piece);
    this.total += piece.size;
  }

  /** No more pieces will come: the rest leaves at once. */
  end(): void {
    this.ended = true;
    this.hurry();
  }

  /** Bytes the service does not hold yet. */
  get unsent(): number {
    return Math.max(0, this.total - this.offset);
  }

  /** Everything recorded so far. */
  whole(): Blob {
    return new Blob(this.pieces, { type: this.kept.filetype });
  }

  /** Stops sending and has the service forget the deposit, whether all of it arrived or not. */
  async drop(): Promise<void> {
    this.stopped = true;
    this.hurry();
    if (this.kept.deposit === null) return;
    const deposit = `/api/deposits/${this.kept.deposit}`;
    await fetch(deposit, { method: "DELETE", keepalive: true, headers: forgeryHeader() }).catch(() => null);
  }

  /** Sends until done or dropped. */
  async run(): Promise<void> {
    while (!this.stopped) {
      const started = Date.now();
      const finished = await this.attempt(() => this.step());
      if (finished === true) {
        this.told("done");
        this.finish(this.kept.deposit ?? "");
        return;
      }
      if (finished === false && !this.ended) await this.sleep(Math.max(0, everyMs - (Date.now() - started)));
    }
  }

  /** Runs one request; on trouble says so, waits, and answers undefined. */
  private async attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      const answer = await work();
      if (this.failures > 0) this.told("fine");
      this.failures = 0;
      return answer;
    } catch (error) {
      this.sure = false;
      this.failures += 1;
      this.explain(error);
      const wait = Math.min(longestWaitMs, 500 * 2 ** Math.min(this.failures, 6));
      await this.sleep(wait * (0.75 + Math.random() / 2));
      return undefined;
    }
  }

  private explain(error: unknown): void {
    if (error instanceof SignedOut) {
      this.told("signed-out");
    } else if (!(error instanceof ServiceError)) {
      this.told(navigator.onLine ? "waiting" : "offline");
    } else if (refusals.includes(error.status)) {
      this.refusal = error;
      this.told("refused");
    } else if (this.failures > 1) {
      // Once is no trouble yet: the next step finds out who is signed in, how far the service got, or where else to begin.
      this.told("waiting");
    }
  }

  /** Sends what is new. Answers true when the whole recording is safe; throws when nothing new became so. */
  private async step(): Promise<boolean> {
    // Signing in again in another tab brings a new token; somebody else's session must never take this recording.
    if (this.failures > 0) await renewToken(this.kept.owner);
    if (this.kept.upload === null) await this.create();
    else if (!this.sure) await this.locate();
    const from = this.offset;
    const body = this.slice();
    // After a crash the service may hold more than this browser kept: then the recording ends where the service is.
    const last = this.ended && from + body.size >= this.total;
    if (body.size === 0 && !last) return false;
    const answer = await fetch(this.address, {
      method: "PATCH",
      credentials: "same-origin",
      headers: {
        ...version,
        ...forgeryHeader(),
        "Content-Type": "application/offset+octet-stream",
        "Upload-Offset": String(from),
        ...(last ? { "Upload-Length": String(from + body.size) } : {}),
      },
      body,
    });
    if (answer.status === 404 || answer.status === 410) await this.startOver();
    if (!answer.ok) throw failure(answer.status, await answer.text());
    this.offset = offsetOf(answer) ?? from + body.size;
    if (last && this.offset === from + body.size) return true;
    if (this.offset <= from) throw new ServiceError(answer.status, "unknown", "");
    return false;
  }

  private get address(): string {
    return this.kept.upload ?? "";
  }

  private async create(): Promise<void> {
    const answer = await fetch("/api/uploads", {
      method: "POST",
      credentials: "same-origin",
      headers: {
        ...version,
        ...forgeryHeader(),
        "Upload-Defer-Length": "1",
        "Upload-Metadata": tusMetadata({
          filename: this.kept.filename,
          filetype: this.kept.filetype,
          purpose: this.kept.purpose,
          school: this.kept.school,
        }),
      },
    });
    if (answer.status !== 201) throw failure(answer.status, await answer.text());
    const location = answer.headers.get("Location") ?? "";
    this.kept.upload = new URL(location, answer.url).href;
    this.kept.deposit = (answer.headers.get("Balado-Deposit") ?? location).replace(/\/+$/, "").split("/").pop() ?? "";
    this.offset = 0;
    this.sure = true;
    await keep(this.kept).catch(() => undefined);
  }

  /** Asks how far the service got. */
  private async locate(): Promise<void> {
    const answer = await fetch(this.address, {
      method: "HEAD", credentials: "same-origin", cache: "no-store", headers: version,
    });
    if (answer.status === 404 || answer.status === 410) await this.startOver();
    const offset = offsetOf(answer);
    if (!answer.ok || offset === null) throw new ServiceError(answer.status, "unknown", "");
    this.offset = offset;
    this.sure = true;
  }

  /** The service forgot the upload; what is still here goes again from the first byte, at the next step. */
  private async startOver(): Promise<never> {
    // An upload is unknown to everybody but its owner.
    await renewToken(this.kept.owner);
    if (this.ended && this.total === 0) throw new ServiceError(410, "upload-gone", word("recovery-lost"));
    this.kept.upload = null;
    this.kept.deposit = null;
    this.offset = 0;
    await keep(this.kept).catch(() => undefined);
    throw new ServiceError(404, "not-found", "");
  }

  private slice(): Blob {
    const wanted: Blob[] = [];
    let start = 0;
    let size = 0;
    for (const piece of this.pieces) {
      const from = Math.max(0, this.offset - start);
      start += piece.size;
      if (from >= piece.size) continue;
      wanted.push(from === 0 ? piece : piece.slice(from));
      size += piece.size - from;
      if (size >= mostBytes) break;
    }
    return new Blob(wanted).slice(0, mostBytes);
  }

  private sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = window.setTimeout(resolve, milliseconds);
      this.wake = () => { window.clearTimeout(timer); resolve(); };
    });
  }

  private hurry(): void {
    this.wake?.();
  }
}

function offsetOf(answer: Response): number | null {
  const told = answer.headers.get("Upload-Offset");
  return told !== null && /^\d+$/.test(told) ? Number(told) : null;
}
