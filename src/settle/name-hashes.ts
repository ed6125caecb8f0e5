import type { Vault } from "../database/vault/vault.ts";

/** A search names at least so many characters. */
export const nameCharsMin = 3;

/** Longer beginnings are searched by their first so many characters, and the names that are found are compared. */
const hashedCharsMax = 10;

/** A name as searches compare it: in lower case, with single spaces. */
export function searchableName(name: string): string {
  return name.normalize("NFKC").toLowerCase().trim().replaceAll(/\s+/g, " ");
}

/** Keyed hashes of a name's beginnings; null where it is too short to be searched. */
export function nameHashes(name: string, vault: Vault): number[] | null {
  const chars = [...searchableName(name)];
  const hashes: number[] = [];
  for (let length = nameCharsMin; length <= Math.min(chars.length, hashedCharsMax); length += 1) {
    hashes.push(hashOf(chars.slice(0, length), vault));
  }
  return hashes.length === 0 ? null : hashes;
}

/** The hash that every name with this beginning has; null where the beginning is too short. */
export function beginningHash(beginning: string, vault: Vault): number | null {
  const chars = [...searchableName(beginning)];
  return chars.length < nameCharsMin ? null : hashOf(chars.slice(0, hashedCharsMax), vault);
}

function hashOf(chars: string[], vault: Vault): number {
  return vault.hash32(`name:${chars.join("")}`);
}
