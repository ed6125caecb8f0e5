import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { Webhook as StandardWebhook } from "standardwebhooks";
import { Webhook as SvixWebhook } from "svix";
import { describe, expect, test } from "vitest";
import { newWebhookSecret, signWebhook } from "../../src/egress/webhook.ts";

const nowS = () => Math.floor(Date.now() / 1000);
const body = '{"id":"evt_1","data":{"naïve":"é €"}}';

describe.each([
  ["standardwebhooks", StandardWebhook],
  ["svix", SvixWebhook],
])("the library %s", (_name, Webhook) => {
  test("accepts a signed body, as text and as bytes", () => {
    const secret = newWebhookSecret();
    const text = signWebhook({ id: "evt_1", timestampS: nowS(), body, secrets: [secret] });
    const bytes = signWebhook({ id: "evt_1", timestampS: nowS(), body: Buffer.from(body), secrets: [secret] });
    expect(new Webhook(secret).verify(body, text)).toEqual(JSON.parse(body));
    expect(new Webhook(secret).verify(body, bytes)).toEqual(JSON.parse(body));
  });

  test("accepts both secrets while one is rotated, and no removed secret", () => {
    const [older, newer, gone] = [newWebhookSecret(), newWebhookSecret(), newWebhookSecret()];
    const headers = signWebhook({ id: "evt_1", timestampS: nowS(), body, secrets: [newer!, older!] });
    expect(headers["webhook-signature"].split(" ")).toHaveLength(2);
    for (const secret of [older!, newer!]) expect(() => new Webhook(secret).verify(body, headers)).not.toThrow();
    expect(() => new Webhook(gone!).verify(body, headers)).toThrow();
  });

  test("refuses another body, id or timestamp", () => {
    const secret = newWebhookSecret();
    const headers = signWebhook({ id: "evt_1", timestampS: nowS(), body, secrets: [secret] });
    const verify = (text: string, more: object) => () => new Webhook(secret).verify(text, { ...headers, ...more });
    expect(verify(`${body} `, {})).toThrow();
    expect(verify(body, { "webhook-id": "evt_2" })).toThrow();
    expect(verify(body, { "webhook-timestamp": String(nowS() - 1) })).toThrow();
    expect(verify(body, {})).not.toThrow();
  });
});

test("the signature equals that of the Standard Webhooks library", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 24, maxLength: 64 }),
      fc.json(),
      fc.integer({ min: 1, max: 4e9 }),
      (key, text, timestampS) => {
        const secret = `whsec_${Buffer.from(key).toString("base64")}`;
        const ours = signWebhook({ id: "evt_1", timestampS, body: text, secrets: [secret] });
        expect(ours["webhook-signature"]).toBe(
          new StandardWebhook(secret).sign("evt_1", new Date(timestampS * 1000), text),
        );
      },
    ),
  );
});

test("each new secret is whsec_ and base64 of 32 random bytes", () => {
  const secret = newWebhookSecret();
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  expect(newWebhookSecret()).not.toBe(secret);
});

test.each([
  "",
  "whsec_",
  "hush",
  `whsec_${randomBytes(23).toString("base64")}`,
  `whsec_${randomBytes(65).toString("base64")}`,
])("the malformed secret %j signs nothing, and the error omits it", secret => {
  const sign = () => signWebhook({ id: "evt_1", timestampS: 1, body, secrets: [secret] });
  expect(sign).toThrow("a signing secret is whsec_");
  if (secret.length > 6) expect(sign).not.toThrow(secret);
});
