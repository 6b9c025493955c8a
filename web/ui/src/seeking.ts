/** Moving about in a sound or film. */

/** Goes to a moment, also in what is not loaded yet. */
export function seek(media: HTMLMediaElement, seconds: number, duration: number): void {
  const to = Math.min(Math.max(0, seconds), Math.max(0, duration - 0.05));
  if (media.readyState > 0) { media.currentTime = to; return; }
  const isWaiting = media.dataset["seekTo"] !== undefined;
  media.dataset["seekTo"] = String(to);
  if (isWaiting) return;
  media.addEventListener("loadedmetadata", () => {
    media.currentTime = Number(media.dataset["seekTo"]);
    delete media.dataset["seekTo"];
  }, { once: true });
  media.preload = "metadata";
  media.load();
}

/** Where a key on a track leads, in seconds; nothing for other keys. */
export function keyTarget(key: string, now: number, duration: number): number | undefined {
  const to: Record<string, number> = {
    ArrowLeft: now - 5, ArrowDown: now - 5, ArrowRight: now + 5, ArrowUp: now + 5,
    PageDown: now - 30, PageUp: now + 30, Home: 0, End: duration,
  };
  return to[key];
}

/** Follows a pointer that is pressed on `track` until it is let go; `move` hears every place it is at. */
export function followPointer(track: HTMLElement, event: PointerEvent, move: (at: PointerEvent) => void, end?: () => void): void {
  track.setPointerCapture(event.pointerId);
  track.addEventListener("pointermove", move);
  const stop = (): void => {
    track.removeEventListener("pointermove", move);
    track.removeEventListener("pointerup", stop);
    track.removeEventListener("pointercancel", stop);
    end?.();
  };
  track.addEventListener("pointerup", stop);
  track.addEventListener("pointercancel", stop);
}
