/** Talking to the service: the token against forged requests, JSON, and failures in the service's own words. */

import { word } from "./words";

/** The service answered with an error. */
export class ServiceError extends Error {
  constructor(readonly status: number, readonly code: string, message: string) {
    super(message);
  }

  /**
   * Whether it may be that nobody, or somebody else, is signed in. An upload that was opened answers 423 then, as it does
   * when another request holds it; the code tells which, except to a HEAD.
   */
  get isAboutSession(): boolean {
    const isHeld = this.code === "upload-busy" || this.code === "upload-taken-over";
    return this.status === 401 || this.status === 403 || (this.status === 423 && !isHeld);
  }
}

/** Whose work this is must sign in again before anything more is sent. */
export class SignedOut extends Error {
  constructor() {
    super(word("session-over-here", { name: personName() }));
  }
}

let token: string | null = null;

/** The header every request that changes something carries. */
export function forgeryHeader(): Record<string, string> {
  token ??= document.querySelector<HTMLMetaElement>("meta[name=csrf]")?.content ?? "";
  return { "X-Balado-Csrf": token };
}

/**
 * After signing in again in another tab, this page's token is old: takes the new one from a page. Throws `SignedOut` when
 * nobody is signed in, or somebody else than `owner`: their token would put the owner's work under their name.
 */
export async function renewToken(owner = person()): Promise<void> {
  const answer = await fetch("/account", { credentials: "same-origin", cache: "no-store" });
  if (!answer.ok) throw failure(answer.status, await answer.text());
  if (new URL(answer.url).pathname !== "/account") throw new SignedOut();
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector<HTMLMetaElement>("meta[name=csrf]")?.content ?? "";
  if (fresh === "" || person(page) !== owner) throw new SignedOut();
  token = fresh;
}

/** Id of who opened a page; what is kept in the browser belongs to them alone. */
export function person(page: Document = document): string {
  return page.querySelector<HTMLMetaElement>("meta[name=person]")?.content ?? "";
}

/** Full name of who opened this page. */
export function personName(): string {
  return document.querySelector<HTMLMetaElement>("meta[name=person]")?.dataset["name"] ?? "";
}

/** Reads `{code, message}` out of an error answer. */
export function failure(status: number, body: string): ServiceError {
  try {
    const told: unknown = JSON.parse(body);
    if (typeof told === "object" && told !== null && "code" in told && "message" in told) {
      return new ServiceError(status, String(told.code), String(told.message));
    }
  } catch {
    // Not JSON: a proxy in front answered. Our own words will do.
  }
  return new ServiceError(status, "unknown", word("failed-send"));
}

/** Why something could not be sent, for people: what the browser says of it is for nobody. */
export function explained(error: unknown): string {
  return error instanceof ServiceError || error instanceof SignedOut ? error.message : word("failed-send");
}

/** Asks for JSON, or posts it: under the session this page was opened in, or a later one of the same person. */
export async function ask(path: string, body?: unknown): Promise<unknown> {
  try {
    return await askOnce(path, body);
  } catch (error) {
    if (body === undefined || !(error instanceof ServiceError && error.isAboutSession)) throw error;
    await renewToken();
    return askOnce(path, body);
  }
}

async function askOnce(path: string, body: unknown): Promise<unknown> {
  const answer = await fetch(path, {
    method: body === undefined ? "GET" : "POST",
    credentials: "same-origin",
    cache: "no-store",
    headers: {
      Accept: "application/json",
      ...(body === undefined ? {} : { "Content-Type": "application/json", ...forgeryHeader() }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw failure(answer.status, text);
  return text === "" ? null : (JSON.parse(text) as unknown);
}

/** `key base64,key base64` as tus wants its metadata; the texts may hold any character. */
export function tusMetadata(values: Record<string, string>): string {
  return Object.entries(values)
    .map(([key, value]) => {
      const bytes = new TextEncoder().encode(value);
      return `${key} ${btoa(String.fromCharCode(...bytes))}`;
    })
    .join(",");
}

/** Where a fresh upload's deposit lives, and its id. */
export function depositId(address: string): string {
  return address.replace(/\/+$/, "").split("/").pop() ?? "";
}
