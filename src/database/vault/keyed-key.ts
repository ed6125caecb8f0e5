import type { Vault } from "./vault.ts";

/** Begins the dedupe key of a USSD screen, which has what was typed, a PIN perhaps: only a keyed hash is stored. */
export const keyedPrefix = "keyed:";

/** The key of a USSD screen as it is stored. */
export function keyedKey(key: string, vault: Vault): string {
  return `${keyedPrefix}${vault.hash(`dedupe:${key}`)}`;
}
