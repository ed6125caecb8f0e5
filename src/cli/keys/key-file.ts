import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";

/** Puts a new key before those of `secret.key` and answers its id. The file is whole at every moment: it is replaced, not written. */
export function addGeneratedKey(dataDir: string): string {
  const path = join(dataDir, "secret.key");
  const id = randomBytes(4).toString("hex");
  const text = `${id}:${randomBytes(32).toString("base64")},${readFileSync(path, "utf8").trim()}\n`;
  const temporary = `${path}.${id}`;
  const file = openSync(temporary, "wx", 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
  return id;
}
