import { createHmac, timingSafeEqual } from "node:crypto";
import { WebhookVerificationError } from "./errors.ts";
import type { components } from "./generated/schema.ts";

type Schemas = components["schemas"];

/** An event, told apart by its `type`. */
export type HakikaEvent =
  | Schemas["TransactionEvent"]
  | Schemas["ChatEvent"]
  | Schemas["UssdEvent"]
  | Schemas["AlertEvent"]
  | Schemas["EndpointEvent"];

/** The headers of a request: those of fetch, or a plain object as Node's `request.headers`. */
export type WebhookHeaders = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

/** Standard Webhooks: a timestamp may be so far from now, in seconds. */
const toleranceS = 300;

export type VerifyOptions = {
  /** One or several: a rotated secret works beside the new one for a while. */
  secret?: string | readonly string[];
  now?: Date;
};

/**
 * Checks the signature of a webhook and returns its event. `body` is the body exactly as it came, not parsed JSON.
 * Throws `WebhookVerificationError` for anything that is not signed with the secret within the last five minutes.
 */
export function verifyWebhook(
  body: string | Uint8Array,
  headers: WebhookHeaders,
  { secret = [], now = new Date() }: VerifyOptions,
): HakikaEvent {
  const id = headerOf(headers, "webhook-id");
  const timestamp = headerOf(headers, "webhook-timestamp");
  const signatures = headerOf(headers, "webhook-signature").split(" ");
  const ageS = now.getTime() / 1000 - Number(timestamp);
  if (!/^\d+$/.test(timestamp) || Math.abs(ageS) > toleranceS) {
    throw new WebhookVerificationError("webhook-timestamp is not within five minutes of this machine's clock");
  }
  const secrets = [secret].flat().filter(each => each !== "");
  if (secrets.length === 0) throw new TypeError("verifying needs the endpoint's secret: webhookSecret of the client");
  const expected = secrets.map(each => signatureOf(each, `${id}.${timestamp}.`, body));
  const isSigned = signatures.some(given => expected.some(each => isEqual(given, each)));
  if (!isSigned) throw new WebhookVerificationError("webhook-signature was not made with this secret for this body");
  return JSON.parse(typeof body === "string" ? body : Buffer.from(body).toString("utf8")) as HakikaEvent;
}

function signatureOf(secret: string, before: string, body: string | Uint8Array): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  return `v1,${createHmac("sha256", key).update(before).update(body).digest("base64")}`;
}

function isEqual(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function headerOf(headers: WebhookHeaders, name: string): string {
  const value = isHeaders(headers)
    ? headers.get(name)
    : Object.entries(headers).find(([each]) => each.toLowerCase() === name)?.[1];
  const text = typeof value === "string" ? value : value?.[0];
  if (text === undefined) throw new WebhookVerificationError(`the header ${name} is missing`);
  return text;
}

function isHeaders(headers: WebhookHeaders): headers is Headers {
  return typeof (headers as Headers).get === "function";
}
