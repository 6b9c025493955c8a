/**
 * Recordings kept in the browser until the service has every byte: a crash, a closed tab or a lost network loses
 * nothing. Only what belongs to the person signed in is ever offered; a shared computer keeps nobody's sound for long.
 */

import { person } from "./service";

/** What is known of a kept recording besides its sound. */
export interface Kept {
  id: string;
  owner: string;
  purpose: string;
  school: string;
  filename: string;
  filetype: string;
  startedAt: number;
  /** Where its upload lives, once opened. */
  upload: string | null;
  deposit: string | null;
  /** Page to open with the deposit's id once it is sent, or null. */
  then: string | null;
  /** API address the deposit is handed in to, or null. */
  handIn: string | null;
  /** Whether the person pressed stop. */
  ended: boolean;
  /** Whether the service has every byte: it is kept for the hand-in alone. */
  arrived: boolean;
}

interface Piece {
  recording: string;
  number: number;
  bytes: ArrayBuffer;
}

const others = 7 * 24 * 3600 * 1000;
let opening: Promise<IDBDatabase> | null = null;

function open(): Promise<IDBDatabase> {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("balado", 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("recordings", { keyPath: "id" });
      request.result.createObjectStore("pieces", { keyPath: ["recording", "number"] });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("indexedDB"));
  });
  return opening;
}

async function run<T>(
  mode: IDBTransactionMode,
  work: (recordings: IDBObjectStore, pieces: IDBObjectStore) => IDBRequest<T> | void,
): Promise<T | undefined> {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(["recordings", "pieces"], mode);
    const request = work(transaction.objectStore("recordings"), transaction.objectStore("pieces"));
    transaction.oncomplete = () => resolve(request ? request.result : undefined);
    transaction.onabort = () => reject(transaction.error ?? new Error("indexedDB"));
  });
}

const piecesOf = (id: string): IDBKeyRange => IDBKeyRange.bound([id, 0], [id, Number.MAX_SAFE_INTEGER]);

/** Writes or rewrites what is known of a recording. */
export async function keep(recording: Kept): Promise<void> {
  await run("readwrite", (recordings) => { recordings.put(recording); });
}

/** Adds one piece of sound. */
export async function keepPiece(recording: string, number: number, bytes: ArrayBuffer): Promise<void> {
  const piece: Piece = { recording, number, bytes };
  await run("readwrite", (_, pieces) => { pieces.put(piece); });
}

/** The pieces of a recording in order, up to the first that could not be kept: what follows it would be noise. */
export async function piecesKept(id: string): Promise<ArrayBuffer[]> {
  const found = await run<Piece[]>("readonly", (_, pieces) => pieces.getAll(piecesOf(id)) as IDBRequest<Piece[]>);
  const whole = (found ?? []).filter((piece, place) => piece.number === place);
  return whole.map((piece) => piece.bytes);
}

/** Keeps a recording that has arrived without its sound. */
export async function keepArrived(recording: Kept): Promise<void> {
  await run("readwrite", (recordings, pieces) => {
    recordings.put({ ...recording, arrived: true });
    pieces.delete(piecesOf(recording.id));
  });
}

/** Forgets a recording and its sound. */
export async function forget(id: string): Promise<void> {
  await run("readwrite", (recordings, pieces) => {
    recordings.delete(id);
    pieces.delete(piecesOf(id));
  });
}

/** Kept recordings of the person signed in, oldest first. Those of other people are dropped after a week. */
export async function listKept(): Promise<Kept[]> {
  const all = (await run<Kept[]>("readonly", (recordings) => recordings.getAll() as IDBRequest<Kept[]>)) ?? [];
  const me = person();
  for (const other of all.filter((one) => one.owner !== me && Date.now() - one.startedAt > others)) {
    await forget(other.id);
  }
  return all.filter((one) => one.owner === me && me !== "").sort((a, b) => a.startedAt - b.startedAt);
}

/** Runs `work` while no other tab works on the same recording; answers false when one does. */
export async function whileMine(id: string, work: () => Promise<void>): Promise<boolean> {
  if (!("locks" in navigator)) { await work(); return true; }
  return navigator.locks.request(`balado-recording-${id}`, { ifAvailable: true }, async (lock) => {
    if (lock === null) return false;
    await work();
    return true;
  });
}

/** Whether no tab works on that recording now. */
export async function isFree(id: string): Promise<boolean> {
  if (!("locks" in navigator)) return true;
  return navigator.locks.request(`balado-recording-${id}`, { ifAvailable: true }, async (lock) => lock !== null);
}
