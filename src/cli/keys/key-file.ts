import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";

/**
 * Adds a new key before those of `secret.key`, and returns its id. The file is replaced, so that it is complete at
 * every moment.
 */
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
