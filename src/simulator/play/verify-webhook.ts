import { createHmac, timingSafeEqual } from "node:crypto";

const toleranceS = 300;

/**
 * What a merchant that verifies by Standard Webhooks 1.0 finds wrong with a webhook; null where it is right. Written
 * from that document and sharing no code with the signer: a mistake there must not be repeated here.
 */
export function webhookProblem(
  message: { headers: Readonly<Record<string, string | string[] | undefined>>; body: string },
  secret: string,
  nowMs: number,
): string | null {
  const [id, timestamp, signatures] = ["webhook-id", "webhook-timestamp", "webhook-signature"].map(name =>
    String(message.headers[name] ?? ""),
  ) as [string, string, string];
  if (id === "" || !/^\d+$/.test(timestamp)) return "webhook-id or webhook-timestamp is missing";
  if (Math.abs(nowMs / 1000 - Number(timestamp)) > toleranceS) return "webhook-timestamp is more than 5 minutes off";
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const expected = createHmac("sha256", key).update(`${id}.${timestamp}.${message.body}`).digest();
  const holds = signatures
    .split(" ")
    .filter(each => each.startsWith("v1,"))
    .map(each => Buffer.from(each.slice(3), "base64"))
    .some(signature => signature.length === expected.length && timingSafeEqual(signature, expected));
  return holds ? null : "no signature in webhook-signature is right";
}
