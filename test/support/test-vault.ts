import { createVault, type Vault } from "../../src/database/vault/vault.ts";

/** An unlocked vault. All of them have one key; a whole program makes one of its own. */
export function testVault(): Vault {
  return createVault(Buffer.alloc(32, "a key for tests"));
}
