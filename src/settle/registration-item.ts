import type { Connection } from "../connections/connection.ts";
import type { Registration } from "../domain/transaction.ts";
import type { SettleItem } from "./item.ts";

/** A merchant's registration as something to settle. */
export function registrationItem(connection: Connection, registration: Registration): SettleItem {
  return { connection, callback: null, registration, target: null, evidence: [], messages: [], problems: [] };
}
