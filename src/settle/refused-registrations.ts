import type { RegistrationRefusal } from "./item.ts";

/**
 * Thrown where registrations of a batch are refused: what they claimed is rolled back, and the batch starts again
 * without them. By the positions of their items.
 */
export class RefusedRegistrations extends Error {
  readonly refusals: ReadonlyMap<number, RegistrationRefusal>;

  constructor(refusals: ReadonlyMap<number, RegistrationRefusal>) {
    super(`${refusals.size} registrations are refused`);
    this.refusals = refusals;
  }
}
