import { expect, test } from "vitest";
import { newWebhookSecret, signWebhook } from "../../src/egress/webhook.ts";
import { webhookProblem } from "../../src/simulator/play/verify-webhook.ts";

const nowMs = Date.UTC(2026, 10, 20);
const body = '{"type":"payment.completed"}';

function message(secrets: string[], timestampS = nowMs / 1000) {
  return { headers: signWebhook({ id: "evt_1", timestampS, body, secrets }), body };
}

test("the simulated merchant accepts the program's signatures, also during a rotation of the secret", () => {
  const [mine, old] = [newWebhookSecret(), newWebhookSecret()];
  expect(webhookProblem(message([mine]), mine, nowMs)).toBeNull();
  expect(webhookProblem(message([old, mine]), mine, nowMs)).toBeNull();
});

test("another secret, another body, an old time or a missing header is refused", () => {
  const mine = newWebhookSecret();
  const sent = message([mine]);
  expect(webhookProblem(sent, newWebhookSecret(), nowMs)).toContain("no signature");
  expect(webhookProblem({ ...sent, body: `${body} ` }, mine, nowMs)).toContain("no signature");
  expect(webhookProblem(sent, mine, nowMs + 301_000)).toContain("5 minutes");
  expect(webhookProblem({ headers: {}, body }, mine, nowMs)).toContain("missing");
});
