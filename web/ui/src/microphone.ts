/** The microphone: permission, choice, and how loud it is right now. */

/** Why there is no microphone; the part after `mic-` of the word that explains it. */
export type MicrophoneTrouble = "refused" | "absent" | "insecure" | "unsupported";

/** The browser gave no microphone. */
export class MicrophoneError extends Error {
  constructor(readonly trouble: MicrophoneTrouble) {
    super(trouble);
  }
}

/** An open microphone. */
export class Microphone {
  private constructor(
    readonly stream: MediaStream,
    private readonly context: AudioContext,
    private readonly analyser: AnalyserNode,
    private readonly samples: Float32Array<ArrayBuffer>,
  ) {}

  /** Asks for a microphone; the browser may ask its user. */
  static async open(device?: string): Promise<Microphone> {
    if (!window.isSecureContext) throw new MicrophoneError("insecure");
    if (!("mediaDevices" in navigator) || typeof MediaRecorder === "undefined") {
      throw new MicrophoneError("unsupported");
    }
    const stream = await navigator.mediaDevices
      .getUserMedia({
        audio: {
          channelCount: 1,
          autoGainControl: true,
          noiseSuppression: true,
          ...(device === undefined ? {} : { deviceId: { exact: device } }),
        },
      })
      .catch((cause: unknown) => {
        const name = cause instanceof DOMException ? cause.name : "";
        throw new MicrophoneError(name === "NotAllowedError" || name === "SecurityError" ? "refused" : "absent");
      });
    const context = new AudioContext();
    if (context.state === "suspended") void context.resume();
    const analyser = context.createAnalyser();
    analyser.fftSize = 2048;
    context.createMediaStreamSource(stream).connect(analyser);
    return new Microphone(stream, context, analyser, new Float32Array(analyser.fftSize));
  }

  /** Whether the browser would give a microphone without asking. */
  static async isGranted(): Promise<boolean> {
    try {
      const answer = await navigator.permissions.query({ name: "microphone" as PermissionName });
      return answer.state === "granted";
    } catch {
      return false;
    }
  }

  /** The loudest sample of the last 40 ms or so, 0 to 1. */
  level(): number {
    this.analyser.getFloatTimeDomainData(this.samples);
    let high = 0;
    for (const sample of this.samples) high = Math.max(high, Math.abs(sample));
    return Math.min(1, high);
  }

  /** Microphones to choose from, and which one this is. */
  async choices(): Promise<{ id: string; label: string; chosen: boolean }[]> {
    const mine = this.stream.getAudioTracks()[0]?.getSettings().deviceId;
    const all = await navigator.mediaDevices.enumerateDevices();
    return all
      .filter((device) => device.kind === "audioinput" && device.label !== "")
      .map((device) => ({ id: device.deviceId, label: device.label, chosen: device.deviceId === mine }));
  }

  /** Calls `then` when the microphone is unplugged or taken away. */
  onLost(then: () => void): void {
    this.stream.getAudioTracks()[0]?.addEventListener("ended", then);
  }

  /** Lets go of the microphone: the browser's recording sign goes out. */
  close(): void {
    this.stream.getTracks().forEach((track) => track.stop());
    void this.context.close();
  }
}
