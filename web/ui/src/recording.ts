/** One recording: the browser's recorder, its pieces kept here and sent at once, its length and its shape. */

import { forget, keep, keepArrived, keepPiece, whileMine, type Kept } from "./keep";
import { GrowingUpload, type Sending } from "./growing_upload";
import type { Microphone } from "./microphone";
import { person } from "./service";
import { word } from "./words";

/** Kinds of sound browsers can record, best first, and the ending each file gets. */
const kinds: readonly [string, string][] = [
  ["audio/webm;codecs=opus", "webm"],
  ["audio/ogg;codecs=opus", "ogg"],
  ["audio/mp4", "m4a"],
  ["audio/webm", "webm"],
];
const pieceMs = 500;
const bitsPerSecond = 64_000;
/** Time one drawn peak stands for. */
export const peakMs = 50;

/** Where a recording is going, from the page. */
export interface Destination {
  purpose: string;
  school: string;
  then: string | null;
  handIn: string | null;
}

/** One recording under way or finished. */
export class Recording {
  readonly peaks: number[] = [];
  private number = 0;
  private writing: Promise<void> = Promise.resolve();
  private spent = 0;
  private since: number | null = null;
  private stopping: (() => void) | null = null;
  private settling: () => void = () => undefined;
  private readonly settled = new Promise<void>((resolve) => { this.settling = resolve; });

  private constructor(
    private readonly kept: Kept,
    private readonly recorder: MediaRecorder,
    readonly upload: GrowingUpload,
  ) {}

  /** Starts recording; pieces begin to leave at once. */
  static start(microphone: Microphone, to: Destination, told: (how: Sending) => void): Recording {
    const kind = kinds.find(([type]) => MediaRecorder.isTypeSupported(type));
    const recorder = new MediaRecorder(microphone.stream, {
      audioBitsPerSecond: bitsPerSecond,
      ...(kind === undefined ? {} : { mimeType: kind[0] }),
    });
    const startedAt = Date.now();
    const type = (recorder.mimeType || kind?.[0] || "audio/webm").split(";")[0] ?? "audio/webm";
    const kept: Kept = {
      ...to,
      id: crypto.randomUUID(),
      owner: person(),
      filename: `${named(startedAt)}.${ending(type, kind?.[1])}`,
      filetype: type,
      startedAt,
      upload: null,
      deposit: null,
      ended: false,
      arrived: false,
    };
    const recording = new Recording(kept, recorder, new GrowingUpload(kept, told));
    recording.begin();
    return recording;
  }

  private begin(): void {
    this.recorder.addEventListener("dataavailable", (event) => this.take(event.data));
    this.recorder.addEventListener("stop", () => this.ended());
    this.writing = keep(this.kept).catch(() => undefined);
    this.recorder.start(pieceMs);
    this.since = performance.now();
    void whileMine(this.kept.id, async () => {
      await this.upload.run();
      await this.writing;
      if (this.kept.handIn !== null) {
        // Whoever leaves before it is handed in finds the button for it on the home page.
        await keepArrived(this.kept).catch(() => undefined);
        await this.settled;
      }
      await forget(this.kept.id).catch(() => undefined);
    });
  }

  /** Nothing has to be done about it any more. */
  async settle(): Promise<void> {
    this.settling();
    await forget(this.kept.id).catch(() => undefined);
  }

  private take(piece: Blob): void {
    if (piece.size === 0) return;
    this.upload.add(piece);
    const number = this.number;
    this.number += 1;
    // A full disk or a private window keeps nothing here; the service still gets every piece.
    this.writing = this.writing
      .then(async () => keepPiece(this.kept.id, number, await piece.arrayBuffer()))
      .catch(() => undefined);
  }

  private ended(): void {
    this.kept.ended = true;
    this.writing = this.writing.then(() => keep(this.kept)).catch(() => undefined);
    this.upload.end();
    this.stopping?.();
  }

  /** Milliseconds recorded, pauses left out. */
  get duration(): number {
    return this.spent + (this.since === null ? 0 : performance.now() - this.since);
  }

  get paused(): boolean {
    return this.recorder.state === "paused";
  }

  pause(): void {
    if (this.recorder.state !== "recording") return;
    this.recorder.pause();
    this.recorder.requestData();
    this.spent = this.duration;
    this.since = null;
  }

  resume(): void {
    if (this.recorder.state !== "paused") return;
    this.recorder.resume();
    this.since = performance.now();
  }

  /** Ends the recording; settles once its last piece is in hand. */
  stop(): Promise<void> {
    this.spent = this.duration;
    this.since = null;
    if (this.recorder.state === "inactive") return Promise.resolve();
    return new Promise((resolve) => {
      this.stopping = resolve;
      this.recorder.stop();
    });
  }

  /** Forgets it, here and on the service. */
  async drop(): Promise<void> {
    await this.stop();
    await this.upload.drop();
    await this.writing;
    await this.settle();
  }
}

function ending(type: string, usual: string | undefined): string {
  if (type === "video/x-matroska" || type === "audio/x-matroska") return "mkv";
  if (type === "audio/mp4") return "m4a";
  if (type === "audio/ogg") return "ogg";
  return usual ?? "webm";
}

/** « Enregistrement du 26 novembre à 14:05 », without what file names cannot hold. */
function named(at: number): string {
  const date = new Intl.DateTimeFormat(document.documentElement.lang, {
    day: "numeric", month: "long", hour: "numeric", minute: "2-digit",
  }).format(at);
  const colon = document.documentElement.lang.startsWith("fr") ? " h " : ".";
  return word("file-name", { date }).replace(/:/g, colon).replace(/[\\/*?"<>|]/g, "-").replace(/\s+/g, " ");
}
