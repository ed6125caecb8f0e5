import type { Finding } from "../../domain/evidence.ts";
import type { ProviderConnection } from "../call.ts";
import { countryOf, currencyIn } from "../kit/country.ts";
import { readEastAfricaTime } from "../kit/east-africa-time.ts";
import { fieldsOf } from "../kit/fields.ts";
import { identityOf } from "../kit/identity.ts";
import { keyOf } from "../kit/key.ts";
import { collectProblems } from "../kit/problems.ts";
import { shownPhone } from "../kit/shown-phone.ts";
import { type StatusTable, saysOf } from "../kit/status-table.ts";
import { idOf, textOf } from "../kit/text.ts";
import type { Channel, Reading } from "../provider.ts";
import { accepted, refused } from "./replies.ts";
import { homeCountry, shapeOf } from "./shape.ts";

/** `completed` is documented, the others are guesses; an unknown word stays pending (MAPPING.md). */
export const airtimeStatuses = {
  completed: "completed",
  success: "completed",
  pending: "pending",
  queued: "processing",
  processing: "processing",
  failed: "failed",
} as const satisfies StatusTable;

export const airtimeIdentity = identityOf("request_id");

/** What became of airtime that was sent. */
export const airtime: Channel = {
  forms: false,
  key: airtimeKey,
  read: (body, _callback, connection) => readAirtime(body, connection),
  recognizes: body => shapeOf(body) === "airtime",
  accepted,
  unreadable: refused,
};

function airtimeKey(body: Record<string, unknown>): string | null {
  const fields = fieldsOf(body);
  const id = idOf(fields("airtime_id"));
  return id === null ? null : keyOf("airtime", id, textOf(fields("status"))?.toLowerCase() ?? null);
}

function readAirtime(body: Record<string, unknown>, connection: ProviderConnection): Reading {
  const fields = fieldsOf(body);
  const problems = collectProblems();
  const refs = { request_id: problems.id("airtime_id", fields("airtime_id")) };
  const status = problems.text("status", fields("status"));
  const amount = problems.amount("amount", fields("amount"), currencyIn(connection, homeCountry));
  const occurredAt = readEastAfricaTime(fields("timestamp"));
  const finding: Finding = {
    kind: "airtime",
    says: saysOf(airtimeStatuses, status, "pending"),
    refs,
    identity: airtimeIdentity(refs),
    result: { code: status, description: status },
    ...(amount && { amount }),
    ...shownPhone(fields("phone_number"), countryOf(connection, homeCountry)),
    ...(occurredAt && { occurredAt }),
  };
  return problems.found() ?? { kind: "evidence", findings: [finding] };
}
