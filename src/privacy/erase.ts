import type { Tx } from "../database/connect.ts";
import type { PhoneHasher } from "../database/installation-key.ts";
import { openPhone } from "../settle/personal-part.ts";
import { blankEvent, blankFinding, blankRegistered, type TakeOut } from "./blank.ts";
import {
  callbacksOf,
  eraseAttemptAnswers,
  eraseCallbacks,
  eraseStartMessages,
  eraseTransactionRows,
  lockTexts,
  type PersonalRow,
  personalRows,
  type TransactionTexts,
  writePersonalRows,
} from "./erase-store.ts";
import { personOf } from "./person.ts";

type Json = Record<string, unknown>;
const asItIs: TakeOut = text => text;

/**
 * Erases what is personal of transactions of one shard, in the caller's database transaction: rows, evidence,
 * registrations, events, the callbacks they came from, and what merchants answered. `takeOut` also removes a person's
 * number from texts; without it each transaction's own number is removed.
 */
export async function eraseTransactions(
  tx: Tx,
  shard: number,
  ids: string[],
  phones: PhoneHasher,
  takeOut?: TakeOut,
): Promise<void> {
  if (ids.length === 0) return;
  const { vault } = tx;
  const rows = await lockTexts(tx, shard, ids);
  const takeOutOf = new Map(rows.map(row => [row.id, takeOut ?? ownTakeOut(row)]));
  const takeOutFor = (id: string) => takeOutOf.get(id) ?? asItIs;

  function ownTakeOut(row: TransactionTexts): TakeOut {
    const phone = openPhone(row, vault);
    return phone === null ? asItIs : personOf(phone, phones, vault).without;
  }

  const open = <T>(table: "evidence" | "registrations", { id, sealed, plain }: PersonalRow) =>
    sealed === null ? (plain as T) : vault.openJson<T>(table, id, sealed);

  const evidence = (await personalRows.evidence(tx, shard, ids)).map(row => {
    const blank = blankFinding(open<Json>("evidence", row), takeOutFor(row.transactionId));
    return { ...row, sealed: vault.sealJson("evidence", row.id, blank).toString("base64") };
  });
  const registrations = (await personalRows.registrations(tx, shard, ids)).map(row => {
    type Registered = Parameters<typeof blankRegistered>[0];
    const blank = blankRegistered(open<Registered>("registrations", row), takeOutFor(row.transactionId));
    return { ...row, sealed: vault.sealJson("registrations", row.id, blank).toString("base64") };
  });
  const events = await personalRows.events(tx, shard, ids);
  const callbackIds = await callbacksOf(tx, shard, ids);
  await writePersonalRows.evidence(tx, shard, evidence);
  await writePersonalRows.registrations(tx, shard, registrations);
  await eraseEvents(tx, shard, events, takeOutFor);
  await eraseCallbacks(tx, shard, callbackIds);
  await eraseStartMessages(tx, shard, ids);
  await eraseTransactionRows(
    tx,
    shard,
    rows.map(row => withoutTexts(row, takeOutFor(row.id))),
  );
}

/** Erases what is personal in stored events, so that a later attempt sends them without it, and answers to them. */
export async function eraseEvents(
  tx: Tx,
  shard: number,
  events: PersonalRow[],
  takeOutFor: (transactionId: string) => TakeOut,
): Promise<void> {
  const { vault } = tx;
  const fresh = events.map(row => {
    const body =
      row.sealed === null ? (row.plain as string) : vault.open("events", row.id, row.sealed).toString("utf8");
    const blank = blankEvent(body, takeOutFor(row.transactionId));
    return { ...row, sealed: vault.seal("events", row.id, blank).toString("base64") };
  });
  await writePersonalRows.events(tx, shard, fresh);
  await eraseAttemptAnswers(
    tx,
    shard,
    events.map(({ id }) => id),
  );
}

function withoutTexts(row: TransactionTexts, takeOut: TakeOut): TransactionTexts {
  const { reference, result, review, registration, start } = row;
  const message = start?.provider_message;
  const registered = registration?.reference;
  return {
    ...row,
    reference: reference && takeOut(reference),
    result: result && { ...result, description: takeOut(result.description) },
    review: review && { ...review, detail: takeOut(review.detail) },
    registration: registered ? { ...registration, reference: takeOut(registered) } : registration,
    start: start && message ? { ...start, provider_message: takeOut(message) } : start,
  };
}
