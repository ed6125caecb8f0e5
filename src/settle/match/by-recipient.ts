import type { Evidence } from "../../domain/evidence.ts";
import { type Kind, kinds } from "../../domain/kinds.ts";
import type { Provider } from "../../providers/provider.ts";
import { recipientHash } from "../starts/recipient.ts";
import { type RecipientSearch, startsByRecipient } from "../starts/recipient-store.ts";
import type { Group } from "./group.ts";
import type { GroupedBatch } from "./group-items.ts";
import { uniqueIdNames } from "./identity-keys.ts";
import { lockTexts } from "./match-store.ts";

/**
 * Attaches callbacks whose ids are new to the oldest unfinished start with their recipient and amount, at providers
 * whose answer to a start may leave no id. Where the provider cannot be asked about the id, it becomes the
 * registration's, as the answer should have brought it; elsewhere the callback stays a hint, and makes Hakika ask.
 */
export async function attachByRecipient({ tx, shard, deps }: GroupedBatch, groups: Group[]): Promise<void> {
  const asked = groups.flatMap(group => {
    const provider = deps.providers.get(group.connection.provider);
    const kindsOf = byRecipientKinds(provider);
    const e =
      kindsOf.length === 0 || group.owners.size > 0 || group.registrations.length > 0 ? null : group.evidence[0];
    if (!e) return [];
    const search: RecipientSearch = {
      connectionId: group.connection.id,
      kinds: kindsOf.filter(kind => kinds[kind].direction === kinds[e.kind].direction),
      hashes: recipientsOf(e).flatMap(recipient => recipientHash(recipient, deps.phones) ?? []),
      amount: e.amount ?? null,
      idNames: uniqueIdNames(group.keys),
    };
    return search.kinds.length === 0 || search.hashes.length === 0 ? [] : [{ group, provider: provider!, search, e }];
  });
  if (asked.length === 0) return;
  await lockTexts(
    tx,
    asked.flatMap(({ search }) => search.hashes).map(hash => `${shard}|recipient|${hash}`),
  );
  const taken = new Set<string>();
  const found = await startsByRecipient(
    tx,
    shard,
    asked.map(({ search }) => search),
  );
  for (const { position, id, kind } of found) {
    const { group, provider, e } = asked[position]!;
    if (group.owners.size > 0 || taken.has(id)) continue;
    taken.add(id);
    group.owners.add(id);
    group.foundByReference = { transactionId: id, expected: "unfinished" };
    if (!canAsk(provider, kind)) group.registrations.push(bringsIds(kind, e));
  }
}

function byRecipientKinds(provider: Provider | undefined): Kind[] {
  return Object.entries(provider?.start?.kinds ?? {}).flatMap(([kind, needs]) =>
    needs.byRecipient ? [kind as Kind] : [],
  );
}

/** Whom a callback says was paid, or paid: a phone, else what it names as an account or a recipient. */
function recipientsOf({ phone, details }: Evidence): string[] {
  return [phone, details?.account, details?.recipient].filter(text => text !== undefined);
}

/** A call that is not documented, and off by default, answers for nothing. */
function canAsk({ status }: Provider, kind: Kind): boolean {
  const needs = status?.kinds[kind];
  return needs !== undefined && needs.optIn === undefined;
}

/** Fills the gaps of the registration, as that of a merged transaction does. */
function bringsIds(kind: Kind, { refs }: Evidence): Group["registrations"][number] {
  const nothing = { reference: null, amount: null, phone: null, expiresAt: null, metadata: {} };
  return { registration: { kind, refs, ...nothing }, by: null, amend: false, position: null };
}
