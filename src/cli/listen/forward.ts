import { fetch } from "undici";
import { signWebhook } from "../../egress/webhook.ts";
import { version } from "../../version.ts";

/** An event as the API lists it. */
export type ListenedEvent = { id: string; type: string; timestamp: string; data: { environment?: string } };

/** `status`: null where there was no answer; `error` then says why. */
export type Forwarded = { status: number | null; error: string | null; ms: number };

/** As long as an endpoint has. */
const answerMs = 15_000;

/** Posts an event as an endpoint gets it, once: with the same body, headers and signature. Never rejects. */
export async function forward(
  url: string,
  event: ListenedEvent,
  secret: string,
  { now, signal }: { now: () => Date; signal: AbortSignal },
): Promise<Forwarded> {
  const startedAt = now();
  const body = JSON.stringify(event);
  const { environment } = event.data;
  const passed = () => now().getTime() - startedAt.getTime();
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "user-agent": `Hakika/${version}`,
        ...(environment !== undefined && { "hakika-environment": environment }),
        ...signWebhook({
          id: event.id,
          timestampS: Math.floor(startedAt.getTime() / 1000),
          body,
          secrets: [secret],
        }),
      },
      body,
      redirect: "manual",
      signal: AbortSignal.any([signal, AbortSignal.timeout(answerMs)]),
    });
    await response.arrayBuffer();
    return { status: response.status, error: null, ms: passed() };
  } catch (error) {
    const { cause, message } = error as Error & { cause?: Error };
    return { status: null, error: cause?.message || message, ms: passed() };
  }
}
