import { maskPhone } from "../../domain/phone.ts";
import { recordAudit } from "../audit/record.ts";
import type { Caller } from "../caller.ts";
import type { ApiDeps } from "../deps.ts";

/** The shard of what concerns the whole installation. */
export const installationShard = 0;

/** Records that a person's data was handed out or erased: with the masked number, never the number. */
export async function auditPerson(
  caller: Caller,
  { db }: Pick<ApiDeps, "db">,
  action: "person.exported" | "person.erased",
  phone: string,
  counts: Record<string, number>,
): Promise<void> {
  const entry = { shard: installationShard, merchantId: null, action, subject: maskPhone(phone), detail: counts };
  await db.transaction(tx => recordAudit(tx, caller, entry));
}
