import { createHmac, timingSafeEqual } from "node:crypto";
import { parseMinorAmount } from "../../../../src/domain/money.ts";
import { fieldsAt, fieldsOf, isObject } from "../../../../src/providers/kit/fields.ts";
import { identityOf } from "../../../../src/providers/kit/identity.ts";
import { keyOf } from "../../../../src/providers/kit/key.ts";
import { parseBody } from "../../../../src/providers/kit/parse-body.ts";
import { collectProblems, unreadable } from "../../../../src/providers/kit/problems.ts";
import { jsonReply } from "../../../../src/providers/kit/reply.ts";
import type { StatusTable } from "../../../../src/providers/kit/status-table.ts";
import { idOf, present, textOf } from "../../../../src/providers/kit/text.ts";
import type { CallbackProof, ReceivedCallback } from "../../../../src/providers/proof.ts";
import type { Channel, Credentials, Provider, Reading } from "../../../../src/providers/provider.ts";

export const saysByEvent: StatusTable = {
  "charge.success": "completed",
  "charge.failed": "failed",
  "charge.disputed": "disputed",
};

const identity = identityOf("charge_id");

const events: Channel = {
  forms: false,
  key: body => keyOf(idOf(fieldsAt(body, "data")("id")), textOf(body.event)),
  read(body) {
    const event = textOf(body.event);
    if (event === null) return unreadable("event", "required");
    if (event === "settlement.paid") {
      const { id, amount, currency } = isObject(body.data) ? body.data : {};
      const payload = present({ id, amount, currency }) ?? {};
      return { kind: "message", messages: [{ type: "settlement.paid", payload }] };
    }
    if (!Object.hasOwn(saysByEvent, event)) return { kind: "ignored", reason: "an event that is about no charge" };
    return readCharge(event, body.data);
  },
  accepted: () => jsonReply({ ok: true }),
  unreadable: null,
};

/** Amounts are in minor units: 150000 is KES 1500.00. */
function readCharge(event: string, data: unknown): Reading {
  const field = fieldsOf(data);
  const problems = collectProblems();
  const id = problems.id("data.id", field("id"));
  const currency = problems.text("data.currency", field("currency"));
  const amount = problems.money("data.amount", parseMinorAmount(field("amount"), currency));
  const found = problems.found();
  if (found) return found;
  const refs = { charge_id: id };
  const reference = textOf(field("reference"));
  const finding = { kind: "payment", says: saysByEvent[event]!, refs, identity: identity(refs) } as const;
  return {
    kind: "evidence",
    findings: [
      {
        ...finding,
        amount: amount!,
        result: { code: event, description: event },
        ...(reference !== null && { reference }),
      },
    ],
  };
}

/** The signature stands in the body, over event, id, amount and currency. */
export function signatureOf(body: Record<string, unknown>, signingKey: string): string {
  const field = fieldsAt(body, "data");
  const parts = [body.event, field("id"), field("amount"), field("currency")].map(part => textOf(part) ?? "");
  return createHmac("sha256", signingKey).update(parts.join("|")).digest("hex");
}

function verify({ body, headers }: ReceivedCallback, { signing_key: signingKey }: Credentials): CallbackProof {
  const parsed = parseBody(body, headers["content-type"] ?? "", false);
  if (parsed.kind === "unparsable" || parsed.value.signature === undefined || !signingKey?.trim()) return "absent";
  const expected = Buffer.from(signatureOf(parsed.value, signingKey.trim()));
  const sent = Buffer.from(textOf(parsed.value.signature) ?? "");
  return sent.length === expected.length && timingSafeEqual(sent, expected) ? "signed" : "refused";
}

/** Signs its callbacks itself, inside the body; amounts in minor units; reports disputes and settlements. */
export const muhuri: Provider = {
  id: "muhuri",
  name: "Muhuri",
  credentials: [{ name: "signing_key", secret: true, means: "what callbacks are signed with", verifies: true }],
  channels: { events },
  kinds: ["payment"],
  identity: (_kind, refs) => identity(refs),
  refs: ["charge_id"],
  messageTypes: ["settlement.paid"],
  verify,
  baseUrls: { sandbox: "https://api.muhuri.example", production: "https://api.muhuri.example" },
  token: null,
  status: null,
  pull: null,
  register: null,
};
