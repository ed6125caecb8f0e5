import { randomUUID } from "node:crypto";

/** Names this process in its leases; new with every start. */
export const processId = randomUUID();

/** The part of a process's id with which each of its lease ids begins: `xxxxxxxx-xxxx`, 48 random bits. */
const nameLength = 13;

/** What each lease id of this process begins with. Statements that make lease ids put it over random ones. */
export const leasePrefix = processId.slice(0, nameLength);

/** A lease id that names its process, so that leases of a process that ended can be found (ADR 0021). */
export function newLeaseId(): string {
  return leasePrefix + randomUUID().slice(nameLength);
}

/** The first and the last of all lease ids of a process. */
export type LeaseIds = { first: string; last: string };

export function leaseIdsOf(id: string): LeaseIds {
  const prefix = id.slice(0, nameLength);
  return { first: `${prefix}-0000-0000-000000000000`, last: `${prefix}-ffff-ffff-ffffffffffff` };
}
