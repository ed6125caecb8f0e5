import type { Finding } from "../../domain/evidence.ts";
import type { ProviderConnection } from "../call.ts";
import { countryOf } from "../kit/country.ts";
import { readEastAfricaTime } from "../kit/east-africa-time.ts";
import { fieldsOf } from "../kit/fields.ts";
import { keyOf } from "../kit/key.ts";
import { collectProblems } from "../kit/problems.ts";
import { shownPhone } from "../kit/shown-phone.ts";
import { type StatusTable, saysOf } from "../kit/status-table.ts";
import { idOf, present, textOf } from "../kit/text.ts";
import type { Channel, Reading } from "../provider.ts";
import { accepted, refused } from "./replies.ts";
import { homeCountry, shapeOf } from "./shape.ts";

/** `delivered` is documented, the others are guesses; an unknown word stays pending (MAPPING.md). */
export const deliveryStatuses = {
  delivered: "completed",
  pending: "pending",
  queued: "processing",
  submitted: "processing",
  accepted: "processing",
  sent: "processing",
  buffered: "processing",
  failed: "failed",
  undelivered: "failed",
  rejected: "failed",
  bounced: "failed",
  expired: "expired",
} as const satisfies StatusTable;

type MessageKind = "sms" | "email";

/** A message goes by the name of its kind: an SMS and an e-mail may have one number. */
export function messageIdentity(kind: MessageKind, messageId: unknown): string[] {
  const id = idOf(messageId);
  return id === null ? [] : [`${kind}_id:${id}`];
}

/** What became of a message that was sent: `sms_id` or `email_id`, status, recipient, time. */
export function deliveryChannel(kind: MessageKind): Channel {
  const idName = `${kind}_id`;
  return {
    forms: false,
    key(body) {
      const fields = fieldsOf(body);
      const id = idOf(fields(idName));
      return id === null ? null : keyOf(kind, id, textOf(fields("status"))?.toLowerCase() ?? null);
    },
    read: (body, _callback, connection) => readDelivery(kind, idName, body, connection),
    recognizes: body => shapeOf(body) === kind,
    accepted,
    unreadable: refused,
  };
}

function readDelivery(
  kind: MessageKind,
  idName: string,
  body: Record<string, unknown>,
  connection: ProviderConnection,
): Reading {
  const fields = fieldsOf(body);
  const problems = collectProblems();
  const id = problems.id(idName, fields(idName));
  const status = problems.text("status", fields("status"));
  const occurredAt = readEastAfricaTime(fields("timestamp"));
  const details = present({ recipient: fields("recipient") });
  const finding: Finding = {
    kind,
    says: saysOf(deliveryStatuses, status, "pending"),
    refs: { message_id: id },
    identity: messageIdentity(kind, id),
    result: { code: status, description: status },
    ...shownPhone(fields("phone_number"), countryOf(connection, homeCountry)),
    ...(occurredAt && { occurredAt }),
    ...(details && { details }),
  };
  return problems.found() ?? { kind: "evidence", findings: [finding] };
}
