import { actorOf, type Caller } from "../caller.ts";
import type { DrizzleQueryable } from "../deps.ts";
import { makerOf } from "./store.ts";

/** Keys make keys; a longer line of them is cut off here. */
const makersMax = 20;

/**
 * Whether the approver may be the person who asked: the same key, one that it made (or that its own keys made), or the
 * maker of the requester's key, who could have kept it. The admin's key made the first of all other keys: it counts as
 * the maker of those alone that it made itself, and may approve what they ask.
 */
export async function maybeSamePerson(db: DrizzleQueryable, requester: string, approver: Caller): Promise<boolean> {
  const own = actorOf(approver);
  if (own === requester) return true;
  if ((await makersOf(db, own)).includes(requester)) return true;
  return approver.kind !== "admin" && (await makersOf(db, requester)).includes(own);
}

/** Who made a key, who made the maker's, and so on; `admin` only as the first. */
async function makersOf(db: DrizzleQueryable, actor: string): Promise<string[]> {
  const makers: string[] = [];
  // One row for each generation, in either of two tables: there are two or three.
  for (let maker = await makerOf(db, actor); maker !== null && makers.length < makersMax; ) {
    if (maker === "admin" && makers.length > 0) break;
    makers.push(maker);
    maker = await makerOf(db, maker);
  }
  return makers;
}
