import { deflateRawSync, inflateRawSync } from "node:zlib";
import { dictionaries, dictionaryOf } from "./dictionaries.ts";
import type { VaultColumn } from "./vault.ts";

/** Shorter values gain nothing (measured: docs/adr/0026-personal-data.md). */
const worthBytes = 100;

/** A window of 8 KiB and small tables: 14 µs for an event, against 91 µs with zlib's defaults. */
const options = { level: 6, windowBits: 13, memLevel: 5 } as const;

/** Not compressed: the number in place of a dictionary's. */
const plain = 0;

/** The bytes to seal, and the number of the dictionary they were compressed with; 0 where they were not. */
export function compress(column: VaultColumn, value: string | Uint8Array): { dictionary: number; bytes: Uint8Array } {
  const raw = typeof value === "string" ? Buffer.from(value, "utf8") : value;
  if (raw.length < worthBytes) return { dictionary: plain, bytes: raw };
  const dictionary = dictionaryOf[column];
  const bytes = deflateRawSync(raw, { ...options, dictionary: dictionaries[dictionary]! });
  return bytes.length < raw.length ? { dictionary, bytes } : { dictionary: plain, bytes: raw };
}

/** The same back. Throws where it is not what `compress` made. */
export function decompress(dictionary: number, bytes: Buffer): Buffer {
  if (dictionary === plain) return bytes;
  const known = dictionaries[dictionary];
  if (known === undefined) throw new Error(`dictionary ${dictionary} is not known: a newer version sealed the value`);
  return inflateRawSync(bytes, { dictionary: known });
}
