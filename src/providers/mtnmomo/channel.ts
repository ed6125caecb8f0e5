import type { Finding } from "../../domain/evidence.ts";
import { type Fields, fieldsOf } from "../kit/fields.ts";
import { identityOf } from "../kit/identity.ts";
import { keyOf } from "../kit/key.ts";
import { collectProblems } from "../kit/problems.ts";
import { jsonReply } from "../kit/reply.ts";
import { idOf, shortTextOf, textOf } from "../kit/text.ts";
import type { Channel, Reading, StoredCallback } from "../provider.ts";
import type { MtnProduct } from "./products.ts";
import { reasonCodeOf } from "./reasons.ts";

const identity = identityOf("reference_id");

/** Nothing in a callback proves that it is MTN's, so it only makes Hakika poll. */
export function channelOf(product: MtnProduct): Channel {
  return {
    methods: ["PUT", "POST"],
    forms: false,
    key(body, callback) {
      const field = fieldsOf(body);
      const referenceId = referenceIdOf(callback, field);
      const status = textOf(field("status"))?.toUpperCase() ?? null;
      return keyOf(referenceId ?? idOf(field("externalId")), referenceId === null ? "externalId" : null, status);
    },
    read: (body, callback) => readCallback(product, body, callback),
    accepted: () => jsonReply({ status: "accepted" }),
    unreadable: null,
  };
}

/** The reference id is not in the body: who starts a payment puts it into the callback URL (see MAPPING.md). */
function referenceIdOf({ query }: StoredCallback, field: Fields): string | null {
  return idOf(fieldsOf(query)("reference_id", "referenceId")) ?? idOf(field("referenceId", "reference_id"));
}

function readCallback(product: MtnProduct, body: Record<string, unknown>, callback: StoredCallback): Reading {
  const field = fieldsOf(body);
  const referenceId = referenceIdOf(callback, field);
  const reference = shortTextOf(field("externalId"));
  const problems = collectProblems();
  if (referenceId === null && reference === null) problems.id("externalId", undefined);
  const found = problems.found();
  if (found) return found;
  const refs = referenceId === null ? {} : { reference_id: referenceId };
  const status = textOf(field("status"));
  const finding: Finding = {
    kind: product === "collection" ? "checkout" : "mobile_payout",
    says: "nothing",
    refs,
    identity: identity(refs),
    ...(status !== null && { result: { code: status, description: reasonCodeOf(field("reason")) ?? status } }),
    ...(reference !== null && { reference }),
  };
  return { kind: "changed", findings: [finding] };
}
