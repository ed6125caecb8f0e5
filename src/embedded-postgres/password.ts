import { randomBytes } from "node:crypto";
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { Layout } from "./layout.ts";

/**
 * The superuser's password, made at the first start (256 bits, 0600). Of two processes that start at once, one makes
 * it.
 */
export function keepPassword(layout: Layout): string {
  if (!existsSync(layout.password)) {
    if (existsSync(layout.cluster)) {
      throw new Error(`The password of the embedded database is missing. Put ${layout.password} back.`);
    }
    makePassword(layout.password);
  }
  return readFileSync(layout.password, "utf8").trim();
}

/** The password of the program's own role. A lost one is made again, and then given to the role. */
export function keepProgramPassword({ programPassword: file }: Layout): { password: string; isNew: boolean } {
  const isNew = !existsSync(file);
  if (isNew) makePassword(file);
  return { password: readFileSync(file, "utf8").trim(), isNew };
}

// A link appears with its content or not at all, and never over another.
function makePassword(file: string): void {
  const draft = `${file}.${randomBytes(6).toString("hex")}`;
  writeFileSync(draft, `${randomBytes(32).toString("base64url")}\n`, { mode: 0o600, flush: true });
  try {
    linkSync(draft, file);
  } catch (error) {
    if (!existsSync(file)) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}
