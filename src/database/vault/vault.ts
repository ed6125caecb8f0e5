import { createCipheriv, createDecipheriv, createHmac, randomFillSync } from "node:crypto";
import { compress, decompress } from "./compress.ts";

/** The columns of personal data. A value that was copied to another column does not open. */
export const vaultColumns = [
  "transactions",
  "evidence",
  "registrations",
  "events",
  "callback_bodies",
  "callbacks",
  "delivery_attempts",
  "ussd_sessions",
  "ussd_hops",
  "spool",
] as const;
export type VaultColumn = (typeof vaultColumns)[number];

/** The installation's key of personal data (installation-key.ts). */
export const vaultKeyName = "personal-data";

/**
 * Seals what is personal: phones, names, texts of people. Every client of the database carries it, because every
 * statement that reads or writes such a column needs it (docs/adr/0026-personal-data.md).
 */
export type Vault = {
  /** AES-256-GCM, bound to column and row; longer values are compressed first. `row` is the id of the row. */
  seal(column: VaultColumn, row: string, plain: string | Uint8Array): Buffer;
  sealJson(column: VaultColumn, row: string, value: unknown): Buffer;
  /** Throws where the value was changed, or is of another row, column or installation. */
  open(column: VaultColumn, row: string, sealed: Uint8Array): Buffer;
  openJson<T>(column: VaultColumn, row: string, sealed: Uint8Array): T;
  /** Keyed hash (16 bytes, hex) of a text that has to be recognized and must not be read. */
  hash(text: string): string;
  /** Keyed hash of a text as an int4, for indexes of beginnings of names: two texts in 4·10^9 have the same. */
  hash32(text: string): number;
  /** Gives the installation's key of 32 bytes. Before it, every other call throws. */
  unlock(key: Buffer): void;
};

const algorithm = "aes-256-gcm";
const keyNumber = 1;
const headBytes = 2;
const nonceBytes = 12;
const tagBytes = 16;

/** A vault without a key, or with one at once. */
export function createVault(key: Buffer | null = null): Vault {
  let subkeys: Map<string, Buffer> | null = null;

  function subkey(purpose: string): Buffer {
    const found = subkeys?.get(purpose);
    if (found === undefined) throw new Error("personal data is locked: the installation's key was not read yet");
    return found;
  }

  const vault: Vault = {
    seal(column, row, plain) {
      const { dictionary, bytes } = compress(column, plain);
      const nonce = freshNonce();
      const cipher = createCipheriv(algorithm, subkey(column), nonce, { authTagLength: tagBytes });
      cipher.setAAD(Buffer.from(`${dictionary}.${keyNumber}.${row}`));
      const head = Buffer.from([dictionary, keyNumber]);
      return Buffer.concat([head, nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
    },
    sealJson: (column, row, value) => vault.seal(column, row, JSON.stringify(value)),
    open(column, row, sealed) {
      const dictionary = sealed[0]!;
      const nonce = sealed.subarray(headBytes, headBytes + nonceBytes);
      const decipher = createDecipheriv(algorithm, subkey(column), nonce, { authTagLength: tagBytes });
      decipher.setAAD(Buffer.from(`${dictionary}.${sealed[1]}.${row}`));
      decipher.setAuthTag(sealed.subarray(-tagBytes));
      try {
        const bytes = decipher.update(sealed.subarray(headBytes + nonceBytes, -tagBytes));
        return decompress(dictionary, Buffer.concat([bytes, decipher.final()]));
      } catch (error) {
        throw new Error(
          `a value of ${column} does not open: it was changed, moved, or sealed by another installation`,
          {
            cause: error,
          },
        );
      }
    },
    openJson: (column, row, sealed) => JSON.parse(vault.open(column, row, sealed).toString("utf8")),
    hash: text => createHmac("sha256", subkey("hash")).update(text).digest("hex").slice(0, 32),
    hash32: text => createHmac("sha256", subkey("hash")).update(text).digest().readInt32BE(16),
    unlock(master) {
      if (master.length !== 32) throw new Error(`the key of personal data has ${master.length} bytes instead of 32`);
      // A key for each column: random nonces of 96 bits are good for 2^32 values under one key (NIST SP 800-38D).
      const purposes = [...vaultColumns, "hash"];
      subkeys = new Map(purposes.map(each => [each, createHmac("sha256", master).update(each).digest()]));
    },
  };
  if (key !== null) vault.unlock(key);
  return vault;
}

/** Random bytes are drawn by the 3 KiB: a draw of its own costs more than sealing a short value does. */
const pool = Buffer.alloc(256 * nonceBytes);
let poolAt = pool.length;

function freshNonce(): Buffer {
  if (poolAt === pool.length) {
    randomFillSync(pool);
    poolAt = 0;
  }
  poolAt += nonceBytes;
  return Buffer.from(pool.subarray(poolAt - nonceBytes, poolAt));
}
