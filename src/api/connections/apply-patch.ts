import type { z } from "zod";
import { newReceivers } from "../../connections/receiver.ts";
import { publicId } from "../../domain/ids.ts";
import { changesOf } from "../audit/changes.ts";
import { recordAudit } from "../audit/record.ts";
import { type Caller, merchantScope } from "../caller.ts";
import { check } from "../check.ts";
import type { ApiDeps, DrizzleQueryable } from "../deps.ts";
import { mergePatch } from "../merge-patch.ts";
import { noSuch, type ProblemDetails } from "../problem.ts";
import { foreignBaseUrl, keptSecrets } from "./base-url-owner.ts";
import { columnsOf, inputOf } from "./connection-columns.ts";
import { type ConnectionInput, checkConnection, type connectionPatch, patchedInput } from "./connection-input.ts";
import { requeueReceivers } from "./receiver-store.ts";
import { type ConnectionRow, lockConnection, updateConnection } from "./store.ts";

export type ConnectionPatch = z.output<typeof connectionPatch>;

/** A patch that was checked against the connection that it changes, which is locked. */
export type PreparedPatch = { kind: "prepared"; row: ConnectionRow; before: ConnectionInput; after: ConnectionInput };

/** Locks the connection and merges the patch; a problem where the caller may not, or the result is not valid. */
export async function preparePatch(
  tx: DrizzleQueryable,
  caller: Caller,
  id: string,
  patch: ConnectionPatch,
  deps: ApiDeps,
): Promise<PreparedPatch | ProblemDetails> {
  const row = await lockConnection(tx, id, merchantScope(caller));
  if (row === null) return noSuch("connection");
  const before = inputOf(row, deps.box) as ConnectionInput;
  const merged = check(patchedInput(patch), mergePatch(before, patch));
  if (merged.kind === "problem") return merged;
  const provider = deps.providers.get(row.provider);
  const stored = { base_url: row.baseUrl, credentialNames: row.credentialNames };
  const problem =
    checkConnection(merged.value, provider, deps.egressAllow) ??
    foreignBaseUrl(caller, merged.value, provider, before) ??
    keptSecrets(stored, merged.value, patch.credentials ?? {}, provider);
  return problem ?? { kind: "prepared", row, before, after: merged.value };
}

/**
 * Writes a prepared patch, and its audit entry, and queues the callbacks in quarantine whose receiver is the
 * connection's now: `requeued` is their number.
 */
export async function applyPatch(
  tx: DrizzleQueryable,
  caller: Caller,
  { row, before, after }: PreparedPatch,
  deps: ApiDeps,
): Promise<{ row: ConnectionRow; requeued: number }> {
  const provider = deps.providers.get(row.provider);
  const name = after.name ?? provider?.name ?? row.provider;
  const updated = await updateConnection(tx, row, columnsOf(row.id, after, name, deps.box));
  const changes = changesOf(audited(row), audited(updated));
  const replaced = replacedSecrets(before, after);
  await recordAudit(tx, caller, {
    shard: row.shard,
    merchantId: row.merchantId,
    action: "connection.changed",
    subject: publicId("connection", row.id),
    before: changes.before,
    after: { ...changes.after, ...(replaced.length > 0 && { secrets_replaced: replaced }) },
  });
  const requeued = await requeueReceivers(tx, row, provider ? newReceivers(provider, before, after) : []);
  return { row: updated, requeued };
}

/** What the audit shows of a connection: secrets by their names alone. */
export function audited(row: ConnectionRow): Record<string, unknown> {
  const { name, environment, baseUrl: base_url, credentialNames: credentials, verification, settings } = row;
  return { name, environment, base_url, credentials, verification, settings };
}

/** The names of secrets that are there before and after, with another value. */
function replacedSecrets(before: ConnectionInput, after: ConnectionInput): string[] {
  const secretsOf = ({ credentials, verification: { signature, basic, header } }: ConnectionInput) => ({
    ...Object.fromEntries(Object.entries(credentials).map(([name, value]) => [`credentials.${name}`, value])),
    "verification.signature": signature?.secret,
    "verification.basic": basic?.password,
    "verification.header": header?.value,
  });
  const [old, now] = [secretsOf(before), secretsOf(after)] as Record<string, string | undefined>[];
  return Object.keys(old!).filter(name => old![name] && now![name] && old![name] !== now![name]);
}
