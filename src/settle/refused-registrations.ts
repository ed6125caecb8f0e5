import type { RegistrationRefusal, SettleItem } from "./item.ts";

/**
 * Thrown where registrations of a batch are refused: what they claimed is rolled back, and the batch starts again
 * without them.
 */
export class RefusedRegistrations extends Error {
  readonly refusals: ReadonlyMap<SettleItem, RegistrationRefusal>;

  constructor(refusals: ReadonlyMap<SettleItem, RegistrationRefusal>) {
    super(`${refusals.size} registrations are refused`);
    this.refusals = refusals;
  }
}
